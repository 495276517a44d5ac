// Atomic functions, relaxed and of device scope as CUDA defines them (CUDA C++ Programming Guide, "Atomic
// Functions").
#ifndef TIANQIAO_ATOMICS_H_
#define TIANQIAO_ATOMICS_H_

#define TIANQIAO_ATOMIC(name, builtin, type)                                 \
  static __device__ __forceinline__ type name(type* address, type value) {   \
    return builtin(address, value, __ATOMIC_RELAXED, __MEMORY_SCOPE_DEVICE); \
  }
#define TIANQIAO_ATOMIC_INTEGERS(name, builtin) \
  TIANQIAO_ATOMIC(name, builtin, int)           \
  TIANQIAO_ATOMIC(name, builtin, unsigned)      \
  TIANQIAO_ATOMIC(name, builtin, unsigned long long)

TIANQIAO_ATOMIC_INTEGERS(atomicAdd, __scoped_atomic_fetch_add)
TIANQIAO_ATOMIC(atomicAdd, __scoped_atomic_fetch_add, float)
TIANQIAO_ATOMIC(atomicAdd, __scoped_atomic_fetch_add, double)
TIANQIAO_ATOMIC_INTEGERS(atomicAnd, __scoped_atomic_fetch_and)
TIANQIAO_ATOMIC_INTEGERS(atomicOr, __scoped_atomic_fetch_or)
TIANQIAO_ATOMIC_INTEGERS(atomicXor, __scoped_atomic_fetch_xor)
TIANQIAO_ATOMIC_INTEGERS(atomicMin, __scoped_atomic_fetch_min)
TIANQIAO_ATOMIC(atomicMin, __scoped_atomic_fetch_min, long long)
TIANQIAO_ATOMIC_INTEGERS(atomicMax, __scoped_atomic_fetch_max)
TIANQIAO_ATOMIC(atomicMax, __scoped_atomic_fetch_max, long long)
TIANQIAO_ATOMIC_INTEGERS(atomicExch, __scoped_atomic_exchange_n)
TIANQIAO_ATOMIC(atomicSub, __scoped_atomic_fetch_sub, int)
TIANQIAO_ATOMIC(atomicSub, __scoped_atomic_fetch_sub, unsigned)

#define TIANQIAO_ATOMIC_CAS(type)                                                                \
  static __device__ __forceinline__ type atomicCAS(type* address, type expected, type desired) { \
    __scoped_atomic_compare_exchange_n(address, &expected, desired, false, __ATOMIC_RELAXED,     \
                                       __ATOMIC_RELAXED, __MEMORY_SCOPE_DEVICE);                 \
    return expected;                                                                             \
  }
TIANQIAO_ATOMIC_CAS(int)
TIANQIAO_ATOMIC_CAS(unsigned)
TIANQIAO_ATOMIC_CAS(unsigned long long)

#undef TIANQIAO_ATOMIC
#undef TIANQIAO_ATOMIC_INTEGERS
#undef TIANQIAO_ATOMIC_CAS

#endif  // TIANQIAO_ATOMICS_H_
