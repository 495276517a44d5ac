// The distances of all nodes of a random graph from its first, level by level.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : nodes(options.small ? 1000 : 1 << 17), starts(nodes + 1), distances(nodes) {
    for (const uint32_t word : RandomWords(size_t(nodes) * kDegree, 3)) targets.push_back(word % nodes);
    for (int node = 0; node <= nodes; ++node) starts[node] = node * kDegree;
  }

  static constexpr int kDegree = 8;

  Cost cost() const { return {1e-6 * targets.size(), "Medge/s"}; }

  bool IsRight() const {
    std::vector<int> expected(nodes, -1), frontier = {0}, next;
    expected[0] = 0;
    for (int level = 1; !frontier.empty(); ++level, frontier.swap(next), next.clear()) {
      for (const int node : frontier) {
        for (int i = starts[node]; i < starts[node + 1]; ++i) {
          if (expected[targets[i]] >= 0) continue;
          expected[targets[i]] = level;
          next.push_back(targets[i]);
        }
      }
    }
    return distances == expected;
  }

  int nodes;
  std::vector<int> starts, targets, distances;
};

}  // namespace tq::bench
