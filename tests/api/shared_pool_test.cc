// Pools that other processes import.
#include <cuda.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "tests/api/client_process.h"
#include "tests/api/context_fixture.h"

namespace {

class SharedPools : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
    pool_ = Create(CU_MEM_LOCATION_TYPE_DEVICE);
    ASSERT_OK(cuMemPoolExportToShareableHandle(&fd_, pool_, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0));
  }
  void TearDown() override {
    close(fd_);
    ContextFixture::TearDown();
  }
  CUmemoryPool Create(CUmemLocationType type) {
    CUmemPoolProps props = {};
    props.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
    props.location = {type, device_};
    props.handleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
    CUmemoryPool pool = nullptr;
    EXPECT_OK(cuMemPoolCreate(&pool, &props));
    return pool;
  }
  static std::string Path(int fd) {
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd);
  }
  CUdeviceptr Allocate(CUmemoryPool pool, size_t words, unsigned value) {
    CUdeviceptr memory = 0;
    EXPECT_OK(cuMemAllocFromPoolAsync(&memory, words * 4, pool, stream_));
    EXPECT_OK(cuMemsetD32Async(memory, value, words, stream_));
    EXPECT_OK(cuStreamSynchronize(stream_));
    return memory;
  }
  std::string Export(CUdeviceptr memory) {
    CUmemPoolPtrExportData data = {};
    EXPECT_OK(cuMemPoolExportPointer(&data, memory));
    return ToHex(data);
  }
  static CUresult Import(CUmemoryPool* pool, int fd) {
    return cuMemPoolImportFromShareableHandle(pool, reinterpret_cast<void*>(static_cast<intptr_t>(fd)),
                                              CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0);
  }

  CUstream stream_ = nullptr;
  CUmemoryPool pool_ = nullptr;
  int fd_ = -1;
  ClientProcess client_;
};

TEST_F(SharedPools, TheDeviceSaysSo) {
  int types = 0;
  ASSERT_OK(cuDeviceGetAttribute(&types, CU_DEVICE_ATTRIBUTE_MEMPOOL_SUPPORTED_HANDLE_TYPES, device_));
  EXPECT_EQ(types, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR);
  unsigned long long of_pointer = 0;
  ASSERT_OK(
      cuPointerGetAttribute(&of_pointer, CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES, Allocate(pool_, 1, 0)));
  EXPECT_EQ(of_pointer, unsigned{CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR});
}

TEST_F(SharedPools, BothProcessesHaveTheBlocks) {
  ASSERT_OK(client_.Tell("pool.import " + Path(fd_)));
  for (const size_t words : {size_t{1}, size_t{100000}}) {
    const CUdeviceptr memory = Allocate(pool_, words, 7);
    const auto there = client_.Ask("pool.pointer " + Export(memory));
    ASSERT_OK(there.result);
    EXPECT_EQ(client_.Ask("load " + there.rest).rest, "7");
    ASSERT_OK(client_.Tell("fill " + there.rest + " 8 " + std::to_string(words)));
    ASSERT_OK(client_.Tell("stream.synchronize"));
    unsigned value = 0;
    ASSERT_OK(cuMemcpyDtoH(&value, memory + (words - 1) * 4, sizeof value));
    EXPECT_EQ(value, 8u);
    ASSERT_OK(client_.Tell("pool.free " + there.rest));
    EXPECT_EQ(client_.Tell("pool.free " + there.rest), CUDA_ERROR_INVALID_VALUE);
    ASSERT_OK(cuMemFreeAsync(memory, stream_));
  }
}

TEST_F(SharedPools, AFreeInTheOtherProcessComesInItsTurn) {
  ASSERT_OK(client_.Tell("pool.import " + Path(fd_)));
  const CUdeviceptr memory = Allocate(pool_, 1000, 7);
  const auto there = client_.Ask("pool.pointer " + Export(memory));
  ASSERT_OK(client_.Tell("hold"));
  ASSERT_OK(client_.Tell("fill " + there.rest + " 9 1000"));
  ASSERT_OK(client_.Tell("pool.free " + there.rest));
  ASSERT_OK(client_.Tell("release"));
  ASSERT_OK(client_.Tell("stream.synchronize"));
  unsigned value = 0;
  ASSERT_OK(cuMemcpyDtoH(&value, memory, sizeof value));
  EXPECT_EQ(value, 9u);
}

