// Fragments of warp-level matrices in memory (PTX ISA, "Matrix Fragments for mma"). The layouts of all shapes
// but m8n8k4 of f16 are one: a quad of lanes holds a row of A, a column of B, a row of C.
//
//   lane = 4 * quad + t
//   A    register r, element i of e: row quad + 8 * (r % 2), column (r / 2) * 4e + t * e + i; with 8 rows: r
//   * 4e + ... B    register r: row r * 4e + t * e + i, column quad C    32 and 64 bits: row quad + 8 * (r /
//   2), column 2t + r % 2; 16 bits: a register holds both columns
//
// Fragments of 16 x 16, 32 x 8 (wmma) follow each other block by block: A by 16 rows, B by 8 columns, C by
// both.
#ifndef TIANQIAO_COMPILER_DEVICELIB_MATRIX_H_
#define TIANQIAO_COMPILER_DEVICELIB_MATRIX_H_

#include "compiler/devicelib/device.h"
#include "compiler/devicelib/matrix_op.h"

#define TQ_MATRIX_MAX_K 128  // of elements of 4 bits and more
#define TQ_MATRIX_MAX_ROWS 32
#define TQ_MATRIX_MAX_COLUMNS 2  // in eighths

// The fragments of a warp: word w of lane i is at words + i * lane_bytes + w * word_bytes. Lane by lane, or
// word by word.
typedef struct tq_fragments {
  uint8_t* words;
  uint64_t lane_bytes, word_bytes;
} tq_fragments;

// A multiplication, unpacked. Offsets are in words from a lane's first.
typedef struct tq_tile {
  uint32_t a, b;                       // tq_matrix_element
  uint32_t row_blocks, rows;           // blocks of up to 16 rows
  uint32_t columns;                    // eighths
  uint32_t k, a_k;                     // a_k: columns that A holds
  uint32_t halves;                     // of a block of rows: 1 or 2
  uint32_t a_words, b_words, c_words;  // of one block
  uint32_t b_at, c_at, tail_at;        // A is at 0; tail: metadata, scales
  _Bool is_sparse, c_is_half, d_is_half;
} tq_tile;

#define TQ_FIELD(op, name, bits) ((uint32_t)((op) >> (name)) & ((1u << (bits)) - 1))

TQ_INLINE uint32_t tq_load_word(tq_fragments f, uint32_t lane, uint32_t word) {
  uint32_t value;
  __builtin_memcpy(&value, f.words + lane * f.lane_bytes + word * f.word_bytes, sizeof value);
  return value;
}

TQ_INLINE void tq_store_word(tq_fragments f, uint32_t lane, uint32_t word, uint32_t value) {
  __builtin_memcpy(f.words + lane * f.lane_bytes + word * f.word_bytes, &value, sizeof value);
}

TQ_INLINE double tq_load_double(tq_fragments f, uint32_t lane, uint32_t index) {
  uint64_t low = tq_load_word(f, lane, index * 2), high = tq_load_word(f, lane, index * 2 + 1);
  return tq_f64_bits(low | high << 32);
}

TQ_INLINE void tq_store_double(tq_fragments f, uint32_t lane, uint32_t index, double value) {
  uint64_t bits = tq_bits_f64(value);
  tq_store_word(f, lane, index * 2, (uint32_t)bits);
  tq_store_word(f, lane, index * 2 + 1, (uint32_t)(bits >> 32));
}

TQ_INLINE uint32_t tq_element_bits(uint32_t element) {
  switch (element) {
    case TQ_MATRIX_F64:
      return 64;
    case TQ_MATRIX_F32:
    case TQ_MATRIX_S32:
    case TQ_MATRIX_TF32:
      return 32;
    case TQ_MATRIX_F16:
    case TQ_MATRIX_BF16:
      return 16;
    case TQ_MATRIX_U4:
    case TQ_MATRIX_S4:
    case TQ_MATRIX_E2M1_PACKED:
      return 4;
    case TQ_MATRIX_B1:
      return 1;
    default:
      return 8;
  }
}

