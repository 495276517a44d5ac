// A warp for each row.
#include "bench/harness/cuda.h"
#include "bench/softmax/problem.h"

constexpr int kColumns = tq::bench::Problem::kColumns, kRowsPerBlock = 4;

__global__ void Softmax(const float* x, float* y) {
  const int lane = threadIdx.x, row = blockIdx.x * kRowsPerBlock + threadIdx.y;
  const float* from = x + row * kColumns;
  float own[kColumns / 32], most = -INFINITY, sum = 0;
  for (int i = 0; i < kColumns / 32; ++i) {
    own[i] = from[i * 32 + lane];
    most = fmaxf(most, own[i]);
  }
  for (int offset = 16; offset > 0; offset /= 2)
    most = fmaxf(most, __shfl_xor_sync(0xffffffff, most, offset));
  for (int i = 0; i < kColumns / 32; ++i) sum += own[i] = __expf(own[i] - most);
  for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_xor_sync(0xffffffff, sum, offset);
  const float scale = 1.0f / sum;
  for (int i = 0; i < kColumns / 32; ++i) y[row * kColumns + i * 32 + lane] = own[i] * scale;
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Buffer<float> x(problem.x), y(problem.y.size());
  const auto step = [&] {
    Softmax<<<problem.rows / kRowsPerBlock, dim3(32, kRowsPerBlock)>>>(x, y);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { y.Fetch(problem.y); });
}
