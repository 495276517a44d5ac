// A thread for each query, with the query and the sum in registers; keys and values come by tiles into shared
// memory. What was summed up is scaled whenever a greater score turns up.
#include "bench/attention/problem.h"
#include "bench/harness/cuda.h"

constexpr int kWidth = tq::bench::Problem::kWidth, kTile = 32, kThreads = 64;

__global__ void Attend(const float* q, const float* k, const float* v, float* out, int length) {
  __shared__ float keys[kTile][kWidth], values[kTile][kWidth];
  const int row = blockIdx.y * length + blockIdx.x * kThreads + threadIdx.x;
  float query[kWidth], sum[kWidth], most = -INFINITY, total = 0;
#pragma unroll
  for (int d = 0; d < kWidth; ++d) {
    query[d] = q[row * kWidth + d] * tq::bench::Problem::kScale;
    sum[d] = 0;
  }
  for (int start = 0; start < length; start += kTile) {
    const int first = (blockIdx.y * length + start) * kWidth;
    for (int i = threadIdx.x; i < kTile * kWidth; i += kThreads) {
      keys[i / kWidth][i % kWidth] = k[first + i];
      values[i / kWidth][i % kWidth] = v[first + i];
    }
    __syncthreads();
    for (int j = 0; j < kTile; ++j) {
      float score = 0;
#pragma unroll
      for (int d = 0; d < kWidth; ++d) score += query[d] * keys[j][d];
      if (score > most) {
        const float shrink = __expf(most - score);
        total *= shrink;
#pragma unroll
        for (int d = 0; d < kWidth; ++d) sum[d] *= shrink;
        most = score;
      }
      const float weight = __expf(score - most);
      total += weight;
#pragma unroll
      for (int d = 0; d < kWidth; ++d) sum[d] += weight * values[j][d];
    }
    __syncthreads();
  }
#pragma unroll
  for (int d = 0; d < kWidth; ++d) out[row * kWidth + d] = sum[d] / total;
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Buffer<float> q(problem.q), k(problem.k), v(problem.v), out(problem.out.size());
  const auto step = [&] {
    Attend<<<dim3(problem.length / kThreads, problem.heads), kThreads>>>(q, k, v, out, problem.length);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { out.Fetch(problem.out); });
}
