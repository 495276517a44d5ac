// How many steps each point of a part of the plane takes to leave the circle of radius 2.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : width(options.small ? 64 : 1024), height(width / 2), steps(size_t(width) * height) {}

  static constexpr int kMost = 256;

  float x(int column) const { return -2.0f + 3.0f * column / width; }
  float y(int row) const { return -1.0f + 2.0f * row / height; }

  Cost cost() const { return {1e-6 * width * height, "Mpixel/s"}; }

  // Rounding moves points near the boundary: all but a few must agree.
  bool IsRight() const {
    size_t wrong = 0;
    for (size_t at = 0; at < steps.size(); ++at) {
      const float cx = x(at % width), cy = y(at / width);
      float zx = 0, zy = 0;
      int step = 0;
      while (step < kMost && zx * zx + zy * zy <= 4) {
        const float next = zx * zx - zy * zy + cx;
        zy = 2 * zx * zy + cy;
        zx = next;
        ++step;
      }
      wrong += steps[at] != step;
    }
    return wrong * 100 <= steps.size();
  }

  int width, height;
  std::vector<int> steps;
};

}  // namespace tq::bench
