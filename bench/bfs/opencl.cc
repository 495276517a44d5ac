#include "bench/harness/opencl.h"

#include "bench/bfs/problem.h"

constexpr char kSource[] = R"(
kernel void start(global int* distances, int nodes) {
  const int node = get_global_id(0);
  if (node < nodes) distances[node] = node == 0 ? 0 : -1;
}

kernel void advance(global const int* starts, global const int* targets, global int* distances,
                    global int* is_changed, int level, int nodes) {
  const int node = get_global_id(0);
  if (node >= nodes || distances[node] != level) return;
  for (int i = starts[node]; i < starts[node + 1]; ++i) {
    if (distances[targets[i]] >= 0) continue;
    distances[targets[i]] = level + 1;
    *is_changed = 1;
  }
}
)";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel start = device.Kernel("start"), advance = device.Kernel("advance");
  const cl_mem starts = device.Upload(problem.starts), targets = device.Upload(problem.targets),
               distances = device.Allocate<int>(problem.nodes), is_changed = device.Allocate<int>(1);
  const size_t blocks = (problem.nodes + 255) / 256;
  const auto step = [&] {
    device.Launch(start, {blocks}, {256}, distances, problem.nodes);
    std::vector<int> changed = {1};
    for (int level = 0; changed[0] != 0; ++level) {
      device.Clear(is_changed, sizeof(int));
      device.Launch(advance, {blocks}, {256}, starts, targets, distances, is_changed, level, problem.nodes);
      device.Fetch(is_changed, changed);
    }
  };
  return Measure(options, problem, step, [&] { device.Fetch(distances, problem.distances); });
}
