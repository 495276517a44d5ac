// Sum and maximum of a million numbers. Within a warp, lanes hand values to each other by shuffles; warps
// meet in shared memory; blocks meet in an atomic. The number of blocks does not depend on the number of
// values (grid-stride loop).
#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#define CHECK(call)                                                                                  \
  do {                                                                                               \
    const cudaError_t error = (call);                                                                \
    if (error != cudaSuccess) {                                                                      \
      std::fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(error)); \
      std::exit(1);                                                                                  \
    }                                                                                                \
  } while (false)

constexpr int kWarp = 32;
constexpr int kThreads = 256;
constexpr unsigned kAllLanes = 0xffffffffu;

struct Sum {
  __device__ static unsigned long long Combine(unsigned long long a, unsigned long long b) { return a + b; }
  __device__ static void Publish(unsigned long long* result, unsigned long long value) {
    atomicAdd(result, value);
  }
};

struct Maximum {
  __device__ static unsigned long long Combine(unsigned long long a, unsigned long long b) {
    return a > b ? a : b;
  }
  __device__ static void Publish(unsigned long long* result, unsigned long long value) {
    atomicMax(result, value);
  }
};

// After the call, lane 0 holds the combination of the whole warp.
template <typename Op>
__device__ unsigned long long ReduceWarp(unsigned long long value) {
  for (int distance = kWarp / 2; distance > 0; distance /= 2) {
    value = Op::Combine(value, __shfl_down_sync(kAllLanes, value, distance));
  }
  return value;
}

// 0 is neutral for both operations. `result` must hold 0 before the launch.
template <typename Op>
__global__ void Reduce(const unsigned* values, int count, unsigned long long* result) {
  __shared__ unsigned long long partial[kThreads / kWarp];

  unsigned long long mine = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
    mine = Op::Combine(mine, values[i]);
  }
  mine = ReduceWarp<Op>(mine);

  const int warp = threadIdx.x / kWarp, lane = threadIdx.x % kWarp;
  if (lane == 0) partial[warp] = mine;
  __syncthreads();
  if (warp == 0) {
    mine = ReduceWarp<Op>(lane < kThreads / kWarp ? partial[lane] : 0);
    if (lane == 0) Op::Publish(result, mine);
  }
}

int main() {
  constexpr int kCount = 1'000'003;
  constexpr int kBlocks = 24;
  std::vector<unsigned> values(kCount);
  unsigned long long expected[2] = {0, 0};
  unsigned state = 1;
  for (unsigned& value : values) {
    state = state * 1664525u + 1013904223u;
    value = state >> 4;
    expected[0] += value;
    if (value > expected[1]) expected[1] = value;
  }

  unsigned* device_values;
  unsigned long long* device_results;
  CHECK(cudaMalloc(&device_values, kCount * sizeof(unsigned)));
  CHECK(cudaMalloc(&device_results, sizeof expected));
  CHECK(cudaMemcpy(device_values, values.data(), kCount * sizeof(unsigned), cudaMemcpyHostToDevice));
  CHECK(cudaMemset(device_results, 0, sizeof expected));

  Reduce<Sum><<<kBlocks, kThreads>>>(device_values, kCount, device_results);
  Reduce<Maximum><<<kBlocks, kThreads>>>(device_values, kCount, device_results + 1);
  CHECK(cudaGetLastError());

  unsigned long long results[2];
  CHECK(cudaMemcpy(results, device_results, sizeof results, cudaMemcpyDeviceToHost));
  const bool right = results[0] == expected[0] && results[1] == expected[1];
  std::printf("reduction: sum %llu, maximum %llu, %s\n", results[0], results[1], right ? "right" : "wrong");

  CHECK(cudaFree(device_values));
  CHECK(cudaFree(device_results));
  return right ? 0 : 1;
}
