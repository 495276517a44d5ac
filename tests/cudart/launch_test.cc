// Launches, functions, occupancy, symbols: CUDA Runtime API, "Execution Control", "Occupancy", "Memory
// Management".
#include <gmock/gmock.h>

#include <cstring>
#include <string>
#include <vector>

#include "tests/cudart/fixture.h"

namespace {

using Launch = RuntimeFixture;

TEST_F(Launch, ArgumentsArriveInOrder) {
  EXPECT_OK(Affine(0, 3, 7));
  EXPECT_OK(Affine(0, 10, 1));
  EXPECT_EQ(Read(0), 71);
}

TEST_F(Launch, TheGridIsAsLargeAsAskedFor) {
  int count = kCells;
  void* arguments[] = {&cells_, &count};
  EXPECT_OK(cudaLaunchKernel(IotaKernel(), {8, 1, 1}, {128, 1, 1}, arguments, 0, stream_));
  std::vector<int> values(kCells);
  EXPECT_OK(cudaMemcpyAsync(values.data(), cells_, kCells * sizeof(int), cudaMemcpyDeviceToHost, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  for (int i = 0; i < kCells; ++i) ASSERT_EQ(values[i], i);
}

TEST_F(Launch, MistakesAreErrorsAndLeaveTheContextAlone) {
  void* arguments[] = {&cells_, &cells_, &cells_};
  int not_a_kernel = 0;
  // NVIDIA's of CUDA 12 and later takes it for a cudaKernel_t.
  const cudaError_t error = cudaLaunchKernel(&not_a_kernel, {1, 1, 1}, {1, 1, 1}, arguments, 0, stream_);
  EXPECT_THAT(error, testing::AnyOf(cudaErrorInvalidDeviceFunction, cudaErrorInvalidResourceHandle));
  EXPECT_EQ(cudaGetLastError(), error);
  EXPECT_EQ(cudaLaunchKernel(AffineKernel(), {0, 1, 1}, {1, 1, 1}, arguments, 0, stream_),
            cudaErrorInvalidConfiguration);
  EXPECT_EQ(cudaPeekAtLastError(), cudaErrorInvalidConfiguration);
  EXPECT_EQ(cudaLaunchKernel(AffineKernel(), {1, 1, 1}, {4096, 1, 1}, arguments, 0, stream_),
            cudaErrorInvalidConfiguration);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidConfiguration);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  EXPECT_OK(Affine(0, 1, 5));
  EXPECT_EQ(Read(0), 5);
}

TEST_F(Launch, ExtensibleLaunchTakesAttributes) {
  cudaLaunchAttribute priority = {};
  priority.id = cudaLaunchAttributePriority;
  cudaLaunchConfig_t config = {};
  config.gridDim = {1, 1, 1};
  config.blockDim = {1, 1, 1};
  config.stream = stream_;
  config.attrs = &priority;
  config.numAttrs = 1;
  int factor = 1, addend = 9;
  void* arguments[] = {&cells_, &factor, &addend};
  EXPECT_OK(cudaLaunchKernelExC(&config, AffineKernel(), arguments));
  EXPECT_EQ(Read(0), 9);
}

TEST_F(Launch, CooperativeLaunchRunsWhatFits) {
  int count = 64;
  void* arguments[] = {&cells_, &count};
  EXPECT_OK(cudaLaunchCooperativeKernel(IotaKernel(), {1, 1, 1}, {64, 1, 1}, arguments, 0, stream_));
  EXPECT_EQ(Read(63), 63);
  EXPECT_EQ(cudaLaunchCooperativeKernel(IotaKernel(), {1u << 20, 1, 1}, {64, 1, 1}, arguments, 0, stream_),
            cudaErrorCooperativeLaunchTooLarge);
}

TEST_F(Launch, HostFunctionsAndCallbacksRunInOrder) {
  std::string trace;
  const cudaHostFn_t first = [](void* data) { *static_cast<std::string*>(data) += "a"; };
  const cudaStreamCallback_t second = [](cudaStream_t, cudaError_t error, void* data) {
    *static_cast<std::string*>(data) += error == cudaSuccess ? "b" : "!";
  };
  EXPECT_OK(cudaLaunchHostFunc(stream_, first, &trace));
  EXPECT_OK(cudaStreamAddCallback(stream_, second, &trace, 0));
  EXPECT_OK(cudaLaunchHostFunc(stream_, first, &trace));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_EQ(trace, "aba");
  EXPECT_EQ(cudaStreamAddCallback(stream_, second, &trace, 1), cudaErrorInvalidValue);
  EXPECT_EQ(cudaStreamAddCallback(stream_, nullptr, &trace, 0), cudaErrorInvalidValue);
}

TEST_F(Launch, FunctionAttributesAreOfTheCompiledKernel) {
  cudaFuncAttributes attributes;
  ASSERT_OK(cudaFuncGetAttributes(&attributes, AffineKernel()));
  EXPECT_GE(attributes.maxThreadsPerBlock, 256);
  EXPECT_EQ(attributes.sharedSizeBytes, 0u);
  EXPECT_EQ(attributes.ptxVersion, 80);
  EXPECT_OK(cudaFuncSetCacheConfig(AffineKernel(), cudaFuncCachePreferL1));
  EXPECT_OK(cudaFuncSetSharedMemConfig(AffineKernel(), cudaSharedMemBankSizeEightByte));
  EXPECT_OK(cudaFuncSetAttribute(AffineKernel(), cudaFuncAttributeMaxDynamicSharedMemorySize, 4096));
  ASSERT_OK(cudaFuncGetAttributes(&attributes, AffineKernel()));
  EXPECT_EQ(attributes.maxDynamicSharedSizeBytes, 4096);
  EXPECT_EQ(cudaFuncGetAttributes(nullptr, AffineKernel()), cudaErrorInvalidValue);
  int not_a_kernel = 0;
  EXPECT_THAT(cudaFuncGetAttributes(&attributes, &not_a_kernel),
              testing::AnyOf(cudaErrorInvalidDeviceFunction, cudaErrorInvalidResourceHandle));
}

TEST_F(Launch, OccupancyAgreesWithTheDevice) {
  int blocks = 0, per_multiprocessor = 0;
  ASSERT_OK(cudaDeviceGetAttribute(&per_multiprocessor, cudaDevAttrMaxThreadsPerMultiProcessor, 0));
  ASSERT_OK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, AffineKernel(), 128, 0));
  EXPECT_GT(blocks, 0);
  EXPECT_LE(blocks * 128, per_multiprocessor);
  int same = 0;
  ASSERT_OK(cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(&same, AffineKernel(), 128, 0,
                                                                   cudaOccupancyDefault));
  EXPECT_EQ(same, blocks);
  size_t shared_bytes = 0;
  ASSERT_OK(cudaOccupancyAvailableDynamicSMemPerBlock(&shared_bytes, AffineKernel(), 1, 128));
  EXPECT_GE(shared_bytes, 16u * 1024);
  EXPECT_EQ(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, AffineKernel(), 0, 0),
            cudaErrorInvalidValue);

  cudaLaunchConfig_t config = {};
  config.gridDim = {8, 1, 1};
  config.blockDim = {64, 1, 1};
  int cluster = 0, clusters = 0;
  EXPECT_OK(cudaOccupancyMaxPotentialClusterSize(&cluster, AffineKernel(), &config));
  EXPECT_GE(cluster, 8);
  cudaLaunchAttribute dimension = {};
  dimension.id = cudaLaunchAttributeClusterDimension;
  dimension.val.clusterDim = {2, 1, 1};
  config.attrs = &dimension;
  config.numAttrs = 1;
  EXPECT_OK(cudaOccupancyMaxActiveClusters(&clusters, AffineKernel(), &config));
  EXPECT_GT(clusters, 0);
}

