// A block for each row; warps add up by shuffles, the block by a word for each warp.
#include "bench/harness/cuda.h"
#include "bench/layernorm/problem.h"

constexpr int kColumns = tq::bench::Problem::kColumns, kThreads = tq::bench::Problem::kThreads;

// The sum over the block, in each thread. Called by whole blocks.
__device__ float Sum(float value, float* parts) {
  for (int offset = 16; offset > 0; offset /= 2) value += __shfl_xor_sync(0xffffffff, value, offset);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = value;
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < kThreads / 32; ++i) sum += parts[i];
  __syncthreads();
  return sum;
}

__global__ void Normalize(const float* x, float* y, float epsilon) {
  __shared__ float parts[kThreads / 32];
  const float* from = x + blockIdx.x * kColumns;
  float own[kColumns / kThreads], sum = 0, squares = 0;
  for (int i = 0; i < kColumns / kThreads; ++i) sum += own[i] = from[i * kThreads + threadIdx.x];
  const float mean = Sum(sum, parts) / kColumns;
  for (int i = 0; i < kColumns / kThreads; ++i) squares += (own[i] - mean) * (own[i] - mean);
  const float scale = rsqrtf(Sum(squares, parts) / kColumns + epsilon);
  for (int i = 0; i < kColumns / kThreads; ++i) {
    y[blockIdx.x * kColumns + i * kThreads + threadIdx.x] = (own[i] - mean) * scale;
  }
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Buffer<float> x(problem.x), y(problem.y.size());
  const auto step = [&] {
    Normalize<<<problem.rows, kThreads>>>(x, y, Problem::kEpsilon);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { y.Fetch(problem.y); });
}
