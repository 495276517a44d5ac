// What goes wrong on a GPU that is not this process's own memory and processor: the documented error, sticky
// until the device is reset, and the device usable afterwards. Run with `spin`: a process that holds the
// device until it is killed.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace {

constexpr int kCount = 10000;

__global__ void Store(int* address) { *address = 1; }

__global__ void Wait(volatile int* word) {
  while (*word == 0) {
  }
}

__global__ void Trap() { asm volatile("trap;"); }

__global__ void Double(int* values, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) values[i] *= 2;
}

// Whether the device computes.
bool Works() {
  static int values[kCount];
  for (int i = 0; i < kCount; ++i) values[i] = i;
  int* on_device = nullptr;
  if (cudaMalloc(reinterpret_cast<void**>(&on_device), sizeof values) != cudaSuccess) return false;
  cudaMemcpy(on_device, values, sizeof values, cudaMemcpyHostToDevice);
  Double<<<(kCount + 255) / 256, 256>>>(on_device, kCount);
  cudaMemcpy(values, on_device, sizeof values, cudaMemcpyDeviceToHost);
  if (cudaFree(on_device) != cudaSuccess) return false;
  for (int i = 0; i < kCount; ++i) {
    if (values[i] != 2 * i) return false;
  }
  return true;
}

int* ZeroOnDevice() {
  int* word = nullptr;
  cudaMalloc(reinterpret_cast<void**>(&word), sizeof(int));
  cudaMemset(word, 0, sizeof(int));
  return word;
}

void Report(const char* what) {
  const cudaError_t error = cudaDeviceSynchronize();
  void* nothing = nullptr;
  const cudaError_t next = cudaMalloc(&nothing, 16);
  std::printf("%s: %s, the next call %s\n", what, cudaGetErrorName(error), cudaGetErrorName(next));
  std::printf("  reset: %s, works: %d\n", cudaGetErrorName(cudaDeviceReset()), Works());
  std::fflush(stdout);
}

// Another process, killed while its kernel runs.
void KillAnother(char* self) {
  int ready[2];
  if (pipe(ready) != 0) std::abort();
  char mode[] = "spin", descriptor[16];
  std::snprintf(descriptor, sizeof descriptor, "%d", ready[1]);
  char* const arguments[] = {self, mode, descriptor, nullptr};
  pid_t child = 0;
  if (posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments, environ) != 0) std::abort();
  char byte = 0;
  if (read(ready[0], &byte, 1) != 1) std::abort();
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  std::printf("killed by signal %d, works: %d\n", WTERMSIG(status), Works());
}

void Spin(const char* descriptor) {
  Wait<<<4, 32>>>(ZeroOnDevice());
  usleep(300000);
  const char byte = 1;
  if (write(std::atoi(descriptor), &byte, 1) != 1) std::abort();
  for (;;) pause();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "spin") == 0) Spin(argv[2]);
  std::printf("works: %d\n", Works());
  Store<<<1, 1>>>(reinterpret_cast<int*>(0x1000));
  Report("store to nowhere");
  Trap<<<2, 64>>>();
  Report("trap");
  Wait<<<4, 32>>>(ZeroOnDevice());
  Report("endless loop");
  KillAnother(argv[0]);
}
