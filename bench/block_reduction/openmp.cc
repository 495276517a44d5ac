#include "bench/block_reduction/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const auto step = [&] {
    const float* values = problem.values.data();
#pragma omp parallel for
    for (int block = 0; block < problem.blocks; ++block) {
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int i = 0; i < Problem::kThreads; ++i) sum += values[block * Problem::kThreads + i];
      problem.sums[block] = sum;
    }
  };
  return Measure(options, problem, step, [] {});
}
