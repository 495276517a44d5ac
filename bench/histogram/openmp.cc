// Privatised; four tables, so that equal neighbours do not wait for each other.
#include "bench/histogram/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const auto step = [&] {
    uint32_t* counts = problem.counts.data();
    std::fill_n(counts, Problem::kBins, 0u);
#pragma omp parallel
    {
      uint32_t bins[4][Problem::kBins] = {};
#pragma omp for
      for (int i = 0; i < problem.n; ++i) {
        const uint32_t word = problem.words[i];
        ++bins[0][word & 255];
        ++bins[1][word >> 8 & 255];
        ++bins[2][word >> 16 & 255];
        ++bins[3][word >> 24];
      }
#pragma omp critical
      for (int i = 0; i < Problem::kBins; ++i) counts[i] += bins[0][i] + bins[1][i] + bins[2][i] + bins[3][i];
    }
  };
  return Measure(options, problem, step, [] {});
}
