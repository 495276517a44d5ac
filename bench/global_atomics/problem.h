// Additions to counters in global memory, at random places.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : n(options.small ? 10000 : 1 << 20), words(RandomWords(n)), counters(kCounters) {}

  static constexpr uint32_t kCounters = 1 << 16;

  Cost cost() const { return {1e-6 * n, "Mop/s"}; }

  bool IsRight() const {
    std::vector<uint32_t> expected(kCounters);
    for (const uint32_t word : words) expected[word % kCounters] += word >> 16;
    return counters == expected;
  }

  int n;
  std::vector<uint32_t> words, counters;
};

}  // namespace tq::bench
