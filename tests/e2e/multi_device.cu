// Several devices in one process: each computes a part; parts move between devices directly; events and
// streams belong to the device they were made on. Wants four devices.
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

__global__ void FillSquares(long long* values, int count, int first) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) values[i] = static_cast<long long>(first + i) * (first + i);
}

int main() {
  constexpr int kDevices = 4, kPart = 5000;
  int devices = 0;
  CHECK(cudaGetDeviceCount(&devices));
  std::printf("%d devices\n", devices);
  if (devices < kDevices) return 1;

  long long* parts[kDevices];
  cudaStream_t streams[kDevices];
  cudaEvent_t done[kDevices];
  for (int d = 0; d < kDevices; ++d) {
    CHECK(cudaSetDevice(d));
    CHECK(cudaMalloc(&parts[d], kPart * sizeof(long long)));
    CHECK(cudaStreamCreate(&streams[d]));
    CHECK(cudaEventCreate(&done[d]));
    FillSquares<<<(kPart + 127) / 128, 128, 0, streams[d]>>>(parts[d], kPart, d * kPart);
    CHECK(cudaGetLastError());
    CHECK(cudaEventRecord(done[d], streams[d]));
  }

  // The first device collects all parts, each as soon as its own device is done with it.
  CHECK(cudaSetDevice(0));
  long long* all;
  CHECK(cudaMalloc(&all, kDevices * kPart * sizeof(long long)));
  for (int d = 0; d < kDevices; ++d) {
    CHECK(cudaStreamWaitEvent(streams[0], done[d], 0));
    CHECK(cudaMemcpyPeerAsync(all + d * kPart, 0, parts[d], d, kPart * sizeof(long long), streams[0]));
  }
  std::vector<long long> host(kDevices * kPart);
  CHECK(
      cudaMemcpyAsync(host.data(), all, host.size() * sizeof(long long), cudaMemcpyDeviceToHost, streams[0]));
  CHECK(cudaStreamSynchronize(streams[0]));
  int wrong = 0;
  for (long long i = 0; i < kDevices * kPart; ++i) wrong += host[i] != i * i;
  std::printf("collected on device 0: %d wrong\n", wrong);

  for (int d = 1; d < kDevices; ++d) {
    cudaPointerAttributes attributes;
    CHECK(cudaPointerGetAttributes(&attributes, parts[d]));
    std::printf("part %d lies on device %d\n", d, attributes.device);
  }
  int can_access = -1;
  CHECK(cudaDeviceCanAccessPeer(&can_access, 0, 1));
  if (can_access) {
    CHECK(cudaDeviceEnablePeerAccess(1, 0));
    std::printf("enabled twice: %s\n", cudaGetErrorName(cudaDeviceEnablePeerAccess(1, 0)));
    cudaGetLastError();
  }
  for (int d = 0; d < kDevices; ++d) {
    CHECK(cudaSetDevice(d));
    CHECK(cudaStreamDestroy(streams[d]));
    CHECK(cudaEventDestroy(done[d]));
    CHECK(cudaFree(parts[d]));
  }
  return wrong == 0 ? 0 : 1;
}
