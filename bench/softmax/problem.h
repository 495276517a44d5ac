// Rows as probabilities: e^x over the sum of them, less the greatest so that none overflows.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : rows(options.small ? 32 : 4096), x(RandomFloats(size_t(rows) * kColumns, -10, 10)), y(x.size()) {}

  static constexpr int kColumns = 1024;

  Cost cost() const { return {8e-9 * x.size(), "GB/s", Limit::kMemory}; }

  bool IsRight() const {
    for (int row = 0; row < rows; row += 3) {
      const float *from = &x[size_t(row) * kColumns], *to = &y[size_t(row) * kColumns];
      const double most = *std::max_element(from, from + kColumns);
      double sum = 0;
      for (int i = 0; i < kColumns; ++i) sum += std::exp(from[i] - most);
      for (int i = 0; i < kColumns; ++i) {
        const double expected = std::exp(from[i] - most) / sum;
        if (std::fabs(to[i] - expected) > 1e-4 * expected) return false;
      }
    }
    return true;
  }

  int rows;
  std::vector<float> x, y;
};

}  // namespace tq::bench
