// The .approx functions (PTX ISA, "Floating-Point Instructions"): at most the error that the manual allows,
// its special cases exactly. Polynomials are minimax (Chebyshev) fits on the reduced range; straight-line
// code, so that it vectorises.
#include "compiler/devicelib/device.h"

#define ROUND_F32 0x1.8p23f  // adding and subtracting it rounds to an integer, for |x| < 2^22
#define ROUND_F64 0x1.8p52

TQ_INLINE float canonical(float x) { return x != x ? tq_f32_bits(TQ_F32_NAN) : x; }

// Relative error below 2^-22.5.
TQ_DEVICE float tq_ex2_approx_f32(float x) {
  float clamped = x < -151.0f ? -151.0f : x > 129.0f ? 129.0f : x;
  float whole = (clamped + ROUND_F32) - ROUND_F32;
  float r = clamped - whole;
  float p = 0x1.444000p-13f;
  p = p * r + 0x1.5f48c0p-10f;
  p = p * r + 0x1.3b2a1cp-7f;
  p = p * r + 0x1.c6aeccp-5f;
  p = p * r + 0x1.ebfbe0p-3f;
  p = p * r + 0x1.62e430p-1f;
  p = p * r + 1.0f;
  if (x != x) return tq_f32_bits(TQ_F32_NAN);
  // In two steps, each a normal power of two: the second rounds, once, into the subnormals.
  int32_t n = (int32_t)whole, half = n >> 1;
  return p * tq_f32_bits((uint32_t)(half + 127) << 23) * tq_f32_bits((uint32_t)(n - half + 127) << 23);
}

// Absolute error below 2^-22 on [0.5, 2], relative below 2^-22 elsewhere.
TQ_DEVICE float tq_lg2_approx_f32(float x) {
  _Bool subnormal = (tq_bits_f32(x) & 0x7f800000u) == 0;
  uint32_t bits = tq_bits_f32(subnormal ? x * 0x1p24f : x);
  // The fraction in [sqrt(1/2), sqrt(2)), so that no cancellation happens around 1.
  uint32_t offset = bits - 0x3f3504f3u;
  float exponent = (float)(((int32_t)offset >> 23) - (subnormal ? 24 : 0));
  float r = tq_f32_bits((offset & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
  float p = -0x1.b84fb6p-4f;
  p = p * r + 0x1.7a63a0p-3f;
  p = p * r + -0x1.87f6a2p-3f;
  p = p * r + 0x1.a38c68p-3f;
  p = p * r + -0x1.eab7aap-3f;
  p = p * r + 0x1.277a52p-2f;
  p = p * r + -0x1.715a70p-2f;
  p = p * r + 0x1.ec70aap-2f;
  p = p * r + -0x1.715470p-1f;
  p = p * r + 0x1.715476p+0f;
  float result = p * r + exponent;
  if (x == 0) return -__builtin_inff();
  if (!(x > 0)) return tq_f32_bits(TQ_F32_NAN);
  return x == __builtin_inff() ? x : result;
}

// sin(2 pi turns), for turns in [-1/4, 1/4]; relative error about 2^-33.
TQ_INLINE double sine(double turns) {
  double u = turns * turns;
  double p = -0x1.cc9b5f3456b49p+3;
  p = p * u + 0x1.5014072bd9ca2p+5;
  p = p * u + -0x1.32d12ebe6b560p+6;
  p = p * u + 0x1.466bc06900900p+6;
  p = p * u + -0x1.4abbce51c31dap+5;
  p = p * u + 0x1.921fb54425516p+2;
  return p * turns;
}

// x in turns, less whole ones: in [-1/2, 1/2]. Beyond 2^51 turns the fraction of the product is zero.
TQ_INLINE double reduce(float x) {
  double turns = (double)x * 0x1.45f306dc9c883p-3;
  double whole = (turns + ROUND_F64) - ROUND_F64;
  return __builtin_fabs(turns) < 0x1p51 ? turns - whole : 0.0;
}

TQ_DEVICE float tq_sin_approx_f32(float x) {
  if (x - x != 0) return tq_f32_bits(TQ_F32_NAN);
  double t = reduce(x);
  t = t > 0.25 ? 0.5 - t : t < -0.25 ? -0.5 - t : t;
  return x == 0 ? x : (float)sine(t);
}

TQ_DEVICE float tq_cos_approx_f32(float x) {
  if (x - x != 0) return tq_f32_bits(TQ_F32_NAN);
  return (float)sine(0.25 - __builtin_fabs(reduce(x)));
}

// Ninth convergent of the continued fraction of tanh. Beyond 5.5 the result is 1 to within 2^-14.
TQ_DEVICE float tq_tanh_approx_f32(float x) {
  float magnitude = tq_f32_bits(tq_bits_f32(x) & ~TQ_F32_SIGN);
  float bounded = magnitude < 5.5f ? x : 0.0f, u = bounded * bounded;
  float numerator = (((u + 990.0f) * u + 135135.0f) * u + 4729725.0f) * u + 34459425.0f;
  float denominator = (((45.0f * u + 13860.0f) * u + 945945.0f) * u + 16216200.0f) * u + 34459425.0f;
  float result = bounded * (numerator / denominator);
  if (x != x) return tq_f32_bits(TQ_F32_NAN);
  return magnitude < 5.5f ? result : tq_f32_bits(0x3f800000u | (tq_bits_f32(x) & TQ_F32_SIGN));
}

TQ_DEVICE float tq_rcp_approx_f32(float x) { return canonical(1.0f / x); }

TQ_DEVICE float tq_rcp_f32(float x) { return canonical(1.0f / x); }

// Two correctly rounded steps: relative error at most 2^-23.
TQ_DEVICE float tq_rsqrt_approx_f32(float x) { return canonical(1.0f / __builtin_sqrtf(x)); }

// For divisors between 2^126 and 2^128 the manual asks for 0, or NaN when the dividend is infinite.
TQ_DEVICE float tq_div_approx_f32(float a, float b) {
  uint32_t magnitude = tq_bits_f32(b) & ~TQ_F32_SIGN;
  _Bool huge = magnitude > 0x7e800000u && magnitude < 0x7f800000u;
  float quotient = a / b;
  if (huge && quotient == quotient) {
    quotient =
        a - a == 0 ? tq_f32_bits((tq_bits_f32(a) ^ tq_bits_f32(b)) & TQ_F32_SIGN) : tq_f32_bits(TQ_F32_NAN);
  }
  return canonical(quotient);
}

// .approx.ftz.f64: the upper 32 bits of the result; the lower ones are zero.
TQ_INLINE double flush_f64(double x) {
  uint64_t bits = tq_bits_f64(x);
  return (bits & 0x7ff0000000000000ull) ? x : tq_f64_bits(bits & 1ull << 63);
}

TQ_INLINE double upper_half(double x) {
  if (x != x) return tq_f64_bits(TQ_F64_NAN);
  return tq_f64_bits(tq_bits_f64(x) & 0xffffffff00000000ull);
}

TQ_DEVICE double tq_rcp_approx_ftz_f64(double x) { return upper_half(flush_f64(1.0 / flush_f64(x))); }

TQ_DEVICE double tq_rsqrt_approx_ftz_f64(double x) { return upper_half(1.0 / __builtin_sqrt(flush_f64(x))); }

TQ_DEVICE double tq_rsqrt_approx_f64(double x) {
  double result = 1.0 / __builtin_sqrt(x);
  return result != result ? tq_f64_bits(TQ_F64_NAN) : result;
}
