// How often each byte value occurs. Every block counts into shared memory with atomics that only its own
// threads contend for, and adds its counts to the global ones once, at the end.
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

constexpr int kBins = 256;

__global__ void Histogram(const unsigned char* bytes, int count, unsigned* bins) {
  __shared__ unsigned block_bins[kBins];
  for (int bin = threadIdx.x; bin < kBins; bin += blockDim.x) block_bins[bin] = 0;
  __syncthreads();

  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
    atomicAdd(&block_bins[bytes[i]], 1u);
  }
  __syncthreads();

  for (int bin = threadIdx.x; bin < kBins; bin += blockDim.x) {
    if (block_bins[bin] != 0) atomicAdd(&bins[bin], block_bins[bin]);
  }
}

int main() {
  constexpr int kCount = 1 << 20;
  std::vector<unsigned char> bytes(kCount);
  std::vector<unsigned> expected(kBins), bins(kBins);
  unsigned state = 7;
  for (unsigned char& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    // The smaller of two random bytes: low values are common, high ones rare.
    const unsigned first = state >> 24, second = (state >> 16) & 0xff;
    byte = static_cast<unsigned char>(first < second ? first : second);
    ++expected[byte];
  }

  unsigned char* device_bytes;
  unsigned* device_bins;
  CHECK(cudaMalloc(&device_bytes, kCount));
  CHECK(cudaMalloc(&device_bins, kBins * sizeof(unsigned)));
  CHECK(cudaMemcpy(device_bytes, bytes.data(), kCount, cudaMemcpyHostToDevice));
  CHECK(cudaMemset(device_bins, 0, kBins * sizeof(unsigned)));

  Histogram<<<32, 128>>>(device_bytes, kCount, device_bins);
  CHECK(cudaGetLastError());
  CHECK(cudaMemcpy(bins.data(), device_bins, kBins * sizeof(unsigned), cudaMemcpyDeviceToHost));

  int wrong = 0;
  for (int bin = 0; bin < kBins; ++bin) wrong += bins[bin] != expected[bin];
  for (int bin = 0; bin < kBins; bin += 64) std::printf("value %3d: %u times\n", bin, bins[bin]);
  std::printf("histogram: %d bytes, %d of %d bins wrong\n", kCount, wrong, kBins);

  CHECK(cudaFree(device_bytes));
  CHECK(cudaFree(device_bins));
  return wrong == 0 ? 0 : 1;
}
