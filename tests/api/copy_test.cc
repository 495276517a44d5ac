#include <cuda.h>
#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

// Both the copies that the calling thread does itself and those of the device.
class Copies : public ContextFixture, public testing::WithParamInterface<size_t> {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuMemAlloc(&a_, bytes()));
    ASSERT_OK(cuMemAlloc(&b_, bytes()));
    ASSERT_OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
  }
  size_t bytes() const { return GetParam(); }
  std::vector<uint8_t> Pattern(int seed) const {
    std::vector<uint8_t> data(bytes());
    uint32_t state = 12345u + seed;
    for (uint8_t& byte : data) byte = static_cast<uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
    return data;
  }
  std::vector<uint8_t> Read(CUdeviceptr address) {
    std::vector<uint8_t> data(bytes());
    EXPECT_OK(cuMemcpyDtoH(data.data(), address, bytes()));
    return data;
  }
  CUdeviceptr a_ = 0, b_ = 0;
  CUstream stream_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Sizes, Copies, testing::Values(1, 4096, 100003, 3 << 20, 9 << 20));

TEST_P(Copies, RoundTrip) {
  const std::vector<uint8_t> data = Pattern(1);
  ASSERT_OK(cuMemcpyHtoD(a_, data.data(), bytes()));
  ASSERT_OK(cuMemcpyDtoD(b_, a_, bytes()));
  EXPECT_EQ(Read(b_), data);
}

TEST_P(Copies, UnifiedAddressesNeedNoDirection) {
  const std::vector<uint8_t> data = Pattern(2);
  std::vector<uint8_t> back(bytes());
  ASSERT_OK(cuMemcpy(a_, reinterpret_cast<CUdeviceptr>(data.data()), bytes()));
  ASSERT_OK(cuMemcpyAsync(b_, a_, bytes(), stream_));
  ASSERT_OK(cuMemcpyAsync(reinterpret_cast<CUdeviceptr>(back.data()), b_, bytes(), stream_));
  EXPECT_EQ(back, data);
  std::vector<uint8_t> third(bytes());
  ASSERT_OK(cuMemcpy(reinterpret_cast<CUdeviceptr>(third.data()), reinterpret_cast<CUdeviceptr>(back.data()),
                     bytes()));
  EXPECT_EQ(third, data) << "host to host";
}

TEST_P(Copies, APageableSourceMayChangeOnceTheCallReturns) {
  const std::vector<uint8_t> data = Pattern(3);
  std::vector<uint8_t> source = data;
  std::thread opener;
  {
    Gate gate;
    ASSERT_OK(gate.Hold(stream_));
    // Where the driver waits instead of staging, it is the gate that ends the wait.
    opener = std::thread([&gate] {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      gate.Open();
    });
    ASSERT_OK(cuMemcpyHtoDAsync(a_, source.data(), bytes(), stream_));
    std::fill(source.begin(), source.end(), 0xee);
    opener.join();
  }
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(Read(a_), data);
}

TEST_P(Copies, ACopyToPageableMemoryIsDoneWhenTheCallReturns) {
  const std::vector<uint8_t> data = Pattern(4);
  ASSERT_OK(cuMemcpyHtoD(a_, data.data(), bytes()));
  std::vector<uint8_t> back(bytes());
  ASSERT_OK(cuMemcpyDtoHAsync(back.data(), a_, bytes(), stream_));
  EXPECT_EQ(back, data);
}

TEST_P(Copies, PinnedMemoryIsCopiedAsynchronously) {
  void* host = nullptr;
  ASSERT_OK(cuMemAllocHost(&host, bytes()));
  auto* pinned = static_cast<uint8_t*>(host);
  std::fill(pinned, pinned + bytes(), 1);
  ASSERT_OK(cuMemsetD8(a_, 0, bytes()));
  ASSERT_OK(cuCtxSynchronize());  // a fill of device memory may still run, and stream_ does not wait for it
  Gate gate;
  ASSERT_OK(gate.Hold(stream_));
  ASSERT_OK(cuMemcpyHtoDAsync(a_, pinned, bytes(), stream_)) << "does not wait for the gate";
  std::fill(pinned, pinned + bytes(), 2);  // the copy has not begun: it will see this
  ASSERT_OK(cuMemcpyDtoHAsync(pinned, a_, bytes(), stream_));
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY);
  gate.Open();
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(Read(a_), std::vector<uint8_t>(bytes(), 2));
  EXPECT_EQ(pinned[bytes() - 1], 2);
}

