// Devices, limits, versions, errors: CUDA Runtime API, "Device Management", "Error Handling", "Version
// Management".
#include <cstring>
#include <string>
#include <thread>

#include "tests/cudart/fixture.h"

namespace {

using Device = RuntimeFixture;

TEST_F(Device, OrdinalsAreChecked) {
  int count = 0, device = -1;
  EXPECT_OK(cudaGetDeviceCount(&count));
  ASSERT_GE(count, 1);
  EXPECT_OK(cudaGetDevice(&device));
  EXPECT_EQ(device, 0);
  EXPECT_EQ(cudaSetDevice(count), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaSetDevice(-1), cudaErrorInvalidDevice);
  EXPECT_OK(cudaGetDevice(&device));
  EXPECT_EQ(device, 0);
  int value;
  EXPECT_EQ(cudaDeviceGetAttribute(&value, cudaDevAttrWarpSize, count), cudaErrorInvalidDevice);
  EXPECT_OK(cudaDeviceGetAttribute(&value, cudaDevAttrWarpSize, 0));
  EXPECT_EQ(value, 32);
}

TEST_F(Device, PciIdsLeadBack) {
  char id[32] = "";
  ASSERT_OK(cudaDeviceGetPCIBusId(id, sizeof id, 0));
  EXPECT_EQ(std::string(id).find(':'), 4u);
  int device = -1;
  EXPECT_OK(cudaDeviceGetByPCIBusId(&device, id));
  EXPECT_EQ(device, 0);
  EXPECT_EQ(cudaDeviceGetByPCIBusId(&device, "ffff:ff:1f.7"), cudaErrorInvalidDevice);
}

TEST_F(Device, LimitsAreKept) {
  size_t before = 0, now = 0;
  ASSERT_OK(cudaDeviceGetLimit(&before, cudaLimitStackSize));
  EXPECT_OK(cudaDeviceSetLimit(cudaLimitStackSize, 8192));
  EXPECT_OK(cudaDeviceGetLimit(&now, cudaLimitStackSize));
  EXPECT_GE(now, 8192u);
  EXPECT_OK(cudaDeviceSetLimit(cudaLimitStackSize, before));
  EXPECT_EQ(cudaDeviceGetLimit(&now, static_cast<cudaLimit>(99)), cudaErrorUnsupportedLimit);
}

TEST_F(Device, CachePreferencesAreKept) {
  EXPECT_OK(cudaDeviceSetCacheConfig(cudaFuncCachePreferShared));
  cudaFuncCache cache = cudaFuncCachePreferNone;
  EXPECT_OK(cudaDeviceGetCacheConfig(&cache));
  EXPECT_EQ(cache, cudaFuncCachePreferShared);
  EXPECT_OK(cudaDeviceSetCacheConfig(cudaFuncCachePreferNone));
  cudaSharedMemConfig banks = cudaSharedMemBankSizeDefault;
  EXPECT_OK(cudaDeviceSetSharedMemConfig(cudaSharedMemBankSizeFourByte));
  EXPECT_OK(cudaDeviceGetSharedMemConfig(&banks));
  EXPECT_EQ(banks, cudaSharedMemBankSizeFourByte);
  EXPECT_OK(cudaCtxResetPersistingL2Cache());
}

TEST_F(Device, PrioritiesHaveARange) {
  int least = 1, greatest = 1;
  EXPECT_OK(cudaDeviceGetStreamPriorityRange(&least, &greatest));
  EXPECT_LE(greatest, least);
  cudaStream_t urgent = nullptr;
  ASSERT_OK(cudaStreamCreateWithPriority(&urgent, cudaStreamNonBlocking, greatest));
  int priority = 99;
  EXPECT_OK(cudaStreamGetPriority(urgent, &priority));
  EXPECT_EQ(priority, greatest);
  EXPECT_OK(cudaStreamDestroy(urgent));
}

TEST_F(Device, FlagsAndValidDevices) {
  unsigned flags = 0xFFFF;
  EXPECT_OK(cudaGetDeviceFlags(&flags));
  EXPECT_EQ(flags & ~static_cast<unsigned>(cudaDeviceMask), 0u);
  EXPECT_EQ(cudaSetDeviceFlags(0x40000), cudaErrorInvalidValue);
  int devices[] = {0};
  EXPECT_OK(cudaSetValidDevices(devices, 1));
  devices[0] = 55;
  EXPECT_EQ(cudaSetValidDevices(devices, 1), cudaErrorInvalidDevice);
}

TEST_F(Device, PeersAreNotTheDeviceItself) {
  int can = -1;
  EXPECT_OK(cudaDeviceCanAccessPeer(&can, 0, 0));
  EXPECT_EQ(can, 0);
  int rank = 0;
  EXPECT_EQ(cudaDeviceGetP2PAttribute(&rank, cudaDevP2PAttrPerformanceRank, 0, 0), cudaErrorInvalidDevice);
  EXPECT_NE(cudaDeviceEnablePeerAccess(0, 0), cudaSuccess);
  EXPECT_NE(cudaDeviceDisablePeerAccess(0), cudaSuccess);
}

TEST_F(Device, TexturesOfLinearMemoryHaveAMaximum) {
  const cudaChannelFormatDesc desc = {32, 0, 0, 0, cudaChannelFormatKindFloat};
  size_t elements = 0;
  EXPECT_OK(cudaDeviceGetTexture1DLinearMaxWidth(&elements, &desc, 0));
  int attribute = 0;
  EXPECT_OK(cudaDeviceGetAttribute(&attribute, cudaDevAttrMaxTexture1DLinearWidth, 0));
  EXPECT_GE(elements, 1u << 27);
  EXPECT_GE(attribute, 1 << 27);
}

TEST_F(Device, VersionsAreOfDriverAndRuntime) {
  int driver = 0, runtime = 0;
  EXPECT_OK(cudaDriverGetVersion(&driver));
  EXPECT_OK(cudaRuntimeGetVersion(&runtime));
  EXPECT_GE(driver, runtime);
  EXPECT_EQ(runtime / 1000, TQ_CUDART_RELEASE);
}

TEST_F(Device, ErrorsHaveNamesAndTexts) {
  EXPECT_STREQ(cudaGetErrorName(cudaErrorInvalidValue), "cudaErrorInvalidValue");
  EXPECT_STREQ(cudaGetErrorString(cudaErrorInvalidValue), "invalid argument");
  EXPECT_STREQ(cudaGetErrorName(static_cast<cudaError_t>(123456)), "unrecognized error code");
}

TEST_F(Device, TheLastErrorIsTheThreads) {
  EXPECT_EQ(cudaMalloc(nullptr, 1), cudaErrorInvalidValue);
  std::thread([] { EXPECT_EQ(cudaPeekAtLastError(), cudaSuccess); }).join();
  EXPECT_EQ(cudaPeekAtLastError(), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST_F(Device, ProfilersStartAndStop) {
  EXPECT_OK(cudaProfilerStart());
  EXPECT_OK(cudaProfilerStop());
}

// Last: it takes every handle of the fixture with it.
TEST_F(Device, ZResetForgetsEverythingAndGoesOn) {
  EXPECT_OK(cudaDeviceReset());
  EXPECT_OK(cudaMalloc(reinterpret_cast<void**>(&cells_), kCells * sizeof(int)));
  EXPECT_OK(cudaMemset(cells_, 0, kCells * sizeof(int)));
  EXPECT_OK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  EXPECT_OK(Affine(0, 1, 3));
  EXPECT_EQ(Read(0), 3);
}

}  // namespace
