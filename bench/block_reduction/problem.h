// Blocks that do next to nothing but meet at barriers: each sums 256 values as a tree, nine barriers deep.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : blocks(options.small ? 16 : 4096),
        values(RandomFloats(size_t(blocks) * kThreads, 0, 1)),
        sums(blocks) {}

  static constexpr int kThreads = 256;

  Cost cost() const { return {1e-6 * blocks, "Mblock/s"}; }

  bool IsRight() const {
    for (int block = 0; block < blocks; ++block) {
      double sum = 0;
      for (int i = 0; i < kThreads; ++i) sum += values[block * kThreads + i];
      if (!IsClose(sums[block], sum, 1e-5)) return false;
    }
    return true;
  }

  int blocks;
  std::vector<float> values, sums;
};

}  // namespace tq::bench
