// A product of tcgen05.mma, unpacked: its shape and types from the instruction descriptor (PTX ISA,
// "Instruction descriptor"), and where rows, columns and results are.
#ifndef TIANQIAO_COMPILER_DEVICELIB_TENSOR_PRODUCT_H_
#define TIANQIAO_COMPILER_DEVICELIB_TENSOR_PRODUCT_H_

#include "compiler/devicelib/descriptor.h"
#include "compiler/devicelib/matrix.h"
#include "compiler/devicelib/tensor_memory.h"
#include "compiler/devicelib/tensor_op.h"

#define TQ_TENSOR_ROWS_AT_ONCE 16
#define TQ_TENSOR_MOST_WORDS 16  // of a row of A or a column of B

typedef struct tq_tensor_product {
  const uint64_t* operands;
  uint32_t flags, idesc;
  uint32_t m, n, k;
  uint32_t blocks, rows;      // blocks that take part, and the rows of each
  uint32_t parts;             // parts of N that lie in lanes below each other
  _Bool has_half_lanes;       // 16 of 32 lanes hold rows
  uint32_t a, b;              // tq_matrix_element
  uint32_t a_words, b_words;  // of a stored row, a column
  uint32_t scales;            // of a row or column
  tq_descriptor a_at, b_at;
} tq_tensor_product;

#define TQ_IDESC(p, lowest, bits) ((p)->idesc >> (lowest) & ((1u << (bits)) - 1))

// The element that a type field of the descriptor means for a kind; TQ_MATRIX_S32: none.
TQ_INLINE uint32_t tq_tensor_element(uint32_t kind, uint32_t type) {
  static const uint8_t small[8] = {TQ_MATRIX_E4M3, TQ_MATRIX_E5M2, TQ_MATRIX_S32, TQ_MATRIX_E2M3,
                                   TQ_MATRIX_E3M2, TQ_MATRIX_E2M1, TQ_MATRIX_S32, TQ_MATRIX_S32};
  switch (kind) {
    case TQ_TENSOR_F16:
      return type == 0 ? TQ_MATRIX_F16 : type == 1 ? TQ_MATRIX_BF16 : TQ_MATRIX_S32;
    case TQ_TENSOR_TF32:
      return type == 2 ? TQ_MATRIX_TF32 : TQ_MATRIX_S32;
    case TQ_TENSOR_I8:
      return type == 0 ? TQ_MATRIX_U8 : type == 1 ? TQ_MATRIX_S8 : TQ_MATRIX_S32;
    case TQ_TENSOR_MXF4:
      return type == 1 ? TQ_MATRIX_E2M1_PACKED : TQ_MATRIX_S32;
    default:
      return small[type];
  }
}

// Fills in the product; returns the fault of one that there is not, 0 otherwise.
TQ_INLINE uint32_t tq_unpack_tensor_product(const uint64_t* operands, uint32_t flags, tq_tensor_product* p) {
  const uint32_t kind = TQ_FIELD(flags, TQ_TENSOR_KIND, 3);
  const _Bool is_pair = TQ_FIELD(flags, TQ_TENSOR_PAIR, 1),
              is_stationary = TQ_FIELD(flags, TQ_TENSOR_STATIONARY, 1);
  const _Bool is_sparse = TQ_FIELD(flags, TQ_TENSOR_SPARSE, 1);
  p->operands = operands;
  p->flags = flags;
  p->idesc = (uint32_t)operands[TQ_TENSOR_IDESC];
  p->m = TQ_IDESC(p, 24, 5) * 16;
  p->n = TQ_IDESC(p, 17, 6) * 8;
  p->blocks = is_pair ? 2 : 1;
  p->rows = p->m / p->blocks;
  p->a = tq_tensor_element(kind, TQ_IDESC(p, 7, 3));
  p->b = tq_tensor_element(kind, TQ_IDESC(p, 10, kind == TQ_TENSOR_MXF4 ? 2 : 3));
  const _Bool has_96 = kind == TQ_TENSOR_MXF4 && TQ_IDESC(p, 31, 1);
  const _Bool has_shape = p->rows == 128 || p->rows == 64 || (p->rows == 32 && is_stationary);
  if (p->a == TQ_MATRIX_S32 || p->b == TQ_MATRIX_S32 || (has_96 && is_sparse) || !has_shape || p->n == 0 ||
      p->n > 256 || TQ_IDESC(p, 2, 1) != is_sparse)
    return TQ_CPU_FAULT_ILLEGAL_INSTRUCTION;
  p->a_words = has_96 ? 12 : 8;
  p->b_words = is_sparse ? 16 : p->a_words;
  p->scales = TQ_FIELD(flags, TQ_TENSOR_SCALES, 3);
  if (has_96) p->scales += p->scales / 2;
  p->k = p->b_words * (32 / tq_element_bits(p->b));
  p->has_half_lanes = p->rows == 64 && !is_stationary && (!is_pair || is_sparse);
  p->parts = p->has_half_lanes ? 1 : TQ_CPU_TENSOR_LANES / p->rows;
  if (p->n % (p->parts * p->blocks) != 0) return TQ_CPU_FAULT_ILLEGAL_INSTRUCTION;
  p->a_at = tq_unpack_tcgen05_descriptor(operands[TQ_TENSOR_A]);
  p->b_at = tq_unpack_tcgen05_descriptor(operands[TQ_TENSOR_B]);
  const uint32_t lanes = p->has_half_lanes ? 112 : TQ_CPU_TENSOR_LANES;
  const _Bool has_a = !TQ_FIELD(flags, TQ_TENSOR_A_IN_TENSOR, 1) ||
                      tq_tensor_holds(operands[TQ_TENSOR_A], p->has_half_lanes ? 112 : p->rows, p->a_words);
  const _Bool has_d = tq_tensor_holds(operands[TQ_TENSOR_D], lanes, p->n / p->parts);
  return has_a && has_d ? 0 : TQ_CPU_FAULT_ILLEGAL_ADDRESS;
}

