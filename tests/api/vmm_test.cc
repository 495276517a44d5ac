#include <cuda.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

constexpr size_t kGranule = size_t{2} << 20;

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64

.visible .entry store(.param .u64 where, .param .u32 value)
{
  .reg .b32 %r;
  .reg .b64 %rd;
  ld.param.u64 %rd, [where];
  ld.param.u32 %r, [value];
  st.global.u32 [%rd], %r;
  ret;
}
)";

class VirtualMemory : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    prop_.type = CU_MEM_ALLOCATION_TYPE_PINNED;
    prop_.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    prop_.location.id = device_;
    prop_.requestedHandleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  }
  CUmemGenericAllocationHandle Create(size_t granules) {
    CUmemGenericAllocationHandle handle = 0;
    EXPECT_OK(cuMemCreate(&handle, granules * kGranule, &prop_, 0));
    return handle;
  }
  CUdeviceptr Reserve(size_t granules) {
    CUdeviceptr range = 0;
    EXPECT_OK(cuMemAddressReserve(&range, granules * kGranule, 0, 0, 0));
    return range;
  }
  CUresult Allow(CUdeviceptr range, size_t granules, CUmemAccess_flags flags) {
    CUmemAccessDesc access = {prop_.location, flags};
    return cuMemSetAccess(range, granules * kGranule, &access, 1);
  }
  // Maps a handle of its own, which dies with the mapping.
  void MapNew(CUdeviceptr range, size_t granules) {
    const CUmemGenericAllocationHandle handle = Create(granules);
    ASSERT_OK(cuMemMap(range, granules * kGranule, 0, handle, 0));
    ASSERT_OK(cuMemRelease(handle));
  }
  // By a kernel.
  CUresult Store(CUdeviceptr where, unsigned value) {
    CUmodule module = nullptr;
    CUfunction store = nullptr;
    EXPECT_OK(cuModuleLoadData(&module, kModule));
    EXPECT_OK(cuModuleGetFunction(&store, module, "store"));
    void* arguments[] = {&where, &value};
    EXPECT_OK(cuLaunchKernel(store, 1, 1, 1, 1, 1, 1, 0, nullptr, arguments, nullptr));
    return cuCtxSynchronize();
  }
  unsigned Load(CUdeviceptr where) {
    unsigned value = 0;
    EXPECT_OK(cuMemcpyDtoH(&value, where, sizeof value));
    return value;
  }
  CUmemAllocationProp prop_ = {};
};

TEST_F(VirtualMemory, TheDeviceSaysSo) {
  for (CUdevice_attribute attribute : {CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED,
                                       CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED}) {
    int value = 0;
    ASSERT_OK(cuDeviceGetAttribute(&value, attribute, device_));
    EXPECT_EQ(value, 1);
  }
  size_t granularity = 0;
  EXPECT_OK(cuMemGetAllocationGranularity(&granularity, &prop_, CU_MEM_ALLOC_GRANULARITY_MINIMUM));
  EXPECT_EQ(granularity, kGranule);
}

TEST_F(VirtualMemory, AliasesOfOneHandleAreOneMemory) {
  const CUdeviceptr range = Reserve(3);
  const CUmemGenericAllocationHandle handle = Create(2);
  ASSERT_OK(cuMemMap(range, 2 * kGranule, 0, handle, 0));
  ASSERT_OK(cuMemMap(range + 2 * kGranule, kGranule, kGranule, handle, 0));
  ASSERT_OK(Allow(range, 3, CU_MEM_ACCESS_FLAGS_PROT_READWRITE));
  EXPECT_EQ(Load(range), 0u) << "new memory is zero";
  ASSERT_OK(Store(range + kGranule + 64, 0x1234));
  EXPECT_EQ(Load(range + 2 * kGranule + 64), 0x1234u);
  ASSERT_OK(cuMemUnmap(range, 3 * kGranule));
  ASSERT_OK(cuMemMap(range, kGranule, kGranule, handle, 0));
  ASSERT_OK(cuMemRelease(handle));
  ASSERT_OK(Allow(range, 1, CU_MEM_ACCESS_FLAGS_PROT_READWRITE));
  EXPECT_EQ(Load(range + 64), 0x1234u) << "the memory outlives a mapping, the mapping outlives the handle";
  ASSERT_OK(cuMemUnmap(range, kGranule));
  EXPECT_OK(cuMemAddressFree(range, 3 * kGranule));
}

