// The sum of an array: each thread adds its share, each block joins its threads' sums as a tree.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : n(options.small ? 100000 : 1 << 24), values(RandomFloats(n, 0, 1)), sums(kBlocks) {}

  static constexpr int kBlocks = 64, kThreads = 256;

  Cost cost() const { return {4e-9 * n, "GB/s", Limit::kMemory}; }

  bool IsRight() const {
    double expected = 0, sum = 0;
    for (const float value : values) expected += value;
    for (const float part : sums) sum += part;
    return IsClose(sum, expected, 1e-4);
  }

  int n;
  std::vector<float> values, sums;
};

}  // namespace tq::bench
