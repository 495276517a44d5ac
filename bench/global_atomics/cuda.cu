#include "bench/global_atomics/problem.h"
#include "bench/harness/cuda.h"

__global__ void Add(const uint32_t* words, uint32_t* counters, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) atomicAdd(&counters[words[i] % tq::bench::Problem::kCounters], words[i] >> 16);
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  Buffer<uint32_t> words(problem.words), counters(Problem::kCounters);
  const auto step = [&] {
    counters.Clear();
    Add<<<(n + 255) / 256, 256>>>(words, counters, n);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { counters.Fetch(problem.counters); });
}
