#include <cuda.h>
#include <gtest/gtest.h>

#include "tests/api/context_fixture.h"

namespace {

class Managed : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    int supported = 0;
    ASSERT_OK(cuDeviceGetAttribute(&supported, CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY, device_));
    if (supported == 0) GTEST_SKIP() << "the device has no managed memory";
    ASSERT_OK(cuMemAllocManaged(&memory_, kBytes, CU_MEM_ATTACH_GLOBAL));
  }
  int Get(CUmem_range_attribute attribute) {
    int value = 99;
    EXPECT_OK(cuMemRangeGetAttribute(&value, sizeof(value), attribute, memory_, kBytes));
    return value;
  }
  static constexpr size_t kBytes = 1 << 20;
  CUdeviceptr memory_ = 0;
};

TEST_F(Managed, HostAndDeviceShareTheAddress) {
  auto* words = reinterpret_cast<uint32_t*>(memory_);
  words[5] = 17;
  uint32_t word = 0;
  ASSERT_OK(cuMemcpyDtoH(&word, memory_ + 20, 4));
  EXPECT_EQ(word, 17u);
  ASSERT_OK(cuMemsetD32(memory_, 3, kBytes / 4));
  ASSERT_OK(cuCtxSynchronize());
  EXPECT_EQ(words[kBytes / 4 - 1], 3u);
  unsigned managed = 0;
  EXPECT_OK(cuPointerGetAttribute(&managed, CU_POINTER_ATTRIBUTE_IS_MANAGED, memory_));
  EXPECT_EQ(managed, 1u);
  EXPECT_OK(cuMemFree(memory_));
}

TEST_F(Managed, AdviceIsRemembered) {
  CUmemLocation device = {}, host = {};
  device.type = CU_MEM_LOCATION_TYPE_DEVICE;
  device.id = device_;
  host.type = CU_MEM_LOCATION_TYPE_HOST;
  EXPECT_EQ(Get(CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY), 0);
  EXPECT_EQ(Get(CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION), CU_DEVICE_INVALID);
  EXPECT_OK(cuMemAdvise(memory_, kBytes, CU_MEM_ADVISE_SET_READ_MOSTLY, device));
  EXPECT_OK(cuMemAdvise(memory_, kBytes, CU_MEM_ADVISE_SET_PREFERRED_LOCATION, host));
  EXPECT_OK(cuMemAdvise(memory_, kBytes, CU_MEM_ADVISE_SET_ACCESSED_BY, device));
  EXPECT_EQ(Get(CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY), 1);
  EXPECT_EQ(Get(CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION), CU_DEVICE_CPU);
  int accessors[2] = {7, 7};
  EXPECT_OK(cuMemRangeGetAttribute(accessors, sizeof(accessors), CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY, memory_,
                                   kBytes));
  EXPECT_EQ(accessors[0], device_);
  EXPECT_EQ(accessors[1], CU_DEVICE_INVALID);
  EXPECT_OK(cuMemPrefetchAsync(memory_, kBytes, device, 0, nullptr));
  EXPECT_EQ(Get(CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION), device_);
  EXPECT_OK(cuMemAdvise(memory_, kBytes, CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION, host));
  EXPECT_EQ(Get(CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION), CU_DEVICE_INVALID);
}

TEST_F(Managed, WrongRangesAndLocationsAreRefused) {
  CUmemLocation nowhere = {};
  nowhere.type = CU_MEM_LOCATION_TYPE_DEVICE;
  nowhere.id = 99;
  EXPECT_EQ(cuMemAdvise(memory_, kBytes, CU_MEM_ADVISE_SET_PREFERRED_LOCATION, nowhere),
            CUDA_ERROR_INVALID_DEVICE);
  EXPECT_EQ(cuMemPrefetchAsync(memory_, kBytes, nowhere, 0, nullptr), CUDA_ERROR_INVALID_DEVICE);
  nowhere.id = device_;
  EXPECT_EQ(cuMemPrefetchAsync(memory_, kBytes + 1, nowhere, 0, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAdvise(memory_, 0, CU_MEM_ADVISE_SET_READ_MOSTLY, nowhere), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAdvise(memory_, kBytes, static_cast<CUmem_advise>(99), nowhere), CUDA_ERROR_INVALID_VALUE);
  CUdeviceptr plain = 0, bad = 0;
  ASSERT_OK(cuMemAlloc(&plain, 4096));
  EXPECT_EQ(cuMemPrefetchAsync(plain, 4096, nowhere, 0, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAllocManaged(&bad, 16, 0x55), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemAllocManaged(&bad, 0, CU_MEM_ATTACH_GLOBAL), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuStreamAttachMemAsync(nullptr, memory_, 0, CU_MEM_ATTACH_GLOBAL));
  EXPECT_EQ(cuStreamAttachMemAsync(nullptr, plain, 0, CU_MEM_ATTACH_GLOBAL), CUDA_ERROR_INVALID_VALUE);
}

}  // namespace
