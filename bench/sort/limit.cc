// By other means than cuda.cu, as the limit: eight bits at a time; each thread has its own counts.
#include <omp.h>

#include "bench/sort/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n, most = omp_get_max_threads();
  std::vector<uint32_t> other(n), places(size_t(most) * 256);
  const auto step = [&] {
    const uint32_t* from = problem.keys.data();
    for (int shift = 0; shift < 32; shift += 8) {
      uint32_t* to = shift / 8 % 2 ? problem.sorted.data() : other.data();
#pragma omp parallel
      {
        const int threads = omp_get_num_threads(), thread = omp_get_thread_num();
        const int begin = int(int64_t(n) * thread / threads), end = int(int64_t(n) * (thread + 1) / threads);
        uint32_t* own = &places[thread * 256];
        std::fill_n(own, 256, 0u);
        for (int i = begin; i < end; ++i) ++own[from[i] >> shift & 255];
#pragma omp barrier
#pragma omp single
        {
          uint32_t sum = 0;
          for (int digit = 0; digit < 256; ++digit) {
            for (int t = 0; t < threads; ++t) {
              const uint32_t count = places[t * 256 + digit];
              places[t * 256 + digit] = sum;
              sum += count;
            }
          }
        }
        for (int i = begin; i < end; ++i) to[own[from[i] >> shift & 255]++] = from[i];
      }
      from = to;
    }
  };
  return Measure(options, problem, step, [] {});
}
