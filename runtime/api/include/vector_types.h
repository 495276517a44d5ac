// Vector types of CUDA C++. Layout and alignment are ABI: CUDA C++ Programming Guide, "Built-in Vector
// Types".
#ifndef TIANQIAO_VECTOR_TYPES_H_
#define TIANQIAO_VECTOR_TYPES_H_

#ifdef __cplusplus
#define TIANQIAO_VECTOR_ALIGN(bytes) alignas(bytes)
#else
#define TIANQIAO_VECTOR_ALIGN(bytes) _Alignas(bytes)
#endif

#define TIANQIAO_VECTOR1(type, element) \
  typedef struct type##1 { element x; } \
  type##1
#define TIANQIAO_VECTOR2(type, element, bytes) \
  typedef struct type##2 {                     \
    TIANQIAO_VECTOR_ALIGN(bytes) element x;    \
    element y;                                 \
  }                                            \
  type##2
#define TIANQIAO_VECTOR3(type, element)       \
  typedef struct type##3 { element x, y, z; } \
  type##3
#define TIANQIAO_VECTOR4(name, element, bytes) \
  typedef struct name {                        \
    TIANQIAO_VECTOR_ALIGN(bytes) element x;    \
    element y, z, w;                           \
  } name
#define TIANQIAO_VECTORS(type, element, align2, align4) \
  TIANQIAO_VECTOR1(type, element);                      \
  TIANQIAO_VECTOR2(type, element, align2);              \
  TIANQIAO_VECTOR3(type, element);                      \
  TIANQIAO_VECTOR4(type##4, element, align4)

TIANQIAO_VECTORS(char, signed char, 2, 4);
TIANQIAO_VECTORS(uchar, unsigned char, 2, 4);
TIANQIAO_VECTORS(short, short, 4, 8);
TIANQIAO_VECTORS(ushort, unsigned short, 4, 8);
TIANQIAO_VECTORS(int, int, 8, 16);
TIANQIAO_VECTORS(uint, unsigned int, 8, 16);
TIANQIAO_VECTORS(long, long, 16, 16);
TIANQIAO_VECTORS(ulong, unsigned long, 16, 16);
TIANQIAO_VECTORS(longlong, long long, 16, 16);
TIANQIAO_VECTORS(ulonglong, unsigned long long, 16, 16);
TIANQIAO_VECTORS(float, float, 8, 16);
TIANQIAO_VECTORS(double, double, 16, 16);
// 64-bit elements come in two alignments; the suffix says which.
TIANQIAO_VECTOR4(long4_16a, long, 16);
TIANQIAO_VECTOR4(long4_32a, long, 32);
TIANQIAO_VECTOR4(ulong4_16a, unsigned long, 16);
TIANQIAO_VECTOR4(ulong4_32a, unsigned long, 32);
TIANQIAO_VECTOR4(longlong4_16a, long long, 16);
TIANQIAO_VECTOR4(longlong4_32a, long long, 32);
TIANQIAO_VECTOR4(ulonglong4_16a, unsigned long long, 16);
TIANQIAO_VECTOR4(ulonglong4_32a, unsigned long long, 32);
TIANQIAO_VECTOR4(double4_16a, double, 16);
TIANQIAO_VECTOR4(double4_32a, double, 32);

#undef TIANQIAO_VECTOR1
#undef TIANQIAO_VECTOR2
#undef TIANQIAO_VECTOR3
#undef TIANQIAO_VECTOR4
#undef TIANQIAO_VECTORS
#undef TIANQIAO_VECTOR_ALIGN

typedef struct dim3 {
  unsigned int x, y, z;
#ifdef __cplusplus
  constexpr dim3(unsigned int vx = 1, unsigned int vy = 1, unsigned int vz = 1) : x(vx), y(vy), z(vz) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  constexpr operator uint3() const { return uint3{x, y, z}; }
#endif
} dim3;

#endif  // TIANQIAO_VECTOR_TYPES_H_
