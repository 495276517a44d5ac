#include "bench/harness/cuda.h"
#include "bench/stencil3d/problem.h"

__global__ void Sweep(const float* from, float* to, int n) {
  const int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1) return;
  const int layer = n * n;
  int at = y * n + x;
  float below = from[at], here = from[at + layer];
  for (int z = 1; z < n - 1; ++z) {  // a column for each thread; what it has read it keeps
    at += layer;
    const float above = from[at + layer];
    to[at] =
        (here + from[at - 1] + from[at + 1] + from[at - n] + from[at + n] + below + above) * (1.0f / 7.0f);
    below = here;
    here = above;
  }
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  Buffer<float> start(problem.start), a(problem.start), b(problem.start);
  const dim3 block(32, 8), grid((n + 31) / 32, (n + 7) / 8);
  const auto step = [&] {
    Sweep<<<grid, block>>>(start, a, n);
    Sweep<<<grid, block>>>(a, b, n);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { b.Fetch(problem.result); });
}
