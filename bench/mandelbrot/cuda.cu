#include "bench/harness/cuda.h"
#include "bench/mandelbrot/problem.h"

__global__ void Escape(int* steps, int width, int height, int most) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y * blockDim.y + threadIdx.y;
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
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Buffer<int> steps(problem.steps.size());
  const dim3 block(32, 8), grid(problem.width / 32, problem.height / 8);
  const auto step = [&] {
    Escape<<<grid, block>>>(steps, problem.width, problem.height, Problem::kMost);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { steps.Fetch(problem.steps); });
}
