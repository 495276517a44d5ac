#include <cuda.h>
#include <gtest/gtest.h>

#include "tests/api/context_fixture.h"

namespace {

class Pools : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
    ASSERT_OK(cuStreamCreate(&other_, CU_STREAM_NON_BLOCKING));
    ASSERT_OK(cuDeviceGetDefaultMemPool(&pool_, device_));
  }
  cuuint64_t Get(CUmemoryPool pool, CUmemPool_attribute attribute) {
    cuuint64_t value = 0;
    EXPECT_OK(cuMemPoolGetAttribute(pool, attribute, &value));
    return value;
  }
  CUstream stream_ = nullptr, other_ = nullptr;
  CUmemoryPool pool_ = nullptr;
};

TEST_F(Pools, MemoryIsUsableInStreamOrder) {
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAllocAsync(&memory, 1 << 20, stream_));
  ASSERT_OK(cuMemsetD8Async(memory, 0x42, 1 << 20, stream_));
  unsigned char last = 0;
  ASSERT_OK(cuMemcpyDtoHAsync(&last, memory + (1 << 20) - 1, 1, stream_));
  EXPECT_EQ(last, 0x42);
  CUmemoryPool of_pointer = nullptr;
  EXPECT_OK(cuPointerGetAttribute(&of_pointer, CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE, memory));
  EXPECT_EQ(of_pointer, pool_);
  EXPECT_OK(cuMemFreeAsync(memory, stream_));
  EXPECT_EQ(cuMemFreeAsync(memory, stream_), CUDA_ERROR_INVALID_VALUE) << "a second time";
}

TEST_F(Pools, AFreedBlockIsReusedByItsStreamAtOnceAndByOthersLater) {
  CUdeviceptr first = 0, in_order = 0, elsewhere = 0;
  ASSERT_OK(cuMemAllocAsync(&first, 4096, stream_));
  Gate gate;
  ASSERT_OK(gate.Hold(stream_));
  ASSERT_OK(cuMemFreeAsync(first, stream_));
  ASSERT_OK(cuMemAllocAsync(&elsewhere, 4096, other_));
  EXPECT_NE(elsewhere, first) << "the free has not been reached";
  ASSERT_OK(cuMemAllocAsync(&in_order, 4096, stream_));
  EXPECT_EQ(in_order, first);
  ASSERT_OK(cuMemFreeAsync(in_order, stream_));
  gate.Open();
  ASSERT_OK(cuStreamSynchronize(stream_));
  CUdeviceptr now = 0;
  ASSERT_OK(cuMemAllocAsync(&now, 4096, other_));
  EXPECT_EQ(now, first);
}

