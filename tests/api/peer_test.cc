#include <cuda.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/api/context_fixture.h"

namespace {

class Peers : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    int count = 0;
    ASSERT_OK(cuDeviceGetCount(&count));
    if (count < 2) GTEST_SKIP() << "there is one device only (TIANQIAO_CPU_DEVICES)";
    ASSERT_OK(cuDevicePrimaryCtxRetain(&peer_, 1));
  }
  void TearDown() override {
    if (peer_ != nullptr) {
      EXPECT_OK(cuDevicePrimaryCtxRelease(1));
    }
    ContextFixture::TearDown();
  }
  CUcontext peer_ = nullptr;
};

TEST_F(Peers, AccessIsEnabledOnceAndDisabledOnce) {
  int can = 0, value = 0;
  ASSERT_OK(cuDeviceCanAccessPeer(&can, 0, 1));
  EXPECT_EQ(can, 1);
  ASSERT_OK(cuDeviceCanAccessPeer(&can, 0, 0));
  EXPECT_EQ(can, 0) << "a device is no peer of its own";
  EXPECT_OK(cuDeviceGetP2PAttribute(&value, CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED, 0, 1));
  EXPECT_EQ(value, 1);
  EXPECT_EQ(cuDeviceGetP2PAttribute(&value, CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED, 0, 0),
            CUDA_ERROR_INVALID_DEVICE);
  EXPECT_EQ(cuCtxDisablePeerAccess(peer_), CUDA_ERROR_PEER_ACCESS_NOT_ENABLED);
  EXPECT_OK(cuCtxEnablePeerAccess(peer_, 0));
  EXPECT_EQ(cuCtxEnablePeerAccess(peer_, 0), CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED);
  EXPECT_OK(cuCtxDisablePeerAccess(peer_));
  EXPECT_EQ(cuCtxEnablePeerAccess(peer_, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuCtxEnablePeerAccess(context_, 0), CUDA_ERROR_INVALID_CONTEXT);
}

TEST_F(Peers, MemoryMovesBetweenDevices) {
  for (const size_t bytes : {size_t{1000}, size_t{2} << 20}) {
    CUdeviceptr here = 0, there = 0;
    ASSERT_OK(cuMemAlloc(&here, bytes));
    ASSERT_OK(cuCtxPushCurrent(peer_));
    ASSERT_OK(cuMemAlloc(&there, bytes));
    ASSERT_OK(cuCtxPopCurrent(nullptr));
    std::vector<uint8_t> data(bytes, 0x3c), back(bytes);
    ASSERT_OK(cuMemcpyHtoD(here, data.data(), bytes));
    ASSERT_OK(cuMemcpyPeer(there, peer_, here, context_, bytes));
    ASSERT_OK(cuCtxSynchronize());
    ASSERT_OK(cuMemcpyDtoH(back.data(), there, bytes));
    EXPECT_EQ(back, data);
    int ordinal = -1;
    EXPECT_OK(cuPointerGetAttribute(&ordinal, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, there));
    EXPECT_EQ(ordinal, 1);
    EXPECT_OK(cuMemFree(there)) << "from whichever context";
  }
}

TEST_F(Peers, ResettingOneDeviceLeavesTheOther) {
  CUdeviceptr here = 0;
  ASSERT_OK(cuMemAlloc(&here, 4096));
  ASSERT_OK(cuDevicePrimaryCtxReset(1));
  EXPECT_OK(cuMemsetD8(here, 1, 4096));
  EXPECT_OK(cuCtxSynchronize());
}

}  // namespace
