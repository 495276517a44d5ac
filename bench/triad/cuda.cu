#include "bench/harness/cuda.h"
#include "bench/triad/problem.h"

__global__ void Triad(float* a, const float* b, const float* c, float scale, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) a[i] = b[i] + scale * c[i];
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  Buffer<float> a(n), b(problem.b), c(problem.c);
  const auto step = [&] {
    Triad<<<(n + 255) / 256, 256>>>(a, b, c, 3.0f, n);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { a.Fetch(problem.a); });
}