TEST_P(Copies, FillsOfEachWidth) {
  const size_t words = bytes() / 4;
  if (words == 0) {
    ASSERT_OK(cuMemsetD8(a_, 0xab, 1));
    EXPECT_EQ(Read(a_), std::vector<uint8_t>(1, 0xab));
    return;
  }
  ASSERT_OK(cuMemsetD32Async(a_, 0x01020304, words, stream_));
  ASSERT_OK(cuStreamSynchronize(stream_));
  uint32_t last = 0;
  ASSERT_OK(cuMemcpyDtoH(&last, a_ + (words - 1) * 4, 4));
  EXPECT_EQ(last, 0x01020304u);
  ASSERT_OK(cuMemsetD16(a_ + 2, 0x0506, words * 2 - 1));
  ASSERT_OK(cuMemcpyDtoH(&last, a_, 4));
  EXPECT_EQ(last, 0x05060304u);
  ASSERT_OK(cuMemsetD8(a_, 0, words * 4));
  ASSERT_OK(cuMemcpyDtoH(&last, a_ + (words - 1) * 4, 4));
  EXPECT_EQ(last, 0u);
}

class CopyRules : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuMemAlloc(&memory_, kBytes));
  }
  static constexpr size_t kBytes = 4096;
  CUdeviceptr memory_ = 0;
};

