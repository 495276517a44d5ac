// Two launches for each column: what launches cost is a part of it.
#include "bench/harness/cuda.h"
#include "bench/lu/problem.h"

__global__ void Scale(float* a, int n, int k) {
  const int row = k + 1 + blockIdx.x * blockDim.x + threadIdx.x;
  if (row < n) a[row * n + k] /= a[k * n + k];
}

__global__ void Update(float* a, int n, int k) {
  const int column = k + 1 + blockIdx.x * blockDim.x + threadIdx.x;
  const int row = k + 1 + blockIdx.y * blockDim.y + threadIdx.y;
  if (row < n && column < n) a[row * n + column] -= a[row * n + k] * a[k * n + column];
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  Buffer<float> matrix(problem.matrix), factors(problem.matrix.size());
  const auto step = [&] {
    factors.CopyFrom(matrix);
    for (int k = 0; k + 1 < n; ++k) {
      const int left = n - k - 1;
      Scale<<<(left + 127) / 128, 128>>>(factors, n, k);
      Update<<<dim3((left + 31) / 32, (left + 7) / 8), dim3(32, 8)>>>(factors, n, k);
    }
    Synchronize();
  };
  return Measure(options, problem, step, [&] { factors.Fetch(problem.factors); });
}
