// f32 add, sub, mul, fma, div, rcp and sqrt in every rounding mode (PTX ISA, "Floating-Point Instructions").
#include "compiler/devicelib/exact32.h"
#include "compiler/devicelib/narrow.h"

TQ_DEVICE float tq_add_f32(float a, float b, uint32_t mode) { return tq_round_sum(a, b, mode); }

TQ_DEVICE float tq_sub_f32(float a, float b, uint32_t mode) { return tq_round_sum(a, -b, mode); }

TQ_DEVICE float tq_mul_f32(float a, float b, uint32_t mode) { return tq_round_pair((double)a * b, 0, mode); }

TQ_DEVICE float tq_fma_f32(float a, float b, float c, uint32_t mode) {
  return tq_round_sum((double)a * b, c, mode);
}

TQ_DEVICE float tq_div_f32(float a, float b, uint32_t mode) {
  float nearest = a / b;
  // nearest * b is exact in double precision; nearest is above a / b when nearest * b - a has the sign of b.
  // An infinite quotient of finite numbers counts as above in magnitude.
  double excess = (double)nearest * b - a;
  excess = tq_bits_f32(b) >> 31 ? -excess : excess;
  double beyond = ((b != 0) & (a - a == 0)) ? nearest : 0;
  excess = (tq_bits_f32(nearest) & ~TQ_F32_SIGN) == 0x7f800000u ? beyond : excess;
  return tq_directed(nearest, excess, mode);
}

TQ_DEVICE float tq_sqrt_f32(float a, uint32_t mode) {
  float nearest = __builtin_sqrtf(a);
  return tq_directed(nearest, (double)nearest * nearest - a, mode);
}

TQ_DEVICE float tq_cvt_f32_f64(double x, uint32_t mode) { return tq_round_pair(x, 0, mode); }

// [0, 1], NaN becomes +0 (.sat).
TQ_DEVICE float tq_sat_f32(float x) {
  float below_one = x < 1 ? x : 1.0f;
  return x > 0 ? below_one : 0.0f;
}

TQ_DEVICE double tq_sat_f64(double x) {
  double below_one = x < 1 ? x : 1.0;
  return x > 0 ? below_one : 0.0;
}

// ---- The forms of PTX, by name ----

#define ROUNDED(rnd, mode)                                                                            \
  TQ_DEVICE float tq_add_##rnd##_f32(float a, float b) { return tq_add_f32(a, b, mode); }             \
  TQ_DEVICE float tq_sub_##rnd##_f32(float a, float b) { return tq_sub_f32(a, b, mode); }             \
  TQ_DEVICE float tq_mul_##rnd##_f32(float a, float b) { return tq_mul_f32(a, b, mode); }             \
  TQ_DEVICE float tq_fma_##rnd##_f32(float a, float b, float c) { return tq_fma_f32(a, b, c, mode); } \
  TQ_DEVICE float tq_div_##rnd##_f32(float a, float b) { return tq_div_f32(a, b, mode); }             \
  TQ_DEVICE float tq_rcp_##rnd##_f32(float a) { return tq_div_f32(1.0f, a, mode); }                   \
  TQ_DEVICE float tq_sqrt_##rnd##_f32(float a) { return tq_sqrt_f32(a, mode); }
ROUNDED(rn, TQ_RN)
ROUNDED(rz, TQ_RZ)
ROUNDED(rm, TQ_RM)
ROUNDED(rp, TQ_RP)

// Pairs of f32 in 64 bits. The operation of each half is the scalar one; .rn, or no rounding, is the
// machine's own.
#define LOW(x) tq_f32_bits((uint32_t)(x))
#define HIGH(x) tq_f32_bits((uint32_t)((x) >> 32))
TQ_INLINE uint64_t pair(float high, float low) {
  return (uint64_t)tq_bits_f32(high) << 32 | tq_bits_f32(low);
}

#define PAIR(rnd, add, sub, mul)                                   \
  TQ_DEVICE uint64_t tq_add##rnd##_f32x2(uint64_t a, uint64_t b) { \
    return pair(add(HIGH(a), HIGH(b)), add(LOW(a), LOW(b)));       \
  }                                                                \
  TQ_DEVICE uint64_t tq_sub##rnd##_f32x2(uint64_t a, uint64_t b) { \
    return pair(sub(HIGH(a), HIGH(b)), sub(LOW(a), LOW(b)));       \
  }                                                                \
  TQ_DEVICE uint64_t tq_mul##rnd##_f32x2(uint64_t a, uint64_t b) { \
    return pair(mul(HIGH(a), HIGH(b)), mul(LOW(a), LOW(b)));       \
  }
#define NEAREST_ADD(a, b) ((a) + (b))
#define NEAREST_SUB(a, b) ((a) - (b))
#define NEAREST_MUL(a, b) ((a) * (b))
PAIR(, NEAREST_ADD, NEAREST_SUB, NEAREST_MUL)
PAIR(_rn, NEAREST_ADD, NEAREST_SUB, NEAREST_MUL)
PAIR(_rz, tq_add_rz_f32, tq_sub_rz_f32, tq_mul_rz_f32)
PAIR(_rm, tq_add_rm_f32, tq_sub_rm_f32, tq_mul_rm_f32)
PAIR(_rp, tq_add_rp_f32, tq_sub_rp_f32, tq_mul_rp_f32)

#define PAIR_FMA(rnd)                                                                                       \
  TQ_DEVICE uint64_t tq_fma_##rnd##_f32x2(uint64_t a, uint64_t b, uint64_t c) {                             \
    return pair(tq_fma_##rnd##_f32(HIGH(a), HIGH(b), HIGH(c)), tq_fma_##rnd##_f32(LOW(a), LOW(b), LOW(c))); \
  }
PAIR_FMA(rn)
PAIR_FMA(rz)
PAIR_FMA(rm)
PAIR_FMA(rp)

// add, sub and fma of f32 with half operands, which are exact in f32 (PTX ISA, "Mixed Precision").
#define MIXED(suffix, decode, rnd, mode)                                                                     \
  TQ_DEVICE float tq_add##rnd##_f32_##suffix(uint16_t a, float c) { return tq_add_f32(decode(a), c, mode); } \
  TQ_DEVICE float tq_sub##rnd##_f32_##suffix(uint16_t a, float c) { return tq_sub_f32(decode(a), c, mode); }
#define MIXED_ALL(suffix, decode)   \
  MIXED(suffix, decode, , TQ_RN)    \
  MIXED(suffix, decode, _rn, TQ_RN) \
  MIXED(suffix, decode, _rz, TQ_RZ) \
  MIXED(suffix, decode, _rm, TQ_RM) \
  MIXED(suffix, decode, _rp, TQ_RP)
MIXED_ALL(f16, tq_decode_f16)
MIXED_ALL(bf16, tq_decode_bf16)

#define MIXED_FMA(rnd, suffix, decode)                                           \
  TQ_DEVICE float tq_fma_##rnd##_f32_##suffix(uint16_t a, uint16_t b, float c) { \
    return tq_fma_##rnd##_f32(decode(a), decode(b), c);                          \
  }
MIXED_FMA(rn, f16, tq_decode_f16)
MIXED_FMA(rz, f16, tq_decode_f16)
MIXED_FMA(rm, f16, tq_decode_f16)
MIXED_FMA(rp, f16, tq_decode_f16)
MIXED_FMA(rn, bf16, tq_decode_bf16)
MIXED_FMA(rz, bf16, tq_decode_bf16)
MIXED_FMA(rm, bf16, tq_decode_bf16)
MIXED_FMA(rp, bf16, tq_decode_bf16)
