#include "bench/global_atomics/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const auto step = [&] {
    uint32_t* counters = problem.counters.data();
    const uint32_t* words = problem.words.data();
    std::fill_n(counters, Problem::kCounters, 0u);
#pragma omp parallel for
    for (int i = 0; i < problem.n; ++i) {
#pragma omp atomic
      counters[words[i] % Problem::kCounters] += words[i] >> 16;
    }
  };
  return Measure(options, problem, step, [] {});
}
