#include <cuda.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

class Memory : public ContextFixture {};

TEST_F(Memory, AllocationsAreAlignedDistinctAndCounted) {
  size_t before = 0, during = 0, total = 0;
  ASSERT_OK(cuMemGetInfo(&before, &total));
  EXPECT_LE(before, total);
  CUdeviceptr first = 0, second = 0;
  ASSERT_OK(cuMemAlloc(&first, 4 << 20));
  ASSERT_OK(cuMemAlloc(&second, 1));
  EXPECT_EQ(first % 256, 0u);
  EXPECT_EQ(second % 256, 0u);
  EXPECT_TRUE(second < first || second >= first + (4 << 20));
  ASSERT_OK(cuMemGetInfo(&during, &total));
  EXPECT_LE(during + (4 << 20), before);
  EXPECT_OK(cuMemFree(first));
  EXPECT_OK(cuMemFree(second));
  ASSERT_OK(cuMemGetInfo(&during, &total));
  EXPECT_EQ(during, before);
}

TEST_F(Memory, WrongSizesAreRefusedAndHarmNothing) {
  CUdeviceptr memory = 0, huge = 0;
  EXPECT_EQ(cuMemAlloc(&memory, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAlloc(nullptr, 16), CUDA_ERROR_INVALID_VALUE);
  size_t free = 0, total = 0;
  ASSERT_OK(cuMemGetInfo(&free, &total));
  EXPECT_EQ(cuMemAlloc(&huge, total + 1), CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_EQ(cuMemAlloc(&huge, ~size_t{0}), CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_OK(cuMemAlloc(&memory, 16)) << "running out of memory is not sticky";
  EXPECT_OK(cuMemFree(memory));
}

TEST_F(Memory, FreeTakesTheStartOfAnAllocationOnce) {
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, 4096));
  EXPECT_EQ(cuMemFree(memory + 256), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuMemFree(memory));
  EXPECT_EQ(cuMemFree(memory), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuMemFree(0));
  int local = 0;
  EXPECT_EQ(cuMemFree(reinterpret_cast<CUdeviceptr>(&local)), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Memory, FreeWaitsForWorkInFlight) {
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, 1 << 20));
  CUstream stream;
  ASSERT_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  for (int i = 0; i < 20; ++i) ASSERT_OK(cuMemsetD8Async(memory, i, 1 << 20, stream));
  EXPECT_OK(cuMemFree(memory));
  EXPECT_OK(cuStreamQuery(stream));
}

TEST_F(Memory, PitchHoldsARow) {
  CUdeviceptr memory = 0;
  size_t pitch = 0;
  ASSERT_OK(cuMemAllocPitch(&memory, &pitch, 1001, 7, 4));
  EXPECT_GE(pitch, 1001u);
  EXPECT_EQ(pitch % 256, 0u);
  CUdeviceptr base = 0;
  size_t size = 0;
  ASSERT_OK(cuMemGetAddressRange(&base, &size, memory + 3 * pitch));
  EXPECT_EQ(base, memory);
  EXPECT_GE(size, 7 * pitch);
  EXPECT_EQ(cuMemAllocPitch(&memory, &pitch, 16, 16, 3), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAllocPitch(&memory, &pitch, 0, 16, 4), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAllocPitch(&memory, &pitch, ~size_t{0} / 2, 16, 4), CUDA_ERROR_OUT_OF_MEMORY);
}

TEST_F(Memory, AddressRangeIsThatOfTheAllocation) {
  CUdeviceptr memory = 0, base = 0;
  size_t size = 0;
  ASSERT_OK(cuMemAlloc(&memory, 1000));
  ASSERT_OK(cuMemGetAddressRange(&base, &size, memory + 999));
  EXPECT_EQ(base, memory);
  EXPECT_EQ(size, 1000u);
  EXPECT_OK(cuMemGetAddressRange(nullptr, &size, memory));
  EXPECT_OK(cuMemGetAddressRange(&base, nullptr, memory));
  EXPECT_OK(cuMemFree(memory));
  EXPECT_EQ(cuMemGetAddressRange(&base, &size, memory), CUDA_ERROR_NOT_FOUND);
}

