// Blocks of 8 x 32 results in registers.
#include "bench/sgemm/problem.h"

constexpr int kRows = 8, kColumns = 32;

void Multiply(const float* a, const float* b, float* c, int n) {
#pragma omp parallel for collapse(2) schedule(dynamic, 8)
  for (int column = 0; column < n; column += kColumns) {
    for (int row = 0; row < n; row += kRows) {
      float sum[kRows][kColumns] = {};
      for (int k = 0; k < n; ++k) {
#pragma GCC unroll 8
        for (int i = 0; i < kRows; ++i) {
          const float left = a[(row + i) * n + k];
#pragma omp simd
          for (int j = 0; j < kColumns; ++j) sum[i][j] += left * b[k * n + column + j];
        }
      }
      for (int i = 0; i < kRows; ++i) {
        for (int j = 0; j < kColumns; ++j) c[(row + i) * n + column + j] = sum[i][j];
      }
    }
  }
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const auto step = [&] { Multiply(problem.a.data(), problem.b.data(), problem.c.data(), problem.n); };
  return Measure(options, problem, step, [] {});
}
