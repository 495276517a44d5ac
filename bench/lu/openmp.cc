#include "bench/lu/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const auto step = [&, n = problem.n, a = problem.factors.data()] {
    std::copy(problem.matrix.begin(), problem.matrix.end(), a);
    for (int k = 0; k + 1 < n; ++k) {
#pragma omp parallel for
      for (int row = k + 1; row < n; ++row) {
        const float factor = a[row * n + k] /= a[k * n + k];
#pragma omp simd
        for (int column = k + 1; column < n; ++column) a[row * n + column] -= factor * a[k * n + column];
      }
    }
  };
  return Measure(options, problem, step, [] {});
}
