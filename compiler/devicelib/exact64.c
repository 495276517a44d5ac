// f64 add, sub, mul, fma, div, rcp and sqrt in every rounding mode (PTX ISA, "Floating-Point Instructions").
#include "compiler/devicelib/exact64.h"

TQ_DEVICE_OUTLINED double tq_add_f64(double a, double b, uint32_t mode) {
  if (!tq_is_finite(a) || !tq_is_finite(b)) return a + b;
  return tq_round(tq_sum(tq_unpack(a), tq_unpack(b), mode), mode);
}

TQ_DEVICE double tq_sub_f64(double a, double b, uint32_t mode) { return tq_add_f64(a, -b, mode); }

TQ_DEVICE_OUTLINED double tq_mul_f64(double a, double b, uint32_t mode) {
  if (!tq_is_finite(a) || !tq_is_finite(b)) return a * b;
  return tq_round(tq_product(tq_unpack(a), tq_unpack(b)), mode);
}

TQ_DEVICE_OUTLINED double tq_fma_f64(double a, double b, double c, uint32_t mode) {
  // A product of finite numbers is finite before it is rounded.
  if (!tq_is_finite(a) || !tq_is_finite(b)) return a * b + c;
  if (!tq_is_finite(c)) return c;
  return tq_round(tq_sum(tq_product(tq_unpack(a), tq_unpack(b)), tq_unpack(c), mode), mode);
}

TQ_DEVICE_OUTLINED double tq_div_f64(double a, double b, uint32_t mode) {
  if (!tq_is_finite(a) || !tq_is_finite(b) || b == 0) return a / b;
  tq_wide n = tq_unpack(a), d = tq_unpack(b);
  tq_wide quotient = {n.sign ^ d.sign, 0, 0};
  if (n.fraction == 0) return tq_round(quotient, mode);
  // Restoring division of two fractions in [1, 2): 56 bits, the last sticky. 53-bit operands leave room to
  // shift.
  uint64_t rest = (uint64_t)(n.fraction >> 75), divisor = (uint64_t)(d.fraction >> 75), bits = 0;
  for (int i = 0; i < 56; i++) {
    bits <<= 1;
    if (rest >= divisor) {
      rest -= divisor;
      bits |= 1;
    }
    rest <<= 1;
  }
  bits |= rest != 0;
  quotient.fraction = (tq_u128)bits << 72;
  quotient.exponent = n.exponent - d.exponent;
  return tq_round(tq_normalize(quotient), mode);
}

TQ_DEVICE_OUTLINED double tq_sqrt_f64(double a, uint32_t mode) {
  if (!tq_is_finite(a) || a <= 0) return __builtin_sqrt(a);
  tq_wide x = tq_unpack(a);
  // Digit by digit on a radicand of 112 bits with an even exponent: a root of 56 bits, the last sticky.
  _Bool odd = x.exponent & 1;
  tq_u128 radicand = x.fraction >> (odd ? 16 : 17);
  tq_u128 rest = 0, root = 0;
  for (int i = 110; i >= 0; i -= 2) {
    rest = rest << 2 | (radicand >> i & 3);
    tq_u128 trial = root << 2 | 1;
    root <<= 1;
    if (rest >= trial) {
      rest -= trial;
      root |= 1;
    }
  }
  root |= rest != 0;
  tq_wide result = {0, (x.exponent - odd) / 2, root << 72};
  return tq_round(tq_normalize(result), mode);
}

// The double that holds an integer's top bits with a sticky last one: converting it onwards rounds the
// integer once.
TQ_DEVICE double tq_cvt_f64_u64(uint64_t x, uint32_t mode) {
  tq_wide wide = {0, 127, x};
  return tq_round(tq_normalize(wide), mode);
}

TQ_DEVICE double tq_cvt_f64_s64(int64_t x, uint32_t mode) {
  tq_wide wide = {x < 0, 127, x < 0 ? 0 - (uint64_t)x : (uint64_t)x};
  return tq_round(tq_normalize(wide), mode);
}

// ---- The forms of PTX, by name ----

#define ROUNDED(rnd, mode)                                                                                \
  TQ_DEVICE double tq_add_##rnd##_f64(double a, double b) { return tq_add_f64(a, b, mode); }              \
  TQ_DEVICE double tq_sub_##rnd##_f64(double a, double b) { return tq_sub_f64(a, b, mode); }              \
  TQ_DEVICE double tq_mul_##rnd##_f64(double a, double b) { return tq_mul_f64(a, b, mode); }              \
  TQ_DEVICE double tq_fma_##rnd##_f64(double a, double b, double c) { return tq_fma_f64(a, b, c, mode); } \
  TQ_DEVICE double tq_div_##rnd##_f64(double a, double b) { return tq_div_f64(a, b, mode); }              \
  TQ_DEVICE double tq_rcp_##rnd##_f64(double a) { return tq_div_f64(1.0, a, mode); }                      \
  TQ_DEVICE double tq_sqrt_##rnd##_f64(double a) { return tq_sqrt_f64(a, mode); }
ROUNDED(rz, TQ_RZ)
ROUNDED(rm, TQ_RM)
ROUNDED(rp, TQ_RP)

TQ_DEVICE double tq_rcp_rn_f64(double a) { return 1.0 / a; }
TQ_DEVICE double tq_rcp_f64(double a) { return 1.0 / a; }
