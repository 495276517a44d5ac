// What the device runtime offers to a kernel besides computing: printf, malloc and free, clocks, function
// pointers, recursion, global and constant variables.
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

__global__ void Greet(int count, double share, const char* name) {
  if (threadIdx.x != 0) return;
  printf("block %u of %d: %5.2f%% for %s, %#x, '%-6s|', %c, %lld, %%\n", blockIdx.x, count, 100 * share, name,
         0xbeef, "left", 'q', -1234567890123LL);
}

__device__ char device_name[] = "Tianqiao";

void TestPrintf() {
  char* name;
  CHECK(cudaGetSymbolAddress(reinterpret_cast<void**>(&name), device_name));
  for (int block = 0; block < 2; ++block) {
    Greet<<<1, 32>>>(2, 0.125 * block, name);
    CHECK(cudaDeviceSynchronize());  // flushes what kernels printed
  }
}

// A list per thread, from the device's heap.
struct Node {
  int value;
  Node* next;
};

__global__ void BuildLists(int length, int* sums) {
  Node* head = nullptr;
  for (int i = 0; i < length; ++i) {
    Node* node = static_cast<Node*>(malloc(sizeof(Node)));
    if (node == nullptr) break;
    *node = {static_cast<int>(threadIdx.x) + i, head};
    head = node;
  }
  int sum = 0;
  while (head != nullptr) {
    sum += head->value;
    Node* next = head->next;
    free(head);
    head = next;
  }
  sums[threadIdx.x] = sum;
}

__global__ void AskForTooMuch(int* refused) {
  void* memory = malloc(size_t{1} << 40);
  *refused = memory == nullptr;
  free(memory);
}

void TestHeap() {
  constexpr int kThreads = 64, kLength = 20;
  CHECK(cudaDeviceSetLimit(cudaLimitMallocHeapSize, 4 << 20));
  size_t heap_bytes = 0;
  CHECK(cudaDeviceGetLimit(&heap_bytes, cudaLimitMallocHeapSize));
  int* sums;
  CHECK(cudaMallocManaged(&sums, kThreads * sizeof(int)));
  BuildLists<<<1, kThreads>>>(kLength, sums);
  CHECK(cudaDeviceSynchronize());
  int wrong = 0;
  for (int i = 0; i < kThreads; ++i) wrong += sums[i] != kLength * i + kLength * (kLength - 1) / 2;
  AskForTooMuch<<<1, 1>>>(sums);
  CHECK(cudaDeviceSynchronize());
  std::printf("heap: %s, %d lists wrong, too much is %s\n",
              heap_bytes >= 4 << 20 ? "4 MiB or more" : "too small", wrong, sums[0] ? "refused" : "granted");
  CHECK(cudaFree(sums));
}

__constant__ float coefficients[4];
__device__ int launches = 40;
__device__ unsigned long long started;

__global__ void Evaluate(float* values, int count) {
  if (blockIdx.x == 0 && threadIdx.x == 0) {
    atomicAdd(&launches, 1);
    started = clock64();
  }
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const float x = values[i];
  values[i] = ((coefficients[3] * x + coefficients[2]) * x + coefficients[1]) * x + coefficients[0];
}

void TestSymbols() {
  constexpr int kCount = 300;
  std::vector<float> values(kCount);
  for (int i = 0; i < kCount; ++i) values[i] = static_cast<float>(i % 20);
  const float host_coefficients[4] = {1, 2, 3, 4};
  float* device;
  CHECK(cudaMalloc(&device, kCount * sizeof(float)));
  CHECK(cudaMemcpy(device, values.data(), kCount * sizeof(float), cudaMemcpyHostToDevice));
  CHECK(cudaMemcpyToSymbol(coefficients, host_coefficients, sizeof coefficients));
  Evaluate<<<3, 128>>>(device, kCount);
  Evaluate<<<3, 128>>>(device, 0);
  std::vector<float> result(kCount);
  CHECK(cudaMemcpy(result.data(), device, kCount * sizeof(float), cudaMemcpyDeviceToHost));
  int count = 0, wrong = 0;
  unsigned long long clock = 0;
  CHECK(cudaMemcpyFromSymbol(&count, launches, sizeof count));
  CHECK(cudaMemcpyFromSymbol(&clock, started, sizeof clock));
  for (int i = 0; i < kCount; ++i) {
    const float x = values[i];
    wrong += result[i] != ((4 * x + 3) * x + 2) * x + 1;
  }
  std::printf("symbols: counter %d, clock %s, %d values wrong\n", count, clock != 0 ? "runs" : "stands",
              wrong);
  CHECK(cudaFree(device));
}

using Operation = int (*)(int);
__device__ __noinline__ int Twice(int x) { return 2 * x; }
__device__ __noinline__ int Negative(int x) { return -x; }
__device__ __noinline__ int Fibonacci(int n) { return n < 2 ? n : Fibonacci(n - 1) + Fibonacci(n - 2); }
__device__ Operation operations[] = {Twice, Negative, Fibonacci};

__global__ void CallThrough(int* results) { results[threadIdx.x] = operations[threadIdx.x % 3](threadIdx.x); }

void TestCalls() {
  int* results;
  CHECK(cudaMallocManaged(&results, 15 * sizeof(int)));
  CallThrough<<<1, 15>>>(results);
  CHECK(cudaDeviceSynchronize());
  std::printf("calls through pointers:");
  for (int i = 0; i < 15; ++i) std::printf(" %d", results[i]);
  std::printf("\n");
  CHECK(cudaFree(results));
}

int main() {
  TestPrintf();
  TestHeap();
  TestSymbols();
  TestCalls();
  return 0;
}