TEST_F(Pools, FiguresCountAndMemoryReturnsAtASynchronization) {
  const cuuint64_t used = Get(pool_, CU_MEMPOOL_ATTR_USED_MEM_CURRENT);
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAllocAsync(&memory, 8 << 20, stream_));
  EXPECT_GE(Get(pool_, CU_MEMPOOL_ATTR_USED_MEM_CURRENT), used + (8 << 20));
  EXPECT_GE(Get(pool_, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT), cuuint64_t{8} << 20);
  ASSERT_OK(cuMemFreeAsync(memory, stream_));
  EXPECT_EQ(Get(pool_, CU_MEMPOOL_ATTR_USED_MEM_CURRENT), used);
  EXPECT_GE(Get(pool_, CU_MEMPOOL_ATTR_USED_MEM_HIGH), cuuint64_t{8} << 20);
  ASSERT_OK(cuCtxSynchronize());
  EXPECT_EQ(Get(pool_, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT), 0u) << "the release threshold is 0";
  cuuint64_t zero = 0, one = 1;
  EXPECT_OK(cuMemPoolSetAttribute(pool_, CU_MEMPOOL_ATTR_USED_MEM_HIGH, &zero));
  EXPECT_EQ(Get(pool_, CU_MEMPOOL_ATTR_USED_MEM_HIGH), used);
  EXPECT_EQ(cuMemPoolSetAttribute(pool_, CU_MEMPOOL_ATTR_USED_MEM_HIGH, &one), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Pools, TheReleaseThresholdKeepsMemory) {
  CUmemPoolProps properties = {};
  properties.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  properties.location.id = device_;
  CUmemoryPool pool = nullptr;
  ASSERT_OK(cuMemPoolCreate(&pool, &properties));
  cuuint64_t threshold = 64 << 20;
  ASSERT_OK(cuMemPoolSetAttribute(pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, &threshold));
  EXPECT_EQ(Get(pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD), threshold);
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAllocFromPoolAsync(&memory, 2 << 20, pool, stream_));
  ASSERT_OK(cuMemFreeAsync(memory, stream_));
  ASSERT_OK(cuCtxSynchronize());
  EXPECT_EQ(Get(pool, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT), cuuint64_t{2} << 20);
  EXPECT_OK(cuMemPoolTrimTo(pool, 0));
  EXPECT_EQ(Get(pool, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT), 0u);
  EXPECT_OK(cuDeviceSetMemPool(device_, pool));
  CUmemoryPool current = nullptr;
  EXPECT_OK(cuDeviceGetMemPool(&current, device_));
  EXPECT_EQ(current, pool);
  EXPECT_OK(cuMemPoolDestroy(pool));
  EXPECT_OK(cuDeviceGetMemPool(&current, device_));
  EXPECT_EQ(current, pool_) << "the default one again";
  EXPECT_EQ(cuMemPoolTrimTo(pool, 0), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuMemPoolDestroy(pool_), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Pools, OrdinaryFreeTakesPoolMemory) {
  CUdeviceptr memory = 0, ordinary = 0;
  ASSERT_OK(cuMemAllocAsync(&memory, 4096, stream_));
  EXPECT_OK(cuMemFree(memory));
  EXPECT_EQ(cuMemFreeAsync(memory, stream_), CUDA_ERROR_INVALID_VALUE);
  ASSERT_OK(cuMemAlloc(&ordinary, 4096));
  EXPECT_EQ(cuMemFreeAsync(ordinary, stream_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAllocAsync(&memory, 0, stream_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuMemFreeAsync(0, stream_));
}

TEST_F(Pools, ResetTakesThePoolsMemoryAlong) {
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAllocAsync(&memory, 4096, stream_));
  ASSERT_OK(cuDevicePrimaryCtxReset(device_));
  CUcontext again;
  ASSERT_OK(cuDevicePrimaryCtxRetain(&again, device_));
  EXPECT_EQ(Get(pool_, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT), 0u);
  EXPECT_OK(cuDevicePrimaryCtxRelease(device_));
}

TEST_F(Pools, AreFoundByLocation) {
  CUmemLocation here = {CU_MEM_LOCATION_TYPE_DEVICE, device_};
  CUmemoryPool pool = nullptr, mine = nullptr;
  ASSERT_OK(cuMemGetDefaultMemPool(&pool, &here, CU_MEM_ALLOCATION_TYPE_PINNED));
  EXPECT_EQ(pool, pool_);
  CUmemPoolProps props = {};
  props.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  props.location = here;
  ASSERT_OK(cuMemPoolCreate(&mine, &props));
  ASSERT_OK(cuMemSetMemPool(&here, CU_MEM_ALLOCATION_TYPE_PINNED, mine));
  ASSERT_OK(cuMemGetMemPool(&pool, &here, CU_MEM_ALLOCATION_TYPE_PINNED));
  EXPECT_EQ(pool, mine);
  CUdeviceptr block = 0;
  ASSERT_OK(cuMemAllocAsync(&block, 64, stream_));
  EXPECT_EQ(Get(mine, CU_MEMPOOL_ATTR_USED_MEM_CURRENT), 64u * 8) << "blocks are multiples of 512 bytes";
  EXPECT_OK(cuMemFreeAsync(block, stream_));
  ASSERT_OK(cuMemSetMemPool(&here, CU_MEM_ALLOCATION_TYPE_PINNED, pool_));
  EXPECT_OK(cuMemPoolDestroy(mine));
  CUmemLocation nowhere = {CU_MEM_LOCATION_TYPE_DEVICE, 99};
  EXPECT_EQ(cuMemGetMemPool(&pool, &nowhere, CU_MEM_ALLOCATION_TYPE_PINNED), CUDA_ERROR_INVALID_DEVICE);
}

TEST_F(Pools, TheirOwnDeviceAlwaysHasAccess) {
  CUmemAccessDesc access = {};
  access.location = {CU_MEM_LOCATION_TYPE_DEVICE, device_};
  access.flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
  EXPECT_OK(cuMemPoolSetAccess(pool_, &access, 1));
  CUmemAccess_flags flags = CU_MEM_ACCESS_FLAGS_PROT_NONE;
  ASSERT_OK(cuMemPoolGetAccess(&flags, pool_, &access.location));
  EXPECT_EQ(flags, CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
  access.flags = CU_MEM_ACCESS_FLAGS_PROT_NONE;
  EXPECT_EQ(cuMemPoolSetAccess(pool_, &access, 1), CUDA_ERROR_INVALID_VALUE);
  access.location.id = 99;
  EXPECT_EQ(cuMemPoolSetAccess(pool_, &access, 1), CUDA_ERROR_INVALID_DEVICE);
}

}  // namespace
