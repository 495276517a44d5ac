// mma and wmma.mma of doubles (PTX ISA, "mma"): fused multiply-adds in the order of k, in the rounding asked
// for. A double takes two words of a lane.
#include "compiler/devicelib/exact64.h"
#include "compiler/devicelib/matrix.h"

double tq_fma_f64(double a, double b, double c, uint32_t mode);

TQ_DEVICE_OUTLINED void tq_mma_double_warp(uint64_t op, uint8_t* words, uint64_t lane_bytes,
                                           uint64_t word_bytes, uint32_t mask) {
  (void)mask;
  tq_fragments f = {words, lane_bytes, word_bytes};
  tq_tile t = tq_unpack_tile(op);
  uint32_t rounding = TQ_FIELD(op, TQ_MMA_ROUNDING, 2);
  uint32_t b_at = t.halves * t.k / 4, c_at = b_at + t.k / 4;
  double d[16][8];
  for (uint32_t row = 0; row < t.rows; row++) {
    for (uint32_t column = 0; column < 8; column++) {
      double sum = tq_load_double(f, row % 8 * 4 + column / 2, c_at + row / 8 * 2 + column % 2);
      for (uint32_t k = 0; k < t.k; k++) {
        double a = tq_load_double(f, row % 8 * 4 + k % 4, k / 4 * t.halves + row / 8);
        double b = tq_load_double(f, column * 4 + k % 4, b_at + k / 4);
        sum = rounding == TQ_RN ? __builtin_fma(a, b, sum) : tq_fma_f64(a, b, sum, rounding);
      }
      d[row][column] = sum;
    }
  }
  for (uint32_t row = 0; row < t.rows; row++) {
    for (uint32_t column = 0; column < 8; column++) {
      tq_store_double(f, row % 8 * 4 + column / 2, row / 8 * 2 + column % 2, d[row][column]);
    }
  }
}

TQ_DEVICE void tq_mma_double(tq_cpu_thread* thread, uint64_t op, void* words, uint32_t size_bytes) {
  tq_compute_for_warp(thread, op, words, size_bytes, tq_mma_double_warp);
}
