// All scores of a query first, then their weights, then the sum.
#include "bench/attention/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const auto step = [&, length = problem.length] {
    constexpr int kWidth = Problem::kWidth;
#pragma omp parallel
    {
      std::vector<float> scores(length);
#pragma omp for
      for (int row = 0; row < problem.heads * length; ++row) {
        const float *query = &problem.q[size_t(row) * kWidth],
                    *keys = &problem.k[size_t(row) / length * length * kWidth],
                    *values = &problem.v[size_t(row) / length * length * kWidth];
        float most = -1e30f, total = 0, sum[kWidth] = {};
        for (int j = 0; j < length; ++j) {
          float score = 0;
#pragma omp simd reduction(+ : score)
          for (int d = 0; d < kWidth; ++d) score += query[d] * keys[j * kWidth + d];
          scores[j] = score * Problem::kScale;
          most = scores[j] > most ? scores[j] : most;
        }
        float* weights = scores.data();
#pragma omp simd reduction(+ : total)
        for (int j = 0; j < length; ++j) total += weights[j] = std::exp(weights[j] - most);
        for (int j = 0; j < length; ++j) {
#pragma omp simd
          for (int d = 0; d < kWidth; ++d) sum[d] += weights[j] * values[j * kWidth + d];
        }
        for (int d = 0; d < kWidth; ++d) problem.out[size_t(row) * kWidth + d] = sum[d] / total;
      }
    }
  };
  return Measure(options, problem, step, [] {});
}
