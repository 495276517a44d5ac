// Both widened to single precision, B the other way round, then blocks of 8 x 32 results in registers.
#include "bench/hgemm/problem.h"

inline float Widen(uint16_t bits) {
  _Float16 half;
  std::memcpy(&half, &bits, sizeof half);
  return static_cast<float>(half);
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  std::vector<float> a(problem.a.size()), b(problem.a.size());
  const auto step = [&, a = a.data(), b = b.data(), c = problem.c.data()] {
#pragma omp parallel for
    for (int row = 0; row < n; ++row) {
      for (int k = 0; k < n; ++k) a[row * n + k] = Widen(problem.a_bits[row * n + k]);
      for (int k = 0; k < n; ++k) b[k * n + row] = Widen(problem.b_bits[row * n + k]);
    }
#pragma omp parallel for collapse(2)
    for (int column = 0; column < n; column += 32) {
      for (int row = 0; row < n; row += 8) {
        float sum[8][32] = {};
        for (int k = 0; k < n; ++k) {
#pragma GCC unroll 8
          for (int i = 0; i < 8; ++i) {
            const float left = a[(row + i) * n + k];
#pragma omp simd
            for (int j = 0; j < 32; ++j) sum[i][j] += left * b[k * n + column + j];
          }
        }
        for (int i = 0; i < 8; ++i) std::copy_n(sum[i], 32, &c[(row + i) * n + column]);
      }
    }
  };
  return Measure(options, problem, step, [] {});
}
