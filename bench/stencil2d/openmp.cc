#include "bench/stencil2d/problem.h"

void Sweep(const float* from, float* to, int n) {
#pragma omp parallel for
  for (int y = 1; y < n - 1; ++y) {
#pragma omp simd
    for (int x = 1; x < n - 1; ++x) {
      const int at = y * n + x;
      to[at] = 0.2f * (from[at] + from[at - 1] + from[at + 1] + from[at - n] + from[at + n]);
    }
  }
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  std::vector<float> a(problem.start);
  const auto step = [&] {
    const float* from = problem.start.data();
    for (int sweep = 0; sweep < Problem::kSweeps; ++sweep) {
      float* to = sweep % 2 ? problem.result.data() : a.data();
      Sweep(from, to, problem.n);
      from = to;
    }
  };
  return Measure(options, problem, step, [] {});
}
