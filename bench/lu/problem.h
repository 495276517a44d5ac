// A = L U in place, a column at a time; a diagonal so heavy that nothing has to be exchanged.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : n(options.small ? 48 : 512), matrix(RandomFloats(size_t(n) * n, -1, 1)), factors(matrix) {
    for (int i = 0; i < n; ++i) matrix[size_t(i) * n + i] += n;
  }

  Cost cost() const { return {2e-9 / 3 * n * n * n, "GFLOP/s"}; }

  bool IsRight() const {
    for (int row = 0; row < n; row += 5) {
      for (int column = 0; column < n; column += 3) {
        double sum = row <= column ? factors[size_t(row) * n + column] : 0;
        for (int k = 0; k < std::min(row, column + 1); ++k) {
          sum += double(factors[size_t(row) * n + k]) * factors[size_t(k) * n + column];
        }
        if (!IsClose(sum, matrix[size_t(row) * n + column], 1e-4)) return false;
      }
    }
    return true;
  }

  int n;
  std::vector<float> matrix, factors;
};

}  // namespace tq::bench
