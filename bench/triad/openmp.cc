#include "bench/triad/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  float* a = problem.a.data();
  const float *b = problem.b.data(), *c = problem.c.data();
  const auto step = [&] {
#pragma omp parallel for simd
    for (int i = 0; i < n; ++i) a[i] = b[i] + 3.0f * c[i];
  };
  return Measure(options, problem, step, [] {});
}