TEST_F(CopyRules, RangesMustLieInAnAllocation) {
  std::vector<char> host(2 * kBytes);
  EXPECT_EQ(cuMemcpyHtoD(memory_, host.data(), kBytes + 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemcpyHtoD(memory_ + 1, host.data(), kBytes), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemcpyDtoH(host.data(), memory_ + kBytes - 1, 2), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemcpyHtoD(0, host.data(), 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemcpyHtoD(memory_, nullptr, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemcpyDtoH(host.data(), reinterpret_cast<CUdeviceptr>(host.data()) + 8, 1),
            CUDA_ERROR_INVALID_VALUE)
      << "pageable memory is no device memory";
  EXPECT_EQ(cuMemsetD8(memory_, 0, kBytes + 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemsetD32(memory_ + 2, 0, 4), CUDA_ERROR_INVALID_VALUE) << "misaligned";
  EXPECT_EQ(cuMemsetD16(memory_ + 1, 0, 4), CUDA_ERROR_INVALID_VALUE) << "misaligned";
  EXPECT_OK(cuCtxSynchronize()) << "none of these is sticky";
}

TEST_F(CopyRules, NothingIsAValidSize) {
  EXPECT_OK(cuMemcpyHtoD(memory_, nullptr, 0));
  EXPECT_OK(cuMemcpyDtoD(memory_, memory_, 0));
  EXPECT_OK(cuMemsetD8(memory_, 1, 0));
}

TEST_F(CopyRules, SyncMemopsMakesCopiesSynchronous) {
  void* host = nullptr;
  ASSERT_OK(cuMemAllocHost(&host, 1 << 20));
  CUdeviceptr large = 0;
  ASSERT_OK(cuMemAlloc(&large, 1 << 20));
  unsigned on = 1;
  ASSERT_OK(cuPointerSetAttribute(&on, CU_POINTER_ATTRIBUTE_SYNC_MEMOPS, large));
  CUstream stream;
  ASSERT_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  ASSERT_OK(cuMemcpyHtoDAsync(large, host, 1 << 20, stream));
  EXPECT_OK(cuStreamQuery(stream));
}

// A box of a source with pitches into a box of a destination with others, checked against a plain loop.
class Boxes : public ContextFixture, public testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(SyncAndAsync, Boxes, testing::Bool());

TEST_P(Boxes, TwoDimensional) {
  constexpr size_t kRows = 60, kSourcePitch = 96, kWidth = 40, kHeight = 50;
  std::vector<uint8_t> source(kRows * kSourcePitch);
  std::iota(source.begin(), source.end(), 0);
  CUdeviceptr memory = 0;
  size_t pitch = 0;
  ASSERT_OK(cuMemAllocPitch(&memory, &pitch, 128, kRows, 4));
  ASSERT_OK(cuMemsetD8(memory, 0xff, pitch * kRows));
  CUDA_MEMCPY2D copy = {};
  copy.srcMemoryType = CU_MEMORYTYPE_HOST;
  copy.srcHost = source.data();
  copy.srcPitch = kSourcePitch;
  copy.srcXInBytes = 5;
  copy.srcY = 3;
  copy.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  copy.dstDevice = memory;
  copy.dstPitch = pitch;
  copy.dstXInBytes = 7;
  copy.dstY = 2;
  copy.WidthInBytes = kWidth;
  copy.Height = kHeight;
  if (GetParam()) {
    ASSERT_OK(cuMemcpy2DAsync(&copy, CU_STREAM_PER_THREAD));
    ASSERT_OK(cuStreamSynchronize(CU_STREAM_PER_THREAD));
  } else {
    ASSERT_OK(cuMemcpy2D(&copy));
  }
  std::vector<uint8_t> result(pitch * kRows);
  ASSERT_OK(cuMemcpyDtoH(result.data(), memory, result.size()));
  for (size_t y = 0; y < kRows; ++y) {
    for (size_t x = 0; x < pitch; ++x) {
      const bool inside = x >= 7 && x < 7 + kWidth && y >= 2 && y < 2 + kHeight;
      const uint8_t expected = inside ? source[(y - 2 + 3) * kSourcePitch + x - 7 + 5] : 0xff;
      ASSERT_EQ(result[y * pitch + x], expected) << x << "," << y;
    }
  }
  copy.srcPitch = kWidth;  // less than the offset and a row
  EXPECT_EQ(cuMemcpy2D(&copy), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemcpy2DUnaligned(&copy), CUDA_ERROR_INVALID_VALUE);
  copy.srcPitch = kSourcePitch;
  copy.srcMemoryType = static_cast<CUmemorytype>(9);
  EXPECT_EQ(cuMemcpy2D(&copy), CUDA_ERROR_INVALID_VALUE);
}

TEST_P(Boxes, ThreeDimensional) {
  constexpr size_t kPitch = 32, kHeight = 10, kDepth = 6;
  std::vector<uint16_t> source(kPitch / 2 * kHeight * kDepth);
  std::iota(source.begin(), source.end(), 0);
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, source.size() * 2));
  ASSERT_OK(cuMemsetD16(memory, 0xffff, source.size()));
  CUDA_MEMCPY3D copy = {};
  copy.srcMemoryType = CU_MEMORYTYPE_HOST;
  copy.srcHost = source.data();
  copy.srcPitch = kPitch;
  copy.srcHeight = kHeight;
  copy.srcXInBytes = 4;
  copy.srcY = 1;
  copy.srcZ = 2;
  copy.dstMemoryType = CU_MEMORYTYPE_UNIFIED;
  copy.dstDevice = memory;
  copy.dstPitch = kPitch;
  copy.dstHeight = kHeight;
  copy.dstXInBytes = 8;
  copy.dstY = 3;
  copy.dstZ = 1;
  copy.WidthInBytes = 20;
  copy.Height = 5;
  copy.Depth = 3;
  if (GetParam()) {
    ASSERT_OK(cuMemcpy3DAsync(&copy, nullptr));
  } else {
    ASSERT_OK(cuMemcpy3D(&copy));
  }
  std::vector<uint16_t> result(source.size());
  ASSERT_OK(cuMemcpyDtoH(result.data(), memory, result.size() * 2));
  constexpr size_t kRow = kPitch / 2;
  for (size_t z = 0; z < kDepth; ++z) {
    for (size_t y = 0; y < kHeight; ++y) {
      for (size_t x = 0; x < kRow; ++x) {
        const bool inside = x >= 4 && x < 14 && y >= 3 && y < 8 && z >= 1 && z < 4;
        const uint16_t expected =
            inside ? source[((z - 1 + 2) * kHeight + y - 3 + 1) * kRow + x - 4 + 2] : uint16_t{0xffff};
        ASSERT_EQ(result[(z * kHeight + y) * kRow + x], expected) << x << "," << y << "," << z;
      }
    }
  }
}

TEST_P(Boxes, FilledRows) {
  constexpr size_t kPitch = 64, kRows = 9;
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, kPitch * kRows));
  ASSERT_OK(cuMemsetD8(memory, 0, kPitch * kRows));
  if (GetParam()) {
    ASSERT_OK(cuMemsetD2D32Async(memory + 4, kPitch, 0x11223344, 5, kRows - 1, nullptr));
  } else {
    ASSERT_OK(cuMemsetD2D32(memory + 4, kPitch, 0x11223344, 5, kRows - 1));
  }
  std::vector<uint32_t> result(kPitch / 4 * kRows);
  ASSERT_OK(cuMemcpyDtoH(result.data(), memory, kPitch * kRows));
  for (size_t i = 0; i < result.size(); ++i) {
    const size_t x = i % (kPitch / 4), y = i / (kPitch / 4);
    EXPECT_EQ(result[i], x >= 1 && x < 6 && y < kRows - 1 ? 0x11223344u : 0u) << x << "," << y;
  }
  EXPECT_OK(cuMemsetD2D8(memory, kPitch, 1, 3, kRows));
  EXPECT_OK(cuMemsetD2D16Async(memory, kPitch, 1, 3, kRows, nullptr));
  EXPECT_EQ(cuMemsetD2D32(memory, 8, 1, 5, kRows), CUDA_ERROR_INVALID_VALUE) << "rows overlap";
}

