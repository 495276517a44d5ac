#include "bench/softmax/problem.h"

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
      float most = from[0], sum = 0;
#pragma omp simd reduction(max : most)
      for (int i = 0; i < kColumns; ++i) most = from[i] > most ? from[i] : most;
#pragma omp simd reduction(+ : sum)
      for (int i = 0; i < kColumns; ++i) sum += to[i] = std::exp(from[i] - most);
      const float scale = 1.0f / sum;
#pragma omp simd
      for (int i = 0; i < kColumns; ++i) to[i] *= scale;
    }
  };
  return Measure(options, problem, step, [] {});
}