TQ_INLINE tq_tensor_memory* tq_tensor_memory_of(const tq_tensor_product* p, uint32_t block) {
  return (tq_tensor_memory*)p->operands[TQ_TENSOR_MEMORY_0 + block];
}

// A word of tensor memory; of an address that does not exist, some other.
TQ_INLINE uint32_t tq_tensor_word(const tq_tensor_product* p, uint32_t block, uint32_t lane,
                                  uint32_t column) {
  return tq_tensor_memory_of(p, block)->words[column % TQ_CPU_TENSOR_COLUMNS][lane % TQ_CPU_TENSOR_LANES];
}

// The lane, from the first on, that has row `row` of a block (PTX ISA, "Data Path Layout Organization").
TQ_INLINE uint32_t tq_tensor_row_lane(const tq_tensor_product* p, uint32_t row) {
  return p->has_half_lanes ? row / 16 * 32 + row % 16 : row;
}

// The words of a row, or column, of K from shared memory, as they are in registers (matrix.h).
static void tq_tensor_fetch(const uint8_t* shared, tq_descriptor d, _Bool is_transposed, uint32_t element,
                            uint32_t row, uint32_t count, uint32_t* words) {
  for (uint32_t chunk = 0; !is_transposed && chunk < count / 4; chunk++) {
    uint32_t* to = words + chunk * 4;
    tq_load_chunk(shared + tq_k_major_address(d, row, chunk * 16), to);
    if (element == TQ_MATRIX_E3M2 || element == TQ_MATRIX_E2M3) tq_unpack_b6x16(to);
    if (element == TQ_MATRIX_E2M1) tq_unpack_b4x16(to);
  }
  const uint32_t bytes = tq_element_bits(element) / 8, per_word = bytes ? 4 / bytes : 0;
  for (uint32_t i = 0; is_transposed && i < count; i++) {
    words[i] = 0;
    for (uint32_t j = 0; j < per_word; j++) {
      const uint8_t* at = shared + tq_mn_major_address(d, row * bytes, i * per_word + j);
      for (uint32_t byte = 0; byte < bytes; byte++)
        words[i] |= (uint32_t)at[byte] << (8 * (bytes * j + byte));
    }
  }
}

// The stored words of row `row` of a block of A. Shifted, it is the next row's, but for the last.
static void tq_tensor_fetch_a(const tq_tensor_product* p, uint32_t block, uint32_t row, uint32_t* words) {
  if (TQ_FIELD(p->flags, TQ_TENSOR_SHIFTED, 1) && row + 1 < p->rows) row++;
  const uint64_t a = p->operands[TQ_TENSOR_A];
  if (TQ_FIELD(p->flags, TQ_TENSOR_A_IN_TENSOR, 1)) {
    const uint32_t lane = tq_tensor_lane(a) + tq_tensor_row_lane(p, row);
    for (uint32_t i = 0; i < p->a_words; i++)
      words[i] = tq_tensor_word(p, block, lane, tq_tensor_column(a) + i);
    return;
  }
  const uint8_t* shared = (const uint8_t*)p->operands[TQ_TENSOR_SHARED_0 + block];
  tq_tensor_fetch(shared, p->a_at, TQ_IDESC(p, 15, 1), p->a, row, p->a_words, words);
}

