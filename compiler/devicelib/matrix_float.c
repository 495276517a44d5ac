// mma and wmma.mma of floating-point elements (PTX ISA, "mma", "mma.sp", "Block Scaling for mma.sync").
// A product is added to the accumulator by a fused multiply-add in single precision, in the order of k; an
// f16 result is rounded once, from single precision. matrix_tile.c does the same for the common shapes.
#include "compiler/devicelib/matrix.h"
#include "compiler/devicelib/matrix_number.h"

#define NUMBER float
#define NUMBER8 row8
#define DECODE decode_word
#define MULTIPLY_ADD multiply_add
#include "compiler/devicelib/matrix_multiply.h"

// The scales of row quad + 8 * half of A, or of column quad of B: bytes of one register of one lane of the
// quad.
TQ_INLINE void decode_scales(tq_fragments f, uint64_t op, uint32_t lane, uint32_t word, uint32_t byte,
                             double scales[4]) {
  uint32_t count = TQ_FIELD(op, TQ_MMA_SCALES, 3);
  uint32_t first = count == 4 ? 0 : count == 2 ? byte & 2 : byte;
  uint32_t bits = tq_load_word(f, lane, word) >> (8 * first);
  for (uint32_t i = 0; i < count; i++)
    scales[i] = decode_scale(bits >> (8 * i) & 0xff, TQ_FIELD(op, TQ_MMA_UE4M3, 1));
}

typedef struct scales {
  double of_column[8][4];
  uint32_t a_lane, a_byte, a_word;
} scales;

TQ_INLINE void read_scales(const tq_tile* t, tq_fragments f, uint64_t op, scales* s) {
  s->a_word = t->tail_at + t->is_sparse;
  s->a_byte = TQ_FIELD(op, TQ_MMA_BYTE_A, 2);
  s->a_lane = TQ_FIELD(op, TQ_MMA_THREAD_A, 1) * 2;
  uint32_t b_lane = TQ_FIELD(op, TQ_MMA_THREAD_B, 2);
  for (uint32_t column = 0; column < 8; column++) {
    decode_scales(f, op, column * 4 + b_lane, s->a_word + 1, TQ_FIELD(op, TQ_MMA_BYTE_B, 2),
                  s->of_column[column]);
  }
}

// Part by part of K: the product of a part is made in single precision, scaled exactly, and rounded once with
// the sum so far.
TQ_INLINE void multiply_scaled(const tq_tile* t, tq_fragments f, uint64_t op, const scales* s,
                               uint32_t first_row, float (*a)[TQ_MATRIX_MAX_K], const row8* b,
                               row8 sums[ROWS_AT_ONCE]) {
  uint32_t count = TQ_FIELD(op, TQ_MMA_SCALES, 3), part = t->k / count;
  double of_row[ROWS_AT_ONCE][4];
  for (uint32_t i = 0; i < ROWS_AT_ONCE; i++) {
    uint32_t row = first_row + i, lane = row % 8 * 4 + s->a_lane + row / 8;
    decode_scales(f, op, lane, s->a_word, s->a_byte, of_row[i]);
  }
  for (uint32_t p = 0; p < count; p++) {
    row8 products[ROWS_AT_ONCE] = {0};
    multiply_rows(/*is_exact=*/1, a, b, p * part, (p + 1) * part, products);
    for (uint32_t i = 0; i < ROWS_AT_ONCE; i++) {
      for (uint32_t column = 0; column < 8; column++) {
        double scaled = (double)products[i][column] * of_row[i][p] * s->of_column[column][p];
        sums[i][column] = (float)((double)sums[i][column] + scaled);
      }
    }
  }
}

TQ_INLINE float load_accumulator(const tq_tile* t, tq_fragments f, uint32_t row, uint32_t column) {
  uint32_t lane = row % 8 * 4 + column % 8 / 2;
  uint32_t bits = tq_load_word(f, lane, t->c_at + accumulator_word(t, row, column, t->c_is_half));
  return t->c_is_half ? tq_decode_f16((uint16_t)(bits >> (column % 2 * 16))) : tq_f32_bits(bits);
}

TQ_INLINE void store_accumulators(const tq_tile* t, tq_fragments f, uint32_t row, uint32_t column,
                                  row8 sums) {
  for (uint32_t i = 0; i < 8; i += 2) {
    uint32_t lane = row % 8 * 4 + i / 2, word = accumulator_word(t, row, column * 8 + i, t->d_is_half);
    if (t->d_is_half) {
      tq_store_word(f, lane, word, tq_encode_f16(sums[i]) | (uint32_t)tq_encode_f16(sums[i + 1]) << 16);
    } else {
      tq_store_word(f, lane, word, canonical_bits(sums[i]));
      tq_store_word(f, lane, word + 1, canonical_bits(sums[i + 1]));
    }
  }
}

