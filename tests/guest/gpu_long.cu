// With TIANQIAO_TQGPU_LONG_RUNNING=1: a kernel that runs longer than the kernel driver lets jobs run, and
// another process's kernels meanwhile. Run with `work`: that other process.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace {

constexpr int kCount = 10000;
constexpr unsigned kSeconds = 7;  // tests/guest/guest_test.sh: jobs may run for 5

__global__ void Wait(volatile int* word, int* answer) {
  while (*word == 0) {
  }
  if (threadIdx.x == 0 && blockIdx.x == 0) *answer = 42;
}

__global__ void Double(int* values, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) values[i] *= 2;
}

int Work() {
  static int values[kCount];
  for (int i = 0; i < kCount; ++i) values[i] = i;
  int* on_device = nullptr;
  if (cudaMalloc(reinterpret_cast<void**>(&on_device), sizeof values) != cudaSuccess) return 1;
  cudaMemcpy(on_device, values, sizeof values, cudaMemcpyHostToDevice);
  for (int round = 0; round < 3; ++round) Double<<<(kCount + 255) / 256, 256>>>(on_device, kCount);
  if (cudaMemcpy(values, on_device, sizeof values, cudaMemcpyDeviceToHost) != cudaSuccess) return 1;
  for (int i = 0; i < kCount; ++i) {
    if (values[i] != 8 * i) return 1;
  }
  return 0;
}

int RunAnother(char* self) {
  char mode[] = "work";
  char* const arguments[] = {self, mode, nullptr};
  pid_t child = 0;
  if (posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments, environ) != 0) std::abort();
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "work") == 0) return Work();
  int *word = nullptr, *answer = nullptr;
  cudaHostAlloc(reinterpret_cast<void**>(&word), sizeof(int), cudaHostAllocMapped);
  cudaHostAlloc(reinterpret_cast<void**>(&answer), sizeof(int), cudaHostAllocMapped);
  *word = *answer = 0;
  Wait<<<4, 32>>>(word, answer);
  std::printf("another process: %d\n", RunAnother(argv[0]));
  std::printf("still running: %d\n", cudaStreamQuery(nullptr) == cudaErrorNotReady);
  sleep(kSeconds);
  std::printf("still running: %d\n", cudaStreamQuery(nullptr) == cudaErrorNotReady);
  *static_cast<volatile int*>(word) = 1;
  std::printf("end: %s\n", cudaGetErrorName(cudaDeviceSynchronize()));
  std::printf("answer: %d\n", *answer);
}
