#include "bench/harness/opencl.h"

#include "bench/scan/problem.h"

constexpr char kSource[] = R"(
uint scan_block(uint value, local uint* parts) {
  const int thread = get_local_id(0);
  parts[thread] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int distance = 1; distance < 256; distance *= 2) {
    const uint before = thread >= distance ? parts[thread - distance] : 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    parts[thread] += before;
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const uint sum = parts[thread];
  barrier(CLK_LOCAL_MEM_FENCE);
  return sum;
}

kernel void scan_totals(global uint* totals, int count) {
  local uint parts[256];
  const int share = (count + 255) / 256, begin = min((int)get_local_id(0) * share, count);
  const int end = min(begin + share, count);
  uint sum = 0;
  for (int i = begin; i < end; ++i) sum += totals[i];
  uint before = scan_block(sum, parts) - sum;
  for (int i = begin; i < end; ++i) {
    const uint total = totals[i];
    totals[i] = before;
    before += total;
  }
}

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
  Device device(kSource);
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