TEST_P(Boxes, ArraysAreSourcesAndDestinations) {
  CUDA_ARRAY_DESCRIPTOR descriptor = {};
  descriptor.Width = 20;
  descriptor.Height = 10;
  descriptor.Format = CU_AD_FORMAT_FLOAT;
  descriptor.NumChannels = 2;
  CUarray array = nullptr;
  ASSERT_OK(cuArrayCreate(&array, &descriptor));
  CUDA_ARRAY_DESCRIPTOR got = {};
  ASSERT_OK(cuArrayGetDescriptor(&got, array));
  EXPECT_EQ(got.Width, 20u);
  EXPECT_EQ(got.NumChannels, 2u);
  std::vector<float> source(20 * 10 * 2), back(source.size());
  std::iota(source.begin(), source.end(), 1.0f);
  CUDA_MEMCPY2D copy = {};
  copy.srcMemoryType = CU_MEMORYTYPE_HOST;
  copy.srcHost = source.data();
  copy.dstMemoryType = CU_MEMORYTYPE_ARRAY;
  copy.dstArray = array;
  copy.WidthInBytes = 20 * 8;
  copy.Height = 10;
  ASSERT_OK(GetParam() ? cuMemcpy2DAsync(&copy, nullptr) : cuMemcpy2D(&copy));
  ASSERT_OK(cuMemcpyAtoH(back.data(), array, 0, back.size() * 4));
  EXPECT_EQ(back, source);
  copy.dstY = 1;  // one row too far
  EXPECT_EQ(cuMemcpy2D(&copy), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemcpyAtoH(back.data(), array, 8, back.size() * 4), CUDA_ERROR_INVALID_VALUE);
  descriptor.NumChannels = 3;
  CUarray bad = nullptr;
  EXPECT_EQ(cuArrayCreate(&bad, &descriptor), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuArrayDestroy(array));
  EXPECT_EQ(cuArrayDestroy(array), CUDA_ERROR_INVALID_HANDLE);
}

}  // namespace
