// The product of a tile, for one type of number. Include with these defined:
//   NUMBER        float or int32_t
//   NUMBER8       vector of eight
//   DECODE        void f(uint32_t element, uint32_t word, NUMBER* out): the elements of a register
//   MULTIPLY_ADD  NUMBER8 f(NUMBER a, NUMBER8 b, NUMBER8 c): a * b + c, rounded once
// and find decode_rows(), decode_columns() and multiply_rows().

// Rows at once, so that there are sums enough in flight.
#define ROWS_AT_ONCE 4

// Columns of B: b[column / 8][k].
TQ_INLINE void decode_columns(const tq_tile* t, tq_fragments f, NUMBER8 (*b)[TQ_MATRIX_MAX_K]) {
  uint32_t count = 32 / tq_element_bits(t->b);
  NUMBER elements[8];
  for (uint32_t column = 0; column < t->columns; column++) {
    for (uint32_t lane = 0; lane < 32; lane++) {
      for (uint32_t word = 0; word < t->b_words; word++) {
        DECODE(t->b, tq_load_word(f, lane, t->b_at + column * t->b_words + word), elements);
        NUMBER8* row = &b[column][(word * 4 + lane % 4) * count];
        for (uint32_t i = 0; i < count; i++) row[i][lane / 4] = elements[i];
      }
    }
  }
}

// One row of A, zeros where a sparse one has nothing.
TQ_INLINE void decode_row(const tq_tile* t, tq_fragments f, uint64_t op, uint32_t row, NUMBER* out) {
  uint32_t count = 32 / tq_element_bits(t->a);
  uint32_t block = row / (8 * t->halves), half = row / 8 % t->halves, quad = row % 8;
  NUMBER stored[TQ_MATRIX_MAX_K];
  NUMBER* target = t->is_sparse ? stored : out;
  for (uint32_t word = 0; word < t->a_words / t->halves; word++) {
    for (uint32_t lane = 0; lane < 4; lane++) {
      uint32_t bits = tq_load_word(f, quad * 4 + lane, block * t->a_words + word * t->halves + half);
      DECODE(t->a, bits, target + (word * 4 + lane) * count);
    }
  }
  if (!t->is_sparse) return;
  uint32_t metadata[2];
  tq_sparse_metadata(t, f, op, quad, half, metadata);
  for (uint32_t k = 0; k < t->k; k++) out[k] = 0;
  for (uint32_t i = 0; i < t->a_k; i++) out[tq_sparse_column(metadata, t->a, i)] = stored[i];
}

// sums += a[first..end) * b[first..end), in the order of k. Where products are exact, rounding them is
// rounding once, and needs no instruction that not every machine has.
TQ_INLINE void multiply_rows(_Bool is_exact, NUMBER (*a)[TQ_MATRIX_MAX_K], const NUMBER8* b, uint32_t first,
                             uint32_t end, NUMBER8 sums[ROWS_AT_ONCE]) {
  NUMBER8 s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];
  for (uint32_t k = first; is_exact && k < end; k++) {
    s0 += a[0][k] * b[k];
    s1 += a[1][k] * b[k];
    s2 += a[2][k] * b[k];
    s3 += a[3][k] * b[k];
  }
  for (uint32_t k = first; !is_exact && k < end; k++) {
    s0 = MULTIPLY_ADD(a[0][k], b[k], s0);
    s1 = MULTIPLY_ADD(a[1][k], b[k], s1);
    s2 = MULTIPLY_ADD(a[2][k], b[k], s2);
    s3 = MULTIPLY_ADD(a[3][k], b[k], s3);
  }
  sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3;
}

// Where element (row, column) of C begins: its lane and its word.
TQ_INLINE uint32_t accumulator_word(const tq_tile* t, uint32_t row, uint32_t column, _Bool is_half) {
  uint32_t block = row / (8 * t->halves) * t->columns + column / 8, half = row / 8 % t->halves;
  return is_half ? block * t->halves + half : (block * t->halves + half) * 2 + column % 2;
}
