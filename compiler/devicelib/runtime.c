// What LLVM's code generator calls where the machine lacks an instruction: f16 conversions without F16C, fma
// without FMA, rounding to integers without SSE4.1. Names and signatures are those of compiler-rt and libm. A
// target links the ones that its features leave open (library.h).
#include "compiler/devicelib/exact32.h"
#include "compiler/devicelib/narrow.h"

#define RUNTIME __attribute__((noinline, visibility("default")))

double tq_fma_f64(double a, double b, double c, uint32_t mode);

TQ_INLINE _Float16 half_of(uint32_t bits) {
  uint16_t low = (uint16_t)bits;
  _Float16 half;
  __builtin_memcpy(&half, &low, sizeof half);
  return half;
}

RUNTIME float __extendhfsf2(_Float16 half) {
  uint16_t x;
  __builtin_memcpy(&x, &half, sizeof x);
  uint32_t sign = (uint32_t)(x & 0x8000) << 16, fields = (uint32_t)(x & 0x7fff) << 13;
  // Fields moved to their places are the value scaled by 2^-112; a product by 2^112 also normalises
  // subnormals.
  float magnitude = fields < 0x0f800000u ? tq_f32_bits(fields) * 0x1p112f : tq_f32_bits(fields | 0x7f800000u);
  return tq_f32_bits(tq_bits_f32(magnitude) | sign);
}

RUNTIME _Float16 __truncsfhf2(float x) {
  if (x != x) return half_of(TQ_HALF_NAN);
  uint64_t fraction;
  uint32_t bits = tq_bits_f32(x), sign = bits >> 31;
  int32_t exponent = tq_split_f32(bits, &fraction);
  uint32_t magnitude = tq_narrow(sign, exponent, fraction, TQ_F16_DIGITS, TQ_F16_LEAST, TQ_RN);
  return half_of(tq_finish(sign, magnitude, TQ_F16_INFINITY, 0x8000, TQ_F16_ONE, 1, x - x != 0, TQ_RN, 0));
}

RUNTIME _Float16 __truncdfhf2(double x) {
  if (x != x) return half_of(TQ_HALF_NAN);
  uint64_t bits = tq_bits_f64(x), fraction;
  uint32_t sign = (uint32_t)(bits >> 63);
  int32_t exponent = tq_split_f64(bits, &fraction);
  uint32_t magnitude = tq_narrow(sign, exponent, fraction, TQ_F16_DIGITS, TQ_F16_LEAST, TQ_RN);
  return half_of(tq_finish(sign, magnitude, TQ_F16_INFINITY, 0x8000, TQ_F16_ONE, 1, x - x != 0, TQ_RN, 0));
}

// Bits are rounded as integers: a carry out of the fraction raises the exponent. The result is a bf16,
// returned like an f16 (System V ABI, "Returning of Values"): LLVM makes a __bf16 out of bits by calling this
// function.
RUNTIME _Float16 __truncsfbf2(float x) {
  uint32_t bits = tq_bits_f32(x);
  return half_of(x != x ? TQ_HALF_NAN : (bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

RUNTIME float fmaf(float a, float b, float c) { return tq_round_sum((double)a * b, c, TQ_RN); }

RUNTIME double fma(double a, double b, double c) { return tq_fma_f64(a, b, c, TQ_RN); }

// Numbers of this size and more are integers; adding and subtracting it rounds smaller ones to integers.
#define UNIT_F32 0x1p23f
#define UNIT_F64 0x1p52

#define ROUND_TO_INTEGER(type, suffix, unit)                                                      \
  RUNTIME type rint##suffix(type x) {                                                             \
    type magnitude = __builtin_fabs##suffix(x);                                                   \
    return magnitude < unit ? __builtin_copysign##suffix((magnitude + unit) - unit, x) : x;       \
  }                                                                                               \
  RUNTIME type trunc##suffix(type x) {                                                            \
    type magnitude = __builtin_fabs##suffix(x), nearest = (magnitude + unit) - unit;              \
    return magnitude < unit ? __builtin_copysign##suffix(nearest - (nearest > magnitude), x) : x; \
  }                                                                                               \
  RUNTIME type floor##suffix(type x) {                                                            \
    type below = trunc##suffix(x);                                                                \
    return below > x ? below - 1 : below;                                                         \
  }                                                                                               \
  RUNTIME type ceil##suffix(type x) {                                                             \
    type above = trunc##suffix(x);                                                                \
    return above < x ? above + 1 : above;                                                         \
  }
ROUND_TO_INTEGER(float, f, UNIT_F32)
ROUND_TO_INTEGER(double, , UNIT_F64)
