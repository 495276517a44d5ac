// Running sums of integers: blocks on their own, then the blocks' sums, then both together.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : blocks(options.small ? 32 : 2048), n(blocks * kPerBlock), values(RandomWords(n)), sums(n) {}

  static constexpr int kThreads = 256, kPerThread = 4, kPerBlock = kThreads * kPerThread;

  Cost cost() const { return {8e-9 * n, "GB/s", Limit::kMemory}; }

  bool IsRight() const {
    uint32_t sum = 0;
    for (int i = 0; i < n; ++i) {
      sum += values[i];
      if (sums[i] != sum) return false;
    }
    return true;
  }

  int blocks, n;
  std::vector<uint32_t> values, sums;
};

}  // namespace tq::bench
