// How often each of 256 bytes occurs.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : n(options.small ? 10000 : 1 << 22), words(RandomWords(n)), counts(kBins) {}

  static constexpr int kBins = 256, kBlocks = 64, kThreads = 256;

  Cost cost() const { return {4e-9 * n, "Gsymbol/s"}; }

  bool IsRight() const {
    std::vector<uint32_t> expected(kBins);
    for (const uint32_t word : words) {
      for (int shift = 0; shift < 32; shift += 8) ++expected[word >> shift & 255];
    }
    return counts == expected;
  }

  int n;  // words of four bytes
  std::vector<uint32_t> words, counts;
};

}  // namespace tq::bench