// Whether the zero-column mask has column `column` (PTX ISA, "Zero-Column Mask Descriptor"): spans of columns
// that are used and skipped take turns in each part of N.
TQ_INLINE _Bool tq_tensor_is_zero_column(const tq_tensor_product* p, uint32_t column) {
  const uint64_t mask = p->operands[TQ_TENSOR_ZERO_MASK];
  if (!TQ_FIELD(p->flags, TQ_TENSOR_ZEROES, 1) || !(mask >> 39 & 1)) return 0;
  const uint32_t part = column / (p->n / p->parts), within = column % (p->n / p->parts);
  const uint32_t skipped = (uint32_t)(mask >> 40 & 0xff) + 1, used = (uint32_t)(mask >> 48 & 0xff) + 1;
  const _Bool begins_skipped = mask >> (32 + part) & 1;
  const uint32_t at = (within + (uint32_t)(mask >> (8 * part) & 0xff)) % (skipped + used);
  return begins_skipped ? at < skipped : at >= used;
}

// The words of column `column` of B. Each block of a pair has half of them.
static void tq_tensor_fetch_b(const tq_tensor_product* p, uint32_t column, uint32_t* words) {
  if (tq_tensor_is_zero_column(p, column)) {
    for (uint32_t i = 0; i < p->b_words; i++) words[i] = 0;
    return;
  }
  const uint32_t block = column / (p->n / p->blocks);
  uint32_t row = column % (p->n / p->blocks);
  if (TQ_FIELD(p->flags, TQ_TENSOR_ZEROES, 1))
    row += (uint32_t)(p->operands[TQ_TENSOR_ZERO_MASK] >> 56 & 0x3f);
  const uint8_t* shared = (const uint8_t*)p->operands[TQ_TENSOR_SHARED_0 + block];
  tq_tensor_fetch(shared, p->b_at, TQ_IDESC(p, 16, 1), p->b, row, p->b_words, words);
}

// The metadata of a sparse row, from its first chunk on (PTX ISA, "Sparsity selector"). With 16 and 32 bits a
// lane has half of K of two rows, 8 apart.
TQ_INLINE void tq_tensor_metadata(const tq_tensor_product* p, uint32_t block, uint32_t row,
                                  uint32_t metadata[2]) {
  const uint64_t address = p->operands[TQ_TENSOR_META];
  const uint32_t first = tq_tensor_lane(address), column = tq_tensor_column(address);
  if (tq_element_bits(p->a) < 16) {
    const uint32_t lane = first + tq_tensor_row_lane(p, row);
    for (uint32_t i = 0; i < 2; i++) metadata[i] = tq_tensor_word(p, block, lane, column + i);
    return;
  }
  const uint32_t lane = first + tq_tensor_row_lane(p, row - row % 16) + row % 8, shift = row / 8 % 2 * 16;
  const uint32_t selected = column + TQ_IDESC(p, 0, 2);
  const uint32_t low = tq_tensor_word(p, block, lane, selected),
                 high = tq_tensor_word(p, block, lane + 8, selected);
  metadata[0] = (low >> shift & 0xffff) | (high >> shift & 0xffff) << 16;
  metadata[1] = 0;
}

// Where element (row, column) of D is in the block's tensor memory; null: it is to keep what it has.
TQ_INLINE uint32_t* tq_tensor_result(const tq_tensor_product* p, uint32_t block, uint32_t row,
                                     uint32_t column) {
  const uint64_t d = p->operands[TQ_TENSOR_D];
  const uint32_t part = p->n / p->parts;
  const uint32_t lane = tq_tensor_lane(d) + tq_tensor_row_lane(p, row) + column / part * p->rows;
  if (p->operands[TQ_TENSOR_KEEP + block * 2 + lane / 64] >> lane % 64 & 1) return 0;
  return &tq_tensor_memory_of(p, block)->words[tq_tensor_column(d) + column % part][lane];
}

#endif  // TIANQIAO_COMPILER_DEVICELIB_TENSOR_PRODUCT_H_