TQ_DEVICE_OUTLINED void tq_mma_float_warp(uint64_t op, uint8_t* words, uint64_t lane_bytes,
                                          uint64_t word_bytes, uint32_t mask) {
  (void)mask;
  tq_fragments f = {words, lane_bytes, word_bytes};
  tq_tile t = tq_unpack_tile(op);
  row8 b[TQ_MATRIX_MAX_COLUMNS][TQ_MATRIX_MAX_K];
  row8 sums[TQ_MATRIX_MAX_COLUMNS][TQ_MATRIX_MAX_ROWS];
  float a[ROWS_AT_ONCE][TQ_MATRIX_MAX_K];
  scales s;
  decode_columns(&t, f, b);
  if (TQ_FIELD(op, TQ_MMA_SCALES, 3)) read_scales(&t, f, op, &s);
  for (uint32_t row = 0; row < t.rows; row += ROWS_AT_ONCE) {
    for (uint32_t i = 0; i < ROWS_AT_ONCE; i++) decode_row(&t, f, op, row + i, a[i]);
    for (uint32_t column = 0; column < t.columns; column++) {
      row8* target = &sums[column][row];
      for (uint32_t i = 0; i < ROWS_AT_ONCE; i++) {
        for (uint32_t n = 0; n < 8; n++) target[i][n] = load_accumulator(&t, f, row + i, column * 8 + n);
      }
      if (TQ_FIELD(op, TQ_MMA_SCALES, 3)) {
        multiply_scaled(&t, f, op, &s, row, a, b[column], target);
      } else {
        multiply_rows(is_exact(t.a), a, b[column], 0, t.k, target);
      }
    }
  }
  for (uint32_t row = 0; row < t.rows; row++) {
    for (uint32_t column = 0; column < t.columns; column++)
      store_accumulators(&t, f, row, column, sums[column][row]);
  }
}

// m8n8k4 of f16: four products, each of the lanes 4i..4i+3 and 16+4i..16+4i+3; "upper" lanes hold rows 4..7
// of A and columns 4..7 of B (PTX ISA, "Matrix Fragments for mma.m8n8k4 with .f16 floating point type").
TQ_INLINE uint32_t quadpair_lane(uint32_t product, uint32_t index, _Bool is_upper) {
  return product * 4 + index + (is_upper ? 16 : 0);
}

TQ_INLINE float half_element(tq_fragments f, uint32_t lane, uint32_t word, uint32_t index) {
  return tq_decode_f16((uint16_t)(tq_load_word(f, lane, word + index / 2) >> (index % 2 * 16)));
}

// Lane and register of element (row, column) of an f32 accumulator.
TQ_INLINE uint32_t quadpair_f32_lane(uint32_t product, uint32_t row, uint32_t column) {
  return quadpair_lane(product, (row & 1) | (column & 2), row >= 4);
}
TQ_INLINE uint32_t quadpair_f32_word(uint32_t row, uint32_t column) {
  return (row & 2) | (column & 4) | (column & 1);
}

TQ_DEVICE_OUTLINED void tq_mma_quadpairs_warp(uint64_t op, uint8_t* words, uint64_t lane_bytes,
                                              uint64_t word_bytes, uint32_t mask) {
  (void)mask;
  tq_fragments f = {words, lane_bytes, word_bytes};
  _Bool a_column = TQ_FIELD(op, TQ_MMA_A_COLUMN, 1), b_row = TQ_FIELD(op, TQ_MMA_B_ROW, 1);
  _Bool c_half = TQ_FIELD(op, TQ_MMA_C_F16, 1), d_half = TQ_FIELD(op, TQ_MMA_D_F16, 1);
  for (uint32_t product = 0; product < 4; product++) {
    float d[8][8];
    for (uint32_t m = 0; m < 8; m++) {
      for (uint32_t n = 0; n < 8; n++) {
        float sum;
        if (c_half) {
          sum = half_element(f, quadpair_lane(product, m % 4, m >= 4), 4, n);
        } else {
          sum = tq_f32_bits(tq_load_word(f, quadpair_f32_lane(product, m, n), 4 + quadpair_f32_word(m, n)));
        }
        for (uint32_t k = 0; k < 4; k++) {
          float a =
              half_element(f, quadpair_lane(product, a_column ? k : m % 4, m >= 4), 0, a_column ? m % 4 : k);
          float b = half_element(f, quadpair_lane(product, b_row ? k : n % 4, n >= 4), 2, b_row ? n % 4 : k);
          sum += a * b;
        }
        d[m][n] = sum;
      }
    }
    for (uint32_t m = 0; m < 8; m++) {
      for (uint32_t n = 0; n < 8; n += 2) {
        if (d_half) {
          uint32_t pair = tq_encode_f16(d[m][n]) | (uint32_t)tq_encode_f16(d[m][n + 1]) << 16;
          tq_store_word(f, quadpair_lane(product, m % 4, m >= 4), n / 2, pair);
        } else {
          uint32_t lane = quadpair_f32_lane(product, m, n), word = quadpair_f32_word(m, n);
          tq_store_word(f, lane, word, canonical_bits(d[m][n]));
          tq_store_word(f, lane, word + 1, canonical_bits(d[m][n + 1]));
        }
      }
    }
  }
}

TQ_DEVICE void tq_mma_float(tq_cpu_thread* thread, uint64_t op, void* words, uint32_t size_bytes) {
  tq_compute_for_warp(thread, op, words, size_bytes, tq_mma_float_warp);
}

TQ_DEVICE void tq_mma_quadpairs(tq_cpu_thread* thread, uint64_t op, void* words, uint32_t size_bytes) {
  tq_compute_for_warp(thread, op, words, size_bytes, tq_mma_quadpairs_warp);
}
