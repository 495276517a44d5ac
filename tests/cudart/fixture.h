// Cells of device memory and kernels on them, for tests of the runtime.
#pragma once

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include "tests/cudart/kernels.h"

#define ASSERT_OK(call) ASSERT_EQ(call, cudaSuccess)
#define EXPECT_OK(call) EXPECT_EQ(call, cudaSuccess)

class RuntimeFixture : public testing::Test {
 protected:
  static constexpr int kCells = 1024;

  void SetUp() override {
    ASSERT_OK(cudaSetDevice(0));
    ASSERT_OK(cudaMalloc(reinterpret_cast<void**>(&cells_), kCells * sizeof(int)));
    ASSERT_OK(cudaMemset(cells_, 0, kCells * sizeof(int)));
    ASSERT_OK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  }
  void TearDown() override {
    EXPECT_OK(cudaStreamDestroy(stream_));
    EXPECT_OK(cudaFree(cells_));
    EXPECT_OK(cudaDeviceSynchronize());
    cudaGetLastError();
  }

  int Read(int cell) {
    int value = -1;
    EXPECT_OK(cudaStreamSynchronize(stream_));
    EXPECT_OK(cudaMemcpy(&value, cells_ + cell, sizeof value, cudaMemcpyDeviceToHost));
    return value;
  }
  cudaError_t Affine(int cell, int factor, int addend) {
    return LaunchAffine(cells_ + cell, factor, addend, stream_);
  }

  int* cells_ = nullptr;
  cudaStream_t stream_ = nullptr;
};
