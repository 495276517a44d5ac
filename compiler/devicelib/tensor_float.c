// tcgen05.mma of floating-point elements. Sums are made as those of mma (matrix_float.c): a fused
// multiply-add in single precision for each product, in the order of k. Returns the fault, 0 when done.
#include "compiler/devicelib/matrix_number.h"
#include "compiler/devicelib/tensor_product.h"

#define NUMBER float
#define NUMBER8 row8
#define DECODE decode_word
#define MULTIPLY_ADD multiply_add
#define MOST_SCALES 6  // of a row or column
#include "compiler/devicelib/matrix_multiply.h"

static void decode_words(uint32_t element, const uint32_t* words, uint32_t count, _Bool is_negated,
                         float* out) {
  const uint32_t per_word = 32 / tq_element_bits(element);
  for (uint32_t i = 0; i < count; i++) decode_word(element, words[i], out + i * per_word);
  for (uint32_t i = 0; is_negated && i < count * per_word; i++) out[i] = -out[i];
}

static void decode_a(const tq_tensor_product* p, uint32_t block, uint32_t row, float* out) {
  uint32_t words[TQ_TENSOR_MOST_WORDS], metadata[2];
  float stored[TQ_MATRIX_MAX_K];
  const _Bool is_sparse = TQ_FIELD(p->flags, TQ_TENSOR_SPARSE, 1);
  tq_tensor_fetch_a(p, block, row, words);
  decode_words(p->a, words, p->a_words, TQ_IDESC(p, 13, 1), is_sparse ? stored : out);
  if (!is_sparse) return;
  tq_tensor_metadata(p, block, row, metadata);
  for (uint32_t k = 0; k < p->k; k++) out[k] = 0;
  for (uint32_t i = 0; i < p->k / 2; i++) out[tq_sparse_column(metadata, p->a, i)] = stored[i];
}

// Eight columns.
static void decode_b(const tq_tensor_product* p, uint32_t first, row8* b) {
  uint32_t words[TQ_TENSOR_MOST_WORDS];
  float elements[TQ_MATRIX_MAX_K];
  for (uint32_t i = 0; i < 8; i++) {
    tq_tensor_fetch_b(p, first + i, words);
    decode_words(p->b, words, p->b_words, TQ_IDESC(p, 14, 1), elements);
    for (uint32_t k = 0; k < p->k; k++) b[k][i] = elements[k];
  }
}

TQ_INLINE _Bool is_half(const tq_tensor_product* p) {
  return TQ_FIELD(p->flags, TQ_TENSOR_SCALES, 3) == 0 && TQ_IDESC(p, 4, 2) == 0;
}

// D times 2^-scale, or zeros.
TQ_INLINE void load_sums(const tq_tensor_product* p, uint32_t block, uint32_t row, uint32_t first,
                         row8* sums) {
  const float scale = tq_f32_bits((127 - TQ_FIELD(p->flags, TQ_TENSOR_SCALE_D, 4)) << 23);
  for (uint32_t i = 0; i < 8; i++) {
    const uint32_t* at = tq_tensor_result(p, block, row, first + i);
    float sum = 0;
    if (at != 0 && p->operands[TQ_TENSOR_ENABLE])
      sum = (is_half(p) ? tq_decode_f16((uint16_t)*at) : tq_f32_bits(*at)) * scale;
    (*sums)[i] = sum;
  }
}

TQ_INLINE void store_sums(const tq_tensor_product* p, uint32_t block, uint32_t row, uint32_t first,
                          row8 sums) {
  for (uint32_t i = 0; i < 8; i++) {
    uint32_t* at = tq_tensor_result(p, block, row, first + i);
    if (at != 0) *at = is_half(p) ? tq_encode_f16(sums[i]) : canonical_bits(sums[i]);
  }
}

