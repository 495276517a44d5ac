// What atomic operations reach over a link, and what flushes writes over one. Two devices.
#include <cuda.h>
#include <gtest/gtest.h>

#include "tests/api/context_fixture.h"

namespace {

using AtomicCapabilities = ContextFixture;

constexpr unsigned kScalars = CU_ATOMIC_CAPABILITY_SCALAR_32 | CU_ATOMIC_CAPABILITY_SCALAR_64;

TEST_F(AtomicCapabilities, OfTheHost) {
  const CUatomicOperation operations[] = {CU_ATOMIC_OPERATION_INTEGER_ADD, CU_ATOMIC_OPERATION_CAS,
                                          CU_ATOMIC_OPERATION_FLOAT_MIN,
                                          CU_ATOMIC_OPERATION_INTEGER_INCREMENT};
  unsigned found[4] = {1, 1, 1, 1};
  ASSERT_OK(cuDeviceGetHostAtomicCapabilities(found, operations, 4, device_));
  EXPECT_EQ(found[0] & kScalars, kScalars);
  EXPECT_NE(found[0] & CU_ATOMIC_CAPABILITY_REDUCTION, 0u);
  EXPECT_NE(found[1] & CU_ATOMIC_CAPABILITY_SCALAR_128, 0u);
  EXPECT_EQ(found[1] & CU_ATOMIC_CAPABILITY_REDUCTION, 0u);
  EXPECT_EQ(found[2], 0u);
  EXPECT_EQ(found[3] & kScalars, static_cast<unsigned>(CU_ATOMIC_CAPABILITY_SCALAR_32));
}

TEST_F(AtomicCapabilities, OfPeers) {
  const CUatomicOperation operation = CU_ATOMIC_OPERATION_XOR;
  unsigned found = 0;
  ASSERT_OK(cuDeviceGetP2PAtomicCapabilities(&found, &operation, 1, 0, 1));
  int native = 0;
  ASSERT_OK(cuDeviceGetP2PAttribute(&native, CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED, 0, 1));
  EXPECT_EQ(found != 0, native != 0);
  EXPECT_EQ(cuDeviceGetP2PAtomicCapabilities(&found, &operation, 1, 1, 1), CUDA_ERROR_INVALID_DEVICE);
  EXPECT_EQ(cuDeviceGetP2PAtomicCapabilities(&found, &operation, 1, 0, 2), CUDA_ERROR_INVALID_DEVICE);
}

TEST_F(AtomicCapabilities, Errors) {
  const CUatomicOperation operation = CU_ATOMIC_OPERATION_AND;
  const auto unknown = static_cast<CUatomicOperation>(99);
  unsigned found = 0;
  EXPECT_EQ(cuDeviceGetHostAtomicCapabilities(&found, &operation, 0, device_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDeviceGetHostAtomicCapabilities(&found, &unknown, 1, device_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDeviceGetHostAtomicCapabilities(&found, nullptr, 1, device_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDeviceGetHostAtomicCapabilities(nullptr, &operation, 1, device_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDeviceGetHostAtomicCapabilities(&found, &operation, 1, 7), CUDA_ERROR_INVALID_DEVICE);
}

TEST_F(AtomicCapabilities, WritesOfOthersNeedNoFlush) {
  int ordering = 0, options = 0;
  ASSERT_OK(cuDeviceGetAttribute(&ordering, CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WRITES_ORDERING, device_));
  ASSERT_OK(
      cuDeviceGetAttribute(&options, CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_FLUSH_WRITES_OPTIONS, device_));
  EXPECT_EQ(ordering, CU_GPU_DIRECT_RDMA_WRITES_ORDERING_ALL_DEVICES);
  EXPECT_EQ(options, CU_FLUSH_GPU_DIRECT_RDMA_WRITES_OPTION_HOST);
  const auto target = CU_FLUSH_GPU_DIRECT_RDMA_WRITES_TARGET_CURRENT_CTX;
  EXPECT_OK(cuFlushGPUDirectRDMAWrites(target, CU_FLUSH_GPU_DIRECT_RDMA_WRITES_TO_OWNER));
  EXPECT_OK(cuFlushGPUDirectRDMAWrites(target, CU_FLUSH_GPU_DIRECT_RDMA_WRITES_TO_ALL_DEVICES));
  EXPECT_EQ(cuFlushGPUDirectRDMAWrites(target, static_cast<CUflushGPUDirectRDMAWritesScope>(5)),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuCtxSetCurrent(nullptr));
  EXPECT_EQ(cuFlushGPUDirectRDMAWrites(target, CU_FLUSH_GPU_DIRECT_RDMA_WRITES_TO_OWNER),
            CUDA_ERROR_INVALID_CONTEXT);
}

}  // namespace
