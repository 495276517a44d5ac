// Four sweeps of the five-point average over a square; its edge stays.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : n(options.small ? 100 : 2048), start(RandomFloats(size_t(n) * n, 0, 1)), result(start) {}

  static constexpr int kSweeps = 4;

  Cost cost() const { return {8e-9 * n * n * kSweeps, "GB/s", Limit::kMemory}; }

  bool IsRight() const {
    std::vector<float> from(start), to(start);
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      for (int y = 1; y + 1 < n; ++y) {
        for (int x = 1; x + 1 < n; ++x) {
          const size_t at = size_t(y) * n + x;
          to[at] = 0.2f * (from[at] + from[at - 1] + from[at + 1] + from[at - n] + from[at + n]);
        }
      }
      from.swap(to);
    }
    for (size_t i = 0; i < from.size(); ++i) {
      if (!IsClose(result[i], from[i], 1e-5)) return false;
    }
    return true;
  }

  int n;
  std::vector<float> start, result;
};

}  // namespace tq::bench
