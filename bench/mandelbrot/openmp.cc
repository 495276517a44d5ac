#include "bench/mandelbrot/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const auto step = [&] {
#pragma omp parallel for schedule(dynamic, 4)
    for (int row = 0; row < problem.height; ++row) {
      const float cy = problem.y(row);
#pragma omp simd
      for (int column = 0; column < problem.width; ++column) {
        const float cx = -2.0f + 3.0f / problem.width * column;
        float x = 0, y = 0;
        int step = 0;
        while (step < Problem::kMost && x * x + y * y <= 4.0f) {
          const float next = x * x - y * y + cx;
          y = 2.0f * x * y + cy;
          x = next;
          ++step;
        }
        problem.steps[row * problem.width + column] = step;
      }
    }
  };
  return Measure(options, problem, step, [] {});
}