// As allocators do that grow a range: what is mapped piece by piece is used as one.
TEST_F(VirtualMemory, CopiesCrossAdjacentMappings) {
  const CUdeviceptr range = Reserve(4);
  for (size_t i = 0; i < 3; ++i) MapNew(range + i * kGranule, 1);
  ASSERT_OK(Allow(range, 3, CU_MEM_ACCESS_FLAGS_PROT_READWRITE));
  ASSERT_OK(cuMemsetD32(range, 7, 3 * kGranule / 4));
  std::vector<unsigned> all(3 * kGranule / 4);
  ASSERT_OK(cuMemcpyDtoH(all.data(), range, 3 * kGranule));
  EXPECT_EQ(std::count(all.begin(), all.end(), 7u), static_cast<ptrdiff_t>(all.size()));
  EXPECT_EQ(cuMemsetD8(range, 1, 3 * kGranule + 1), CUDA_ERROR_INVALID_VALUE) << "not mapped";
  ASSERT_OK(cuMemUnmap(range, 3 * kGranule));
  EXPECT_OK(cuMemAddressFree(range, 4 * kGranule));
}

TEST_F(VirtualMemory, AccessIsAsGranted) {
  const CUdeviceptr range = Reserve(2);
  EXPECT_EQ(cuMemsetD8(range, 1, 1), CUDA_ERROR_INVALID_VALUE) << "reserved only";
  MapNew(range, 1);
  EXPECT_EQ(cuMemsetD8(range, 1, 1), CUDA_ERROR_INVALID_VALUE) << "nobody has access";
  unsigned long long flags = 9;
  ASSERT_OK(cuMemGetAccess(&flags, &prop_.location, range));
  EXPECT_EQ(flags, CU_MEM_ACCESS_FLAGS_PROT_NONE);
  ASSERT_OK(Allow(range, 1, CU_MEM_ACCESS_FLAGS_PROT_READ));
  ASSERT_OK(cuMemGetAccess(&flags, &prop_.location, range + kGranule - 1));
  EXPECT_EQ(flags, CU_MEM_ACCESS_FLAGS_PROT_READ);
  EXPECT_EQ(Load(range), 0u);
  EXPECT_EQ(cuMemsetD8(range, 1, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemGetAccess(&flags, &prop_.location, range + kGranule), CUDA_ERROR_INVALID_VALUE);
  ASSERT_OK(cuMemUnmap(range, kGranule));
  EXPECT_OK(cuMemAddressFree(range, 2 * kGranule));
}

TEST_F(VirtualMemory, AKernelFaultsWhereItHasNoAccess) {
  const CUdeviceptr range = Reserve(2);
  MapNew(range, 1);
  ASSERT_OK(Allow(range, 1, CU_MEM_ACCESS_FLAGS_PROT_READ));
  EXPECT_EQ(Store(range, 1), CUDA_ERROR_ILLEGAL_ADDRESS) << "read only";
  ASSERT_OK(cuDevicePrimaryCtxReset(device_));
  ASSERT_OK(Allow(range, 1, CU_MEM_ACCESS_FLAGS_PROT_READWRITE));
  ASSERT_OK(cuMemUnmap(range, kGranule));
  EXPECT_OK(cuMemAddressFree(range, 2 * kGranule));
}

TEST_F(VirtualMemory, AKernelFaultsWhereNothingIsMapped) {
  const CUdeviceptr range = Reserve(1);
  EXPECT_EQ(Store(range, 1), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_OK(cuMemAddressFree(range, kGranule));
}

TEST_F(VirtualMemory, AnAddressLeadsBackToItsHandle) {
  const CUdeviceptr range = Reserve(1);
  MapNew(range, 1);
  CUmemGenericAllocationHandle handle = 0;
  ASSERT_OK(cuMemRetainAllocationHandle(&handle, reinterpret_cast<void*>(range + 5)));
  CUmemAllocationProp prop = {};
  ASSERT_OK(cuMemGetAllocationPropertiesFromHandle(&prop, handle));
  EXPECT_EQ(prop.location.id, device_);
  EXPECT_EQ(prop.requestedHandleTypes, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR);
  ASSERT_OK(cuMemRelease(handle));
  EXPECT_EQ(cuMemRelease(handle), CUDA_ERROR_INVALID_VALUE) << "was retained once";
  ASSERT_OK(cuMemUnmap(range, kGranule));
  EXPECT_EQ(cuMemRetainAllocationHandle(&handle, reinterpret_cast<void*>(range)), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuMemAddressFree(range, kGranule));
}

TEST_F(VirtualMemory, WhatIsExportedAndImportedIsOneMemory) {
  const CUmemGenericAllocationHandle original = Create(1);
  int fd = -1;
  ASSERT_OK(cuMemExportToShareableHandle(&fd, original, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0));
  CUmemGenericAllocationHandle imported = 0;
  ASSERT_OK(cuMemImportFromShareableHandle(&imported, reinterpret_cast<void*>(static_cast<intptr_t>(fd)),
                                           CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR));
  EXPECT_EQ(close(fd), 0) << "the descriptor is still the caller's";
  const CUdeviceptr range = Reserve(2);
  ASSERT_OK(cuMemMap(range, kGranule, 0, original, 0));
  ASSERT_OK(cuMemMap(range + kGranule, kGranule, 0, imported, 0));
  ASSERT_OK(Allow(range, 2, CU_MEM_ACCESS_FLAGS_PROT_READWRITE));
  ASSERT_OK(cuMemsetD32(range, 77, 1));
  EXPECT_EQ(Load(range + kGranule), 77u);
  ASSERT_OK(cuMemUnmap(range, 2 * kGranule));
  EXPECT_OK(cuMemRelease(original));
  EXPECT_OK(cuMemRelease(imported));
  EXPECT_OK(cuMemAddressFree(range, 2 * kGranule));
  EXPECT_EQ(cuMemImportFromShareableHandle(&imported, reinterpret_cast<void*>(intptr_t{0}),
                                           CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR),
            CUDA_ERROR_INVALID_VALUE)
      << "a descriptor of something else";
  prop_.requestedHandleTypes = CU_MEM_HANDLE_TYPE_NONE;
  const CUmemGenericAllocationHandle unshared = Create(1);
  EXPECT_EQ(cuMemExportToShareableHandle(&fd, unshared, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuMemRelease(unshared));
}

TEST_F(VirtualMemory, MemoryCountsAgainstTheDevice) {
  size_t before = 0, during = 0, after = 0, total = 0;
  ASSERT_OK(cuMemGetInfo(&before, &total));
  const CUmemGenericAllocationHandle handle = Create(4);
  ASSERT_OK(cuMemGetInfo(&during, &total));
  EXPECT_EQ(before - during, 4 * kGranule);
  CUmemGenericAllocationHandle too_much = 0;
  EXPECT_EQ(cuMemCreate(&too_much, during / kGranule * kGranule + kGranule, &prop_, 0),
            CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_OK(cuMemRelease(handle));
  ASSERT_OK(cuMemGetInfo(&after, &total));
  EXPECT_EQ(after, before);
}

TEST_F(VirtualMemory, WrongArgumentsAreRefused) {
  CUdeviceptr range = 0;
  EXPECT_EQ(cuMemAddressReserve(&range, 0, 0, 0, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAddressReserve(&range, 4096, 0, 0, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAddressReserve(&range, kGranule, 3, 0, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAddressReserve(&range, kGranule, 0, 0, 1), CUDA_ERROR_INVALID_VALUE);
  CUmemGenericAllocationHandle handle = 0;
  EXPECT_EQ(cuMemCreate(&handle, kGranule + 1, &prop_, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemCreate(&handle, kGranule, nullptr, 0), CUDA_ERROR_INVALID_VALUE);
  prop_.location.id = 99;
  EXPECT_EQ(cuMemCreate(&handle, kGranule, &prop_, 0), CUDA_ERROR_INVALID_DEVICE);
  prop_.location.id = device_;
  EXPECT_EQ(cuMemRelease(0x1234), CUDA_ERROR_INVALID_VALUE);

  range = Reserve(2);
  handle = Create(1);
  EXPECT_EQ(cuMemMap(range, 2 * kGranule, 0, handle, 0), CUDA_ERROR_INVALID_VALUE)
      << "larger than the memory";
  EXPECT_EQ(cuMemMap(range, kGranule, kGranule, handle, 0), CUDA_ERROR_INVALID_VALUE) << "past the memory";
  EXPECT_EQ(cuMemMap(range + 2 * kGranule, kGranule, 0, handle, 0), CUDA_ERROR_INVALID_VALUE)
      << "not reserved";
  ASSERT_OK(cuMemMap(range, kGranule, 0, handle, 0));
  EXPECT_EQ(cuMemMap(range, kGranule, 0, handle, 0), CUDA_ERROR_INVALID_VALUE) << "mapped already";
  EXPECT_EQ(cuMemUnmap(range, 2 * kGranule), CUDA_ERROR_INVALID_VALUE) << "half of it is not mapped";
  EXPECT_EQ(Allow(range, 2, CU_MEM_ACCESS_FLAGS_PROT_READWRITE), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAddressFree(range, 2 * kGranule), CUDA_ERROR_INVALID_VALUE) << "in use";
  ASSERT_OK(cuMemUnmap(range, kGranule));
  EXPECT_EQ(cuMemUnmap(range, kGranule), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAddressFree(range, kGranule), CUDA_ERROR_INVALID_VALUE) << "a part of the reservation";
  EXPECT_OK(cuMemAddressFree(range, 2 * kGranule));
  EXPECT_OK(cuMemRelease(handle));
}

size_t OpenDescriptors() {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

// An allocator with thousands of pieces must not run into the limit of open files.
TEST_F(VirtualMemory, MemoryThatIsNotSharedTakesNoDescriptor) {
  prop_.requestedHandleTypes = CU_MEM_HANDLE_TYPE_NONE;
  const CUdeviceptr range = Reserve(4);
  MapNew(range, 1);
  const size_t before = OpenDescriptors();
  for (size_t i = 1; i < 4; ++i) MapNew(range + i * kGranule, 1);
  EXPECT_EQ(OpenDescriptors(), before);
  ASSERT_OK(Allow(range, 4, CU_MEM_ACCESS_FLAGS_PROT_READWRITE));
  EXPECT_OK(Store(range + 3 * kGranule, 33));
  EXPECT_EQ(Load(range + 3 * kGranule), 33u);
  EXPECT_OK(cuMemUnmap(range, 4 * kGranule));
  EXPECT_OK(cuMemAddressFree(range, 4 * kGranule));
}

TEST_F(VirtualMemory, CompressionIsNotGranted) {
  prop_.allocFlags.compressionType = CU_MEM_ALLOCATION_COMP_GENERIC;
  const CUmemGenericAllocationHandle handle = Create(1);
  CUmemAllocationProp answer = {};
  ASSERT_OK(cuMemGetAllocationPropertiesFromHandle(&answer, handle));
  EXPECT_EQ(answer.allocFlags.compressionType, CU_MEM_ALLOCATION_COMP_NONE);
  EXPECT_OK(cuMemRelease(handle));
}

TEST_F(VirtualMemory, InvalidAddressesAndLocationsAreRefused) {
  CUdeviceptr range = 0;
  EXPECT_EQ(cuMemAddressReserve(&range, kGranule, 0, 4097, 0), CUDA_ERROR_INVALID_VALUE);
  prop_.location.type = CU_MEM_LOCATION_TYPE_INVALID;
  CUmemGenericAllocationHandle handle = 0;
  EXPECT_EQ(cuMemCreate(&handle, kGranule, &prop_, 0), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(VirtualMemory, NoObjectIsMulticast) {
  int is_supported = -1;
  ASSERT_OK(cuDeviceGetAttribute(&is_supported, CU_DEVICE_ATTRIBUTE_MULTICAST_SUPPORTED, device_));
  EXPECT_EQ(is_supported, 0);
  CUmulticastObjectProp properties = {};
  properties.numDevices = 1;
  properties.size = size_t{2} << 20;
  CUmemGenericAllocationHandle object = 0;
  EXPECT_EQ(cuMulticastCreate(&object, &properties), CUDA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(cuMulticastCreate(&object, nullptr), CUDA_ERROR_INVALID_VALUE);
}

}  // namespace
