// ldmatrix, stmatrix, movmatrix (PTX ISA, "Warp-level matrix load instruction: ldmatrix" and those behind
// it). A lane puts in the address of a row as two words, and for stmatrix its registers behind it. Lane 4r +
// t holds of each matrix the t-th 32 bits of row r.
#include "compiler/devicelib/matrix.h"

#define ROW_BYTES 16

TQ_INLINE uint8_t* row_address(tq_fragments f, uint32_t lane) {
  uint64_t address = tq_load_word(f, lane, 0) | (uint64_t)tq_load_word(f, lane, 1) << 32;
  return (uint8_t*)address;
}

// A row in memory, unpacked to a byte for each of its 16 elements where the format says so.
TQ_INLINE void load_row(const uint8_t* row, uint32_t format, uint8_t out[ROW_BYTES]) {
  uint64_t words[2];
  __builtin_memcpy(words, row, ROW_BYTES);
  if (format == TQ_B4X16_P64) {
    for (uint32_t i = 0; i < 16; i++) out[i] = words[0] >> (4 * i) & 15;
  } else if (format == TQ_B6X16_P32) {
    tq_u128 all = words[0] | (tq_u128)words[1] << 64;
    for (uint32_t i = 0; i < 16; i++) out[i] = (uint8_t)(all >> (6 * i)) & 63;
  } else {
    __builtin_memcpy(out, words, ROW_BYTES);
  }
}

TQ_INLINE uint32_t word_of(const uint8_t* row, uint32_t index) {
  uint32_t word;
  __builtin_memcpy(&word, row + index * 4, sizeof word);
  return word;
}

// The word that lane 4 * row + t takes from the transpose of rows of 8 pairs of bytes.
TQ_INLINE uint32_t transposed_pairs(uint8_t (*rows)[ROW_BYTES], uint32_t lane) {
  uint32_t column = lane / 4, first = lane % 4 * 2;
  uint16_t low, high;
  __builtin_memcpy(&low, rows[first] + column * 2, sizeof low);
  __builtin_memcpy(&high, rows[first + 1] + column * 2, sizeof high);
  return low | (uint32_t)high << 16;
}

TQ_DEVICE_OUTLINED void tq_ldmatrix_warp(uint64_t op, uint8_t* words, uint64_t lane_bytes,
                                         uint64_t word_bytes, uint32_t mask) {
  tq_fragments f = {words, lane_bytes, word_bytes};
  uint32_t count = TQ_FIELD(op, TQ_MATRIX_COUNT, 3), shape = TQ_FIELD(op, TQ_MATRIX_SHAPE, 2);
  uint32_t height = shape == TQ_M16N16 ? 16 : 8;
  _Bool is_transposed = TQ_FIELD(op, TQ_MATRIX_TRANS, 1);
  uint8_t rows[32][ROW_BYTES];
  for (uint32_t i = 0; i < count * height; i++) {
    if (mask >> i & 1) load_row(row_address(f, i), TQ_FIELD(op, TQ_MATRIX_FORMAT, 2), rows[i]);
  }
  for (uint32_t lane = 0; lane < 32; lane++) {
    for (uint32_t matrix = 0; matrix < count; matrix++) {
      uint8_t (*first)[ROW_BYTES] = rows + matrix * height;
      if (shape == TQ_M16N16) {
        for (uint32_t half = 0; half < 2; half++) {
          uint32_t word = 0;
          for (uint32_t i = 0; i < 4; i++)
            word |= (uint32_t)first[lane % 4 * 4 + i][lane / 4 + 8 * half] << (8 * i);
          tq_store_word(f, lane, matrix * 2 + half, word);
        }
      } else if (is_transposed) {
        tq_store_word(f, lane, matrix, transposed_pairs(first, lane));
      } else {
        tq_store_word(f, lane, matrix, word_of(first[lane / 4], lane % 4));
      }
    }
  }
}

TQ_DEVICE_OUTLINED void tq_stmatrix_warp(uint64_t op, uint8_t* words, uint64_t lane_bytes,
                                         uint64_t word_bytes, uint32_t mask) {
  tq_fragments f = {words, lane_bytes, word_bytes};
  uint32_t count = TQ_FIELD(op, TQ_MATRIX_COUNT, 3), shape = TQ_FIELD(op, TQ_MATRIX_SHAPE, 2);
  _Bool is_transposed = TQ_FIELD(op, TQ_MATRIX_TRANS, 1);
  for (uint32_t i = 0; i < count * 8; i++) {
    if (!(mask >> i & 1)) continue;
    uint32_t matrix = i / 8, row = i % 8;
    uint8_t bytes[ROW_BYTES];
    for (uint32_t at = 0; at < ROW_BYTES; at++) {
      uint32_t lane, byte;  // where byte `at` of the row lies in registers
      if (shape == TQ_M16N8) {
        // 16 x 8 bytes, stored by columns: a lane has two columns of rows lane / 4 and lane / 4 + 8.
        lane = at % 8 * 4 + row / 2;
        byte = at / 8 * 2 + row % 2;
      } else if (is_transposed) {
        lane = at / 2 * 4 + row / 2;
        byte = row % 2 * 2 + at % 2;
      } else {
        lane = row * 4 + at / 4;
        byte = at % 4;
      }
      bytes[at] = (uint8_t)(tq_load_word(f, lane, 2 + matrix) >> (8 * byte));
    }
    __builtin_memcpy(row_address(f, i), bytes, ROW_BYTES);
  }
}

TQ_DEVICE_OUTLINED void tq_movmatrix_warp(uint64_t op, uint8_t* words, uint64_t lane_bytes,
                                          uint64_t word_bytes, uint32_t mask) {
  (void)op;
  (void)mask;
  tq_fragments f = {words, lane_bytes, word_bytes};
  uint8_t rows[8][ROW_BYTES];
  for (uint32_t lane = 0; lane < 32; lane++) {
    uint32_t word = tq_load_word(f, lane, 0);
    __builtin_memcpy(rows[lane / 4] + lane % 4 * 4, &word, sizeof word);
  }
  for (uint32_t lane = 0; lane < 32; lane++) tq_store_word(f, lane, 0, transposed_pairs(rows, lane));
}

TQ_DEVICE void tq_ldmatrix(tq_cpu_thread* thread, uint64_t op, void* words, uint32_t size_bytes) {
  tq_compute_for_warp(thread, op, words, size_bytes, tq_ldmatrix_warp);
}

TQ_DEVICE void tq_stmatrix(tq_cpu_thread* thread, uint64_t op, void* words, uint32_t size_bytes) {
  tq_compute_for_warp(thread, op, words, size_bytes, tq_stmatrix_warp);
}

TQ_DEVICE void tq_movmatrix(tq_cpu_thread* thread, uint64_t op, void* words, uint32_t size_bytes) {
  tq_compute_for_warp(thread, op, words, size_bytes, tq_movmatrix_warp);
}
