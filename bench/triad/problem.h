// a = b + 3 c over arrays larger than the caches.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : n(options.small ? 10000 : 1 << 23), a(n), b(RandomFloats(n, 0, 1)), c(RandomFloats(n, 0, 1, 2)) {}

  Cost cost() const { return {12e-9 * n, "GB/s", Limit::kMemory}; }

  bool IsRight() const {
    for (int i = 0; i < n; ++i) {
      if (!IsClose(a[i], b[i] + 3.0 * c[i], 1e-6)) return false;
    }
    return true;
  }

  int n;
  std::vector<float> a, b, c;
};

}  // namespace tq::bench
