// A kernel that does nothing, and the wait for it.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options&) {}

  Cost cost() const { return {1e-6, "Mlaunch/s"}; }

  // The kernel writes a word when it is told where.
  bool IsRight() const { return word[0] == 1; }

  std::vector<int> word = {0};
};

}  // namespace tq::bench
