// Rounding into floats of fewer digits, with one rounding, in integers.
#ifndef TIANQIAO_COMPILER_DEVICELIB_NARROW_H_
#define TIANQIAO_COMPILER_DEVICELIB_NARROW_H_

#include "compiler/devicelib/exact64.h"

#define TQ_F16_DIGITS 10
#define TQ_F16_LEAST -14
#define TQ_F16_INFINITY 0x7c00u
#define TQ_F16_ONE 0x3c00u
#define TQ_BF16_DIGITS 7
#define TQ_BF16_LEAST -126
#define TQ_BF16_INFINITY 0x7f80u
#define TQ_BF16_ONE 0x3f80u
#define TQ_S2F6_LARGEST 127
#define TQ_HALF_NAN 0x7fffu  // canonical NaN of f16 and bf16

// Rounds sign, exponent and a fraction with its unit in the top bit (value = fraction * 2^(exponent - 63), or
// - 31 in the form for 32 bits, which holds an f32) to a format with `digits` explicit fraction bits and the
// given least exponent; returns exponent and fraction fields, which may exceed the format's largest finite
// value when it overflows.
#define TQ_NARROW(name, word, bits)                                                                      \
  TQ_INLINE uint32_t name(uint32_t sign, int32_t exponent, word fraction, int32_t digits, int32_t least, \
                          uint32_t mode) {                                                               \
    int32_t below = exponent < least ? least - exponent : 0;                                             \
    int32_t shift = bits - 1 - digits + below;                                                           \
    /* What would be shifted out altogether leaves a sticky last bit. */                                 \
    int32_t excess = shift > bits - 2 ? shift - (bits - 2) : 0;                                          \
    excess = excess < bits - 1 ? excess : bits - 1;                                                      \
    shift = shift < bits - 2 ? shift : bits - 2;                                                         \
    word left = fraction >> excess;                                                                      \
    left |= (left << excess) != fraction;                                                                \
    word half = (word)1 << (shift - 1), rest = left & ((half << 1) - 1), kept = left >> shift;           \
    kept += tq_rounds_up(mode, sign, kept & 1, rest >= half, rest == half, rest != 0);                   \
    return ((uint32_t)(exponent + below - least) << digits) + (uint32_t)kept;                            \
  }
TQ_NARROW(tq_narrow, uint64_t, 64)
TQ_NARROW(tq_narrow_f32, uint32_t, 32)

// The same of an f32's magnitude to a format with its exponents and fewer digits: the upper bits, rounded.
TQ_INLINE uint32_t tq_cut(uint32_t sign, uint32_t magnitude, int32_t dropped, uint32_t mode) {
  uint32_t half = 1u << (dropped - 1), rest = magnitude & ((half << 1) - 1), kept = magnitude >> dropped;
  return kept + tq_rounds_up(mode, sign, kept & 1, rest >= half, rest == half, rest != 0);
}

// Stochastic rounding (PTX ISA, "cvt", .rs): away from zero where the sum of the bits that are dropped and of
// `count` random ones, both seen as fractions, carries.
TQ_INLINE uint32_t tq_narrow_stochastic(int32_t exponent, uint64_t fraction, int32_t digits, int32_t least,
                                        uint32_t random, uint32_t count) {
  int32_t shift = 63 - digits;
  if (exponent < least) {
    shift += least - exponent;
    exponent = least;
  }
  uint64_t kept = shift < 64 ? fraction >> shift : 0;
  uint64_t rest = shift < 64 ? fraction << (64 - shift) : shift < 128 ? fraction >> (shift - 64) : 0;
  kept += rest + ((uint64_t)random << (64 - count)) < rest;
  return ((uint32_t)(exponent - least) << digits) + (uint32_t)kept;
}

// A finite f32 or f64 as exponent and fraction for tq_narrow(). Subnormals need no normalising: their
// exponent is below or at the least one of every format here.
TQ_INLINE int32_t tq_split_f32_bits(uint32_t bits, uint32_t* fraction) {
  int32_t biased = (int32_t)(bits >> 23 & 0xff);
  *fraction = ((bits & 0x7fffff) | (biased ? 0x800000 : 0)) << 8;
  return (biased ? biased : 1) - 127;
}

TQ_INLINE int32_t tq_split_f32(uint32_t bits, uint64_t* fraction) {
  int32_t biased = (int32_t)(bits >> 23 & 0xff);
  *fraction = (uint64_t)((bits & 0x7fffff) | (biased ? 0x800000 : 0)) << 40;
  return (biased ? biased : 1) - 127;
}

TQ_INLINE int32_t tq_split_f64(uint64_t bits, uint64_t* fraction) {
  int32_t biased = (int32_t)(bits >> 52 & 0x7ff);
  *fraction = ((bits & 0xfffffffffffffull) | (biased ? 1ull << 52 : 0)) << 11;
  return (biased ? biased : 1) - 1023;
}

// Ends a conversion to f16, bf16 (16 bits) or tf32 (32): infinity, overflow and flags.
TQ_INLINE uint32_t tq_finish(uint32_t sign, uint32_t magnitude, uint32_t infinity, uint32_t sign_bit,
                             uint32_t one, uint32_t unit, _Bool was_infinite, uint32_t mode, uint32_t flags) {
  _Bool away = was_infinite | (mode == TQ_RN) | (mode == TQ_RNA) | ((mode == TQ_RM) & (sign != 0)) |
               ((mode == TQ_RP) & !sign);
  uint32_t limit = (away & !(flags & TQ_SATFINITE)) ? infinity : infinity - unit;
  uint32_t bounded = (was_infinite | (magnitude >= infinity)) ? limit : magnitude;
  if (flags & TQ_SAT) bounded = (was_infinite | (magnitude > one)) ? one : bounded;
  uint32_t negative = (flags & (TQ_RELU | TQ_SAT)) ? 0 : bounded | sign_bit;
  return tq_select_u32(sign != 0, negative, bounded);
}

// LLVM's conversion: F16C's instruction where the kernel has it, a call to runtime.c where not.
TQ_INLINE float tq_decode_f16(uint16_t x) {
  _Float16 half;
  __builtin_memcpy(&half, &x, sizeof half);
  return (float)half;
}

TQ_INLINE uint16_t tq_encode_f16(float x) {
  _Float16 half = (_Float16)x;
  uint16_t bits;
  __builtin_memcpy(&bits, &half, sizeof bits);
  return x != x ? TQ_HALF_NAN : bits;
}

TQ_INLINE float tq_decode_bf16(uint16_t x) { return tq_f32_bits((uint32_t)x << 16); }

// To nearest even; a carry out of the largest finite value is infinity.
TQ_INLINE uint16_t tq_encode_bf16(float x) {
  uint32_t bits = tq_bits_f32(x), rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return (uint16_t)(x != x ? TQ_HALF_NAN : rounded);
}

#endif  // TIANQIAO_COMPILER_DEVICELIB_NARROW_H_
