#include "bench/layernorm/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const auto step = [&] {
#pragma omp parallel for
    for (int row = 0; row < problem.rows; ++row) {
      constexpr int kColumns = Problem::kColumns;
      const float* from = &problem.x[size_t(row) * kColumns];
      float* to = &problem.y[size_t(row) * kColumns];
      float sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum)
      for (int i = 0; i < kColumns; ++i) sum += from[i];
      const float mean = sum / kColumns;
#pragma omp simd reduction(+ : squares)
      for (int i = 0; i < kColumns; ++i) squares += (from[i] - mean) * (from[i] - mean);
      const float scale = 1.0f / std::sqrt(squares / kColumns + Problem::kEpsilon);
#pragma omp simd
      for (int i = 0; i < kColumns; ++i) to[i] = (from[i] - mean) * scale;
    }
  };
  return Measure(options, problem, step, [] {});
}
