// Keys of 32 bits into order, by digits from the lowest.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : blocks(options.small ? 4 : 256), n(blocks * kPerBlock), keys(RandomWords(n)), sorted(n) {}

  static constexpr int kThreads = 256, kPerThread = 4, kPerBlock = kThreads * kPerThread;

  Cost cost() const { return {1e-6 * n, "Mkey/s"}; }

  bool IsRight() const {
    std::vector<uint32_t> expected(keys);
    std::sort(expected.begin(), expected.end());
    return sorted == expected;
  }

  int blocks, n;
  std::vector<uint32_t> keys, sorted;
};

}  // namespace tq::bench