TEST_F(Memory, PinnedMemoryIsTheHostsAndTheDevices) {
  void* host = nullptr;
  ASSERT_OK(cuMemHostAlloc(&host, 4096, CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP));
  auto* words = static_cast<uint32_t*>(host);
  CUdeviceptr device = 0;
  ASSERT_OK(cuMemHostGetDevicePointer(&device, words + 10, 0));
  EXPECT_OK(cuMemsetD32(device, 77, 1));
  EXPECT_EQ(words[10], 77u) << "a fill of pinned memory is synchronous";
  unsigned flags = 0;
  ASSERT_OK(cuMemHostGetFlags(&flags, host));
  EXPECT_EQ(flags, unsigned{CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP});
  EXPECT_EQ(cuMemFreeHost(words + 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemFree(device - 40), CUDA_ERROR_INVALID_VALUE) << "the wrong free";
  EXPECT_OK(cuMemFreeHost(host));
  EXPECT_EQ(cuMemFreeHost(host), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuMemFreeHost(nullptr));
  EXPECT_EQ(cuMemHostAlloc(&host, 0, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemHostAlloc(&host, 16, 0x80), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemHostGetDevicePointer(&device, &flags, 0), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Memory, RegisteredMemoryBecomesPinned) {
  constexpr size_t kBytes = 64 << 10;
  void* host = std::aligned_alloc(4096, kBytes);
  ASSERT_OK(cuMemHostRegister(host, kBytes, CU_MEMHOSTREGISTER_DEVICEMAP));
  EXPECT_EQ(cuMemHostRegister(host, kBytes, 0), CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
  EXPECT_EQ(cuMemHostRegister(static_cast<char*>(host) + 4096, 4096, 0),
            CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
  CUdeviceptr device = 0;
  ASSERT_OK(cuMemHostGetDevicePointer(&device, host, 0));
  EXPECT_OK(cuMemsetD8(device, 0x5a, kBytes));
  EXPECT_EQ(static_cast<unsigned char*>(host)[kBytes - 1], 0x5a);
  unsigned type = 0;
  EXPECT_OK(
      cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, reinterpret_cast<CUdeviceptr>(host)));
  EXPECT_EQ(type, unsigned{CU_MEMORYTYPE_HOST});
  EXPECT_EQ(cuMemHostUnregister(static_cast<char*>(host) + 1), CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
  EXPECT_OK(cuMemHostUnregister(host));
  EXPECT_EQ(cuMemHostUnregister(host), CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
  EXPECT_EQ(cuMemHostUnregister(nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemHostRegister(nullptr, 4096, 0), CUDA_ERROR_INVALID_VALUE);
  static_cast<unsigned char*>(host)[0] = 1;  // still the program's
  std::free(host);
}

TEST_F(Memory, PointerAttributesDescribeTheAllocation) {
  CUdeviceptr memory = 0;
  void* host = nullptr;
  ASSERT_OK(cuMemAlloc(&memory, 1000));
  ASSERT_OK(cuMemAllocHost(&host, 1000));
  const CUdeviceptr inside = memory + 100;
  unsigned type = 0, managed = 9;
  CUcontext context = nullptr;
  CUdeviceptr start = 0, device_pointer = 0;
  size_t size = 0;
  int ordinal = -1;
  unsigned long long id = 0, other_id = 0;
  EXPECT_OK(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, inside));
  EXPECT_EQ(type, unsigned{CU_MEMORYTYPE_DEVICE});
  EXPECT_OK(cuPointerGetAttribute(&context, CU_POINTER_ATTRIBUTE_CONTEXT, inside));
  EXPECT_EQ(context, context_);
  EXPECT_OK(cuPointerGetAttribute(&start, CU_POINTER_ATTRIBUTE_RANGE_START_ADDR, inside));
  EXPECT_EQ(start, memory);
  EXPECT_OK(cuPointerGetAttribute(&size, CU_POINTER_ATTRIBUTE_RANGE_SIZE, inside));
  EXPECT_EQ(size, 1000u);
  EXPECT_OK(cuPointerGetAttribute(&device_pointer, CU_POINTER_ATTRIBUTE_DEVICE_POINTER, inside));
  EXPECT_EQ(device_pointer, inside);
  EXPECT_OK(cuPointerGetAttribute(&ordinal, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, inside));
  EXPECT_EQ(ordinal, device_);
  EXPECT_OK(cuPointerGetAttribute(&managed, CU_POINTER_ATTRIBUTE_IS_MANAGED, inside));
  EXPECT_EQ(managed, 0u);
  EXPECT_OK(cuPointerGetAttribute(&id, CU_POINTER_ATTRIBUTE_BUFFER_ID, inside));
  EXPECT_OK(
      cuPointerGetAttribute(&other_id, CU_POINTER_ATTRIBUTE_BUFFER_ID, reinterpret_cast<CUdeviceptr>(host)));
  EXPECT_NE(id, other_id);
  void* host_pointer = nullptr;
  EXPECT_EQ(cuPointerGetAttribute(&host_pointer, CU_POINTER_ATTRIBUTE_HOST_POINTER, inside),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuPointerGetAttribute(&host_pointer, CU_POINTER_ATTRIBUTE_HOST_POINTER,
                                  reinterpret_cast<CUdeviceptr>(host) + 8));
  EXPECT_EQ(host_pointer, static_cast<char*>(host) + 8);
  unsigned sync = 1;
  EXPECT_OK(cuPointerSetAttribute(&sync, CU_POINTER_ATTRIBUTE_SYNC_MEMOPS, memory));
  sync = 0;
  EXPECT_OK(cuPointerGetAttribute(&sync, CU_POINTER_ATTRIBUTE_SYNC_MEMOPS, memory));
  EXPECT_EQ(sync, 1u);
  EXPECT_EQ(cuPointerSetAttribute(&sync, CU_POINTER_ATTRIBUTE_BUFFER_ID, memory), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Memory, UnknownPointersHaveNoAttributes) {
  unsigned type = 5;
  const auto local = reinterpret_cast<CUdeviceptr>(&type);
  EXPECT_EQ(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, local), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuPointerGetAttribute(&type, static_cast<CUpointer_attribute>(99), local),
            CUDA_ERROR_INVALID_VALUE);
  // The plural asks without complaint: zero stands for "does not apply".
  CUcontext context = context_;
  int ordinal = 7;
  CUpointer_attribute attributes[] = {CU_POINTER_ATTRIBUTE_CONTEXT, CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
                                      CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL};
  void* results[] = {&context, &type, &ordinal};
  EXPECT_OK(cuPointerGetAttributes(3, attributes, results, local));
  EXPECT_EQ(context, nullptr);
  EXPECT_EQ(type, 0u);
  EXPECT_EQ(ordinal, CU_DEVICE_INVALID);
}

}  // namespace
