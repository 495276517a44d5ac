// Elements of matrices as integers, and sums of their products.
#ifndef TIANQIAO_COMPILER_DEVICELIB_MATRIX_INTEGER_H_
#define TIANQIAO_COMPILER_DEVICELIB_MATRIX_INTEGER_H_

#include "compiler/devicelib/device.h"
#include "compiler/devicelib/matrix_op.h"

typedef int32_t row8 __attribute__((vector_size(32), aligned(4)));

TQ_INLINE void decode_word(uint32_t element, uint32_t word, int32_t* out) {
  switch (element) {
    case TQ_MATRIX_U8:
      for (uint32_t i = 0; i < 4; i++) out[i] = (int32_t)(word >> (8 * i) & 0xff);
      return;
    case TQ_MATRIX_S8:
      for (uint32_t i = 0; i < 4; i++) out[i] = (int8_t)(word >> (8 * i));
      return;
    case TQ_MATRIX_U4:
      for (uint32_t i = 0; i < 8; i++) out[i] = (int32_t)(word >> (4 * i) & 15);
      return;
    default:
      for (uint32_t i = 0; i < 8; i++) out[i] = (int32_t)(word << (28 - 4 * i)) >> 28;
  }
}

// The product of a tile is at most 128 * 255 * 255, so that only the last addition can leave 32 bits.
TQ_INLINE uint32_t accumulate(uint32_t c, int32_t product, _Bool is_clamped) {
  int64_t sum = (int64_t)(int32_t)c + product;
  if (is_clamped && sum > INT32_MAX) return INT32_MAX;
  if (is_clamped && sum < INT32_MIN) return (uint32_t)INT32_MIN;
  return (uint32_t)sum;
}

#endif  // TIANQIAO_COMPILER_DEVICELIB_MATRIX_INTEGER_H_
