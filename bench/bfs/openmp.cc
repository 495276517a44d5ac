#include "bench/bfs/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const auto step = [&, nodes = problem.nodes, starts = problem.starts.data(),
                     targets = problem.targets.data(), distances = problem.distances.data()] {
    std::fill_n(distances, nodes, -1);
    distances[0] = 0;
    int is_changed = 1;
    for (int level = 0; is_changed != 0; ++level) {
      is_changed = 0;
#pragma omp parallel for reduction(| : is_changed)
      for (int node = 0; node < nodes; ++node) {
        if (distances[node] != level) continue;
        for (int i = starts[node]; i < starts[node + 1]; ++i) {
          if (distances[targets[i]] >= 0) continue;
          distances[targets[i]] = level + 1;
          is_changed = 1;
        }
      }
    }
  };
  return Measure(options, problem, step, [] {});
}
