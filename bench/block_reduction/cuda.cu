#include "bench/block_reduction/problem.h"
#include "bench/harness/cuda.h"

__global__ void Sum(const float* values, float* sums) {
  __shared__ float parts[tq::bench::Problem::kThreads];
  const unsigned thread = threadIdx.x;
  parts[thread] = values[blockIdx.x * blockDim.x + thread];
  __syncthreads();
  for (unsigned width = blockDim.x / 2; width > 0; width /= 2) {
    if (thread < width) parts[thread] += parts[thread + width];
    __syncthreads();
  }
  if (thread == 0) sums[blockIdx.x] = parts[0];
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Buffer<float> values(problem.values), sums(problem.sums.size());
  const auto step = [&] {
    Sum<<<problem.blocks, Problem::kThreads>>>(values, sums);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { sums.Fetch(problem.sums); });
}
