// What a program sees of a device that runs nothing: results may be missing, never random.
#include <cuda.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

class NullDevice : public ContextFixture {
 protected:
  // The device's memory comes from malloc: let that give out memory full of different words.
  void SetUp() override {
    constexpr size_t kWords = 512;
    std::vector<uint64_t*> blocks(1024);
    uint64_t next = 1;
    for (uint64_t*& block : blocks) {
      block = static_cast<uint64_t*>(std::malloc(kWords * sizeof(uint64_t)));
      std::iota(block, block + kWords, next);
      next += kWords * 1000000;
    }
    last_ = blocks.back();  // held, so that the heap does not shrink
    for (size_t i = 0; i + 1 < blocks.size(); ++i) std::free(blocks[i]);
    ContextFixture::SetUp();
  }
  void TearDown() override {
    ContextFixture::TearDown();
    std::free(last_);
  }
  uint64_t* last_ = nullptr;
};

TEST_F(NullDevice, ElapsedTimeIsZero) {
  CUevent start, end;
  ASSERT_OK(cuEventCreate(&start, CU_EVENT_DEFAULT));
  ASSERT_OK(cuEventCreate(&end, CU_EVENT_DEFAULT));
  ASSERT_OK(cuEventRecord(start, nullptr));
  ASSERT_OK(cuEventRecord(end, nullptr));
  ASSERT_OK(cuEventSynchronize(end));
  float milliseconds = -1;
  ASSERT_OK(cuEventElapsedTime(&milliseconds, start, end));
  EXPECT_EQ(milliseconds, 0.0f);
}

// Its addresses are the process's, but it maps nothing.
TEST_F(NullDevice, HasNoVirtualMemoryManagement) {
  int can = -1;
  EXPECT_OK(cuDeviceGetAttribute(&can, CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED, device_));
  EXPECT_EQ(can, 0);
  CUdeviceptr address = 0;
  EXPECT_EQ(cuMemAddressReserve(&address, size_t{2} << 20, 0, 0, 0), CUDA_ERROR_NOT_SUPPORTED);
  CUmemAllocationProp properties = {};
  properties.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  CUmemGenericAllocationHandle memory = 0;
  EXPECT_EQ(cuMemCreate(&memory, size_t{2} << 20, &properties, 0), CUDA_ERROR_NOT_SUPPORTED);
}

}  // namespace
