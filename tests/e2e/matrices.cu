// Matrix products on the warp's matrix instructions, as programs write them: mma.h's fragments, and inline
// PTX with ldmatrix, cp.async and mma.sync. Inputs are small integers, so that every sum is exact.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr int kM = 96, kN = 64, kK = 80;

void Check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  std::printf("%s: %s\n", what, cudaGetErrorString(error));
  std::exit(1);
}

int Number(int i) { return i * 37 % 11 - 5; }

template <typename T>
T* Upload(const std::vector<T>& values) {
  T* device = nullptr;
  Check(cudaMalloc(&device, values.size() * sizeof(T)), "cudaMalloc");
  Check(cudaMemcpy(device, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice), "cudaMemcpy");
  return device;
}

// A by rows, B by columns, C by rows. A warp for each tile of 16 x 16.
template <typename In, typename Out, int kStep>
__global__ void WithFragments(const In* a, const In* b, Out* c) {
  using namespace nvcuda;
  const int row = blockIdx.y * 16, column = blockIdx.x * 16;
  wmma::fragment<wmma::matrix_a, 16, 16, kStep, In, wmma::row_major> x;
  wmma::fragment<wmma::matrix_b, 16, 16, kStep, In, wmma::col_major> y;
  wmma::fragment<wmma::accumulator, 16, 16, kStep, Out> sum;
  wmma::fill_fragment(sum, Out(0));
  for (int k = 0; k < kK; k += kStep) {
    wmma::load_matrix_sync(x, a + row * kK + k, kK);
    wmma::load_matrix_sync(y, b + column * kK + k, kK);
    wmma::mma_sync(sum, x, y, sum);
  }
  for (int i = 0; i < sum.num_elements; ++i) sum.x[i] = sum.x[i] * Out(2);
  wmma::store_matrix_sync(c + row * kN + column, sum, kN, wmma::mem_row_major);
}

// The same with two warps to a tile of 16 x 16, half of it each.
__global__ void WithInstructions(const __nv_bfloat16* a, const __nv_bfloat16* b, float* c) {
  __shared__ __align__(16) __nv_bfloat16 x[16][16], y[16][16];  // y: by columns of B
  const int row = blockIdx.y * 16, column = blockIdx.x * 16;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  float sum[4] = {};
  for (int k = 0; k < kK; k += 16) {
    const int line = lane / 2, part = lane % 2 * 8;
    const __nv_bfloat16* from =
        warp == 0 ? a + (row + line) * kK + k + part : b + (column + line) * kK + k + part;
    const uint32_t to =
        static_cast<uint32_t>(__cvta_generic_to_shared(warp == 0 ? &x[line][part] : &y[line][part]));
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from));
    asm volatile("cp.async.wait_all;" ::: "memory");
    __syncthreads();
    uint32_t p[4], q[2];
    const uint32_t x_at = static_cast<uint32_t>(__cvta_generic_to_shared(&x[lane % 16][lane / 16 * 8]));
    const uint32_t y_at =
        static_cast<uint32_t>(__cvta_generic_to_shared(&y[warp * 8 + lane % 8][lane / 8 % 2 * 8]));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(p[0]), "=r"(p[1]), "=r"(p[2]), "=r"(p[3])
                 : "r"(x_at));
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
                 : "=r"(q[0]), "=r"(q[1])
                 : "r"(y_at));
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(p[0]), "r"(p[1]), "r"(p[2]), "r"(p[3]), "r"(q[0]), "r"(q[1]));
    __syncthreads();
  }
  for (int i = 0; i < 4; ++i) {
    c[(row + lane / 4 + i / 2 * 8) * kN + column + warp * 8 + lane % 4 * 2 + i % 2] = 2 * sum[i];
  }
}

template <typename In, typename Out, typename Launch>
void Run(const char* name, Launch launch) {
  std::vector<In> a(kM * kK), b(kN * kK);
  for (int i = 0; i < kM * kK; ++i) a[i] = In(Number(i));
  for (int i = 0; i < kN * kK; ++i) b[i] = In(Number(i + 4));
  std::vector<Out> c(kM * kN);
  In *da = Upload(a), *db = Upload(b);
  Out* dc = Upload(c);
  launch(da, db, dc);
  Check(cudaGetLastError(), name);
  Check(cudaMemcpy(c.data(), dc, c.size() * sizeof(Out), cudaMemcpyDeviceToHost), name);
  int wrong = 0;
  for (int row = 0; row < kM; ++row) {
    for (int column = 0; column < kN; ++column) {
      int sum = 0;
      for (int k = 0; k < kK; ++k) sum += Number(row * kK + k) * Number(column * kK + k + 4);
      wrong += static_cast<float>(c[row * kN + column]) != static_cast<float>(2 * sum);
    }
  }
  std::printf("%s: %d of %d differ\n", name, wrong, kM * kN);
  cudaFree(da), cudaFree(db), cudaFree(dc);
}

}  // namespace

int main() {
  const dim3 tiles(kN / 16, kM / 16);
  Run<__half, float>("wmma f16 to f32", [&](auto a, auto b, auto c) {
    WithFragments<__half, float, 16><<<tiles, 32>>>(a, b, c);
  });
  Run<__half, __half>("wmma f16 to f16", [&](auto a, auto b, auto c) {
    WithFragments<__half, __half, 16><<<tiles, 32>>>(a, b, c);
  });
  Run<__nv_bfloat16, float>("wmma bf16", [&](auto a, auto b, auto c) {
    WithFragments<__nv_bfloat16, float, 16><<<tiles, 32>>>(a, b, c);
  });
  Run<int8_t, int>("wmma s8", [&](auto a, auto b, auto c) {
    WithFragments<signed char, int, 16><<<tiles, 32>>>(a, b, c);
  });
  Run<__nv_bfloat16, float>("ldmatrix and mma.sync",
                            [&](auto a, auto b, auto c) { WithInstructions<<<tiles, 64>>>(a, b, c); });
}
