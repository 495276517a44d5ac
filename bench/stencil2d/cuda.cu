#include "bench/harness/cuda.h"
#include "bench/stencil2d/problem.h"

__global__ void Sweep(const float* from, float* to, int n) {
  const int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1) return;
  const int at = y * n + x;
  to[at] = 0.2f * (from[at] + from[at - 1] + from[at + 1] + from[at - n] + from[at + n]);
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  Buffer<float> start(problem.start), a(problem.start), b(problem.start);
  const dim3 block(32, 8), grid((n + 31) / 32, (n + 7) / 8);
  const auto step = [&] {
    const float* from = start;
    for (int sweep = 0; sweep < Problem::kSweeps; ++sweep) {
      float* to = sweep % 2 ? b : a;
      Sweep<<<grid, block>>>(from, to, n);
      from = to;
    }
    Synchronize();
  };
  return Measure(options, problem, step, [&] { b.Fetch(problem.result); });
}
