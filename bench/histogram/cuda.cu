#include "bench/harness/cuda.h"
#include "bench/histogram/problem.h"

__global__ void Count(const uint32_t* words, uint32_t* counts, int n) {
  __shared__ uint32_t bins[tq::bench::Problem::kBins];
  bins[threadIdx.x] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    const uint32_t word = words[i];
    atomicAdd(&bins[word & 255], 1u);
    atomicAdd(&bins[word >> 8 & 255], 1u);
    atomicAdd(&bins[word >> 16 & 255], 1u);
    atomicAdd(&bins[word >> 24], 1u);
  }
  __syncthreads();
  atomicAdd(&counts[threadIdx.x], bins[threadIdx.x]);
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Buffer<uint32_t> words(problem.words), counts(Problem::kBins);
  const auto step = [&] {
    counts.Clear();
    Count<<<Problem::kBlocks, Problem::kThreads>>>(words, counts, problem.n);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { counts.Fetch(problem.counts); });
}
