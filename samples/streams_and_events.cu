// Work in several streams at once: each stream copies its chunks in, computes on them and copies them out,
// while the other streams do the same. Events order one stream behind the others and measure time; a host
// function runs in order with the device's work.
#include <cuda_runtime.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

#define CHECK(call)                                                                                  \
  do {                                                                                               \
    const cudaError_t error = (call);                                                                \
    if (error != cudaSuccess) {                                                                      \
      std::fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(error)); \
      std::exit(1);                                                                                  \
    }                                                                                                \
  } while (false)

constexpr int kStreams = 3;
constexpr int kChunks = 9;
constexpr int kChunkCount = 40'000;
constexpr int kThreads = 256;
constexpr int kBlocks = (kChunkCount + kThreads - 1) / kThreads;

__global__ void CollatzSteps(const unsigned* start, unsigned* steps, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  unsigned taken = 0;
  for (unsigned long long n = start[i]; n > 1; ++taken) n = n % 2 == 0 ? n / 2 : 3 * n + 1;
  steps[i] = taken;
}

__global__ void LongestOf(const unsigned* steps, int count, unsigned* longest) {
  unsigned mine = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
    if (steps[i] > mine) mine = steps[i];
  }
  atomicMax(longest, mine);
}

void CUDART_CB CountChunk(void* counter) { ++*static_cast<std::atomic<int>*>(counter); }

int main() {
  constexpr int kCount = kChunks * kChunkCount;
  // Copies are asynchronous only from and to page-locked host memory.
  unsigned *start, *steps;
  CHECK(cudaMallocHost(&start, kCount * sizeof(unsigned)));
  CHECK(cudaMallocHost(&steps, kCount * sizeof(unsigned)));
  for (int i = 0; i < kCount; ++i) start[i] = i + 1;

  unsigned *device_start, *device_steps, *device_longest;
  CHECK(cudaMalloc(&device_start, kCount * sizeof(unsigned)));
  CHECK(cudaMalloc(&device_steps, kCount * sizeof(unsigned)));
  CHECK(cudaMalloc(&device_longest, sizeof(unsigned)));

  cudaStream_t streams[kStreams];
  cudaEvent_t done[kStreams], begin, end;
  for (int s = 0; s < kStreams; ++s) {
    CHECK(cudaStreamCreateWithFlags(&streams[s], cudaStreamNonBlocking));
    CHECK(cudaEventCreateWithFlags(&done[s], cudaEventDisableTiming));
  }
  CHECK(cudaEventCreate(&begin));
  CHECK(cudaEventCreate(&end));

  CHECK(cudaEventRecord(begin, streams[0]));
  std::atomic<int> finished_chunks(0);
  for (int chunk = 0; chunk < kChunks; ++chunk) {
    cudaStream_t stream = streams[chunk % kStreams];
    const int at = chunk * kChunkCount;
    constexpr size_t kSizeBytes = kChunkCount * sizeof(unsigned);
    CHECK(cudaMemcpyAsync(device_start + at, start + at, kSizeBytes, cudaMemcpyHostToDevice, stream));
    CollatzSteps<<<kBlocks, kThreads, 0, stream>>>(device_start + at, device_steps + at, kChunkCount);
    CHECK(cudaMemcpyAsync(steps + at, device_steps + at, kSizeBytes, cudaMemcpyDeviceToHost, stream));
    CHECK(cudaLaunchHostFunc(stream, CountChunk, &finished_chunks));
  }

  // The first stream goes on only when the others have come this far.
  for (int s = 1; s < kStreams; ++s) {
    CHECK(cudaEventRecord(done[s], streams[s]));
    CHECK(cudaStreamWaitEvent(streams[0], done[s], 0));
  }
  unsigned longest = 0;
  CHECK(cudaMemsetAsync(device_longest, 0, sizeof(unsigned), streams[0]));
  LongestOf<<<8, kThreads, 0, streams[0]>>>(device_steps, kCount, device_longest);
  CHECK(cudaMemcpyAsync(&longest, device_longest, sizeof longest, cudaMemcpyDeviceToHost, streams[0]));
  CHECK(cudaEventRecord(end, streams[0]));
  CHECK(cudaEventSynchronize(end));

  float milliseconds = -1.0f;
  CHECK(cudaEventElapsedTime(&milliseconds, begin, end));
  unsigned expected = 0;
  for (int i = 0; i < kCount; ++i) {
    if (steps[i] > expected) expected = steps[i];
  }
  const bool right = longest == expected && finished_chunks == kChunks && milliseconds > 0.0f;
  std::printf(
      "streams_and_events: %d numbers in %d streams, longest Collatz sequence %u, %d host functions ran\n",
      kCount, kStreams, longest, finished_chunks.load());

  for (int s = 0; s < kStreams; ++s) {
    CHECK(cudaStreamDestroy(streams[s]));
    CHECK(cudaEventDestroy(done[s]));
  }
  CHECK(cudaEventDestroy(begin));
  CHECK(cudaEventDestroy(end));
  CHECK(cudaFreeHost(start));
  CHECK(cudaFreeHost(steps));
  CHECK(cudaFree(device_start));
  CHECK(cudaFree(device_steps));
  CHECK(cudaFree(device_longest));
  return right ? 0 : 1;
}
