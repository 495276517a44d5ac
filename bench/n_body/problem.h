// The accelerations of bodies that attract each other: 20 operations for each pair, by custom.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : n(options.small ? 256 : 4096), bodies(RandomFloats(size_t(n) * 4, -1, 1)), pulls(size_t(n) * 4) {}

  static constexpr float kSoftening = 0.01f;
  static constexpr int kThreads = 128;

  Cost cost() const { return {20e-9 * n * n, "GFLOP/s", Limit::kArithmetic}; }

  bool IsRight() const {
    for (int i = 0; i < n; i += 97) {
      double sum[3] = {}, size = 0;
      for (int j = 0; j < n; ++j) {
        double offset[3], square = kSoftening;
        for (int d = 0; d < 3; ++d) {
          offset[d] = double(bodies[j * 4 + d]) - bodies[i * 4 + d];
          square += offset[d] * offset[d];
        }
        const double pull = bodies[j * 4 + 3] / (square * std::sqrt(square));
        for (int d = 0; d < 3; ++d) sum[d] += pull * offset[d], size += std::fabs(pull * offset[d]);
      }
      for (int d = 0; d < 3; ++d) {
        if (std::fabs(pulls[i * 4 + d] - sum[d]) > 1e-5 * size) return false;
      }
    }
    return true;
  }

  int n;
  std::vector<float> bodies, pulls;  // x, y, z, mass; x, y, z, nothing
};

}  // namespace tq::bench
