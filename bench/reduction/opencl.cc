#include "bench/harness/opencl.h"

#include "bench/reduction/problem.h"

constexpr char kSource[] = R"(
kernel void sum(global const float* values, global float* sums, int n) {
  local float parts[256];
  const int thread = get_local_id(0);
  float sum = 0;
  for (int i = get_global_id(0); i < n; i += get_global_size(0)) sum += values[i];
  parts[thread] = sum;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int width = get_local_size(0) / 2; width > 0; width /= 2) {
    if (thread < width) parts[thread] += parts[thread + width];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (thread == 0) sums[get_group_id(0)] = parts[0];
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel sum = device.Kernel("sum");
  const cl_mem values = device.Upload(problem.values), sums = device.Allocate<float>(Problem::kBlocks);
  const auto step = [&] {
    device.Launch(sum, {Problem::kBlocks}, {Problem::kThreads}, values, sums, problem.n);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(sums, problem.sums); });
}