TQ_INLINE tq_tile tq_unpack_tile(uint64_t op) {
  tq_tile t;
  t.a = TQ_FIELD(op, TQ_MMA_A, 5);
  t.b = TQ_FIELD(op, TQ_MMA_B, 5);
  uint32_t eighths = TQ_FIELD(op, TQ_MMA_ROWS, 3);
  t.rows = eighths * 8;
  t.halves = eighths == 1 ? 1 : 2;
  t.row_blocks = eighths / t.halves;
  t.columns = TQ_FIELD(op, TQ_MMA_COLUMNS, 2);
  t.k = TQ_FIELD(op, TQ_MMA_K, 9);
  t.is_sparse = TQ_FIELD(op, TQ_MMA_SPARSE, 1);
  t.a_k = t.is_sparse ? t.k / 2 : t.k;
  t.c_is_half = TQ_FIELD(op, TQ_MMA_C_F16, 1);
  t.d_is_half = TQ_FIELD(op, TQ_MMA_D_F16, 1);
  t.a_words = t.halves * t.a_k * tq_element_bits(t.a) / 128;
  t.b_words = t.k * tq_element_bits(t.b) / 128;
  t.c_words = t.halves * (t.c_is_half ? 1 : 2);
  t.b_at = t.row_blocks * t.a_words;
  t.c_at = t.b_at + t.columns * t.b_words;
  t.tail_at = t.c_at + t.row_blocks * t.columns * t.c_words;
  return t;
}

// The column among K of the stored element `index` of a row of a sparse A (PTX ISA, "Sparse matrix storage"),
// from the row's metadata. Of two elements one is there with tf32; of four, two; with 4 bits, of four pairs
// two.
TQ_INLINE uint32_t tq_sparse_column(const uint32_t* metadata, uint32_t element, uint32_t index) {
  uint32_t bits = tq_element_bits(element);
  if (bits == 32) {
    uint32_t nibble = metadata[index / 8] >> (index % 8 * 4) & 15;
    return index * 2 + (nibble >> 3);
  }
  if (bits == 4) {
    uint32_t pair = index / 2;
    return pair / 2 * 8 + (metadata[pair / 16] >> (pair % 16 * 2) & 3) * 2 + index % 2;
  }
  return index / 2 * 4 + (metadata[index / 16] >> (index % 16 * 2) & 3);
}

// The metadata of row quad + 8 * half: which lanes of the quad hold it depends on how much a row has.
TQ_INLINE void tq_sparse_metadata(const tq_tile* t, tq_fragments f, uint64_t op, uint32_t quad, uint32_t half,
                                  uint32_t metadata[2]) {
  uint32_t selector = TQ_FIELD(op, TQ_MMA_SELECTOR, 2);
  uint32_t bits = tq_element_bits(t->a);
  uint32_t row_bits = bits == 32 ? t->a_k * 4 : bits == 4 ? t->a_k : t->a_k * 2;
  metadata[1] = 0;
  if (bits >= 16 && row_bits == 16) {
    metadata[0] = tq_load_word(f, quad * 4 + selector, t->tail_at) >> (16 * half) & 0xffff;
  } else if (bits >= 16) {
    uint32_t first = quad * 4 + (selector & 1) * 2;
    uint32_t low = tq_load_word(f, first, t->tail_at), high = tq_load_word(f, first + 1, t->tail_at);
    metadata[0] = (low >> (16 * half) & 0xffff) | (high >> (16 * half) & 0xffff) << 16;
  } else if (row_bits == 32) {
    metadata[0] = tq_load_word(f, quad * 4 + (selector & 1) * 2 + half, t->tail_at);
  } else {
    metadata[0] = tq_load_word(f, quad * 4 + half, t->tail_at);
    metadata[1] = tq_load_word(f, quad * 4 + 2 + half, t->tail_at);
  }
}

// What one collective of the warp does with its fragments, in place. Absent lanes hold anything.
typedef void (*tq_warp_routine)(uint64_t op, uint8_t* words, uint64_t lane_bytes, uint64_t word_bytes,
                                uint32_t mask);

// Brings every lane's words together, has the first lane to come back compute for all, and hands back each
// lane's.
TQ_INLINE void tq_compute_for_warp(tq_cpu_thread* thread, uint64_t op, void* words, uint32_t size_bytes,
                                   tq_warp_routine routine) {
  tq_cpu_lanes lanes;
  uint8_t* values = thread->block->services->collect_and_lead(thread, 0xffffffffu, words, size_bytes, &lanes);
  if (values) routine(op, values, lanes.stride_bytes, sizeof(uint32_t), lanes.mask);
  __builtin_memcpy(words, lanes.values + (uint64_t)thread->lane * lanes.stride_bytes, size_bytes);
}

#endif  // TIANQIAO_COMPILER_DEVICELIB_MATRIX_H_
