// Four bits at a time: each block counts its digits, the counts are summed up digit by digit, and each block
// puts its keys where they belong, in the order in which they came.
#include "bench/harness/cuda.h"
#include "bench/sort/problem.h"

constexpr int kThreads = tq::bench::Problem::kThreads, kPerThread = tq::bench::Problem::kPerThread, kBits = 4,
              kDigits = 1 << kBits;

__global__ void Count(const uint32_t* keys, uint32_t* counts, int shift) {
  __shared__ uint32_t bins[kDigits];
  if (threadIdx.x < kDigits) bins[threadIdx.x] = 0;
  __syncthreads();
  const uint32_t* own = keys + (blockIdx.x * kThreads + threadIdx.x) * kPerThread;
  for (int i = 0; i < kPerThread; ++i) atomicAdd(&bins[own[i] >> shift & (kDigits - 1)], 1u);
  __syncthreads();
  if (threadIdx.x < kDigits) counts[threadIdx.x * gridDim.x + blockIdx.x] = bins[threadIdx.x];
}

// The sum of `value` over the threads before this one. Called by whole blocks.
__device__ uint32_t SumBefore(uint32_t value, uint32_t* parts) {
  const int thread = threadIdx.x;
  parts[thread] = value;
  __syncthreads();
  for (int distance = 1; distance < kThreads; distance *= 2) {
    const uint32_t before = thread >= distance ? parts[thread - distance] : 0;
    __syncthreads();
    parts[thread] += before;
    __syncthreads();
  }
  const uint32_t sum = parts[thread] - value;
  __syncthreads();
  return sum;
}

__global__ void SumCounts(uint32_t* counts, int count) {
  __shared__ uint32_t parts[kThreads];
  const int share = (count + kThreads - 1) / kThreads, first = threadIdx.x * share;
  uint32_t sum = 0;
  for (int i = first; i < first + share && i < count; ++i) sum += counts[i];
  uint32_t before = SumBefore(sum, parts);
  for (int i = first; i < first + share && i < count; ++i) {
    const uint32_t own = counts[i];
    counts[i] = before;
    before += own;
  }
}

__global__ void Scatter(const uint32_t* keys, const uint32_t* places, uint32_t* to, int shift) {
  __shared__ uint32_t parts[kThreads];
  const uint32_t* own = keys + (blockIdx.x * kThreads + threadIdx.x) * kPerThread;
  for (int digit = 0; digit < kDigits; ++digit) {
    uint32_t count = 0;
    for (int i = 0; i < kPerThread; ++i) count += (own[i] >> shift & (kDigits - 1)) == digit;
    uint32_t place = places[digit * gridDim.x + blockIdx.x] + SumBefore(count, parts);
    for (int i = 0; i < kPerThread; ++i) {
      if ((own[i] >> shift & (kDigits - 1)) == digit) to[place++] = own[i];
    }
  }
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int blocks = problem.blocks;
  Buffer<uint32_t> keys(problem.keys), a(problem.n), b(problem.n), counts(blocks * kDigits);
  const auto step = [&] {
    const uint32_t* from = keys;
    for (int shift = 0; shift < 32; shift += kBits) {
      uint32_t* to = shift / kBits % 2 ? b : a;
      Count<<<blocks, kThreads>>>(from, counts, shift);
      SumCounts<<<1, kThreads>>>(counts, blocks * kDigits);
      Scatter<<<blocks, kThreads>>>(from, counts, to, shift);
      from = to;
    }
    Synchronize();
  };
  return Measure(options, problem, step, [&] { b.Fetch(problem.sorted); });
}
