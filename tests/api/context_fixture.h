// A current primary context of device 0 for each test, and a fresh one for the next.
#pragma once

#include <cuda.h>
#include <gtest/gtest.h>

#include <cstdint>

#define ASSERT_OK(call) ASSERT_EQ(call, CUDA_SUCCESS)
#define EXPECT_OK(call) EXPECT_EQ(call, CUDA_SUCCESS)

class ContextFixture : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(cuInit(0));
    ASSERT_OK(cuDeviceGet(&device_, 0));
    ASSERT_OK(cuDevicePrimaryCtxRetain(&context_, device_));
    ASSERT_OK(cuCtxSetCurrent(context_));
  }
  void TearDown() override {
    EXPECT_OK(cuDevicePrimaryCtxReset(device_));
    EXPECT_OK(cuDevicePrimaryCtxRelease(device_));
    EXPECT_OK(cuCtxSetCurrent(nullptr));
  }

  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
};

// Holds a stream back until it is opened: the device waits for a word of pinned memory.
class Gate {
 public:
  Gate() {
    void* memory = nullptr;
    EXPECT_OK(cuMemHostAlloc(&memory, sizeof(uint32_t), CU_MEMHOSTALLOC_DEVICEMAP));
    word_ = static_cast<uint32_t*>(memory);
    *word_ = 0;
  }
  ~Gate() {
    Open();
    EXPECT_OK(cuMemFreeHost(word_));
  }

  CUresult Hold(CUstream stream) {
    return cuStreamWaitValue32(stream, address(), 1, CU_STREAM_WAIT_VALUE_GEQ);
  }
  void Open() { __atomic_store_n(word_, 1, __ATOMIC_RELEASE); }
  CUdeviceptr address() const {
    CUdeviceptr device = 0;
    EXPECT_OK(cuMemHostGetDevicePointer(&device, word_, 0));
    return device;
  }

 private:
  uint32_t* word_ = nullptr;
};
