#include "bench/harness/opencl.h"

#include "bench/harness/opencl_collectives.h"
#include "bench/sort/problem.h"

constexpr char kSource[] = R"(
kernel void count(global const uint* keys, global uint* counts, int shift) {
  local uint bins[16];
  const int thread = get_local_id(0);
  if (thread < 16) bins[thread] = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  global const uint* own = keys + get_global_id(0) * 4;
  for (int i = 0; i < 4; ++i) atomic_inc(&bins[own[i] >> shift & 15]);
  barrier(CLK_LOCAL_MEM_FENCE);
  if (thread < 16) counts[thread * get_num_groups(0) + get_group_id(0)] = bins[thread];
}

kernel void scatter(global const uint* keys, global const uint* places, global uint* to, int shift) {
  local uint parts[256];
  global const uint* own = keys + get_global_id(0) * 4;
  for (uint digit = 0; digit < 16; ++digit) {
    uint count = 0;
    for (int i = 0; i < 4; ++i) count += (own[i] >> shift & 15) == digit;
    uint place = places[digit * get_num_groups(0) + get_group_id(0)] + scan_block(count, parts) - count;
    for (int i = 0; i < 4; ++i) {
      if ((own[i] >> shift & 15) == digit) to[place++] = own[i];
    }
  }
}
)";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device({kScanSource, kSource});
  const cl_kernel count = device.Kernel("count"), sum = device.Kernel("scan_totals"),
                  scatter = device.Kernel("scatter");
  const cl_mem keys = device.Upload(problem.keys), a = device.Allocate<uint32_t>(problem.n),
               b = device.Allocate<uint32_t>(problem.n),
               counts = device.Allocate<uint32_t>(problem.blocks * 16);
  const size_t blocks = problem.blocks;
  const auto step = [&] {
    cl_mem from = keys;
    for (int shift = 0; shift < 32; shift += 4) {
      const cl_mem to = shift / 4 % 2 ? b : a;
      device.Launch(count, {blocks}, {Problem::kThreads}, from, counts, shift);
      device.Launch(sum, {1}, {Problem::kThreads}, counts, problem.blocks * 16);
      device.Launch(scatter, {blocks}, {Problem::kThreads}, from, counts, to, shift);
      from = to;
    }
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(b, problem.sorted); });
}
