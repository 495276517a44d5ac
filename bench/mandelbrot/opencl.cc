#include "bench/harness/opencl.h"

#include "bench/mandelbrot/problem.h"

constexpr char kSource[] = R"(
kernel void escape_time(global int* steps, int width, int height, int most) {
  const int column = get_global_id(0), row = get_global_id(1);
  const float cx = -2.0f + 3.0f / width * column, cy = -1.0f + 2.0f / height * row;
  float x = 0, y = 0;
  int step = 0;
  while (step < most && x * x + y * y <= 4.0f) {
    const float next = x * x - y * y + cx;
    y = 2.0f * x * y + cy;
    x = next;
    ++step;
  }
  steps[row * width + column] = step;
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel escape = device.Kernel("escape_time");
  const cl_mem steps = device.Allocate<int>(problem.steps.size());
  const auto step = [&] {
    device.Launch(escape, {problem.width / 32u, problem.height / 8u}, {32, 8}, steps, problem.width,
                  problem.height, Problem::kMost);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(steps, problem.steps); });
}
