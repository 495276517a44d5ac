// make_float4 and its like (CUDA C++ Programming Guide, "Built-in Vector Types").
#ifndef TIANQIAO_VECTOR_FUNCTIONS_H_
#define TIANQIAO_VECTOR_FUNCTIONS_H_

#ifdef __cplusplus

#define TIANQIAO_MAKE_VECTOR(type, element)                                                              \
  static __host__ __device__ inline type##1 make_##type##1(element x) { return {x}; }                    \
  static __host__ __device__ inline type##2 make_##type##2(element x, element y) { return {x, y}; }      \
  static __host__ __device__ inline type##3 make_##type##3(element x, element y, element z) {            \
    return {x, y, z};                                                                                    \
  }                                                                                                      \
  static __host__ __device__ inline type##4 make_##type##4(element x, element y, element z, element w) { \
    return {x, y, z, w};                                                                                 \
  }
// 64-bit elements: the four-element types come in two alignments, the suffix says which.
#define TIANQIAO_MAKE_WIDE_VECTOR(type, element)                                                    \
  static __host__ __device__ inline type##1 make_##type##1(element x) { return {x}; }               \
  static __host__ __device__ inline type##2 make_##type##2(element x, element y) { return {x, y}; } \
  static __host__ __device__ inline type##3 make_##type##3(element x, element y, element z) {       \
    return {x, y, z};                                                                               \
  }                                                                                                 \
  static __host__ __device__ inline type##4_16a make_##type##4_16a(element x, element y, element z, \
                                                                   element w) {                     \
    return {x, y, z, w};                                                                            \
  }                                                                                                 \
  static __host__ __device__ inline type##4_32a make_##type##4_32a(element x, element y, element z, \
                                                                   element w) {                     \
    return {x, y, z, w};                                                                            \
  }

TIANQIAO_MAKE_VECTOR(char, signed char)
TIANQIAO_MAKE_VECTOR(uchar, unsigned char)
TIANQIAO_MAKE_VECTOR(short, short)
TIANQIAO_MAKE_VECTOR(ushort, unsigned short)
TIANQIAO_MAKE_VECTOR(int, int)
TIANQIAO_MAKE_VECTOR(uint, unsigned int)
TIANQIAO_MAKE_VECTOR(float, float)
TIANQIAO_MAKE_WIDE_VECTOR(long, long)
TIANQIAO_MAKE_WIDE_VECTOR(ulong, unsigned long)
TIANQIAO_MAKE_WIDE_VECTOR(longlong, long long)
TIANQIAO_MAKE_WIDE_VECTOR(ulonglong, unsigned long long)
TIANQIAO_MAKE_WIDE_VECTOR(double, double)

#undef TIANQIAO_MAKE_VECTOR
#undef TIANQIAO_MAKE_WIDE_VECTOR

#endif  // __cplusplus
#endif  // TIANQIAO_VECTOR_FUNCTIONS_H_
