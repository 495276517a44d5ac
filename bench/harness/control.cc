// A native program that bench/run measures at the same moments as ours: what several threads of this machine
// gain over one, while others use it too.
//   OMP_NUM_THREADS=N bench_control none|arithmetic|memory [--seconds=S]
#include <numeric>

#include "bench/harness/measure.h"

namespace tq::bench {
namespace {

constexpr int kChunks = 64;

// Steps of a generator, each of which needs the one before.
uint32_t Chain(uint32_t value) {
  for (int i = 0; i < 100000; ++i) value = value * 1664525u + 1013904223u;
  return value;
}

struct Arithmetic {
  Arithmetic() : results(kChunks), expected(RandomWords(kChunks)) {
    for (uint32_t& value : expected) value = Chain(value);
  }

  void Step() {
    const std::vector<uint32_t> seeds = RandomWords(kChunks);
#pragma omp parallel for
    for (int i = 0; i < kChunks; ++i) results[i] = Chain(seeds[i]);
  }

  bool IsRight() const { return results == expected; }
  Cost cost() const { return {1e-9 * kChunks * 100000, "Gstep/s", Limit::kArithmetic}; }

  std::vector<uint32_t> results, expected;
};

struct Memory {
  Memory() : a(1 << 23), b(a.size(), 1), c(a.size(), 2) {}

  void Step() {
    float* to = a.data();
    const float *x = b.data(), *y = c.data();
    const int n = static_cast<int>(a.size());
#pragma omp parallel for simd
    for (int i = 0; i < n; ++i) to[i] = x[i] + 3.0f * y[i];
  }

  bool IsRight() const {
    return std::accumulate(a.begin(), a.end(), 0.0) == 7.0 * static_cast<double>(a.size());
  }
  Cost cost() const { return {12e-9 * static_cast<double>(a.size()), "GB/s", Limit::kMemory}; }

  std::vector<float> a, b, c;
};

template <class Problem>
int Run(const Options& options) {
  Problem problem;
  return Measure(options, problem, [&] { problem.Step(); }, [] {});
}

}  // namespace
}  // namespace tq::bench

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  const bool is_memory = argc > 1 && std::strcmp(argv[1], "memory") == 0;
  return is_memory ? Run<Memory>(options) : Run<Arithmetic>(options);
}
