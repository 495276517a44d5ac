// make_TYPE functions for the vector types. CUDA C++ Programming Guide, "Built-in Vector Types".
#ifndef TIANQIAO_VECTOR_FUNCTIONS_H_
#define TIANQIAO_VECTOR_FUNCTIONS_H_

#include "vector_types.h"

#define TIANQIAO_MAKE_VECTORS(type, element)                                         \
  static inline type##1 make_##type##1(element x) {                                  \
    type##1 v = {x};                                                                 \
    return v;                                                                        \
  }                                                                                  \
  static inline type##2 make_##type##2(element x, element y) {                       \
    type##2 v = {x, y};                                                              \
    return v;                                                                        \
  }                                                                                  \
  static inline type##3 make_##type##3(element x, element y, element z) {            \
    type##3 v = {x, y, z};                                                           \
    return v;                                                                        \
  }                                                                                  \
  static inline type##4 make_##type##4(element x, element y, element z, element w) { \
    type##4 v = {x, y, z, w};                                                        \
    return v;                                                                        \
  }

TIANQIAO_MAKE_VECTORS(char, signed char)
TIANQIAO_MAKE_VECTORS(uchar, unsigned char)
TIANQIAO_MAKE_VECTORS(short, short)
TIANQIAO_MAKE_VECTORS(ushort, unsigned short)
TIANQIAO_MAKE_VECTORS(int, int)
TIANQIAO_MAKE_VECTORS(uint, unsigned int)
TIANQIAO_MAKE_VECTORS(long, long)
TIANQIAO_MAKE_VECTORS(ulong, unsigned long)
TIANQIAO_MAKE_VECTORS(longlong, long long)
TIANQIAO_MAKE_VECTORS(ulonglong, unsigned long long)
TIANQIAO_MAKE_VECTORS(float, float)
TIANQIAO_MAKE_VECTORS(double, double)
#undef TIANQIAO_MAKE_VECTORS

#endif  // TIANQIAO_VECTOR_FUNCTIONS_H_
