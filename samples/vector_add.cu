// The smallest whole CUDA program: copy two vectors to the device, add them in parallel, copy the sum back.
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

// One thread adds one pair. The last block has threads to spare, hence the bounds check.
__global__ void VectorAdd(const float* a, const float* b, float* sum, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) sum[i] = a[i] + b[i];
}

int main() {
  constexpr int kCount = 1'000'003;
  constexpr size_t kSizeBytes = kCount * sizeof(float);
  std::vector<float> a(kCount), b(kCount), sum(kCount);
  for (int i = 0; i < kCount; ++i) {
    a[i] = 0.5f * i;
    b[i] = 1.0f - i;
  }

  float *device_a, *device_b, *device_sum;
  CHECK(cudaMalloc(&device_a, kSizeBytes));
  CHECK(cudaMalloc(&device_b, kSizeBytes));
  CHECK(cudaMalloc(&device_sum, kSizeBytes));
  CHECK(cudaMemcpy(device_a, a.data(), kSizeBytes, cudaMemcpyHostToDevice));
  CHECK(cudaMemcpy(device_b, b.data(), kSizeBytes, cudaMemcpyHostToDevice));

  constexpr int kThreads = 256;
  VectorAdd<<<(kCount + kThreads - 1) / kThreads, kThreads>>>(device_a, device_b, device_sum, kCount);
  CHECK(cudaGetLastError());
  CHECK(cudaMemcpy(sum.data(), device_sum, kSizeBytes, cudaMemcpyDeviceToHost));

  int wrong = 0;
  for (int i = 0; i < kCount; ++i) wrong += sum[i] != a[i] + b[i];
  std::printf("vector_add: %d sums, %d wrong\n", kCount, wrong);

  CHECK(cudaFree(device_a));
  CHECK(cudaFree(device_b));
  CHECK(cudaFree(device_sum));
  return wrong == 0 ? 0 : 1;
}
