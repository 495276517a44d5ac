#include "bench/harness/opencl.h"

#include "bench/histogram/problem.h"

constexpr char kSource[] = R"(
kernel void count(global const uint* words, global uint* counts, int n) {
  local uint bins[256];
  const int thread = get_local_id(0);
  bins[thread] = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int i = get_global_id(0); i < n; i += get_global_size(0)) {
    const uint word = words[i];
    atomic_inc(&bins[word & 255]);
    atomic_inc(&bins[word >> 8 & 255]);
    atomic_inc(&bins[word >> 16 & 255]);
    atomic_inc(&bins[word >> 24]);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  atomic_add(&counts[thread], bins[thread]);
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel count = device.Kernel("count");
  const cl_mem words = device.Upload(problem.words), counts = device.Allocate<uint32_t>(Problem::kBins);
  const auto step = [&] {
    device.Clear(counts, Problem::kBins * sizeof(uint32_t));
    device.Launch(count, {Problem::kBlocks}, {Problem::kThreads}, words, counts, problem.n);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(counts, problem.counts); });
}
