#include "bench/harness/opencl.h"

#include "bench/triad/problem.h"

constexpr char kSource[] = R"(
kernel void triad(global float* a, global const float* b, global const float* c, float scale, int n) {
  const int i = get_global_id(0);
  if (i < n) a[i] = b[i] + scale * c[i];
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel triad = device.Kernel("triad");
  const cl_mem a = device.Allocate<float>(problem.n), b = device.Upload(problem.b),
               c = device.Upload(problem.c);
  const auto step = [&] {
    device.Launch(triad, {(problem.n + 255u) / 256}, {256}, a, b, c, 3.0f, problem.n);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(a, problem.a); });
}
