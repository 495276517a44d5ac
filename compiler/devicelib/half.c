// Arithmetic on f16 and bf16, one value or a pair, rounded once to nearest even (PTX ISA, "Half Precision
// Floating-Point Instructions"). Results are formed in single precision where that cannot round twice, and
// rounded to odd there where it could.
#include "compiler/devicelib/exact32.h"
#include "compiler/devicelib/narrow.h"

TQ_INLINE float decode(uint32_t format, uint16_t x) {
  return format == TQ_F16 ? tq_decode_f16(x) : tq_decode_bf16(x);
}

TQ_INLINE uint16_t encode(uint32_t format, float x) {
  return format == TQ_F16 ? tq_encode_f16(x) : tq_encode_bf16(x);
}

TQ_INLINE uint16_t flush(uint32_t format, uint16_t x) {
  uint32_t least_normal = format == TQ_F16 ? 1u << TQ_F16_DIGITS : 1u << TQ_BF16_DIGITS;
  return (x & 0x7fff) < least_normal ? x & 0x8000 : x;
}

TQ_INLINE _Bool is_nan(uint32_t format, uint16_t x) {
  return (x & 0x7fff) > (format == TQ_F16 ? TQ_F16_INFINITY : TQ_BF16_INFINITY);
}

// .sat and .relu, applied to a rounded result. .ftz is the caller's: flushing operands and result around the
// operation.
TQ_INLINE uint16_t finish_half(uint32_t format, uint16_t x, uint32_t flags) {
  uint16_t one = format == TQ_F16 ? TQ_F16_ONE : TQ_BF16_ONE;
  if (flags & TQ_SAT) {
    // In this order the negative and the NaNs are above 1 too.
    uint16_t bounded = x > one ? one : x;
    return (is_nan(format, x) | (x >> 15)) ? 0 : bounded;
  }
  if (flags & TQ_RELU) return ((x >> 15) & !is_nan(format, x)) ? 0 : x;
  return x;
}

TQ_INLINE uint16_t min_max(uint32_t format, uint16_t a, uint16_t b, _Bool want_max, uint32_t flags) {
  uint16_t sign = 0;
  if (flags & TQ_XORSIGN) {
    sign = (a ^ b) & 0x8000;
    a &= 0x7fff;
    b &= 0x7fff;
  }
  _Bool a_nan = is_nan(format, a), b_nan = is_nan(format, b);
  // As integers that order like the floats, -0 below +0.
  int16_t x = (int16_t)(a ^ ((a & 0x8000) ? 0x7fff : 0)), y = (int16_t)(b ^ ((b & 0x8000) ? 0x7fff : 0));
  _Bool takes_a = (((x < y) != want_max) & !a_nan) | b_nan;
  uint16_t result = (takes_a ? a : b) | sign;
  return ((flags & TQ_NAN) ? a_nan | b_nan : a_nan & b_nan) ? TQ_HALF_NAN : result;
}

TQ_INLINE uint16_t half_op(uint32_t op, uint32_t format, uint16_t a, uint16_t b, uint32_t flags) {
  uint16_t result;
  float x = decode(format, a), y = decode(format, b);
  switch (op) {
    case TQ_HALF_ADD:
      result = encode(format, x + y);  // 24 digits are more than 2 * 11 + 1: rounding twice is harmless
      break;
    case TQ_HALF_SUB:
      result = encode(format, x - y);
      break;
    case TQ_HALF_MUL:
      // Exact in single precision but for bf16 products below its least exponent.
      result = encode(format, format == TQ_F16 ? x * y : tq_odd_pair((double)x * y, 0));
      break;
    default:
      result = min_max(format, a, b, op == TQ_HALF_MAX, flags);
      break;
  }
  return finish_half(format, result, flags);
}

TQ_INLINE uint16_t half_fma(uint32_t format, uint16_t a, uint16_t b, uint16_t c, uint32_t flags) {
  // .oob: an operand that is the out-of-bounds NaN, 0xffff, makes the result zero.
  double product = (double)decode(format, a) * decode(format, b);
  uint16_t result = finish_half(format, encode(format, tq_odd_sum(product, decode(format, c))), flags);
  return (flags & TQ_OOB) && ((a == 0xffff) | (b == 0xffff)) ? 0 : result;
}

#define HIGH(x) ((uint16_t)((x) >> 16))
#define LOW(x) ((uint16_t)(x))
#define PAIR(high, low) ((uint32_t)(high) << 16 | (low))

// ---- For handlers: operation, format and flags as constants ----

TQ_DEVICE uint16_t tq_half(uint16_t a, uint16_t b, uint32_t op, uint32_t format, uint32_t flags) {
  return half_op(op, format, a, b, flags);
}

TQ_DEVICE uint32_t tq_half2(uint32_t a, uint32_t b, uint32_t op, uint32_t format, uint32_t flags) {
  return PAIR(half_op(op, format, HIGH(a), HIGH(b), flags), half_op(op, format, LOW(a), LOW(b), flags));
}

TQ_DEVICE uint16_t tq_half_flush(uint16_t a, uint32_t format) { return flush(format, a); }

TQ_DEVICE uint32_t tq_half2_flush(uint32_t a, uint32_t format) {
  return PAIR(flush(format, HIGH(a)), flush(format, LOW(a)));
}

