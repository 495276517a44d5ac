#include "bench/harness/opencl.h"

#include "bench/global_atomics/problem.h"

constexpr char kSource[] = R"(
kernel void add(global const uint* words, global uint* counters, int n) {
  const int i = get_global_id(0);
  if (i < n) atomic_add(&counters[words[i] % (1 << 16)], words[i] >> 16);
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel add = device.Kernel("add");
  const cl_mem words = device.Upload(problem.words), counters = device.Allocate<uint32_t>(Problem::kCounters);
  const auto step = [&] {
    device.Clear(counters, Problem::kCounters * sizeof(uint32_t));
    device.Launch(add, {(problem.n + 255u) / 256}, {256}, words, counters, problem.n);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(counters, problem.counters); });
}
