// C = A B, square, row-major, single precision.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : n(options.small ? 128 : 768),
        a(RandomFloats(size_t(n) * n, -1, 1)),
        b(RandomFloats(size_t(n) * n, -1, 1, 2)),
        c(size_t(n) * n) {}

  Cost cost() const { return {2e-9 * n * n * n, "GFLOP/s", Limit::kArithmetic}; }

  bool IsRight() const {  // every 37th element
    for (size_t at = 0; at < c.size(); at += 37) {
      double sum = 0;
      for (int k = 0; k < n; ++k) sum += double(a[at / n * n + k]) * b[size_t(k) * n + at % n];
      if (!IsClose(c[at], sum, 1e-4)) return false;
    }
    return true;
  }

  int n;
  std::vector<float> a, b, c;
};

}  // namespace tq::bench
