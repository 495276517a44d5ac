#include "bench/harness/opencl.h"

#include "bench/stencil3d/problem.h"

constexpr char kSource[] = R"(
kernel void sweep(global const float* from, global float* to, int n) {
  const int x = get_global_id(0), y = get_global_id(1);
  if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1) return;
  const int layer = n * n;
  int at = y * n + x;
  float below = from[at], here = from[at + layer];
  for (int z = 1; z < n - 1; ++z) {
    at += layer;
    const float above = from[at + layer];
    to[at] = (here + from[at - 1] + from[at + 1] + from[at - n] + from[at + n] + below + above) * (1.0f / 7.0f);
    below = here;
    here = above;
  }
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel sweep = device.Kernel("sweep");
  const cl_mem start = device.Upload(problem.start), a = device.Upload(problem.start),
               b = device.Upload(problem.start);
  const size_t wide = (problem.n + 31u) / 32, high = (problem.n + 7u) / 8;
  const auto step = [&] {
    device.Launch(sweep, {wide, high}, {32, 8}, start, a, problem.n);
    device.Launch(sweep, {wide, high}, {32, 8}, a, b, problem.n);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(b, problem.result); });
}
