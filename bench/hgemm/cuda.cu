// Tiles of 128 x 128 in shared memory, four warps with 64 x 64 results each, by mma.m16n8k16 (PTX ISA,
// "Matrix Fragments for mma.m16n8k16").
#include "bench/harness/cuda.h"
#include "bench/hgemm/problem.h"

constexpr int kTile = 128, kDepth = 32, kThreads = 128;
constexpr int kRows = 4, kColumns = 8;  // of a warp, in fragments
constexpr int kPitch = kDepth + 8;      // rows begin in different banks

__device__ void MultiplyAdd(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ unsigned Pair(const uint16_t* at) { return *reinterpret_cast<const unsigned*>(at); }

// Eight halves. As pointers, because clang copies no more at once than the declared array is aligned to.
__device__ void CopyRow(uint16_t* to, const uint16_t* from) {
  *reinterpret_cast<uint4*>(to) = *reinterpret_cast<const uint4*>(from);
}

__global__ void __launch_bounds__(kThreads) Multiply(const uint16_t* a, const uint16_t* b, float* c, int n) {
  __shared__ alignas(16) uint16_t tile_a[kTile][kPitch];
  __shared__ alignas(16) uint16_t tile_b[kTile][kPitch];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, group = lane / 4, pair = lane % 4 * 2;
  const int row = warp / 2 * 16 * kRows, column = warp % 2 * 8 * kColumns;
  a += blockIdx.y * kTile * n;
  b += blockIdx.x * kTile * n;
  float sum[kRows][kColumns][4] = {};
  for (int start = 0; start < n; start += kDepth) {
    for (int i = threadIdx.x; i < kTile * kDepth / 8; i += kThreads) {
      const int r = i / (kDepth / 8), k = i % (kDepth / 8) * 8;
      CopyRow(&tile_a[r][k], &a[r * n + start + k]);
      CopyRow(&tile_b[r][k], &b[r * n + start + k]);
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < kDepth; k += 16) {
      unsigned left[kRows][4], right[kColumns][2];
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
        const int r = row + i * 16 + group;
        left[i][0] = Pair(&tile_a[r][k + pair]);
        left[i][1] = Pair(&tile_a[r + 8][k + pair]);
        left[i][2] = Pair(&tile_a[r][k + pair + 8]);
        left[i][3] = Pair(&tile_a[r + 8][k + pair + 8]);
      }
#pragma unroll
      for (int j = 0; j < kColumns; ++j) {
        right[j][0] = Pair(&tile_b[column + j * 8 + group][k + pair]);
        right[j][1] = Pair(&tile_b[column + j * 8 + group][k + pair + 8]);
      }
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < kColumns; ++j) MultiplyAdd(sum[i][j], left[i], right[j]);
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < kRows; ++i) {
#pragma unroll
    for (int j = 0; j < kColumns; ++j) {
      const int r = blockIdx.y * kTile + row + i * 16 + group, k = blockIdx.x * kTile + column + j * 8 + pair;
      c[r * n + k] = sum[i][j][0];
      c[r * n + k + 1] = sum[i][j][1];
      c[(r + 8) * n + k] = sum[i][j][2];
      c[(r + 8) * n + k + 1] = sum[i][j][3];
    }
  }
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  Buffer<uint16_t> a(problem.a_bits), b(problem.b_bits);
  Buffer<float> c(problem.c.size());
  const auto step = [&] {
    Multiply<<<dim3(n / kTile, n / kTile), kThreads>>>(a, b, c, n);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { c.Fetch(problem.c); });
}
