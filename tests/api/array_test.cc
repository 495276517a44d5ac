#include <cuda.h>
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

class Arrays : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
  }
  CUarray Create(size_t width, size_t height, size_t depth) {
    CUDA_ARRAY3D_DESCRIPTOR descriptor = {};
    descriptor.Width = width;
    descriptor.Height = height;
    descriptor.Depth = depth;
    descriptor.Format = CU_AD_FORMAT_UNSIGNED_INT16;
    descriptor.NumChannels = 2;
    CUarray array = nullptr;
    EXPECT_OK(cuArray3DCreate(&array, &descriptor));
    return array;
  }
  static std::vector<uint8_t> Bytes(size_t count, uint8_t first) {
    std::vector<uint8_t> bytes(count);
    std::iota(bytes.begin(), bytes.end(), first);
    return bytes;
  }
  CUstream stream_ = nullptr;
};

TEST_F(Arrays, KeepTheirDescriptors) {
  CUarray array = Create(5, 3, 2);
  CUDA_ARRAY3D_DESCRIPTOR box = {};
  ASSERT_OK(cuArray3DGetDescriptor(&box, array));
  EXPECT_EQ(box.Width, 5u);
  EXPECT_EQ(box.Height, 3u);
  EXPECT_EQ(box.Depth, 2u);
  EXPECT_EQ(box.Format, CU_AD_FORMAT_UNSIGNED_INT16);
  EXPECT_EQ(box.NumChannels, 2u);
  CUDA_ARRAY_DESCRIPTOR rectangle = {};
  ASSERT_OK(cuArrayGetDescriptor(&rectangle, array));
  EXPECT_EQ(rectangle.Width, 5u);
  EXPECT_EQ(rectangle.Height, 3u);
  EXPECT_OK(cuArrayDestroy(array));
  EXPECT_EQ(cuArrayGetDescriptor(&rectangle, array), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(Arrays, BadDescriptorsAreRefused) {
  CUarray array = nullptr;
  CUDA_ARRAY3D_DESCRIPTOR descriptor = {};
  descriptor.Format = CU_AD_FORMAT_FLOAT;
  descriptor.NumChannels = 1;
  EXPECT_EQ(cuArray3DCreate(&array, &descriptor), CUDA_ERROR_INVALID_VALUE) << "no width";
  descriptor.Width = 4;
  descriptor.NumChannels = 3;
  EXPECT_EQ(cuArray3DCreate(&array, &descriptor), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuArray3DCreate(nullptr, &descriptor), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Arrays, BytesGoInAndOutOfOneDimension) {
  constexpr size_t kBytes = 64 * 4;
  CUarray first = Create(64, 0, 0), second = Create(64, 0, 0);
  CUdeviceptr linear = 0;
  ASSERT_OK(cuMemAlloc(&linear, kBytes));
  const std::vector<uint8_t> bytes = Bytes(kBytes, 3);
  std::vector<uint8_t> result(kBytes);

  ASSERT_OK(cuMemcpyHtoA(first, 0, bytes.data(), kBytes));
  ASSERT_OK(cuMemcpyAtoA(second, 0, first, 8, kBytes - 8));
  ASSERT_OK(cuMemcpyAtoA(second, kBytes - 8, first, 0, 8));
  ASSERT_OK(cuMemcpyAtoD(linear, second, 0, kBytes));
  ASSERT_OK(cuMemcpyDtoH(result.data(), linear, kBytes));
  for (size_t i = 0; i < kBytes; ++i) ASSERT_EQ(result[i], bytes[(i + 8) % kBytes]) << i;

  ASSERT_OK(cuMemcpyDtoA(first, 4, linear + 4, kBytes - 4));
  ASSERT_OK(cuMemcpyHtoAAsync(first, 0, bytes.data(), 4, stream_));
  ASSERT_OK(cuMemcpyAtoHAsync(result.data(), first, 0, kBytes, stream_));
  ASSERT_OK(cuStreamSynchronize(stream_));
  for (size_t i = 0; i < kBytes; ++i) ASSERT_EQ(result[i], bytes[i < 4 ? i : (i + 8) % kBytes]) << i;

  EXPECT_EQ(cuMemcpyAtoH(result.data(), first, 1, kBytes), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemcpyHtoA(first, kBytes + 1, bytes.data(), 0), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Arrays, ABoxOfABox) {
  CUarray array = Create(4, 3, 2);  // texels of 4 bytes: rows of 16
  const std::vector<uint8_t> bytes = Bytes(4 * 4 * 3 * 2, 0);
  CUDA_MEMCPY3D in = {};
  in.srcMemoryType = CU_MEMORYTYPE_HOST;
  in.srcHost = bytes.data();
  in.srcPitch = 16;
  in.srcHeight = 3;
  in.dstMemoryType = CU_MEMORYTYPE_ARRAY;
  in.dstArray = array;
  in.WidthInBytes = 16;
  in.Height = 3;
  in.Depth = 2;
  ASSERT_OK(cuMemcpy3D(&in));

  std::vector<uint8_t> result(2 * 8);
  CUDA_MEMCPY3D out = {};
  out.srcMemoryType = CU_MEMORYTYPE_ARRAY;
  out.srcArray = array;
  out.srcXInBytes = 4;
  out.srcY = 1;
  out.srcZ = 1;
  out.dstMemoryType = CU_MEMORYTYPE_HOST;
  out.dstHost = result.data();
  out.dstPitch = 8;
  out.WidthInBytes = 8;
  out.Height = 2;
  out.Depth = 1;
  ASSERT_OK(cuMemcpy3DAsync(&out, stream_));
  ASSERT_OK(cuStreamSynchronize(stream_));
  for (size_t row = 0; row < 2; ++row) {
    for (size_t x = 0; x < 8; ++x) ASSERT_EQ(result[row * 8 + x], bytes[48 + (row + 1) * 16 + 4 + x]);
  }
  out.srcZ = 2;
  EXPECT_EQ(cuMemcpy3D(&out), CUDA_ERROR_INVALID_VALUE) << "behind the last slice";
}

}  // namespace
