// Double-precision arithmetic in every rounding mode on integers: operands are unpacked, the exact result (or
// its top 128 bits with a sticky last bit) is formed, and rounded once. Independent of the machine's rounding
// mode.
#ifndef TIANQIAO_COMPILER_DEVICELIB_EXACT64_H_
#define TIANQIAO_COMPILER_DEVICELIB_EXACT64_H_

#include "compiler/devicelib/device.h"

// (-1)^sign * fraction * 2^(exponent - 127), fraction's top bit set unless the value is zero.
typedef struct tq_wide {
  uint32_t sign;
  int32_t exponent;
  tq_u128 fraction;
} tq_wide;

TQ_INLINE uint32_t tq_leading_zeros(tq_u128 x) {
  uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;
  return high ? (uint32_t)__builtin_clzll(high) : low ? 64 + (uint32_t)__builtin_clzll(low) : 128;
}

// x >> count where what falls out is kept as a sticky last bit.
TQ_INLINE tq_u128 tq_shift_sticky(tq_u128 x, uint32_t count) {
  if (count == 0) return x;
  if (count > 127) return x != 0;
  return x >> count | ((x << (128 - count)) != 0);
}

TQ_INLINE tq_wide tq_normalize(tq_wide x) {
  if (x.fraction == 0) return x;
  uint32_t shift = tq_leading_zeros(x.fraction);
  x.fraction <<= shift;
  x.exponent -= (int32_t)shift;
  return x;
}

TQ_INLINE _Bool tq_is_nan(double x) { return x != x; }
TQ_INLINE _Bool tq_is_finite(double x) { return x - x == 0; }

// A finite double.
TQ_INLINE tq_wide tq_unpack(double x) {
  uint64_t bits = tq_bits_f64(x);
  int32_t biased = (int32_t)(bits >> 52 & 0x7ff);
  uint64_t fraction = bits & 0xfffffffffffffull;
  if (biased)
    fraction |= 1ull << 52;
  else
    biased = 1;
  tq_wide wide = {(uint32_t)(bits >> 63), biased - 1023 + 127 - 52, fraction};
  return tq_normalize(wide);
}

// Whether a magnitude is rounded up, from its last kept bit and what was cut off.
TQ_INLINE _Bool tq_rounds_up(uint32_t mode, uint32_t sign, _Bool odd, _Bool at_least_half, _Bool exactly_half,
                             _Bool inexact) {
  if (mode == TQ_RN) return at_least_half & (!exactly_half | odd);
  if (mode == TQ_RNA) return at_least_half;
  if (mode == TQ_RM) return inexact & (sign != 0);
  if (mode == TQ_RP) return inexact & !sign;
  return 0;
}

TQ_INLINE double tq_round(tq_wide x, uint32_t mode) {
  uint64_t sign = (uint64_t)x.sign << 63;
  if (x.fraction == 0) return tq_f64_bits(sign);
  int32_t exponent = x.exponent;
  if (exponent < -1022) {
    int32_t shift = -1022 - exponent;
    x.fraction = tq_shift_sticky(x.fraction, shift > 128 ? 128 : (uint32_t)shift);
    exponent = -1022;
  }
  const tq_u128 half = (tq_u128)1 << 74;
  uint64_t kept = (uint64_t)(x.fraction >> 75);
  tq_u128 rest = x.fraction & ((half << 1) - 1);
  kept += tq_rounds_up(mode, x.sign, kept & 1, rest >= half, rest == half, rest != 0);
  if (exponent > 1023) kept = 2ull << 52, exponent = 1023;
  // The hidden bit carries into the exponent field; a carry out of the fraction does the same once more.
  uint64_t bits = ((uint64_t)(exponent + 1022) << 52) + kept;
  if (bits >= 0x7ff0000000000000ull) {
    _Bool to_infinity =
        mode == TQ_RN || mode == TQ_RNA || (mode == TQ_RM && x.sign) || (mode == TQ_RP && !x.sign);
    bits = to_infinity ? 0x7ff0000000000000ull : 0x7fefffffffffffffull;
  }
  return tq_f64_bits(sign | bits);
}

// The exact sum, or one that rounds to the same double in every mode.
TQ_INLINE tq_wide tq_sum(tq_wide a, tq_wide b, uint32_t mode) {
  if (a.fraction == 0 && b.fraction == 0) {
    a.sign = mode == TQ_RM ? a.sign | b.sign : a.sign & b.sign;
    return a;
  }
  if (a.fraction == 0) return b;
  if (b.fraction == 0) return a;
  if (b.exponent > a.exponent || (b.exponent == a.exponent && b.fraction > a.fraction)) {
    tq_wide swap = a;
    a = b;
    b = swap;
  }
  // Two bits of headroom: the carry, and one below for the sticky bit to stay clear of what is kept.
  tq_u128 large = tq_shift_sticky(a.fraction, 1);
  uint64_t distance = (uint64_t)((int64_t)a.exponent - b.exponent) + 1;
  tq_u128 small = tq_shift_sticky(b.fraction, distance > 128 ? 128 : (uint32_t)distance);
  tq_wide sum = {a.sign, a.exponent + 1, a.sign == b.sign ? large + small : large - small};
  if (sum.fraction == 0) sum.sign = mode == TQ_RM;
  return tq_normalize(sum);
}

TQ_INLINE tq_wide tq_product(tq_wide a, tq_wide b) {
  // 53 significant bits each: exact in the top 106 of 128.
  tq_wide product = {a.sign ^ b.sign, a.exponent + b.exponent + 1,
                     (tq_u128)(uint64_t)(a.fraction >> 64) * (uint64_t)(b.fraction >> 64)};
  return tq_normalize(product);
}

#endif  // TIANQIAO_COMPILER_DEVICELIB_EXACT64_H_