// Scales of a row of A or column of B (PTX ISA, "Scale Factor A ID"): 32 of them in a column of tensor
// memory, from byte `id` of the word on. Where K is 96 they run on into another word, behind those of all
// `span` rows or columns: 4 columns for each 128 of these.
TQ_INLINE void decode_scales(const tq_tensor_product* p, uint32_t block, uint64_t address, uint32_t index,
                             uint32_t span, uint32_t lane, uint32_t id, double scales[MOST_SCALES]) {
  const uint32_t count = p->scales, kind = TQ_FIELD(p->flags, TQ_TENSOR_KIND, 3);
  const uint32_t first = count == 4 ? 0 : count == 2 || count == 6 ? id & 2 : id;
  const _Bool is_ue4m3 = kind == TQ_TENSOR_MXF4 && !TQ_IDESC(p, 23, 1);
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t at = first + i;
    const uint32_t column = tq_tensor_column(address) + index / 32 + at / 4 * (span > 128 ? 8 : 4);
    const uint32_t word = tq_tensor_word(p, block, tq_tensor_lane(address) + lane + index % 32, column);
    scales[i] = decode_scale(word >> (8 * (at % 4)) & 0xff, is_ue4m3);
  }
}

TQ_INLINE void decode_column_scales(const tq_tensor_product* p, uint32_t block, uint32_t first,
                                    double scales[8][MOST_SCALES]) {
  for (uint32_t i = 0; i < 8; i++) {
    uint32_t index = first + i, lane = 0, span = p->n;
    if (p->blocks == 2 && p->parts == 2) {  // each half of the lanes has those of its columns
      span /= 2;
      lane = index / span * 64;
      index %= span;
    }
    decode_scales(p, block, p->operands[TQ_TENSOR_SCALE_B], index, span, lane, TQ_IDESC(p, 4, 2), scales[i]);
  }
}

// As multiply_scaled() of matrix_float.c.
static void multiply_parts(const tq_tensor_product* p, uint32_t block, uint32_t row,
                           float (*a)[TQ_MATRIX_MAX_K], const row8* b, const double of_column[8][MOST_SCALES],
                           row8 sums[ROWS_AT_ONCE]) {
  const uint32_t count = p->scales, part = p->k / count;
  double of_row[ROWS_AT_ONCE][MOST_SCALES];
  for (uint32_t i = 0; i < ROWS_AT_ONCE; i++)
    decode_scales(p, block, p->operands[TQ_TENSOR_SCALE_A], row + i, p->rows, 0, TQ_IDESC(p, 29, 2),
                  of_row[i]);
  for (uint32_t s = 0; s < count; s++) {
    row8 products[ROWS_AT_ONCE] = {0};
    multiply_rows(/*is_exact=*/1, a, b, s * part, (s + 1) * part, products);
    for (uint32_t i = 0; i < ROWS_AT_ONCE; i++) {
      for (uint32_t n = 0; n < 8; n++) {
        const double scaled = (double)products[i][n] * of_row[i][s] * of_column[n][s];
        sums[i][n] = (float)((double)sums[i][n] + scaled);
      }
    }
  }
}

TQ_DEVICE_OUTLINED uint32_t tq_tensor_multiply_float(const uint64_t* operands, uint32_t flags) {
  tq_tensor_product p;
  const uint32_t fault = tq_unpack_tensor_product(operands, flags, &p);
  if (fault) return fault;
  const _Bool is_scaled = TQ_FIELD(flags, TQ_TENSOR_SCALES, 3) != 0;
  float a[TQ_TENSOR_ROWS_AT_ONCE][TQ_MATRIX_MAX_K];
  row8 b[TQ_MATRIX_MAX_K], sums[ROWS_AT_ONCE];
  double of_column[8][MOST_SCALES];
  for (uint32_t block = 0; block < p.blocks; block++) {
    for (uint32_t first = 0; first < p.rows; first += TQ_TENSOR_ROWS_AT_ONCE) {
      for (uint32_t i = 0; i < TQ_TENSOR_ROWS_AT_ONCE; i++) decode_a(&p, block, first + i, a[i]);
      for (uint32_t column = 0; column < p.n; column += 8) {
        decode_b(&p, column, b);
        if (is_scaled) decode_column_scales(&p, block, column, of_column);
        for (uint32_t row = 0; row < TQ_TENSOR_ROWS_AT_ONCE; row += ROWS_AT_ONCE) {
          for (uint32_t i = 0; i < ROWS_AT_ONCE; i++) load_sums(&p, block, first + row + i, column, &sums[i]);
          if (is_scaled) {
            multiply_parts(&p, block, first + row, a + row, b, of_column, sums);
          } else {
            multiply_rows(is_exact(p.a), a + row, b, 0, p.k, sums);
          }
          for (uint32_t i = 0; i < ROWS_AT_ONCE; i++) store_sums(&p, block, first + row + i, column, sums[i]);
        }
      }
    }
  }
  return 0;
}
