// The textbook's fast form: tiles of 128 x 128 in shared memory, 8 x 8 results in the registers of each
// thread.
#include "bench/harness/cuda.h"
#include "bench/sgemm/problem.h"

constexpr int kTile = 128, kDepth = 8, kPerThread = 8, kThreads = 256;

// n is a multiple of kTile.
__global__ void __launch_bounds__(kThreads) Multiply(const float* a, const float* b, float* c, int n) {
  __shared__ alignas(16) float tile_a[kDepth][kTile];  // transposed
  __shared__ alignas(16) float tile_b[kDepth][kTile];
  const int thread = threadIdx.x;
  const int row = thread / 16 * kPerThread, column = thread % 16 * kPerThread;
  const int a_row = thread / 2, a_column = thread % 2 * 4;
  const int b_row = thread / 32, b_column = thread % 32 * 4;
  a += blockIdx.y * kTile * n;
  b += blockIdx.x * kTile;
  c += blockIdx.y * kTile * n + blockIdx.x * kTile;

  float sum[kPerThread][kPerThread] = {};
  for (int start = 0; start < n; start += kDepth) {
    const float4 from_a = *reinterpret_cast<const float4*>(&a[a_row * n + start + a_column]);
    tile_a[a_column][a_row] = from_a.x;
    tile_a[a_column + 1][a_row] = from_a.y;
    tile_a[a_column + 2][a_row] = from_a.z;
    tile_a[a_column + 3][a_row] = from_a.w;
    *reinterpret_cast<float4*>(&tile_b[b_row][b_column]) =
        *reinterpret_cast<const float4*>(&b[(start + b_row) * n + b_column]);
    __syncthreads();
#pragma unroll
    for (int k = 0; k < kDepth; ++k) {
      float left[kPerThread], right[kPerThread];
#pragma unroll
      for (int i = 0; i < kPerThread; ++i) left[i] = tile_a[k][row + i];
#pragma unroll
      for (int i = 0; i < kPerThread; ++i) right[i] = tile_b[k][column + i];
#pragma unroll
      for (int i = 0; i < kPerThread; ++i) {
#pragma unroll
        for (int j = 0; j < kPerThread; ++j) sum[i][j] += left[i] * right[j];
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < kPerThread; ++i) {
#pragma unroll
    for (int j = 0; j < kPerThread; ++j) c[(row + i) * n + column + j] = sum[i][j];
  }
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  Buffer<float> a(problem.a), b(problem.b), c(problem.c.size());
  const auto step = [&] {
    Multiply<<<dim3(n / kTile, n / kTile), kThreads>>>(a, b, c, n);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { c.Fetch(problem.c); });
}
