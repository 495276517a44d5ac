// tcgen05.mma of integers: exact; a sum that leaves 32 bits wraps, or is clamped where the descriptor says
// so. Returns the fault, 0 when done.
#include "compiler/devicelib/matrix_integer.h"
#include "compiler/devicelib/tensor_product.h"

static void decode_words(uint32_t element, const uint32_t* words, uint32_t count, int32_t* out) {
  for (uint32_t i = 0; i < count; i++) decode_word(element, words[i], out + i * 4);
}

static void decode_a(const tq_tensor_product* p, uint32_t block, uint32_t row, int32_t* out) {
  uint32_t words[TQ_TENSOR_MOST_WORDS], metadata[2];
  int32_t stored[TQ_MATRIX_MAX_K];
  const _Bool is_sparse = TQ_FIELD(p->flags, TQ_TENSOR_SPARSE, 1);
  tq_tensor_fetch_a(p, block, row, words);
  decode_words(p->a, words, p->a_words, is_sparse ? stored : out);
  if (!is_sparse) return;
  tq_tensor_metadata(p, block, row, metadata);
  for (uint32_t k = 0; k < p->k; k++) out[k] = 0;
  for (uint32_t i = 0; i < p->k / 2; i++) out[tq_sparse_column(metadata, p->a, i)] = stored[i];
}

TQ_DEVICE_OUTLINED uint32_t tq_tensor_multiply_integer(const uint64_t* operands, uint32_t flags) {
  tq_tensor_product p;
  const uint32_t fault = tq_unpack_tensor_product(operands, flags, &p);
  if (fault) return fault;
  int32_t a[TQ_TENSOR_ROWS_AT_ONCE][TQ_MATRIX_MAX_K];
  row8 b[TQ_MATRIX_MAX_K];
  for (uint32_t block = 0; block < p.blocks; block++) {
    for (uint32_t first = 0; first < p.rows; first += TQ_TENSOR_ROWS_AT_ONCE) {
      for (uint32_t i = 0; i < TQ_TENSOR_ROWS_AT_ONCE; i++) decode_a(&p, block, first + i, a[i]);
      for (uint32_t column = 0; column < p.n; column += 8) {
        for (uint32_t i = 0; i < 8; i++) {
          uint32_t words[TQ_TENSOR_MOST_WORDS];
          int32_t elements[TQ_MATRIX_MAX_K];
          tq_tensor_fetch_b(&p, column + i, words);
          decode_words(p.b, words, p.b_words, elements);
          for (uint32_t k = 0; k < p.k; k++) b[k][i] = elements[k];
        }
        for (uint32_t row = 0; row < TQ_TENSOR_ROWS_AT_ONCE; row++) {
          row8 products = {0};
          for (uint32_t k = 0; k < p.k; k++) products += a[row][k] * b[k];
          for (uint32_t i = 0; i < 8; i++) {
            uint32_t* at = tq_tensor_result(&p, block, first + row, column + i);
            if (at != 0)
              *at = accumulate(operands[TQ_TENSOR_ENABLE] ? *at : 0, products[i], TQ_IDESC(&p, 3, 1));
          }
        }
      }
    }
  }
  return 0;
}
