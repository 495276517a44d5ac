#include "bench/harness/opencl.h"

#include "bench/harness/opencl_collectives.h"
#include "bench/softmax/problem.h"

constexpr char kSource[] = R"(
kernel void softmax(global const float* x, global float* y) {
  local float parts[32];
  const int lane = get_local_id(0), row = get_group_id(0);
  float own[32], most = -INFINITY, sum = 0;
  for (int i = 0; i < 32; ++i) {
    own[i] = x[row * 1024 + i * 32 + lane];
    most = fmax(most, own[i]);
  }
  most = reduce(most, parts, 1);
  for (int i = 0; i < 32; ++i) sum += own[i] = native_exp(own[i] - most);
  const float scale = 1.0f / reduce(sum, parts, 0);
  for (int i = 0; i < 32; ++i) y[row * 1024 + i * 32 + lane] = own[i] * scale;
}
)";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device({kReduceSource, kSource});
  const cl_kernel softmax = device.Kernel("softmax");
  const cl_mem x = device.Upload(problem.x), y = device.Allocate<float>(problem.y.size());
  const auto step = [&] {
    device.Launch(softmax, {size_t(problem.rows)}, {32}, x, y);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(y, problem.y); });
}
