#include "bench/harness/opencl.h"

#include "bench/lu/problem.h"

constexpr char kSource[] = R"(
kernel void copy(global const float* from, global float* to) { to[get_global_id(0)] = from[get_global_id(0)]; }

kernel void scale(global float* a, int n, int k) {
  const int row = k + 1 + get_global_id(0);
  if (row < n) a[row * n + k] /= a[k * n + k];
}

kernel void update(global float* a, int n, int k) {
  const int column = k + 1 + get_global_id(0), row = k + 1 + get_global_id(1);
  if (row < n && column < n) a[row * n + column] -= a[row * n + k] * a[k * n + column];
}
)";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel copy = device.Kernel("copy"), scale = device.Kernel("scale"),
                  update = device.Kernel("update");
  const int n = problem.n;
  const cl_mem matrix = device.Upload(problem.matrix),
               factors = device.Allocate<float>(problem.matrix.size());
  const auto step = [&] {
    device.Launch(copy, {problem.matrix.size() / 256}, {256}, matrix, factors);
    for (int k = 0; k + 1 < n; ++k) {
      const size_t left = n - k - 1;
      device.Launch(scale, {(left + 127) / 128}, {128}, factors, n, k);
      device.Launch(update, {(left + 31) / 32, (left + 7) / 8}, {32, 8}, factors, n, k);
    }
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(factors, problem.factors); });
}
