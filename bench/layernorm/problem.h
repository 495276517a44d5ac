// Rows made to have mean 0 and variance 1.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : rows(options.small ? 32 : 4096), x(RandomFloats(size_t(rows) * kColumns, -3, 5)), y(x.size()) {}

  static constexpr int kColumns = 1024, kThreads = 256;
  static constexpr float kEpsilon = 1e-5f;

  Cost cost() const { return {8e-9 * x.size(), "GB/s", Limit::kMemory}; }

  bool IsRight() const {
    for (int row = 0; row < rows; row += 3) {
      const float *from = &x[size_t(row) * kColumns], *to = &y[size_t(row) * kColumns];
      double mean = 0, variance = 0;
      for (int i = 0; i < kColumns; ++i) mean += from[i] / kColumns;
      for (int i = 0; i < kColumns; ++i) variance += (from[i] - mean) * (from[i] - mean) / kColumns;
      for (int i = 0; i < kColumns; ++i) {
        if (!IsClose(to[i], (from[i] - mean) / std::sqrt(variance + kEpsilon), 1e-4)) return false;
      }
    }
    return true;
  }

  int rows;
  std::vector<float> x, y;
};

}  // namespace tq::bench
