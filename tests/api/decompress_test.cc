// Batches of packed blocks.
#include <cuda.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

// "hello hello hello\n" in each format; the copies overlap what they write.
const std::string kText = "hello hello hello\n";
const std::string kSnappy("\x12\x14hello \x2a\x06\x00\x00\n", 13);
const std::string kStored("\x01\x12\x00\xed\xffhello hello hello\n", 23);

class Decompression : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuMemAlloc(&memory_, kBytes));
    ASSERT_OK(cuMemsetD8(memory_, 0xee, kBytes));
  }
  // A block at `place` of the memory, to be unpacked at place + 256, its size at place + 512.
  CUmemDecompressParams Put(size_t place, const std::string& packed, CUmemDecompressAlgorithm algorithm) {
    EXPECT_OK(cuMemcpyHtoD(memory_ + place, packed.data(), packed.size()));
    CUmemDecompressParams params = {};
    params.srcNumBytes = packed.size();
    params.dstNumBytes = kText.size();
    params.src = reinterpret_cast<const void*>(memory_ + place);
    params.dst = reinterpret_cast<void*>(memory_ + place + 256);
    params.dstActBytes = reinterpret_cast<cuuint32_t*>(memory_ + place + 512);
    params.algo = algorithm;
    return params;
  }
  std::string Text(size_t place) {
    uint32_t bytes = 0;
    EXPECT_OK(cuMemcpyDtoH(&bytes, memory_ + place + 512, sizeof bytes));
    std::string text(bytes, '\0');
    if (bytes != 0) {
      EXPECT_OK(cuMemcpyDtoH(text.data(), memory_ + place + 256, bytes));
    }
    return text;
  }

  static constexpr size_t kBytes = 4096;
  CUdeviceptr memory_ = 0;
};

TEST_F(Decompression, UnpacksABatchInStreamOrder) {
  CUstream stream = nullptr;
  ASSERT_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  CUmemDecompressParams batch[] = {Put(0, kSnappy, CU_MEM_DECOMPRESS_ALGORITHM_SNAPPY),
                                   Put(1024, kStored, CU_MEM_DECOMPRESS_ALGORITHM_DEFLATE)};
  Gate gate;
  ASSERT_OK(gate.Hold(stream));
  size_t index = 5;
  ASSERT_OK(cuMemBatchDecompressAsync(batch, 2, 0, &index, stream));
  EXPECT_EQ(cuStreamQuery(stream), CUDA_ERROR_NOT_READY);
  uint32_t untouched = 0;
  ASSERT_OK(cuMemcpyDtoH(&untouched, memory_ + 512, sizeof untouched));
  EXPECT_EQ(untouched, 0xeeeeeeeeu);
  gate.Open();
  ASSERT_OK(cuStreamSynchronize(stream));
  EXPECT_EQ(Text(0), kText);
  EXPECT_EQ(Text(1024), kText);
  EXPECT_OK(cuStreamDestroy(stream));
}

TEST_F(Decompression, DamagedBlocksHaveNoBytes) {
  std::string damaged = kStored;
  damaged[1] = '\x7f';  // the length is not what its complement says
  CUmemDecompressParams batch[] = {Put(0, damaged, CU_MEM_DECOMPRESS_ALGORITHM_DEFLATE),
                                   Put(1024, kStored, CU_MEM_DECOMPRESS_ALGORITHM_DEFLATE)};
  ASSERT_OK(cuMemBatchDecompressAsync(batch, 2, 0, nullptr, nullptr));
  ASSERT_OK(cuCtxSynchronize());
  EXPECT_EQ(Text(0), "");
  EXPECT_EQ(Text(1024), kText);
}

TEST_F(Decompression, TheEndOfTheMemoryIsTheEnd) {
  CUmemDecompressParams params = Put(0, kStored, CU_MEM_DECOMPRESS_ALGORITHM_DEFLATE);
  params.dst = reinterpret_cast<void*>(memory_ + kBytes - 4);
  params.dstNumBytes = 0;
  ASSERT_OK(cuMemBatchDecompressAsync(&params, 1, 0, nullptr, nullptr));
  ASSERT_OK(cuCtxSynchronize());
  EXPECT_EQ(Text(0), "");
}

TEST_F(Decompression, IsWhatTheDeviceSays) {
  int algorithms = 0, most = 0;
  unsigned capable = 0;
  ASSERT_OK(cuDeviceGetAttribute(&algorithms, CU_DEVICE_ATTRIBUTE_MEM_DECOMPRESS_ALGORITHM_MASK, device_));
  ASSERT_OK(cuDeviceGetAttribute(&most, CU_DEVICE_ATTRIBUTE_MEM_DECOMPRESS_MAXIMUM_LENGTH, device_));
  EXPECT_EQ(algorithms, 7);
  EXPECT_GT(most, 1 << 20);
  ASSERT_OK(cuPointerGetAttribute(&capable, CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE, memory_));
  EXPECT_EQ(capable, 1u);
}

TEST_F(Decompression, Errors) {
  const CUmemDecompressParams good = Put(0, kStored, CU_MEM_DECOMPRESS_ALGORITHM_DEFLATE);
  CUmemDecompressParams batch[] = {good, good};
  size_t index = 0;
  EXPECT_EQ(cuMemBatchDecompressAsync(batch, 2, 1, &index, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(index, SIZE_MAX);
  EXPECT_EQ(cuMemBatchDecompressAsync(nullptr, 2, 0, &index, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemBatchDecompressAsync(batch, 0, 0, &index, nullptr), CUDA_ERROR_INVALID_VALUE);
  batch[1].algo = CU_MEM_DECOMPRESS_UNSUPPORTED;
  EXPECT_EQ(cuMemBatchDecompressAsync(batch, 2, 0, &index, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(index, 1u);
  batch[1] = good;
  batch[0].src = &index;  // no memory of CUDA's
  EXPECT_EQ(cuMemBatchDecompressAsync(batch, 2, 0, &index, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(index, 0u);
  batch[0] = good;
  batch[0].dstNumBytes = kBytes;  // more than is left of the memory
  EXPECT_EQ(cuMemBatchDecompressAsync(batch, 2, 0, &index, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemBatchDecompressAsync(batch, 2, 0, &index, reinterpret_cast<CUstream>(context_)),
            CUDA_ERROR_INVALID_HANDLE);
}

}  // namespace
