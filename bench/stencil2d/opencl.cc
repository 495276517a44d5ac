#include "bench/harness/opencl.h"

#include "bench/stencil2d/problem.h"

constexpr char kSource[] = R"(
kernel void sweep(global const float* from, global float* to, int n) {
  const int x = get_global_id(0), y = get_global_id(1);
  if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1) return;
  const int at = y * n + x;
  to[at] = 0.2f * (from[at] + from[at - 1] + from[at + 1] + from[at - n] + from[at + n]);
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel sweep = device.Kernel("sweep");
  const cl_mem start = device.Upload(problem.start), a = device.Upload(problem.start),
               b = device.Upload(problem.start);
  const auto step = [&] {
    cl_mem from = start;
    for (int i = 0; i < Problem::kSweeps; ++i) {
      const cl_mem to = i % 2 ? b : a;
      device.Launch(sweep, {(problem.n + 31u) / 32, (problem.n + 7u) / 8}, {32, 8}, from, to, problem.n);
      from = to;
    }
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(b, problem.result); });
}
