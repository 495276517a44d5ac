// Elements of matrices as single-precision numbers.
#ifndef TIANQIAO_COMPILER_DEVICELIB_MATRIX_NUMBER_H_
#define TIANQIAO_COMPILER_DEVICELIB_MATRIX_NUMBER_H_

#include "compiler/devicelib/matrix_op.h"
#include "compiler/devicelib/narrow.h"

typedef float row8 __attribute__((vector_size(32), aligned(4)));

// A small format as a float: sign, exponent and fraction moved to a float's places, and the bias made good by
// a multiplication, which gets subnormals right.
TQ_INLINE float decode_small(uint32_t bits, uint32_t sign_bit, uint32_t fraction_bits, uint32_t bias) {
  uint32_t magnitude = bits & (sign_bit - 1);
  float value = tq_f32_bits(magnitude << (23 - fraction_bits)) * tq_f32_bits((254 - bias) << 23);
  return bits & sign_bit ? -value : value;
}

TQ_INLINE float decode_byte(uint32_t element, uint32_t bits) {
  switch (element) {
    case TQ_MATRIX_E4M3:
      return (bits & 0x7f) == 0x7f ? tq_f32_bits(TQ_F32_NAN) : decode_small(bits, 0x80, 3, 7);
    case TQ_MATRIX_E5M2:
      return tq_decode_f16((uint16_t)(bits << 8));
    case TQ_MATRIX_E3M2:
      return decode_small(bits, 0x20, 2, 3);
    case TQ_MATRIX_E2M3:
      return decode_small(bits, 0x20, 3, 1);
    default:  // e2m1 lies in the middle of its container
      return decode_small(bits >> 2, 8, 1, 1);
  }
}

TQ_INLINE void decode_word(uint32_t element, uint32_t word, float* out) {
  switch (element) {
    case TQ_MATRIX_F16:
      out[0] = tq_decode_f16((uint16_t)word);
      out[1] = tq_decode_f16((uint16_t)(word >> 16));
      return;
    case TQ_MATRIX_BF16:
      out[0] = tq_f32_bits(word << 16);
      out[1] = tq_f32_bits(word & 0xffff0000u);
      return;
    case TQ_MATRIX_TF32:  // the low 13 bits are not looked at
      out[0] = tq_f32_bits(word & 0xffffe000u);
      return;
    case TQ_MATRIX_E2M1_PACKED:
      for (uint32_t i = 0; i < 8; i++) out[i] = decode_small(word >> (4 * i) & 15, 8, 1, 1);
      return;
    default:
      for (uint32_t i = 0; i < 4; i++) out[i] = decode_byte(element, word >> (8 * i) & 0xff);
  }
}

TQ_INLINE row8 multiply_add(float a, row8 b, row8 c) {
  return __builtin_elementwise_fma((row8){a, a, a, a, a, a, a, a}, b, c);
}

// Products of formats that have no range to speak of are exact in single precision.
TQ_INLINE _Bool is_exact(uint32_t element) { return element != TQ_MATRIX_BF16 && element != TQ_MATRIX_TF32; }

// One scale: a power of two without sign (ue8m0), or e4m3 without sign.
TQ_INLINE double decode_scale(uint32_t bits, _Bool is_ue4m3) {
  if (is_ue4m3) return (double)decode_byte(TQ_MATRIX_E4M3, bits & 0x7f);
  if (bits == 0xff) return tq_f64_bits(TQ_F64_NAN);
  return tq_f64_bits((uint64_t)(bits + 1023 - 127) << 52);
}

// Any NaN becomes the canonical one.
TQ_INLINE uint32_t canonical_bits(float x) { return x != x ? TQ_F32_NAN : tq_bits_f32(x); }

#endif  // TIANQIAO_COMPILER_DEVICELIB_MATRIX_NUMBER_H_
