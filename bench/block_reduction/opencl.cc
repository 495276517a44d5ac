#include "bench/harness/opencl.h"

#include "bench/block_reduction/problem.h"

constexpr char kSource[] = R"(
kernel void sum(global const float* values, global float* sums) {
  local float parts[256];
  const uint thread = get_local_id(0);
  parts[thread] = values[get_global_id(0)];
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint width = get_local_size(0) / 2; width > 0; width /= 2) {
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
  const cl_mem values = device.Upload(problem.values), sums = device.Allocate<float>(problem.sums.size());
  const auto step = [&] {
    device.Launch(sum, {size_t(problem.blocks)}, {Problem::kThreads}, values, sums);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(sums, problem.sums); });
}
