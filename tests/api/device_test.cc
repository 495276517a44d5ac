#include <cuda.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>

#include "tests/api/context_fixture.h"

namespace {

class Device : public testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(cuInit(0)); }

  int Get(CUdevice_attribute attribute) {
    int value = -1;
    EXPECT_EQ(cuDeviceGetAttribute(&value, attribute, 0), CUDA_SUCCESS) << attribute;
    return value;
  }
};

TEST_F(Device, OrdinalsRunFromZero) {
  int count = 0;
  ASSERT_OK(cuDeviceGetCount(&count));
  ASSERT_GE(count, 1);
  CUdevice device = -1;
  EXPECT_OK(cuDeviceGet(&device, count - 1));
  EXPECT_EQ(device, count - 1);
  EXPECT_EQ(cuDeviceGet(&device, count), CUDA_ERROR_INVALID_DEVICE);
  EXPECT_EQ(cuDeviceGet(&device, -1), CUDA_ERROR_INVALID_DEVICE);
  char name[8];
  EXPECT_EQ(cuDeviceGetName(name, sizeof(name), count), CUDA_ERROR_INVALID_DEVICE);
}

TEST_F(Device, NameIsCutToTheBuffer) {
  char name[256] = "", start[5] = "";
  ASSERT_OK(cuDeviceGetName(name, sizeof(name), 0));
  EXPECT_GT(std::strlen(name), 4u);
  ASSERT_OK(cuDeviceGetName(start, sizeof(start), 0));
  EXPECT_EQ(std::string(name, 4), start);
  EXPECT_EQ(cuDeviceGetName(name, 0, 0), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Device, PciAddressLeadsBackToTheDevice) {
  char address[32] = "";
  ASSERT_OK(cuDeviceGetPCIBusId(address, sizeof(address), 0));
  CUdevice device = -1;
  EXPECT_OK(cuDeviceGetByPCIBusId(&device, address));
  EXPECT_EQ(device, 0);
  EXPECT_EQ(cuDeviceGetPCIBusId(address, 3, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDeviceGetByPCIBusId(&device, "nonsense"), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDeviceGetByPCIBusId(&device, "ffff:ee:1d.0"), CUDA_ERROR_INVALID_DEVICE);
}

TEST_F(Device, UuidIsTheSameEachTimeAndUnique) {
  int count = 0;
  ASSERT_OK(cuDeviceGetCount(&count));
  std::set<std::string> seen;
  for (int i = 0; i < count; ++i) {
    CUuuid first, second;
    ASSERT_OK(cuDeviceGetUuid(&first, i));
    ASSERT_OK(cuDeviceGetUuid(&second, i));
    EXPECT_EQ(std::memcmp(&first, &second, sizeof(first)), 0);
    EXPECT_TRUE(seen.insert(std::string(first.bytes, sizeof(first.bytes))).second);
  }
}

TEST_F(Device, EveryAttributeOfTheHeaderHasAValue) {
  int value = 0;
  for (int attribute = 1; attribute < CU_DEVICE_ATTRIBUTE_MAX; ++attribute) {
    EXPECT_EQ(cuDeviceGetAttribute(&value, static_cast<CUdevice_attribute>(attribute), 0), CUDA_SUCCESS)
        << attribute;
  }
  EXPECT_EQ(cuDeviceGetAttribute(&value, static_cast<CUdevice_attribute>(0), 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_MAX, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDeviceGetAttribute(&value, static_cast<CUdevice_attribute>(-5), 0), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Device, AttributesAgreeWithEachOther) {
  EXPECT_EQ(Get(CU_DEVICE_ATTRIBUTE_WARP_SIZE), 32);
  EXPECT_GE(Get(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
            Get(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK));
  EXPECT_GE(Get(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR),
            Get(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
  EXPECT_LE(Get(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK),
            Get(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR));
  EXPECT_LE(Get(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X), Get(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK));
  int major = 0, minor = 0;
  ASSERT_OK(cuDeviceComputeCapability(&major, &minor, 0));
  EXPECT_EQ(major, Get(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR));
  EXPECT_EQ(minor, Get(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
  CUdevprop properties;
  ASSERT_OK(cuDeviceGetProperties(&properties, 0));
  EXPECT_EQ(properties.maxThreadsPerBlock, Get(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK));
  EXPECT_EQ(properties.maxThreadsDim[2], Get(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z));
  EXPECT_EQ(properties.maxGridSize[0], Get(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X));
  EXPECT_EQ(properties.SIMDWidth, 32);
  EXPECT_EQ(properties.clockRate, Get(CU_DEVICE_ATTRIBUTE_CLOCK_RATE));
}

TEST_F(Device, TotalMemoryIsPositive) {
  size_t bytes = 0;
  ASSERT_OK(cuDeviceTotalMem(&bytes, 0));
  EXPECT_GT(bytes, size_t{16} << 20);
}

}  // namespace
