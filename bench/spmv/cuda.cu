#include "bench/harness/cuda.h"
#include "bench/spmv/problem.h"

__global__ void Multiply(const int* starts, const int* columns, const float* entries, const float* x,
                         float* y, int rows) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) return;
  float sum = 0;
  for (int i = starts[row]; i < starts[row + 1]; ++i) sum += entries[i] * x[columns[i]];
  y[row] = sum;
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int rows = problem.rows;
  Buffer<int> starts(problem.starts), columns(problem.columns);
  Buffer<float> entries(problem.entries), x(problem.x), y(rows);
  const auto step = [&] {
    Multiply<<<(rows + 255) / 256, 256>>>(starts, columns, entries, x, y, rows);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { y.Fetch(problem.y); });
}
