#include "bench/harness/cuda.h"
#include "bench/scan/problem.h"

constexpr int kThreads = tq::bench::Problem::kThreads, kPerThread = tq::bench::Problem::kPerThread;

// The sum of `value` over the threads up to this one. Called by whole blocks.
__device__ uint32_t ScanBlock(uint32_t value, uint32_t* parts) {
  const int thread = threadIdx.x;
  parts[thread] = value;
  __syncthreads();
  for (int distance = 1; distance < kThreads; distance *= 2) {
    const uint32_t before = thread >= distance ? parts[thread - distance] : 0;
    __syncthreads();
    parts[thread] += before;
    __syncthreads();
  }
  return parts[thread];
}

__global__ void ScanBlocks(const uint32_t* values, uint32_t* sums, uint32_t* totals) {
  __shared__ uint32_t parts[kThreads];
  const int begin = (blockIdx.x * kThreads + threadIdx.x) * kPerThread;
  uint32_t own[kPerThread], sum = 0;
  for (int i = 0; i < kPerThread; ++i) own[i] = sum += values[begin + i];
  const uint32_t before = ScanBlock(sum, parts) - sum;
  for (int i = 0; i < kPerThread; ++i) sums[begin + i] = before + own[i];
  if (threadIdx.x == kThreads - 1) totals[blockIdx.x] = before + sum;
}

// One block: `totals` become what comes before each.
__global__ void ScanTotals(uint32_t* totals, int count) {
  __shared__ uint32_t parts[kThreads];
  const int share = (count + kThreads - 1) / kThreads, first = threadIdx.x * share,
            begin = first < count ? first : count;
  const int end = begin + share < count ? begin + share : count;
  uint32_t sum = 0;
  for (int i = begin; i < end; ++i) sum += totals[i];
  uint32_t before = ScanBlock(sum, parts) - sum;
  for (int i = begin; i < end; ++i) {
    const uint32_t total = totals[i];
    totals[i] = before;
    before += total;
  }
}

__global__ void AddTotals(uint32_t* sums, const uint32_t* totals) {
  const int begin = blockIdx.x * kThreads * kPerThread + threadIdx.x;
  for (int i = 0; i < kPerThread; ++i) sums[begin + i * kThreads] += totals[blockIdx.x];
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int blocks = problem.blocks;
  Buffer<uint32_t> values(problem.values), sums(problem.n), totals(blocks);
  const auto step = [&] {
    ScanBlocks<<<blocks, kThreads>>>(values, sums, totals);
    ScanTotals<<<1, kThreads>>>(totals, blocks);
    AddTotals<<<blocks, kThreads>>>(sums, totals);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { sums.Fetch(problem.sums); });
}
