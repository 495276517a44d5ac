#include "bench/reduction/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const auto step = [&] {
    const float* values = problem.values.data();
    const int share = (problem.n + Problem::kBlocks - 1) / Problem::kBlocks;
#pragma omp parallel for
    for (int block = 0; block < Problem::kBlocks; ++block) {
      float sum = 0;
      const int end = std::min((block + 1) * share, problem.n);
#pragma omp simd reduction(+ : sum)
      for (int i = block * share; i < end; ++i) sum += values[i];
      problem.sums[block] = sum;
    }
  };
  return Measure(options, problem, step, [] {});
}
