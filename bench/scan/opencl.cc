#include "bench/harness/opencl.h"

#include "bench/harness/opencl_collectives.h"
#include "bench/scan/problem.h"

constexpr char kSource[] = R"(
kernel void scan_blocks(global const uint* values, global uint* sums, global uint* totals) {
  local uint parts[256];
  const int begin = get_global_id(0) * 4;
  uint own[4], sum = 0;
  for (int i = 0; i < 4; ++i) own[i] = sum += values[begin + i];
  const uint before = scan_block(sum, parts) - sum;
  for (int i = 0; i < 4; ++i) sums[begin + i] = before + own[i];
  if (get_local_id(0) == 255) totals[get_group_id(0)] = before + sum;
}

kernel void add_totals(global uint* sums, global const uint* totals) {
  const int begin = get_group_id(0) * 1024 + get_local_id(0);
  for (int i = 0; i < 4; ++i) sums[begin + i * 256] += totals[get_group_id(0)];
}
)";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device({kScanSource, kSource});
  const cl_kernel blocks = device.Kernel("scan_blocks"), all = device.Kernel("scan_totals"),
                  add = device.Kernel("add_totals");
  const cl_mem values = device.Upload(problem.values), sums = device.Allocate<uint32_t>(problem.n),
               totals = device.Allocate<uint32_t>(problem.blocks);
  const size_t count = problem.blocks;
  const auto step = [&] {
    device.Launch(blocks, {count}, {Problem::kThreads}, values, sums, totals);
    device.Launch(all, {1}, {Problem::kThreads}, totals, problem.blocks);
    device.Launch(add, {count}, {Problem::kThreads}, sums, totals);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(sums, problem.sums); });
}
