// Single-precision arithmetic in every rounding mode, exact on any machine and without touching its rounding
// mode: the operation is done in double precision, where the error against the exact result is known in sign,
// and the rounded result is moved by one unit where the mode asks for it. Branch-light, so that it
// vectorises.
#ifndef TIANQIAO_COMPILER_DEVICELIB_EXACT32_H_
#define TIANQIAO_COMPILER_DEVICELIB_EXACT32_H_

#include "compiler/devicelib/device.h"

TQ_INLINE float tq_next_up(float x) {
  uint32_t bits = tq_bits_f32(x);
  uint32_t next = bits + ((int32_t)bits < 0 ? -1u : 1u);
  return tq_f32_bits(bits == TQ_F32_SIGN ? 1 : next);
}

TQ_INLINE float tq_next_down(float x) { return -tq_next_up(-x); }

// Moves `nearest`, the exact result rounded to nearest, to the result in `mode`. `excess` has the sign of
// nearest - exact; NaN and 0 mean exact.
TQ_INLINE float tq_directed(float nearest, double excess, uint32_t mode) {
  _Bool above = excess > 0, below = excess < 0;
  if (mode == TQ_RM) return tq_select_f32(above, tq_next_down(nearest), nearest);
  if (mode == TQ_RP) return tq_select_f32(below, tq_next_up(nearest), nearest);
  if (mode == TQ_RZ) {
    // One unit less in magnitude: never from zero, which is not above what it came from.
    _Bool negative = tq_bits_f32(nearest) >> 31, too_far = negative ? below : above;
    return tq_f32_bits(tq_bits_f32(nearest) - too_far);
  }
  return nearest;
}

// The exact value high + low (|low| at most half a unit of high) in single precision.
TQ_INLINE float tq_round_pair(double high, double low, uint32_t mode) {
  if (mode == TQ_RN) {
    // Rounding high to odd first makes the second rounding safe (Boldo and Melquiond, "Emulation of FMA and
    // correctly rounded sums: proved algorithms using rounding to odd").
    uint64_t bits = tq_bits_f64(high);
    uint64_t toward = ((low > 0) == (high > 0)) ? 1u : -1ull;
    bits += (((low < 0) | (low > 0)) & !(bits & 1)) ? toward : 0;
    return (float)tq_f64_bits(bits);
  }
  float nearest = (float)high;
  double excess = (double)nearest - high;
  return tq_directed(nearest, excess != 0 ? excess : -low, mode);
}

// a + b in double precision as a pair; exact unless it overflows.
TQ_INLINE float tq_round_sum(double a, double b, uint32_t mode) {
  double sum = a + b;
  double b_part = sum - a;
  double low = (a - (sum - b_part)) + (b - b_part);
  float rounded = tq_round_pair(sum, low, mode);
  if (mode != TQ_RM) return rounded;
  // An exact zero is negative unless both terms are +0 (IEEE 754, "The sign bit").
  float zero = tq_f32_bits((uint32_t)((tq_bits_f64(a) | tq_bits_f64(b)) >> 32) & TQ_F32_SIGN);
  return sum == 0 ? zero : rounded;
}

// The exact value high + low rounded to odd: rounding the result once more, to at most 22 digits, gives what
// rounding the exact value to these would have given.
TQ_INLINE float tq_odd_pair(double high, double low) {
  float toward_zero = tq_round_pair(high, low, TQ_RZ);
  _Bool inexact = ((double)toward_zero != high) | (low < 0) | (low > 0);
  return tq_f32_bits(tq_bits_f32(toward_zero) | (inexact & (high - high == 0)));
}

TQ_INLINE float tq_odd_sum(double a, double b) {
  double sum = a + b, b_part = sum - a;
  return tq_odd_pair(sum, (a - (sum - b_part)) + (b - b_part));
}

#endif  // TIANQIAO_COMPILER_DEVICELIB_EXACT32_H_
