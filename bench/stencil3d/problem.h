// Two sweeps of the seven-point average over a cube; its surface stays.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : n(options.small ? 40 : 192), start(RandomFloats(size_t(n) * n * n, 0, 1)), result(start) {}

  static constexpr int kSweeps = 2;

  Cost cost() const { return {8e-9 * n * n * n * kSweeps, "GB/s", Limit::kMemory}; }

  bool IsRight() const {
    std::vector<float> from(start), to(start);
    const int layer = n * n;
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      for (int z = 1; z + 1 < n; ++z) {
        for (int y = 1; y + 1 < n; ++y) {
          for (int x = 1; x + 1 < n; ++x) {
            const int at = z * layer + y * n + x;
            to[at] = (from[at] + from[at - 1] + from[at + 1] + from[at - n] + from[at + n] +
                      from[at - layer] + from[at + layer]) /
                     7.0f;
          }
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
