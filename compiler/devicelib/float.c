// f32 and f64 min, max, copysign and testp (PTX ISA, "Floating-Point Instructions"). -0 is below +0; a NaN
// loses against a number, and with .NaN wins; a result that is NaN is the canonical one.
#include "compiler/devicelib/device.h"

TQ_INLINE uint32_t min_max_f32(uint32_t a, uint32_t b, _Bool want_max, uint32_t flags) {
  uint32_t sign = 0;
  if (flags & TQ_XORSIGN) sign = (a ^ b) & TQ_F32_SIGN;
  if (flags & (TQ_XORSIGN | TQ_ABS)) a &= ~TQ_F32_SIGN, b &= ~TQ_F32_SIGN;
  float x = tq_f32_bits(a), y = tq_f32_bits(b);
  // Equal numbers differ in the sign of zero at most. A comparison with NaN is false and takes b.
  uint32_t result = (want_max ? x > y : x < y) ? a : b, tie = want_max ? a & b : a | b;
  result = tq_select_u32(x == y, tie, result);
  result = tq_select_u32(y != y, a, result) | sign;
  _Bool is_nan = (flags & TQ_NAN) ? (x != x) | (y != y) : (x != x) & (y != y);
  return tq_select_u32(is_nan, TQ_F32_NAN, result);
}

TQ_INLINE float float_min_max(float a, float b, _Bool want_max, uint32_t flags) {
  return tq_f32_bits(min_max_f32(tq_bits_f32(a), tq_bits_f32(b), want_max, flags));
}

#define MIN_MAX(name, three, want_max)                                                                    \
  TQ_DEVICE float tq_##name##_f32(float a, float b) { return float_min_max(a, b, want_max, 0); }          \
  TQ_DEVICE float tq_##name##_NaN_f32(float a, float b) { return float_min_max(a, b, want_max, TQ_NAN); } \
  TQ_DEVICE float tq_##name##_xorsign_abs_f32(float a, float b) {                                         \
    return float_min_max(a, b, want_max, TQ_XORSIGN);                                                     \
  }                                                                                                       \
  TQ_DEVICE float tq_##name##_NaN_xorsign_abs_f32(float a, float b) {                                     \
    return float_min_max(a, b, want_max, TQ_NAN | TQ_XORSIGN);                                            \
  }                                                                                                       \
  TQ_DEVICE float tq_##three##_f32(float a, float b, float c) {                                           \
    return float_min_max(float_min_max(a, b, want_max, 0), c, want_max, 0);                               \
  }                                                                                                       \
  TQ_DEVICE float tq_##three##_NaN_f32(float a, float b, float c) {                                       \
    return float_min_max(float_min_max(a, b, want_max, TQ_NAN), c, want_max, TQ_NAN);                     \
  }                                                                                                       \
  TQ_DEVICE float tq_##three##_abs_f32(float a, float b, float c) {                                       \
    return float_min_max(float_min_max(a, b, want_max, TQ_ABS), c, want_max, TQ_ABS);                     \
  }                                                                                                       \
  TQ_DEVICE float tq_##three##_NaN_abs_f32(float a, float b, float c) {                                   \
    return float_min_max(float_min_max(a, b, want_max, TQ_NAN | TQ_ABS), c, want_max, TQ_NAN | TQ_ABS);   \
  }                                                                                                       \
  TQ_DEVICE double tq_##name##_f64(double a, double b) {                                                  \
    int64_t x = (int64_t)tq_bits_f64(a), y = (int64_t)tq_bits_f64(b);                                     \
    x ^= (int64_t)((uint64_t)(x >> 63) >> 1);                                                             \
    y ^= (int64_t)((uint64_t)(y >> 63) >> 1);                                                             \
    double result = ((((x < y) != want_max) & (a == a)) | (b != b)) ? a : b;                              \
    return result != result ? tq_f64_bits(TQ_F64_NAN) : result;                                           \
  }
MIN_MAX(min, min3, 0)
MIN_MAX(max, max3, 1)

// The sign comes from a.
TQ_DEVICE float tq_copysign_f32(float a, float b) {
  return tq_f32_bits((tq_bits_f32(a) & TQ_F32_SIGN) | (tq_bits_f32(b) & ~TQ_F32_SIGN));
}

TQ_DEVICE double tq_copysign_f64(double a, double b) {
  return tq_f64_bits((tq_bits_f64(a) & 1ull << 63) | (tq_bits_f64(b) & ~(1ull << 63)));
}

// On magnitudes as integers. Zero is neither normal nor subnormal.
#define TESTP(suffix, type, magnitude, infinity, least_normal)                             \
  TQ_DEVICE uint32_t tq_testp_finite_##suffix(type x) { return magnitude < infinity; }     \
  TQ_DEVICE uint32_t tq_testp_infinite_##suffix(type x) { return magnitude == infinity; }  \
  TQ_DEVICE uint32_t tq_testp_number_##suffix(type x) { return magnitude <= infinity; }    \
  TQ_DEVICE uint32_t tq_testp_notanumber_##suffix(type x) { return magnitude > infinity; } \
  TQ_DEVICE uint32_t tq_testp_normal_##suffix(type x) {                                    \
    return magnitude >= least_normal && magnitude < infinity;                              \
  }                                                                                        \
  TQ_DEVICE uint32_t tq_testp_subnormal_##suffix(type x) {                                 \
    return magnitude != 0 && magnitude < least_normal;                                     \
  }
TESTP(f32, float, (tq_bits_f32(x) & ~TQ_F32_SIGN), 0x7f800000u, 0x800000u)
TESTP(f64, double, (tq_bits_f64(x) & ~(1ull << 63)), 0x7ff0000000000000ull, 0x10000000000000ull)
