#include "bench/bfs/problem.h"
#include "bench/harness/cuda.h"

__global__ void Start(int* distances, int nodes) {
  const int node = blockIdx.x * blockDim.x + threadIdx.x;
  if (node < nodes) distances[node] = node == 0 ? 0 : -1;
}

__global__ void Advance(const int* starts, const int* targets, int* distances, int* is_changed, int level,
                        int nodes) {
  const int node = blockIdx.x * blockDim.x + threadIdx.x;
  if (node >= nodes || distances[node] != level) return;
  for (int i = starts[node]; i < starts[node + 1]; ++i) {
    if (distances[targets[i]] >= 0) continue;
    distances[targets[i]] = level + 1;  // whoever else writes here writes the same
    *is_changed = 1;
  }
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int nodes = problem.nodes, blocks = (nodes + 255) / 256;
  Buffer<int> starts(problem.starts), targets(problem.targets), distances(nodes), is_changed(1);
  const auto step = [&] {
    Start<<<blocks, 256>>>(distances, nodes);
    std::vector<int> changed = {1};
    for (int level = 0; changed[0] != 0; ++level) {
      is_changed.Clear();
      Advance<<<blocks, 256>>>(starts, targets, distances, is_changed, level, nodes);
      is_changed.Fetch(changed);
    }
  };
  return Measure(options, problem, step, [&] { distances.Fetch(problem.distances); });
}