TEST_F(SharedPools, OfHostMemoryToo) {
  const CUmemoryPool pool = Create(CU_MEM_LOCATION_TYPE_HOST);
  int fd = -1;
  ASSERT_OK(cuMemPoolExportToShareableHandle(&fd, pool, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0));
  ASSERT_OK(client_.Tell("pool.import " + Path(fd)));
  const CUdeviceptr memory = Allocate(pool, 10, 3);
  const auto there = client_.Ask("pool.pointer " + Export(memory));
  ASSERT_OK(there.result);
  EXPECT_EQ(client_.Ask("load " + there.rest).rest, "3");
  EXPECT_OK(client_.Tell("memory.free " + there.rest));
  close(fd);
}

TEST_F(SharedPools, APoolIsImportedIntoItsOwnProcess) {
  CUmemoryPool imported = nullptr;
  ASSERT_OK(Import(&imported, fd_));
  const CUdeviceptr memory = Allocate(pool_, 10, 4);
  CUmemPoolPtrExportData data = {};
  ASSERT_OK(cuMemPoolExportPointer(&data, memory));
  CUdeviceptr alias = 0, none = 0;
  ASSERT_OK(cuMemPoolImportPointer(&alias, imported, &data));
  EXPECT_NE(alias, memory);
  unsigned value = 0;
  ASSERT_OK(cuMemcpyDtoH(&value, alias, sizeof value));
  EXPECT_EQ(value, 4u);
  EXPECT_EQ(cuMemAllocFromPoolAsync(&none, 64, imported, stream_), CUDA_ERROR_INVALID_VALUE)
      << "an imported pool allocates nothing";
  EXPECT_EQ(cuDeviceSetMemPool(device_, imported), CUDA_ERROR_INVALID_VALUE);
  int fd = -1;
  EXPECT_EQ(cuMemPoolExportToShareableHandle(&fd, imported, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuMemFreeAsync(alias, stream_));
  EXPECT_OK(cuMemPoolDestroy(imported));
}

TEST_F(SharedPools, WhatCannotBeExported) {
  CUmemoryPool standard = nullptr;
  int fd = -1;
  ASSERT_OK(cuDeviceGetDefaultMemPool(&standard, device_));
  EXPECT_EQ(cuMemPoolExportToShareableHandle(&fd, standard, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemPoolExportToShareableHandle(&fd, pool_, CU_MEM_HANDLE_TYPE_FABRIC, 0),
            CUDA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(cuMemPoolExportToShareableHandle(&fd, pool_, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 1),
            CUDA_ERROR_INVALID_VALUE);
  CUmemPoolPtrExportData data = {};
  const CUdeviceptr ordinary = Allocate(standard, 16, 0), memory = Allocate(pool_, 2048, 0);
  EXPECT_EQ(cuMemPoolExportPointer(&data, ordinary), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemPoolExportPointer(&data, memory + 4), CUDA_ERROR_INVALID_VALUE);
  ASSERT_OK(cuMemFreeAsync(memory, stream_));
  EXPECT_EQ(cuMemPoolExportPointer(&data, memory), CUDA_ERROR_INVALID_VALUE) << "freed";
}

TEST_F(SharedPools, FalseHandlesAreRefused) {
  CUmemoryPool imported = nullptr;
  const int other = memfd_create("other", MFD_CLOEXEC);
  for (const int fd : {-1, 9999, other, 0}) EXPECT_EQ(Import(&imported, fd), CUDA_ERROR_INVALID_VALUE);
  close(other);
  ASSERT_OK(Import(&imported, fd_));
  CUmemPoolPtrExportData data = {};
  CUdeviceptr alias = 0;
  EXPECT_EQ(cuMemPoolImportPointer(&alias, imported, &data), CUDA_ERROR_INVALID_VALUE);
  const CUmemoryPool second = Create(CU_MEM_LOCATION_TYPE_DEVICE);
  ASSERT_OK(cuMemPoolExportPointer(&data, Allocate(second, 1, 0)));
  EXPECT_EQ(cuMemPoolImportPointer(&alias, imported, &data), CUDA_ERROR_INVALID_VALUE) << "of another pool";
  ASSERT_OK(cuMemPoolExportPointer(&data, Allocate(pool_, 1, 0)));
  EXPECT_EQ(cuMemPoolImportPointer(&alias, pool_, &data), CUDA_ERROR_INVALID_VALUE) << "not imported";
  data.reserved[9] ^= 1;
  EXPECT_EQ(cuMemPoolImportPointer(&alias, imported, &data), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuMemPoolDestroy(imported));
}

}  // namespace
