// The .approx functions (PTX ISA, "Floating-Point Instructions"): at most the error that the manual allows,
// its special cases exactly. Polynomials are minimax fits on the reduced range. Straight-line code: special
// cases are selected at the end, and no step of theirs may be undefined for any input.
#include "compiler/devicelib/device.h"

// Products and sums fuse where the machine does that fast. Every bound here holds either way.
#pragma clang fp contract(on)

#define ROUND_F32 0x1.8p23f  // adding and subtracting it rounds to an integer, for |x| < 2^22

TQ_INLINE float canonical(float x) { return tq_select_f32(x != x, tq_f32_bits(TQ_F32_NAN), x); }

// Relative error below 2^-22.5.
TQ_DEVICE float tq_ex2_approx_f32(float x) {
  float clamped = x > -151.0f ? x : -151.0f;  // NaN too
  clamped = clamped < 129.0f ? clamped : 129.0f;
  float shifted = clamped + ROUND_F32;
  float r = clamped - (shifted - ROUND_F32);
  float p = 0x1.444000p-13f;
  p = p * r + 0x1.5f48c0p-10f;
  p = p * r + 0x1.3b2a1cp-7f;
  p = p * r + 0x1.c6aeccp-5f;
  p = p * r + 0x1.ebfbe0p-3f;
  p = p * r + 0x1.62e430p-1f;
  p = p * r + 1.0f;
  // In two steps, each a normal power of two: the second rounds, once, into the subnormals.
  int32_t n = (int32_t)(tq_bits_f32(shifted) - tq_bits_f32(ROUND_F32)), half = n >> 1;
  float y = p * tq_f32_bits((uint32_t)(half + 127) << 23) * tq_f32_bits((uint32_t)(n - half + 127) << 23);
  return tq_select_f32(x != x, tq_f32_bits(TQ_F32_NAN), y);
}

// Absolute error below 2^-22 on [0.5, 2], relative below 2^-22 elsewhere.
TQ_DEVICE float tq_lg2_approx_f32(float x) {
  _Bool subnormal = (tq_bits_f32(x) & 0x7f800000u) == 0;
  uint32_t bits = tq_bits_f32(x * (subnormal ? 0x1p24f : 1.0f));
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
  result = x < __builtin_inff() ? result : x;
  result = tq_select_f32(x >= 0, result, tq_f32_bits(TQ_F32_NAN));
  return tq_select_f32(x == 0, -__builtin_inff(), result);
}

// Pi in parts of 11, 11 and 24 digits: for multiples below 2^12 the first two products are exact.
TQ_INLINE float less_multiple_of_pi(float x, float multiple) {
  float r = ((x - multiple * 0x1.92p+1f) - multiple * 0x1.fb4p-11f) - multiple * 0x1.4442dp-23f;
  // Far out, where nothing is left of the angle, r still has to be one.
  r = r < 0x1.921fb6p+0f ? r : 0x1.921fb6p+0f;
  return r > -0x1.921fb6p+0f ? r : -0x1.921fb6p+0f;
}

// sin(r) for |r| <= pi / 2; relative error below 2^-23.
TQ_INLINE float sine(float r) {
  float u = r * r;
  float p = 0x1.5dbdf0p-19f;
  p = p * u + -0x1.9f6ffep-13f;
  p = p * u + 0x1.110ed4p-7f;
  p = p * u + -0x1.55554cp-3f;
  return p * (u * r) + r;
}

// The lowest bit of an integer that ROUND_F32 was added to says whether it is odd.
TQ_INLINE float negate_if_odd(float x, float shifted) {
  return tq_f32_bits(tq_bits_f32(x) ^ tq_bits_f32(shifted) << 31);
}

TQ_DEVICE float tq_sin_approx_f32(float x) {
  float shifted = x * 0x1.45f306p-2f + ROUND_F32;
  float y = negate_if_odd(sine(less_multiple_of_pi(x, shifted - ROUND_F32)), shifted);
  y = x == 0 ? x : y;
  return tq_select_f32(x - x == 0, y, tq_f32_bits(TQ_F32_NAN));
}

// cos(r + (n + 1/2) pi) is sin(r), less the sign of even n.
TQ_DEVICE float tq_cos_approx_f32(float x) {
  float shifted = (x * 0x1.45f306p-2f - 0.5f) + ROUND_F32;
  float y = negate_if_odd(-sine(less_multiple_of_pi(x, (shifted - ROUND_F32) + 0.5f)), shifted);
  return tq_select_f32(x - x == 0, y, tq_f32_bits(TQ_F32_NAN));
}

// Ninth convergent of the continued fraction of tanh. Beyond 5.5 the result is 1 to within 2^-14.
TQ_DEVICE float tq_tanh_approx_f32(float x) {
  float magnitude = tq_f32_bits(tq_bits_f32(x) & ~TQ_F32_SIGN);
  float bounded = magnitude < 5.5f ? x : 0.0f, u = bounded * bounded;
  float numerator = (((u + 990.0f) * u + 135135.0f) * u + 4729725.0f) * u + 34459425.0f;
  float denominator = (((45.0f * u + 13860.0f) * u + 945945.0f) * u + 16216200.0f) * u + 34459425.0f;
  float result = bounded * (numerator / denominator);
  result = tq_select_f32(magnitude < 5.5f, result, tq_f32_bits(0x3f800000u | (tq_bits_f32(x) & TQ_F32_SIGN)));
  return canonical(x == x ? result : x);
}

TQ_DEVICE float tq_rcp_approx_f32(float x) { return canonical(1.0f / x); }

TQ_DEVICE float tq_rcp_f32(float x) { return canonical(1.0f / x); }

// Two correctly rounded steps: relative error at most 2^-23. Newton's iteration from a guess is no gain: in
// scalar code it takes more than twice as long, in vectors as long.
TQ_DEVICE float tq_rsqrt_approx_f32(float x) { return canonical(1.0f / __builtin_sqrtf(x)); }

// For divisors between 2^126 and 2^128 the manual asks for 0, or NaN when the dividend is infinite.
TQ_DEVICE float tq_div_approx_f32(float a, float b) {
  uint32_t magnitude = tq_bits_f32(b) & ~TQ_F32_SIGN;
  _Bool huge = (magnitude > 0x7e800000u) & (magnitude < 0x7f800000u);
  float zero = tq_f32_bits((tq_bits_f32(a) ^ tq_bits_f32(b)) & TQ_F32_SIGN);
  float for_huge = a - a == 0 ? zero : tq_f32_bits(TQ_F32_NAN);
  return canonical(huge ? for_huge : a / b);
}

// .approx.ftz.f64: the upper 32 bits of the result; the lower ones are zero.
TQ_INLINE double flush_f64(double x) {
  uint64_t bits = tq_bits_f64(x);
  return tq_f64_bits(bits & ((bits & 0x7ff0000000000000ull) ? ~0ull : 1ull << 63));
}

TQ_INLINE double upper_half(double x) {
  return tq_f64_bits(x != x ? TQ_F64_NAN : tq_bits_f64(x) & 0xffffffff00000000ull);
}

TQ_DEVICE double tq_rcp_approx_ftz_f64(double x) { return upper_half(flush_f64(1.0 / flush_f64(x))); }

TQ_DEVICE double tq_rsqrt_approx_ftz_f64(double x) { return upper_half(1.0 / __builtin_sqrt(flush_f64(x))); }

TQ_DEVICE double tq_rsqrt_approx_f64(double x) {
  double result = 1.0 / __builtin_sqrt(x);
  return result != result ? tq_f64_bits(TQ_F64_NAN) : result;
}
