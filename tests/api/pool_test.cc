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

class PoolsByPlace : public Pools {
 protected:
  static CUmemPoolProps Props(CUmemAllocationType type, CUmemLocationType location, int id = 0) {
    CUmemPoolProps props = {};
    props.allocType = type;
    props.location = {location, id};
    return props;
  }
  CUmemoryPool Create(const CUmemPoolProps& props) {
    CUmemoryPool pool = nullptr;
    EXPECT_OK(cuMemPoolCreate(&pool, &props));
    return pool;
  }
  template <typename T>
  T Ask(CUpointer_attribute attribute, CUdeviceptr pointer) {
    T value = {};
    EXPECT_OK(cuPointerGetAttribute(&value, attribute, pointer));
    return value;
  }
};

TEST_F(PoolsByPlace, HostMemory) {
  for (const CUmemLocationType type : {CU_MEM_LOCATION_TYPE_HOST, CU_MEM_LOCATION_TYPE_HOST_NUMA}) {
    const CUmemoryPool pool = Create(Props(CU_MEM_ALLOCATION_TYPE_PINNED, type));
    CUdeviceptr memory = 0;
    ASSERT_OK(cuMemAllocFromPoolAsync(&memory, 4096, pool, stream_));
    ASSERT_OK(cuMemsetD32Async(memory, 7, 1024, stream_));
    ASSERT_OK(cuStreamSynchronize(stream_));
    EXPECT_EQ(reinterpret_cast<unsigned*>(Ask<void*>(CU_POINTER_ATTRIBUTE_HOST_POINTER, memory))[1023], 7u);
    EXPECT_EQ(Ask<unsigned>(CU_POINTER_ATTRIBUTE_MEMORY_TYPE, memory), unsigned{CU_MEMORYTYPE_HOST});
    EXPECT_EQ(Ask<CUmemoryPool>(CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE, memory), pool);
    EXPECT_EQ(Get(pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT), 4096u);
    ASSERT_OK(cuMemFreeAsync(memory, stream_));
    ASSERT_OK(cuStreamSynchronize(stream_));
    ASSERT_OK(cuMemPoolTrimTo(pool, 0));
    EXPECT_EQ(Get(pool, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT), 0u);
    ASSERT_OK(cuMemPoolDestroy(pool));
  }
}

TEST_F(PoolsByPlace, ManagedMemory) {
  const CUmemoryPool pool = Create(Props(CU_MEM_ALLOCATION_TYPE_MANAGED, CU_MEM_LOCATION_TYPE_NONE));
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAllocFromPoolAsync(&memory, 4096, pool, stream_));
  EXPECT_EQ(Ask<unsigned>(CU_POINTER_ATTRIBUTE_IS_MANAGED, memory), 1u);
  const CUmemLocation host = {CU_MEM_LOCATION_TYPE_HOST, 0};
  EXPECT_OK(cuMemPrefetchAsync(memory, 4096, host, 0, stream_));
  int last = 0;
  EXPECT_OK(
      cuMemRangeGetAttribute(&last, sizeof last, CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION, memory, 64));
  EXPECT_EQ(last, CU_DEVICE_CPU);
  EXPECT_OK(cuMemFree(memory));
  EXPECT_EQ(Get(pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT), 0u);
  EXPECT_OK(cuMemPoolDestroy(pool));
}

