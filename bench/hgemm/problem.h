// C = A B' of halves, summed up in single precision; both row-major. Small whole numbers, so that each sum is
// exact.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : n(options.small ? 128 : 512),
        a(size_t(n) * n),
        b(a.size()),
        c(a.size()),
        a_bits(a.size()),
        b_bits(a.size()) {
    const std::vector<uint32_t> words = RandomWords(a.size());
    for (size_t i = 0; i < a.size(); ++i) {
      a[i] = float(words[i] >> 8 & 15) - 8, a_bits[i] = Half(a[i]);
      b[i] = float(words[i] >> 16 & 15) - 8, b_bits[i] = Half(b[i]);
    }
  }

  // Whole numbers below 2048 have no digits that a half lacks.
  static uint16_t Half(float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return x == 0 ? 0 : uint16_t(bits >> 16 & 0x8000) | uint16_t((bits >> 13 & 0x3ffff) - (112 << 10));
  }

  Cost cost() const { return {2e-9 * n * n * n, "GFLOP/s", Limit::kArithmetic}; }

  bool IsRight() const {
    for (size_t at = 0; at < c.size(); at += 37) {
      float sum = 0;
      for (int k = 0; k < n; ++k) sum += a[at / n * n + k] * b[at % n * n + k];
      if (c[at] != sum) return false;
    }
    return true;
  }

  int n;
  std::vector<float> a, b, c;
  std::vector<uint16_t> a_bits, b_bits;
};

}  // namespace tq::bench
