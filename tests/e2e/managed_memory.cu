// Memory that host and device share: managed allocations and variables, pinned and registered host memory,
// and the same through stream-ordered allocation.
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

__managed__ int total = 5;
__managed__ float scale[2] = {1.0f, 10.0f};

__global__ void Accumulate(const int* values, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) atomicAdd(&total, values[i] * static_cast<int>(scale[i % 2]));
}

__global__ void Increment(int* values, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) ++values[i];
}

int main() {
  constexpr int kCount = 1000;
  int* managed;
  CHECK(cudaMallocManaged(&managed, kCount * sizeof(int)));
  for (int i = 0; i < kCount; ++i) managed[i] = i % 10;
  Accumulate<<<8, 128>>>(managed, kCount);
  CHECK(cudaDeviceSynchronize());
  std::printf("managed variable: %d\n", total);

  scale[0] = 100.0f;  // host writes are seen by the next launch
  Accumulate<<<8, 128>>>(managed, kCount);
  CHECK(cudaDeviceSynchronize());
  std::printf("after a write by the host: %d\n", total);

  int *pinned, *pinned_on_device;
  CHECK(cudaHostAlloc(&pinned, kCount * sizeof(int), cudaHostAllocMapped));
  for (int i = 0; i < kCount; ++i) pinned[i] = i;
  CHECK(cudaHostGetDevicePointer(&pinned_on_device, pinned, 0));
  Increment<<<8, 128>>>(pinned_on_device, kCount);

  std::vector<int> registered(kCount, 41);
  int* registered_on_device;
  CHECK(cudaHostRegister(registered.data(), kCount * sizeof(int), cudaHostRegisterMapped));
  CHECK(cudaHostGetDevicePointer(&registered_on_device, registered.data(), 0));
  Increment<<<8, 128>>>(registered_on_device, kCount);
  CHECK(cudaDeviceSynchronize());
  CHECK(cudaHostUnregister(registered.data()));
  std::printf("mapped host memory: %d %d\n", pinned[999], registered[999]);

  cudaStream_t stream;
  CHECK(cudaStreamCreate(&stream));
  int* pooled;
  std::vector<int> host(kCount);
  CHECK(cudaMallocAsync(&pooled, kCount * sizeof(int), stream));
  CHECK(cudaMemsetAsync(pooled, 0, kCount * sizeof(int), stream));
  Increment<<<8, 128, 0, stream>>>(pooled, kCount);
  CHECK(cudaMemcpyAsync(host.data(), pooled, kCount * sizeof(int), cudaMemcpyDeviceToHost, stream));
  CHECK(cudaFreeAsync(pooled, stream));
  CHECK(cudaStreamSynchronize(stream));
  std::printf("stream-ordered memory: %d\n", host[500]);

  // Pitched rows, and copies of a rectangle out of them.
  char* pitched;
  size_t pitch_bytes = 0;
  CHECK(cudaMallocPitch(&pitched, &pitch_bytes, 100, 20));
  CHECK(cudaMemset2D(pitched, pitch_bytes, 7, 100, 20));
  CHECK(cudaMemset2D(pitched + 5 * pitch_bytes + 10, pitch_bytes, 9, 20, 3));
  std::vector<char> rectangle(30 * 10);
  CHECK(cudaMemcpy2D(rectangle.data(), 30, pitched + 4 * pitch_bytes + 5, pitch_bytes, 30, 10,
                     cudaMemcpyDeviceToHost));
  int nines = 0;
  for (char value : rectangle) nines += value == 9;
  std::printf("rectangle: %d of %zu are nines, pitch is %s\n", nines, rectangle.size(),
              pitch_bytes >= 100 && pitch_bytes % 32 == 0 ? "aligned" : "odd");

  CHECK(cudaStreamDestroy(stream));
  CHECK(cudaFree(managed));
  CHECK(cudaFree(pitched));
  CHECK(cudaFreeHost(pinned));
  return 0;
}
