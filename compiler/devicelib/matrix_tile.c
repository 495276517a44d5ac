// Products of 16 x 8 for a warp that is vectors: what the vector tier calls for the common shapes of
// mma.m16n8k* and wmma.mma instead of matrix_float.c, with the same results to the bit. Words of fragments
// are here word by word, 32 lanes each, on multiples of 64 bytes.
//
// A factor is unpacked once for all products that it is part of:
//   left    for each k a vector of 16 rows, in the order 0, 4, 8, 12, 1, 5, .. (what two unpacks of quads
//   give) right   in the order of lanes and elements: element (k, column) of word k / W at
//           (k / W) * 8 * W + column * W + k % W, W being the ks of a word of a quad
//
// One vector of sums for each column; right factors are read as scalars that the multiplication spreads.
#include "compiler/devicelib/matrix.h"

typedef float row16 __attribute__((ext_vector_type(16)));
typedef uint32_t word16 __attribute__((ext_vector_type(16)));
typedef uint16_t bits16 __attribute__((ext_vector_type(16)));
typedef _Float16 half16 __attribute__((ext_vector_type(16)));

#define TQ_TILE TQ_DEVICE_OUTLINED

// From quads of lanes that hold a row each, four rows to a vector, to four vectors of what lane t of each
// quad holds; and back.
TQ_INLINE void transpose_quads(word16 v[4]) {
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define LOW_PAIRS(a, b) \
  __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define HIGH_PAIRS(a, b) \
  __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
  word16 low01 = LOW(v[0], v[1]), high01 = HIGH(v[0], v[1]);
  word16 low23 = LOW(v[2], v[3]), high23 = HIGH(v[2], v[3]);
  v[0] = LOW_PAIRS(low01, low23);
  v[1] = HIGH_PAIRS(low01, low23);
  v[2] = LOW_PAIRS(high01, high23);
  v[3] = HIGH_PAIRS(high01, high23);
#undef LOW
#undef HIGH
#undef LOW_PAIRS
#undef HIGH_PAIRS
}

// Two words of rows 0..7 and 8..15: the rows in four vectors.
TQ_INLINE void load_rows(const word16* upper, const word16* lower, word16 v[4]) {
  v[0] = upper[0], v[1] = upper[1], v[2] = lower[0], v[3] = lower[1];
  transpose_quads(v);
}

TQ_INLINE void store_rows(word16* upper, word16* lower, word16 v[4]) {
  transpose_quads(v);
  upper[0] = v[0], upper[1] = v[1], lower[0] = v[2], lower[1] = v[3];
}

TQ_INLINE row16 widen_f16(bits16 bits) { return __builtin_convertvector((half16)bits, row16); }
TQ_INLINE row16 widen_bf16(bits16 bits) { return (row16)(__builtin_convertvector(bits, word16) << 16); }
TQ_INLINE row16 low_f16(word16 words) { return widen_f16(__builtin_convertvector(words, bits16)); }
TQ_INLINE row16 high_f16(word16 words) { return low_f16(words >> 16); }
TQ_INLINE row16 low_bf16(word16 words) { return (row16)(words << 16); }
TQ_INLINE row16 high_bf16(word16 words) { return (row16)(words & 0xffff0000u); }

// `steps` words of a quad: 8 elements along k of 16 bits, 4 of 32.
#define LEFT_OF_PAIRS(type)                                                                                 \
  TQ_TILE void tq_tile_left_##type(const word16* words, uint64_t steps, row16* left) {                      \
    for (; steps; steps--, words += 4, left += 8) {                                                         \
      word16 v[4];                                                                                          \
      load_rows(words, words + 2, v);                                                                       \
      for (uint32_t t = 0; t < 4; t++) left[t * 2] = low_##type(v[t]), left[t * 2 + 1] = high_##type(v[t]); \
    }                                                                                                       \
  }
LEFT_OF_PAIRS(f16)
LEFT_OF_PAIRS(bf16)

TQ_TILE void tq_tile_left_tf32(const word16* words, uint64_t steps, word16* left) {
  for (; steps; steps--, words += 4, left += 4) {
    word16 v[4];
    load_rows(words, words + 2, v);
    for (uint32_t t = 0; t < 4; t++) left[t] = v[t] & 0xffffe000u;
  }
}

