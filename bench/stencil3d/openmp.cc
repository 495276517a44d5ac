#include "bench/stencil3d/problem.h"

void Sweep(const float* from, float* to, int n) {
  const int layer = n * n;
#pragma omp parallel for
  for (int z = 1; z < n - 1; ++z) {
    for (int y = 1; y < n - 1; ++y) {
#pragma omp simd
      for (int x = 1; x < n - 1; ++x) {
        const int at = z * layer + y * n + x;
        to[at] = (from[at] + from[at - 1] + from[at + 1] + from[at - n] + from[at + n] + from[at - layer] +
                  from[at + layer]) *
                 (1.0f / 7.0f);
      }
    }
  }
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  std::vector<float> a(problem.start);
  const auto step = [&] {
    Sweep(problem.start.data(), a.data(), problem.n);
    Sweep(a.data(), problem.result.data(), problem.n);
  };
  return Measure(options, problem, step, [] {});
}
