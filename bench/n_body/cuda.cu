#include "bench/harness/cuda.h"
#include "bench/n_body/problem.h"

__global__ void Attract(const float4* bodies, float4* pulls, int n) {
  __shared__ float4 tile[tq::bench::Problem::kThreads];
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const float4 body = bodies[i];
  float x = 0, y = 0, z = 0;
  for (int start = 0; start < n; start += blockDim.x) {
    tile[threadIdx.x] = bodies[start + threadIdx.x];
    __syncthreads();
#pragma unroll 4
    for (int other = 0; other < tq::bench::Problem::kThreads; ++other) {
      const float4 source = tile[other];
      const float dx = source.x - body.x, dy = source.y - body.y, dz = source.z - body.z;
      const float inverse = rsqrtf(dx * dx + dy * dy + dz * dz + tq::bench::Problem::kSoftening);
      const float pull = source.w * inverse * inverse * inverse;
      x += pull * dx;
      y += pull * dy;
      z += pull * dz;
    }
    __syncthreads();
  }
  pulls[i] = make_float4(x, y, z, 0);
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Buffer<float> bodies(problem.bodies), pulls(problem.pulls.size());
  const auto step = [&] {
    Attract<<<problem.n / Problem::kThreads, Problem::kThreads>>>(
        reinterpret_cast<const float4*>(static_cast<float*>(bodies)),
        reinterpret_cast<float4*>(static_cast<float*>(pulls)), problem.n);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { pulls.Fetch(problem.pulls); });
}
