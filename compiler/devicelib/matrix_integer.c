// mma and wmma.mma of integers and single bits (PTX ISA, "mma"): exact; a sum that leaves 32 bits wraps, or
// is clamped with .satfinite.
#include "compiler/devicelib/matrix_integer.h"

#include "compiler/devicelib/matrix.h"

#define NUMBER int32_t
#define NUMBER8 row8
#define DECODE decode_word
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#include "compiler/devicelib/matrix_multiply.h"

TQ_DEVICE_OUTLINED void tq_mma_integer_warp(uint64_t op, uint8_t* words, uint64_t lane_bytes,
                                            uint64_t word_bytes, uint32_t mask) {
  (void)mask;
  tq_fragments f = {words, lane_bytes, word_bytes};
  tq_tile t = tq_unpack_tile(op);
  _Bool is_clamped = TQ_FIELD(op, TQ_MMA_SATFINITE, 1);
  row8 b[TQ_MATRIX_MAX_COLUMNS][TQ_MATRIX_MAX_K];
  row8 sums[TQ_MATRIX_MAX_COLUMNS][TQ_MATRIX_MAX_ROWS];
  int32_t a[ROWS_AT_ONCE][TQ_MATRIX_MAX_K];
  decode_columns(&t, f, b);
  for (uint32_t row = 0; row < t.rows; row += ROWS_AT_ONCE) {
    for (uint32_t i = 0; i < ROWS_AT_ONCE; i++) decode_row(&t, f, op, row + i, a[i]);
    for (uint32_t column = 0; column < t.columns; column++) {
      row8* target = &sums[column][row];
      for (uint32_t i = 0; i < ROWS_AT_ONCE; i++) target[i] = (row8){0};
      multiply_rows(/*is_exact=*/1, a, b[column], 0, t.k, target);
      for (uint32_t i = 0; i < ROWS_AT_ONCE; i++) {
        for (uint32_t n = 0; n < 8; n++) {
          uint32_t word = t.c_at + accumulator_word(&t, row + i, column * 8 + n, 0);
          uint32_t c = tq_load_word(f, (row + i) % 8 * 4 + n / 2, word);
          target[i][n] = (int32_t)accumulate(c, target[i][n], is_clamped);
        }
      }
    }
  }
  for (uint32_t row = 0; row < t.rows; row++) {
    for (uint32_t column = 0; column < t.columns * 8; column++) {
      uint32_t lane = row % 8 * 4 + column % 8 / 2, word = accumulator_word(&t, row, column, 0);
      tq_store_word(f, lane, word, (uint32_t)sums[column / 8][row][column % 8]);
    }
  }
}

TQ_DEVICE_OUTLINED void tq_mma_bits_warp(uint64_t op, uint8_t* words, uint64_t lane_bytes,
                                         uint64_t word_bytes, uint32_t mask) {
  (void)mask;
  tq_fragments f = {words, lane_bytes, word_bytes};
  tq_tile t = tq_unpack_tile(op);
  _Bool is_and = TQ_FIELD(op, TQ_MMA_AND, 1);
  uint32_t d[16][8];
  for (uint32_t row = 0; row < t.rows; row++) {
    for (uint32_t column = 0; column < 8; column++) {
      uint32_t sum = tq_load_word(f, row % 8 * 4 + column / 2, t.c_at + accumulator_word(&t, row, column, 0));
      for (uint32_t k = 0; k < t.k / 32; k++) {
        uint32_t a = tq_load_word(f, row % 8 * 4 + k % 4, k / 4 * t.halves + row / 8);
        uint32_t b = tq_load_word(f, column * 4 + k % 4, t.b_at + k / 4);
        sum += (uint32_t)__builtin_popcount(is_and ? a & b : a ^ b);
      }
      d[row][column] = sum;
    }
  }
  for (uint32_t row = 0; row < t.rows; row++) {
    for (uint32_t column = 0; column < 8; column++) {
      tq_store_word(f, row % 8 * 4 + column / 2, accumulator_word(&t, row, column, 0), d[row][column]);
    }
  }
}

TQ_DEVICE void tq_mma_integer(tq_cpu_thread* thread, uint64_t op, void* words, uint32_t size_bytes) {
  tq_compute_for_warp(thread, op, words, size_bytes, tq_mma_integer_warp);
}

TQ_DEVICE void tq_mma_bits(tq_cpu_thread* thread, uint64_t op, void* words, uint32_t size_bytes) {
  tq_compute_for_warp(thread, op, words, size_bytes, tq_mma_bits_warp);
}
