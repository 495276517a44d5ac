// y = A x for a sparse matrix in rows (CSR), with 1 to 31 entries each at random columns.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : rows(options.small ? 1000 : 1 << 17), x(RandomFloats(rows, -1, 1)), y(rows), starts(rows + 1) {
    const std::vector<uint32_t> lengths = RandomWords(rows, 5);
    for (int row = 0; row < rows; ++row) starts[row + 1] = starts[row] + 1 + lengths[row] % 31;
    for (const uint32_t word : RandomWords(starts[rows], 9)) columns.push_back(word % rows);
    entries = RandomFloats(columns.size(), -1, 1, 3);
  }

  Cost cost() const { return {2e-9 * entries.size(), "GFLOP/s"}; }

  bool IsRight() const {
    for (int row = 0; row < rows; ++row) {
      double sum = 0;
      for (int i = starts[row]; i < starts[row + 1]; ++i) sum += double(entries[i]) * x[columns[i]];
      if (!IsClose(y[row], sum, 1e-5)) return false;
    }
    return true;
  }

  int rows;
  std::vector<float> x, y, entries;
  std::vector<int> starts, columns;
};

}  // namespace tq::bench