TEST_F(Launch, KernelsHaveDriverFunctions) {
  cudaFunction_t function = nullptr;
  EXPECT_OK(cudaGetFuncBySymbol(&function, AffineKernel()));
  EXPECT_NE(function, nullptr);
  int not_a_kernel = 0;
  EXPECT_EQ(cudaGetFuncBySymbol(&function, &not_a_kernel), cudaErrorInvalidDeviceFunction);
}

TEST_F(Launch, SymbolsAreCopiedToAndFrom) {
  int values[16], factors[4] = {1, 10, 100, 1000};
  for (int i = 0; i < 16; ++i) values[i] = i + 1;
  ASSERT_OK(cudaMemcpyToSymbol(CellsSymbol(), values, sizeof values, 0, cudaMemcpyHostToDevice));
  ASSERT_OK(
      cudaMemcpyToSymbolAsync(FactorsSymbol(), factors, sizeof factors, 0, cudaMemcpyHostToDevice, stream_));
  void* arguments[] = {&cells_};
  ASSERT_OK(cudaLaunchKernel(ReadSymbolsKernel(), {1, 1, 1}, {16, 1, 1}, arguments, 0, stream_));
  EXPECT_EQ(Read(0), 1);
  EXPECT_EQ(Read(6), 700);

  int back[2] = {};
  EXPECT_OK(cudaMemcpyFromSymbol(back, CellsSymbol(), sizeof back, 8, cudaMemcpyDeviceToHost));
  EXPECT_EQ(back[1], 4);
  EXPECT_OK(cudaMemcpyFromSymbolAsync(back, CellsSymbol(), sizeof back, 40, cudaMemcpyDeviceToHost, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_EQ(back[0], 11);
  EXPECT_EQ(cudaMemcpyFromSymbol(back, CellsSymbol(), 8, 60, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpyToSymbol(CellsSymbol(), values, 4, 0, cudaMemcpyDeviceToHost),
            cudaErrorInvalidMemcpyDirection);

  void* address = nullptr;
  size_t size_bytes = 0;
  EXPECT_OK(cudaGetSymbolAddress(&address, CellsSymbol()));
  EXPECT_OK(cudaGetSymbolSize(&size_bytes, CellsSymbol()));
  EXPECT_EQ(size_bytes, 64u);
  EXPECT_OK(cudaMemcpy(back, address, 8, cudaMemcpyDeviceToHost));
  EXPECT_EQ(back[0], 1);
  EXPECT_EQ(cudaGetSymbolAddress(&address, &back), cudaErrorInvalidSymbol);
}

}  // namespace
