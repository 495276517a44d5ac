// What every source of the device library starts with. The library is freestanding C: no libc, no libm, no
// global state; compiled once for the baseline of the target and inlined into kernels, which may enable more
// features.
#ifndef TIANQIAO_COMPILER_DEVICELIB_DEVICE_H_
#define TIANQIAO_COMPILER_DEVICELIB_DEVICE_H_

#include "base/cpu_abi.h"
#include "compiler/devicelib/modes.h"

// An entry of the library: called by lowered kernels, inlined there.
#define TQ_DEVICE __attribute__((always_inline, visibility("default")))
// An entry too large to be worth a copy at each call.
#define TQ_DEVICE_OUTLINED __attribute__((noinline, visibility("default")))
// A part of entries.
#define TQ_INLINE static inline __attribute__((always_inline))

typedef unsigned __int128 tq_u128;
typedef __int128 tq_s128;

#define TQ_F32_SIGN 0x80000000u
#define TQ_F32_NAN 0x7fffffffu  // canonical NaN of single precision (PTX ISA, "Floating-Point Comparisons")
#define TQ_F64_NAN 0x7ff8000000000000ull

TQ_INLINE uint32_t tq_bits_f32(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

TQ_INLINE float tq_f32_bits(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

TQ_INLINE uint64_t tq_bits_f64(double x) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

TQ_INLINE double tq_f64_bits(uint64_t bits) {
  double x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

// A choice between values that are both there. As a function, because a conditional operator whose sides are
// more than names starts as a branch, into which LLVM then moves what only one side needs.
TQ_INLINE float tq_select_f32(_Bool condition, float x, float y) { return condition ? x : y; }
TQ_INLINE uint32_t tq_select_u32(_Bool condition, uint32_t x, uint32_t y) { return condition ? x : y; }

// Subnormals become zero of the same sign (.ftz).
TQ_INLINE float tq_flush(float x) {
  uint32_t bits = tq_bits_f32(x);
  return tq_f32_bits(bits & ((bits & 0x7f800000u) ? ~0u : TQ_F32_SIGN));
}

#endif  // TIANQIAO_COMPILER_DEVICELIB_DEVICE_H_
