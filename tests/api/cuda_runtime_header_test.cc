// That programs written for the toolkit's C++ header compile against ours, with any -std that the toolkit
// takes. What the calls do is tested elsewhere; here they are only referred to.
#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <type_traits>

namespace {

void Kernel(float*, int) {}
int symbol[4];

[[maybe_unused]] cudaError_t Calls(cudaStream_t stream) {
  float* floats;
  int blocks, size;
  size_t bytes;
  void* pointer;
  cudaFuncAttributes attributes;
  cudaLaunchConfig_t config{};
  cudaEvent_t event;
  cudaMalloc(&floats, 16);
  cudaMalloc(&pointer, 16);
  cudaMallocHost(&floats, 16);
  cudaHostAlloc(&floats, 16, cudaHostAllocMapped);
  cudaMallocManaged(&floats, 16);
  cudaMallocPitch(&floats, &bytes, 16, 16);
  cudaMallocAsync(&floats, 16, stream);
  cudaMemcpyToSymbol(symbol, floats, 16);
  cudaMemcpyFromSymbol(floats, symbol, 16, 0);
  cudaGetSymbolAddress(&pointer, symbol);
  cudaGetSymbolSize(&bytes, symbol);
  cudaFuncGetAttributes(&attributes, Kernel);
  cudaFuncSetAttribute(Kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, 16);
  cudaOccupancyMaxPotentialBlockSize(&blocks, &size, Kernel);
  cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, Kernel, 32, 0);
  cudaLaunchKernelEx(&config, Kernel, floats, short{1});
  cudaEventCreate(&event, cudaEventDisableTiming);
  cudaEventRecord(event);
  cudaStreamWaitEvent(stream, event);
  cudaMemcpyAsync(floats, floats, 16, cudaMemcpyDefault);
  void* arguments[] = {&floats, &size};
  return cudaLaunchKernel(Kernel, dim3(1, 2), dim3(32), arguments);
}

TEST(CudaRuntimeHeader, VectorTypesHaveTheAlignmentOfTheGuide) {
  EXPECT_EQ(alignof(float4), 16u);
  EXPECT_EQ(alignof(float2), 8u);
  EXPECT_EQ(alignof(float3), 4u);
  EXPECT_EQ(alignof(uchar4), 4u);
  EXPECT_EQ(alignof(double2), 16u);
  EXPECT_EQ(alignof(double4), 16u);
  EXPECT_EQ(alignof(double4_32a), 32u);
  EXPECT_EQ(sizeof(double4_32a), 32u);
  EXPECT_EQ(sizeof(int3), 12u);
  EXPECT_EQ(sizeof(ushort4), 8u);
}

TEST(CudaRuntimeHeader, Dim3DefaultsToOne) {
  const dim3 grid(7);
  EXPECT_EQ(grid.x, 7u);
  EXPECT_EQ(grid.y, 1u);
  EXPECT_EQ(grid.z, 1u);
  EXPECT_EQ(dim3(make_uint3(2, 3, 4)).z, 4u);
}

TEST(CudaRuntimeHeader, MakeFunctionsFillInOrder) {
  const int4 v = make_int4(1, 2, 3, 4);
  EXPECT_EQ(v.x + 10 * v.y + 100 * v.z + 1000 * v.w, 4321);
}

}  // namespace
