#include "bench/harness/cuda.h"
#include "bench/reduction/problem.h"

__global__ void Sum(const float* values, float* sums, int n) {
  __shared__ float parts[tq::bench::Problem::kThreads];
  float sum = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += values[i];
  parts[threadIdx.x] = sum;
  __syncthreads();
  for (int width = blockDim.x / 2; width > 0; width /= 2) {
    if (threadIdx.x < width) parts[threadIdx.x] += parts[threadIdx.x + width];
    __syncthreads();
  }
  if (threadIdx.x == 0) sums[blockIdx.x] = parts[0];
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Buffer<float> values(problem.values), sums(problem.sums.size());
  const auto step = [&] {
    Sum<<<Problem::kBlocks, Problem::kThreads>>>(values, sums, problem.n);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { sums.Fetch(problem.sums); });
}