#define RIGHT_OF_PAIRS(type)                                                             \
  TQ_TILE void tq_tile_right_##type(const bits16* words, uint64_t steps, row16* right) { \
    for (; steps; steps--, words += 4, right += 4) {                                     \
      for (uint32_t i = 0; i < 4; i++) right[i] = widen_##type(words[i]);                \
    }                                                                                    \
  }
RIGHT_OF_PAIRS(f16)
RIGHT_OF_PAIRS(bf16)

TQ_TILE void tq_tile_right_tf32(const word16* words, uint64_t steps, word16* right) {
  for (uint64_t i = 0; i < steps * 2; i++) right[i] = words[i] & 0xffffe000u;
}

// Any NaN becomes the canonical one.
TQ_INLINE word16 canonical(row16 x) {
  word16 is_number = (word16)(x == x);
  return ((word16)x & is_number) | (~is_number & TQ_F32_NAN);
}

// Sums of `count` columns from `first` on, `width` ks at a time.
TQ_INLINE void multiply(const row16* left, const float* right, uint64_t steps, uint32_t width, uint32_t first,
                        uint32_t count, row16* sums) {
  row16 s[8];
  for (uint32_t c = 0; c < count; c++) s[c] = sums[first + c];
  for (; steps; steps--, left += width, right += 8 * width) {
#pragma clang loop unroll(full)
    for (uint32_t k = 0; k < width; k++) {
#pragma clang loop unroll(full)
      for (uint32_t c = 0; c < count; c++) {
        row16 spread = right[(first + c) * width + k];
        s[c] = __builtin_elementwise_fma(left[k], spread, s[c]);
      }
    }
  }
  for (uint32_t c = 0; c < count; c++) sums[first + c] = s[c];
}

// C and D of f32: words 0, 1 of columns 2t and 2t + 1 of rows 0..7, words 2, 3 of rows 8..15.
TQ_INLINE void product_f32(const row16* left, const float* right, uint64_t steps, const word16* c, word16* d,
                           uint32_t width, uint32_t at_once) {
  word16 even[4], odd[4];
  load_rows(c, c + 4, even);
  load_rows(c + 2, c + 6, odd);
  row16 sums[8];
  for (uint32_t t = 0; t < 4; t++) sums[t * 2] = (row16)even[t], sums[t * 2 + 1] = (row16)odd[t];
  for (uint32_t first = 0; first < 8; first += at_once)
    multiply(left, right, steps, width, first, at_once, sums);
  for (uint32_t t = 0; t < 4; t++) even[t] = canonical(sums[t * 2]), odd[t] = canonical(sums[t * 2 + 1]);
  store_rows(d, d + 4, even);
  store_rows(d + 2, d + 6, odd);
}

// C and D of f16: a word of both columns.
TQ_INLINE void product_f16(const row16* left, const float* right, uint64_t steps, const word16* c, word16* d,
                           uint32_t width, uint32_t at_once) {
  word16 pairs[4];
  load_rows(c, c + 2, pairs);
  row16 sums[8];
  for (uint32_t t = 0; t < 4; t++) sums[t * 2] = low_f16(pairs[t]), sums[t * 2 + 1] = high_f16(pairs[t]);
  for (uint32_t first = 0; first < 8; first += at_once)
    multiply(left, right, steps, width, first, at_once, sums);
  for (uint32_t t = 0; t < 4; t++) {
    half16 low = __builtin_convertvector((row16)canonical(sums[t * 2]), half16);
    half16 high = __builtin_convertvector((row16)canonical(sums[t * 2 + 1]), half16);
    pairs[t] = __builtin_convertvector((bits16)low, word16) | __builtin_convertvector((bits16)high, word16)
                                                                  << 16;
  }
  store_rows(d, d + 2, pairs);
}

// Eight sums at once fill the registers of AVX-512, four those of AVX2.
#define PRODUCT(name, result, width, at_once)                                                            \
  TQ_TILE void name(const row16* left, const float* right, uint64_t steps, const word16* c, word16* d) { \
    product_##result(left, right, steps, c, d, width, at_once);                                          \
  }
PRODUCT(tq_tile_pairs_f32_512, f32, 8, 8)
PRODUCT(tq_tile_pairs_f16_512, f16, 8, 8)
PRODUCT(tq_tile_singles_f32_512, f32, 4, 8)
PRODUCT(tq_tile_pairs_f32_256, f32, 8, 4)
PRODUCT(tq_tile_pairs_f16_256, f16, 8, 4)
PRODUCT(tq_tile_singles_f32_256, f32, 4, 4)