TEST_F(PoolsByPlace, EachHasADefaultAndACurrentOne) {
  struct Row {
    CUmemAllocationType type;
    CUmemLocation place;
  };
  for (const Row& row : {Row{CU_MEM_ALLOCATION_TYPE_PINNED, {CU_MEM_LOCATION_TYPE_HOST, 0}},
                         Row{CU_MEM_ALLOCATION_TYPE_PINNED, {CU_MEM_LOCATION_TYPE_HOST_NUMA, 0}},
                         Row{CU_MEM_ALLOCATION_TYPE_MANAGED, {CU_MEM_LOCATION_TYPE_DEVICE, device_}},
                         Row{CU_MEM_ALLOCATION_TYPE_MANAGED, {CU_MEM_LOCATION_TYPE_HOST, 0}},
                         Row{CU_MEM_ALLOCATION_TYPE_MANAGED, {CU_MEM_LOCATION_TYPE_NONE, 0}}}) {
    CUmemLocation place = row.place;
    CUmemoryPool standard = nullptr, current = nullptr;
    ASSERT_OK(cuMemGetDefaultMemPool(&standard, &place, row.type));
    ASSERT_OK(cuMemGetMemPool(&current, &place, row.type));
    EXPECT_EQ(current, standard);
    EXPECT_NE(standard, pool_);
    EXPECT_EQ(cuMemPoolDestroy(standard), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuMemSetMemPool(&place, row.type, pool_), CUDA_ERROR_INVALID_VALUE) << "of another place";
    const CUmemoryPool mine = Create(Props(row.type, place.type, place.id));
    ASSERT_OK(cuMemSetMemPool(&place, row.type, mine));
    ASSERT_OK(cuMemGetMemPool(&current, &place, row.type));
    EXPECT_EQ(current, mine);
    ASSERT_OK(cuMemPoolDestroy(mine));
    ASSERT_OK(cuMemGetMemPool(&current, &place, row.type));
    EXPECT_EQ(current, standard) << "a pool that is gone is current no more";
  }
}

TEST_F(PoolsByPlace, WhatThereIsNot) {
  CUmemoryPool pool = nullptr;
  CUmemPoolProps props = Props(CU_MEM_ALLOCATION_TYPE_PINNED, CU_MEM_LOCATION_TYPE_NONE);
  EXPECT_EQ(cuMemPoolCreate(&pool, &props), CUDA_ERROR_INVALID_VALUE);
  props = Props(CU_MEM_ALLOCATION_TYPE_INVALID, CU_MEM_LOCATION_TYPE_DEVICE);
  EXPECT_EQ(cuMemPoolCreate(&pool, &props), CUDA_ERROR_INVALID_VALUE);
  props = Props(CU_MEM_ALLOCATION_TYPE_PINNED, CU_MEM_LOCATION_TYPE_DEVICE, 99);
  EXPECT_EQ(cuMemPoolCreate(&pool, &props), CUDA_ERROR_INVALID_DEVICE);
  props = Props(CU_MEM_ALLOCATION_TYPE_PINNED, CU_MEM_LOCATION_TYPE_DEVICE, device_);
  props.handleTypes = CU_MEM_HANDLE_TYPE_FABRIC;
  EXPECT_EQ(cuMemPoolCreate(&pool, &props), CUDA_ERROR_NOT_SUPPORTED);
  props = Props(CU_MEM_ALLOCATION_TYPE_MANAGED, CU_MEM_LOCATION_TYPE_NONE);
  props.handleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  EXPECT_EQ(cuMemPoolCreate(&pool, &props), CUDA_ERROR_NOT_SUPPORTED) << "managed memory is not shared";
}

TEST_F(PoolsByPlace, APoolGrowsNoLargerThanItsMaximum) {
  CUmemPoolProps props = Props(CU_MEM_ALLOCATION_TYPE_PINNED, CU_MEM_LOCATION_TYPE_DEVICE, device_);
  props.maxSize = 8192;
  const CUmemoryPool pool = Create(props);
  CUdeviceptr first = 0, second = 0, third = 0;
  ASSERT_OK(cuMemAllocFromPoolAsync(&first, 4096, pool, stream_));
  ASSERT_OK(cuMemAllocFromPoolAsync(&second, 4096, pool, stream_));
  EXPECT_EQ(cuMemAllocFromPoolAsync(&third, 512, pool, stream_), CUDA_ERROR_OUT_OF_MEMORY);
  ASSERT_OK(cuMemFreeAsync(first, stream_));
  EXPECT_OK(cuMemAllocFromPoolAsync(&third, 512, pool, stream_)) << "idle blocks make room";
  ASSERT_OK(cuMemFreeAsync(second, stream_));
  ASSERT_OK(cuMemFreeAsync(third, stream_));
  ASSERT_OK(cuMemPoolDestroy(pool));
}

