#include "bench/harness/opencl.h"

#include "bench/sgemm/problem.h"

constexpr char kSource[] = R"(
kernel __attribute__((reqd_work_group_size(256, 1, 1)))
void multiply(global const float* a, global const float* b, global float* c, int n) {
  local float tile_a[8][128], tile_b[8][128];
  const int thread = get_local_id(0);
  const int row = thread / 16 * 8, column = thread % 16 * 8;
  const int a_row = thread / 2, a_column = thread % 2 * 4;
  const int b_row = thread / 32, b_column = thread % 32 * 4;
  a += get_group_id(1) * 128 * n;
  b += get_group_id(0) * 128;
  c += get_group_id(1) * 128 * n + get_group_id(0) * 128;
  float sum[8][8];
  for (int i = 0; i < 8; ++i) for (int j = 0; j < 8; ++j) sum[i][j] = 0;
  for (int start = 0; start < n; start += 8) {
    for (int i = 0; i < 4; ++i) tile_a[a_column + i][a_row] = a[a_row * n + start + a_column + i];
    for (int i = 0; i < 4; ++i) tile_b[b_row][b_column + i] = b[(start + b_row) * n + b_column + i];
    barrier(CLK_LOCAL_MEM_FENCE);
    #pragma unroll
    for (int k = 0; k < 8; ++k) {
      float left[8], right[8];
      #pragma unroll
      for (int i = 0; i < 8; ++i) left[i] = tile_a[k][row + i];
      #pragma unroll
      for (int i = 0; i < 8; ++i) right[i] = tile_b[k][column + i];
      #pragma unroll
      for (int i = 0; i < 8; ++i) {
        #pragma unroll
        for (int j = 0; j < 8; ++j) sum[i][j] += left[i] * right[j];
      }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  for (int i = 0; i < 8; ++i) for (int j = 0; j < 8; ++j) c[(row + i) * n + column + j] = sum[i][j];
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel multiply = device.Kernel("multiply");
  const cl_mem a = device.Upload(problem.a), b = device.Upload(problem.b),
               c = device.Allocate<float>(problem.c.size());
  const size_t tiles = problem.n / 128;
  const auto step = [&] {
    device.Launch(multiply, {tiles, tiles}, {256, 1}, a, b, c, problem.n);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(c, problem.c); });
}
