// softmax(Q K' / 8) V for a few heads of 64 columns, without the matrix between.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : heads(options.small ? 1 : 4),
        length(options.small ? 64 : 512),
        q(RandomFloats(size_t(heads) * length * kWidth, -1, 1)),
        k(RandomFloats(q.size(), -1, 1, 2)),
        v(RandomFloats(q.size(), -1, 1, 3)),
        out(q.size()) {}

  static constexpr int kWidth = 64;
  static constexpr float kScale = 0.125f;

  Cost cost() const { return {4e-9 * heads * length * length * kWidth, "GFLOP/s", Limit::kArithmetic}; }

  bool IsRight() const {
    for (int row = 0; row < heads * length; row += 17) {
      const size_t first = size_t(row) / length * length;
      std::vector<double> weights(length), sums(kWidth);
      double total = 0;
      for (int j = 0; j < length; ++j) {
        double dot = 0;
        for (int d = 0; d < kWidth; ++d)
          dot += double(q[size_t(row) * kWidth + d]) * k[(first + j) * kWidth + d];
        total += weights[j] = std::exp(dot * kScale);
        for (int d = 0; d < kWidth; ++d) sums[d] += weights[j] * v[(first + j) * kWidth + d];
      }
      for (int d = 0; d < kWidth; ++d) {
        if (!IsClose(out[size_t(row) * kWidth + d], sums[d] / total, 1e-4)) return false;
      }
    }
    return true;
  }

  int heads, length;
  std::vector<float> q, k, v, out;
};

}  // namespace tq::bench
