// Errors as the runtime API documents them: those of a call are gone once read, those of a kernel stay until
// the device is reset, and after a reset everything works again. (NVIDIA's driver wants a new process after
// some of these.)
#include <cassert>
#include <cstdio>
#include <cstdlib>

namespace {

void Print(const char* what, cudaError_t error) { std::printf("%s: %s\n", what, cudaGetErrorName(error)); }

}  // namespace

__global__ void Fill(int* values, int value) { values[threadIdx.x] = value; }

__global__ void Write(int* address) { *address = 1; }

__global__ void Trap() { asm volatile("trap;"); }

__global__ void AssertPositive(int value) { assert(value > 0); }

__global__ __launch_bounds__(64) void Narrow(int* values) { values[threadIdx.x] = 2; }

// Allocates, runs a kernel and reads the result: what must work before and after every fault.
void ExpectWorks(const char* when) {
  int* values = nullptr;
  int host[32] = {};
  cudaError_t error = cudaMalloc(&values, sizeof host);
  if (error == cudaSuccess) Fill<<<1, 32>>>(values, 7);
  if (error == cudaSuccess) error = cudaMemcpy(host, values, sizeof host, cudaMemcpyDeviceToHost);
  if (error == cudaSuccess) error = cudaFree(values);
  int wrong = 0;
  for (int value : host) wrong += value != 7;
  std::printf("%s: %s, %d wrong\n", when, cudaGetErrorName(error), wrong);
}

void TestCallErrors() {
  int* values;
  cudaMalloc(&values, 4096);
  Fill<<<1, 2048>>>(values, 1);
  Print("2048 threads per block", cudaPeekAtLastError());
  Print("  read again", cudaGetLastError());
  Print("  and gone", cudaGetLastError());
  Fill<<<0, 32>>>(values, 1);
  Print("no blocks", cudaGetLastError());
  Fill<<<1, 32, 512 << 10>>>(values, 1);
  Print("half a megabyte of shared memory", cudaGetLastError());
  Narrow<<<1, 128>>>(values);
  std::printf("128 threads for a kernel bound to 64: %s\n",
              cudaGetLastError() != cudaSuccess ? "refused" : "ran");
  void* far_too_much = nullptr;
  Print("an exabyte", cudaMalloc(&far_too_much, size_t{1} << 60));
  cudaGetLastError();
  Print("free of a wild pointer", cudaFree(reinterpret_cast<void*>(0x12345)));
  cudaGetLastError();
  Print("device 99", cudaSetDevice(99));
  cudaGetLastError();
  Print("copy with a bad direction", cudaMemcpy(values, values, 4, static_cast<cudaMemcpyKind>(77)));
  cudaGetLastError();
  Print("free", cudaFree(values));
  ExpectWorks("after errors of calls");
}

// Expects that the fault shows at the next synchronisation and then at every call, until the reset.
void ExpectSticky(const char* what) {
  Print(what, cudaDeviceSynchronize());
  int* values = nullptr;
  Print("  next allocation", cudaMalloc(&values, 64));
  Print("  last error", cudaGetLastError());
  Print("  reset", cudaDeviceReset());
  ExpectWorks("  after the reset");
}

int main() {
  TestCallErrors();
  Write<<<1, 1>>>(nullptr);
  ExpectSticky("null pointer");
  Write<<<1, 1>>>(reinterpret_cast<int*>(0x7fff'0000'0000'0000));
  ExpectSticky("wild pointer");
  char* odd;
  cudaMalloc(&odd, 64);
  Write<<<1, 1>>>(reinterpret_cast<int*>(odd + 1));
  ExpectSticky("misaligned pointer");
  Trap<<<1, 1>>>();
  ExpectSticky("trap");
  AssertPositive<<<1, 1>>>(-1);
  ExpectSticky("assertion");
  return 0;
}
