// Each thread its part, then the parts' sums.
#include <omp.h>

#include "bench/scan/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  std::vector<uint32_t> totals(omp_get_max_threads() + 1);
  const auto step = [&, n = problem.n, values = problem.values.data(), sums = problem.sums.data()] {
#pragma omp parallel
    {
      const int threads = omp_get_num_threads(), thread = omp_get_thread_num();
      const int begin = int(int64_t(n) * thread / threads), end = int(int64_t(n) * (thread + 1) / threads);
      uint32_t sum = 0;
      if (threads > 1) {
        for (int i = begin; i < end; ++i) sum += values[i];
        totals[thread + 1] = sum;
#pragma omp barrier
        sum = 0;
        for (int i = 1; i <= thread; ++i) sum += totals[i];
      }
      for (int i = begin; i < end; ++i) sums[i] = sum += values[i];
    }
  };
  return Measure(options, problem, step, [] {});
}
