#include "bench/harness/opencl.h"

#include "bench/spmv/problem.h"

constexpr char kSource[] = R"(
kernel void multiply(global const int* starts, global const int* columns, global const float* entries,
                     global const float* x, global float* y, int rows) {
  const int row = get_global_id(0);
  if (row >= rows) return;
  float sum = 0;
  for (int i = starts[row]; i < starts[row + 1]; ++i) sum += entries[i] * x[columns[i]];
  y[row] = sum;
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel multiply = device.Kernel("multiply");
  const cl_mem starts = device.Upload(problem.starts), columns = device.Upload(problem.columns),
               entries = device.Upload(problem.entries), x = device.Upload(problem.x),
               y = device.Allocate<float>(problem.rows);
  const auto step = [&] {
    device.Launch(multiply, {(problem.rows + 255u) / 256}, {256}, starts, columns, entries, x, y,
                  problem.rows);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(y, problem.y); });
}
