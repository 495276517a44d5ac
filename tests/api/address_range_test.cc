// DMA buffers of device memory, where the kernel makes them.
#include <cuda.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

#include "tests/api/context_fixture.h"

namespace {

constexpr size_t kPage = 4096;

using AddressRange = ContextFixture;

TEST_F(AddressRange, IsShownAsTheDeviceSays) {
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, 4 * kPage));
  ASSERT_OK(cuMemsetD32(memory, 7, 4 * kPage / 4));
  int is_supported = -1, fd = -1;
  ASSERT_OK(cuDeviceGetAttribute(&is_supported, CU_DEVICE_ATTRIBUTE_DMA_BUF_SUPPORTED, device_));
  const CUresult result =
      cuMemGetHandleForAddressRange(&fd, memory + kPage, 2 * kPage, CU_MEM_RANGE_HANDLE_TYPE_DMA_BUF_FD, 0);
  EXPECT_EQ(is_supported, access("/dev/udmabuf", R_OK | W_OK) == 0);
  if (is_supported == 0) {
    EXPECT_EQ(result, CUDA_ERROR_NOT_SUPPORTED);
    EXPECT_EQ(fd, -1);
    return;
  }
  ASSERT_OK(result);
  auto* const seen = static_cast<uint32_t*>(mmap(nullptr, 2 * kPage, PROT_READ, MAP_SHARED, fd, 0));
  ASSERT_NE(seen, MAP_FAILED);
  ASSERT_OK(cuMemsetD32(memory + kPage, 9, 1));
  EXPECT_EQ(seen[0], 9u);
  EXPECT_EQ(seen[1], 7u);
  munmap(seen, 2 * kPage);
  close(fd);
}

TEST_F(AddressRange, Errors) {
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, 2 * kPage));
  const auto type = CU_MEM_RANGE_HANDLE_TYPE_DMA_BUF_FD;
  int fd = -1;
  EXPECT_EQ(cuMemGetHandleForAddressRange(nullptr, memory, kPage, type, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemGetHandleForAddressRange(&fd, memory + 8, kPage, type, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemGetHandleForAddressRange(&fd, memory, 100, type, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemGetHandleForAddressRange(&fd, memory, 3 * kPage, type, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemGetHandleForAddressRange(&fd, memory, 0, type, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemGetHandleForAddressRange(&fd, memory, kPage, static_cast<CUmemRangeHandleType>(9), 0),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemGetHandleForAddressRange(&fd, memory, kPage, type, 64), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(
      cuMemGetHandleForAddressRange(&fd, memory, kPage, type, CU_MEM_RANGE_FLAG_DMA_BUF_MAPPING_TYPE_PCIE),
      CUDA_ERROR_NOT_SUPPORTED);
}

}  // namespace
