// NVIDIA's runtime over our libcuda.so.1: its start, where it asks for 440 symbols and checks the hidden
// interface, and what needs no kernel. Built against each cudart that is there, run with 1 and with 4
// devices.
#include <cuda.h>
#include <cuda_runtime.h>
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

// One per backend that is named.
int ExpectedDevices() {
  const std::string backends = std::getenv("TIANQIAO_HAL");
  return 1 + static_cast<int>(std::count(backends.begin(), backends.end(), ','));
}

TEST(Cudart, CountsOurDevices) {
  int count = 0;
  ASSERT_EQ(cudaGetDeviceCount(&count), cudaSuccess) << cudaGetErrorString(cudaGetLastError());
  EXPECT_EQ(count, ExpectedDevices());
  // This also links our libcuda.so.1, which the runtime then finds by its name.
  int driver = 0, driver_of_runtime = 0;
  EXPECT_EQ(cuDriverGetVersion(&driver), CUDA_SUCCESS);
  EXPECT_EQ(cudaDriverGetVersion(&driver_of_runtime), cudaSuccess);
  EXPECT_EQ(driver, driver_of_runtime);
}

TEST(Cudart, CopiesThroughEachDevice) {
  for (int device = 0; device < ExpectedDevices(); ++device) {
    ASSERT_EQ(cudaSetDevice(device), cudaSuccess);
    std::vector<int> source(1000), target(1000);
    for (int i = 0; i < 1000; ++i) source[i] = i * 7 + device;
    int* memory = nullptr;
    ASSERT_EQ(cudaMalloc(&memory, 4000), cudaSuccess);
    cudaStream_t stream;
    ASSERT_EQ(cudaStreamCreate(&stream), cudaSuccess);
    EXPECT_EQ(cudaMemcpyAsync(memory, source.data(), 4000, cudaMemcpyHostToDevice, stream), cudaSuccess);
    EXPECT_EQ(cudaMemsetAsync(memory + 10, 0xFF, 40, stream), cudaSuccess);
    EXPECT_EQ(cudaMemcpyAsync(target.data(), memory, 4000, cudaMemcpyDeviceToHost, stream), cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(target[i], i >= 10 && i < 20 ? -1 : source[i]) << i;
    cudaPointerAttributes attributes;
    EXPECT_EQ(cudaPointerGetAttributes(&attributes, memory), cudaSuccess);
    EXPECT_EQ(attributes.device, device);
    EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
    EXPECT_EQ(cudaFree(memory), cudaSuccess);
  }
}

TEST(Cudart, RecordsEvents) {
  cudaEvent_t begin, end;
  ASSERT_EQ(cudaEventCreate(&begin), cudaSuccess);
  ASSERT_EQ(cudaEventCreate(&end), cudaSuccess);
  EXPECT_EQ(cudaEventRecord(begin), cudaSuccess);
  EXPECT_EQ(cudaEventRecord(end), cudaSuccess);
  EXPECT_EQ(cudaEventSynchronize(end), cudaSuccess);
  // The null backend writes no timestamps, so there is no time to judge.
  float milliseconds;
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, begin, end), cudaSuccess);
  EXPECT_EQ(cudaEventDestroy(begin), cudaSuccess);
  EXPECT_EQ(cudaEventDestroy(end), cudaSuccess);
}

TEST(Cudart, ReportsMistakesAndForgetsThem) {
  EXPECT_EQ(cudaSetDevice(ExpectedDevices()), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaFree(reinterpret_cast<void*>(64)), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST(Cudart, WorksFromManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([i] {
      EXPECT_EQ(cudaSetDevice(i % ExpectedDevices()), cudaSuccess);
      for (int round = 0; round < 50; ++round) {
        void* memory = nullptr;
        EXPECT_EQ(cudaMalloc(&memory, 256), cudaSuccess);
        EXPECT_EQ(cudaFree(memory), cudaSuccess);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Cudart, GoesOnAfterAReset) {
  void* memory = nullptr;
  ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
  ASSERT_EQ(cudaMalloc(&memory, 256), cudaSuccess);
  ASSERT_EQ(cudaDeviceReset(), cudaSuccess);
  EXPECT_EQ(cudaMalloc(&memory, 256), cudaSuccess);
  EXPECT_EQ(cudaMemset(memory, 0, 256), cudaSuccess);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  EXPECT_EQ(cudaFree(memory), cudaSuccess);
}

// As cuBLAS and cuDNN do, which carry a copy each: all copies share the primary context.
TEST(Cudart, ASecondCopyInTheProcessSharesTheDevice) {
  if (*TQ_OTHER_CUDART == '\0')
    GTEST_SKIP() << "there is no second runtime: the CUDA toolkit is not installed";
  void* library = dlopen(TQ_OTHER_CUDART, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  auto* free_elsewhere = reinterpret_cast<cudaError_t (*)(void*)>(dlsym(library, "cudaFree"));
  auto* copy_elsewhere =
      reinterpret_cast<cudaError_t (*)(void*, const void*, size_t, int)>(dlsym(library, "cudaMemcpy"));
  ASSERT_NE(free_elsewhere, nullptr);
  ASSERT_NE(copy_elsewhere, nullptr);
  void* memory = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, 16), cudaSuccess);
  ASSERT_EQ(cudaMemcpy(memory, "fifteen letters", 16, cudaMemcpyHostToDevice), cudaSuccess);
  char text[16] = "";
  EXPECT_EQ(copy_elsewhere(text, memory, 16, cudaMemcpyDeviceToHost), cudaSuccess);
  EXPECT_STREQ(text, "fifteen letters");
  EXPECT_EQ(free_elsewhere(memory), cudaSuccess);
}

}  // namespace