TEST_F(PoolsByPlace, AFullPoolLendsWhatAnotherStreamIsStillToFree) {
  CUmemPoolProps props = Props(CU_MEM_ALLOCATION_TYPE_PINNED, CU_MEM_LOCATION_TYPE_DEVICE, device_);
  props.maxSize = 4096;
  const CUmemoryPool pool = Create(props);
  CUdeviceptr first = 0, second = 0;
  ASSERT_OK(cuMemAllocFromPoolAsync(&first, 4096, pool, stream_));
  Gate gate;
  ASSERT_OK(gate.Hold(stream_));
  ASSERT_OK(cuMemFreeAsync(first, stream_));
  ASSERT_OK(cuMemAllocFromPoolAsync(&second, 4096, pool, other_));
  EXPECT_EQ(second, first);
  EXPECT_EQ(cuStreamQuery(other_), CUDA_ERROR_NOT_READY) << "the stream waits for the free";
  gate.Open();
  ASSERT_OK(cuMemFreeAsync(second, other_));
  EXPECT_OK(cuStreamSynchronize(other_));
  ASSERT_OK(cuMemPoolDestroy(pool));
}

TEST_F(PoolsByPlace, ReuseFollowsThePolicies) {
  const CUmemoryPool pool =
      Create(Props(CU_MEM_ALLOCATION_TYPE_PINNED, CU_MEM_LOCATION_TYPE_DEVICE, device_));
  int off = 0, on = 1;
  CUdeviceptr first = 0, second = 0, third = 0;
  ASSERT_OK(cuMemPoolSetAttribute(pool, CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC, &off));
  ASSERT_OK(cuMemAllocFromPoolAsync(&first, 4096, pool, stream_));
  ASSERT_OK(cuMemFreeAsync(first, stream_));
  while (cuStreamQuery(stream_) != CUDA_SUCCESS) {
  }
  ASSERT_OK(cuMemAllocFromPoolAsync(&second, 4096, pool, other_));
  EXPECT_NE(second, first) << "nothing orders the streams";
  ASSERT_OK(cuMemPoolSetAttribute(pool, CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC, &on));
  ASSERT_OK(cuMemAllocFromPoolAsync(&third, 4096, pool, other_));
  EXPECT_EQ(third, first);
  ASSERT_OK(cuMemFreeAsync(second, other_));
  ASSERT_OK(cuMemFreeAsync(third, other_));
  ASSERT_OK(cuMemPoolDestroy(pool));
}

TEST_F(PoolsByPlace, AccessIsOfThePlaceUntilItIsGranted) {
  const CUmemoryPool pool = Create(Props(CU_MEM_ALLOCATION_TYPE_PINNED, CU_MEM_LOCATION_TYPE_HOST));
  CUmemLocation host = {CU_MEM_LOCATION_TYPE_HOST, 0}, here = {CU_MEM_LOCATION_TYPE_DEVICE, device_};
  CUmemAccess_flags flags = {};
  ASSERT_OK(cuMemPoolGetAccess(&flags, pool, &host));
  EXPECT_EQ(flags, CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
  ASSERT_OK(cuMemPoolGetAccess(&flags, pool, &here));
  EXPECT_EQ(flags, CU_MEM_ACCESS_FLAGS_PROT_NONE);
  const CUmemAccessDesc grant = {here, CU_MEM_ACCESS_FLAGS_PROT_READ};
  ASSERT_OK(cuMemPoolSetAccess(pool, &grant, 1));
  ASSERT_OK(cuMemPoolGetAccess(&flags, pool, &here));
  EXPECT_EQ(flags, CU_MEM_ACCESS_FLAGS_PROT_READ);
  EXPECT_EQ(cuMemPoolGetAccess(&flags, pool_, &host), CUDA_ERROR_NOT_SUPPORTED) << "a device's memory";
  ASSERT_OK(cuMemPoolDestroy(pool));
}

}  // namespace