// ---- The forms of PTX, by name ----

#define BINARY(name, op, flags)                                                                              \
  TQ_DEVICE uint16_t tq_##name##_f16(uint16_t a, uint16_t b) { return half_op(op, TQ_F16, a, b, flags); }    \
  TQ_DEVICE uint16_t tq_##name##_bf16(uint16_t a, uint16_t b) { return half_op(op, TQ_BF16, a, b, flags); }  \
  TQ_DEVICE uint32_t tq_##name##_f16x2(uint32_t a, uint32_t b) { return tq_half2(a, b, op, TQ_F16, flags); } \
  TQ_DEVICE uint32_t tq_##name##_bf16x2(uint32_t a, uint32_t b) { return tq_half2(a, b, op, TQ_BF16, flags); }
BINARY(add, TQ_HALF_ADD, 0)
BINARY(add_sat, TQ_HALF_ADD, TQ_SAT)
BINARY(sub, TQ_HALF_SUB, 0)
BINARY(sub_sat, TQ_HALF_SUB, TQ_SAT)
BINARY(mul, TQ_HALF_MUL, 0)
BINARY(mul_sat, TQ_HALF_MUL, TQ_SAT)
BINARY(min, TQ_HALF_MIN, 0)
BINARY(min_NaN, TQ_HALF_MIN, TQ_NAN)
BINARY(min_xorsign_abs, TQ_HALF_MIN, TQ_XORSIGN)
BINARY(min_NaN_xorsign_abs, TQ_HALF_MIN, TQ_NAN | TQ_XORSIGN)
BINARY(max, TQ_HALF_MAX, 0)
BINARY(max_NaN, TQ_HALF_MAX, TQ_NAN)
BINARY(max_xorsign_abs, TQ_HALF_MAX, TQ_XORSIGN)
BINARY(max_NaN_xorsign_abs, TQ_HALF_MAX, TQ_NAN | TQ_XORSIGN)

#define FMA(name, flags)                                                      \
  TQ_DEVICE uint16_t tq_##name##_f16(uint16_t a, uint16_t b, uint16_t c) {    \
    return half_fma(TQ_F16, a, b, c, flags);                                  \
  }                                                                           \
  TQ_DEVICE uint16_t tq_##name##_bf16(uint16_t a, uint16_t b, uint16_t c) {   \
    return half_fma(TQ_BF16, a, b, c, flags);                                 \
  }                                                                           \
  TQ_DEVICE uint32_t tq_##name##_f16x2(uint32_t a, uint32_t b, uint32_t c) {  \
    return PAIR(half_fma(TQ_F16, HIGH(a), HIGH(b), HIGH(c), flags),           \
                half_fma(TQ_F16, LOW(a), LOW(b), LOW(c), flags));             \
  }                                                                           \
  TQ_DEVICE uint32_t tq_##name##_bf16x2(uint32_t a, uint32_t b, uint32_t c) { \
    return PAIR(half_fma(TQ_BF16, HIGH(a), HIGH(b), HIGH(c), flags),          \
                half_fma(TQ_BF16, LOW(a), LOW(b), LOW(c), flags));            \
  }
FMA(fma, 0)
FMA(fma_sat, TQ_SAT)
FMA(fma_relu, TQ_RELU)
FMA(fma_oob, TQ_OOB)
FMA(fma_oob_relu, TQ_OOB | TQ_RELU)

#define UNARY(name, format, suffix, expression)                                         \
  TQ_DEVICE uint16_t tq_##name##_##suffix(uint16_t a) { return expression(format, a); } \
  TQ_DEVICE uint32_t tq_##name##_##suffix##x2(uint32_t a) {                             \
    return PAIR(expression(format, HIGH(a)), expression(format, LOW(a)));               \
  }
#define NEG(format, a) ((uint16_t)((a) ^ 0x8000))
#define ABS(format, a) ((uint16_t)((a) & 0x7fff))
UNARY(neg, TQ_F16, f16, NEG)
UNARY(neg, TQ_BF16, bf16, NEG)
UNARY(abs, TQ_F16, f16, ABS)
UNARY(abs, TQ_BF16, bf16, ABS)

// ex2.approx and tanh.approx: the single-precision functions are far inside the bounds for halves.
float tq_ex2_approx_f32(float x);
float tq_tanh_approx_f32(float x);

TQ_INLINE uint16_t half_ex2(uint32_t format, uint16_t a) {
  return encode(format, tq_ex2_approx_f32(decode(format, a)));
}

TQ_INLINE uint16_t half_ex2_ftz(uint32_t format, uint16_t a) {
  return flush(format, half_ex2(format, flush(format, a)));
}

TQ_INLINE uint16_t half_tanh(uint32_t format, uint16_t a) {
  return encode(format, tq_tanh_approx_f32(decode(format, a)));
}

UNARY(ex2_approx, TQ_F16, f16, half_ex2)
UNARY(ex2_approx_ftz, TQ_BF16, bf16, half_ex2_ftz)
UNARY(tanh_approx, TQ_F16, f16, half_tanh)
UNARY(tanh_approx, TQ_BF16, bf16, half_tanh)
