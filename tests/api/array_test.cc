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

struct ShapeRow {
  CUDA_ARRAY3D_DESCRIPTOR shape;
  CUresult result;
};

// CUDA driver API, cuArray3DCreate: the seven types of arrays and their extents.
TEST_F(Arrays, AreOfTheTypesThatCudaHas) {
  constexpr CUarray_format kFloat = CU_AD_FORMAT_FLOAT;
  constexpr unsigned kLayered = CUDA_ARRAY3D_LAYERED, kCube = CUDA_ARRAY3D_CUBEMAP;
  const ShapeRow rows[] = {
      {{131072, 0, 0, kFloat, 1, 0}, CUDA_SUCCESS},
      {{131073, 0, 0, kFloat, 1, 0}, CUDA_ERROR_INVALID_VALUE},
      {{131072, 1, 0, kFloat, 1, 0}, CUDA_SUCCESS},
      {{4, 65537, 0, kFloat, 1, 0}, CUDA_ERROR_INVALID_VALUE},
      {{4, 4, 32768, CU_AD_FORMAT_UNSIGNED_INT8, 1, 0}, CUDA_SUCCESS},
      {{16384, 4, 32768, kFloat, 1, 0}, CUDA_ERROR_INVALID_VALUE},
      {{4, 0, 4, kFloat, 1, 0}, CUDA_ERROR_INVALID_VALUE},
      {{32768, 0, 2048, CU_AD_FORMAT_UNSIGNED_INT8, 1, kLayered}, CUDA_SUCCESS},
      {{32768, 0, 2049, kFloat, 1, kLayered}, CUDA_ERROR_INVALID_VALUE},
      {{4, 4, 0, kFloat, 1, kLayered}, CUDA_ERROR_INVALID_VALUE},
      {{4, 4, 6, kFloat, 1, kCube}, CUDA_SUCCESS},
      {{4, 5, 6, kFloat, 1, kCube}, CUDA_ERROR_INVALID_VALUE},
      {{4, 4, 12, kFloat, 1, kCube}, CUDA_ERROR_INVALID_VALUE},
      {{4, 4, 12, kFloat, 1, kCube | kLayered}, CUDA_SUCCESS},
      {{4, 4, 13, kFloat, 1, kCube | kLayered}, CUDA_ERROR_INVALID_VALUE},
      {{32769, 4, 0, kFloat, 1, CUDA_ARRAY3D_TEXTURE_GATHER}, CUDA_ERROR_INVALID_VALUE},
      {{4, 4, 4, kFloat, 1, CUDA_ARRAY3D_TEXTURE_GATHER}, CUDA_ERROR_INVALID_VALUE},
      {{32769, 0, 0, kFloat, 1, CUDA_ARRAY3D_SURFACE_LDST}, CUDA_ERROR_INVALID_VALUE},
      {{4, 4, 0, kFloat, 1, 0x4000}, CUDA_ERROR_INVALID_VALUE},
      {{4, 4, 0, kFloat, 1, CUDA_ARRAY3D_SPARSE}, CUDA_ERROR_NOT_SUPPORTED},
      {{4, 4, 0, CU_AD_FORMAT_UNORM_INT8X2, 1, 0}, CUDA_ERROR_INVALID_VALUE},
      {{4, 4, 0, CU_AD_FORMAT_UNORM_INT8X2, 2, 0}, CUDA_SUCCESS},
      {{4, 4, 0, static_cast<CUarray_format>(77), 1, 0}, CUDA_ERROR_INVALID_VALUE},
      {{4, 4, 0, CU_AD_FORMAT_NV12, 3, 0}, CUDA_SUCCESS},
      {{5, 4, 0, CU_AD_FORMAT_NV12, 3, 0}, CUDA_ERROR_INVALID_VALUE},
      {{4, 4, 0, CU_AD_FORMAT_NV12, 1, 0}, CUDA_ERROR_INVALID_VALUE},
  };
  for (const ShapeRow& row : rows) {
    CUarray array = nullptr;
    EXPECT_EQ(cuArray3DCreate(&array, &row.shape), row.result)
        << row.shape.Width << " x " << row.shape.Height << " x " << row.shape.Depth << ", "
        << row.shape.Flags;
    if (row.result == CUDA_SUCCESS) {
      EXPECT_OK(cuArrayDestroy(array));
    }
  }
}

TEST_F(Arrays, PlanesShareTheMemoryOfTheWhole) {
  const CUDA_ARRAY3D_DESCRIPTOR shape = {4, 4, 0, CU_AD_FORMAT_NV12, 3, 0};
  CUarray whole = nullptr, luma = nullptr, chroma = nullptr, none = nullptr;
  ASSERT_OK(cuArray3DCreate(&whole, &shape));
  ASSERT_OK(cuArrayGetPlane(&luma, whole, 0));
  ASSERT_OK(cuArrayGetPlane(&chroma, whole, 1));
  EXPECT_EQ(cuArrayGetPlane(&none, whole, 2), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuArrayGetPlane(&none, luma, 0), CUDA_ERROR_INVALID_VALUE) << "of one plane";
  CUDA_ARRAY_DESCRIPTOR plane = {};
  ASSERT_OK(cuArrayGetDescriptor(&plane, chroma));
  EXPECT_EQ(plane.Width, 2u);
  EXPECT_EQ(plane.Height, 2u);
  EXPECT_EQ(plane.NumChannels, 2u);
  const std::vector<uint8_t> bytes = Bytes(24, 1);
  CUDA_MEMCPY2D copy = {};
  copy.srcMemoryType = CU_MEMORYTYPE_HOST;
  copy.srcHost = bytes.data();
  copy.srcPitch = 4;
  copy.dstMemoryType = CU_MEMORYTYPE_ARRAY;
  copy.dstArray = whole;
  copy.WidthInBytes = 4;
  copy.Height = 6;
  ASSERT_OK(cuMemcpy2D(&copy));
  std::vector<uint8_t> got(8);
  copy = {};
  copy.srcMemoryType = CU_MEMORYTYPE_ARRAY;
  copy.srcArray = chroma;
  copy.dstMemoryType = CU_MEMORYTYPE_HOST;
  copy.dstHost = got.data();
  copy.dstPitch = 4;
  copy.WidthInBytes = 4;
  copy.Height = 2;
  ASSERT_OK(cuMemcpy2D(&copy));
  EXPECT_EQ(got, std::vector<uint8_t>(bytes.begin() + 16, bytes.end()));
  EXPECT_EQ(cuArrayDestroy(luma), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_OK(cuArrayDestroy(whole));
  EXPECT_EQ(cuArrayGetDescriptor(&plane, luma), CUDA_ERROR_INVALID_HANDLE) << "gone with the whole";
}

TEST_F(Arrays, CompressedOnesAreCopiedByRowsOfBlocks) {
  const CUDA_ARRAY3D_DESCRIPTOR shape = {10, 6, 0, CU_AD_FORMAT_BC3_UNORM, 4, 0};
  CUarray array = nullptr;
  ASSERT_OK(cuArray3DCreate(&array, &shape));
  const std::vector<uint8_t> bytes = Bytes(3 * 2 * 16, 0);  // blocks of 4 x 4 texels
  CUDA_MEMCPY2D copy = {};
  copy.srcMemoryType = CU_MEMORYTYPE_HOST;
  copy.srcHost = bytes.data();
  copy.srcPitch = 48;
  copy.dstMemoryType = CU_MEMORYTYPE_ARRAY;
  copy.dstArray = array;
  copy.WidthInBytes = 48;
  copy.Height = 2;
  EXPECT_OK(cuMemcpy2D(&copy));
  copy.Height = 3;
  EXPECT_EQ(cuMemcpy2D(&copy), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Arrays, NoneIsSparseOrMappedLater) {
  const CUarray array = Create(4, 4, 0);
  CUDA_ARRAY_SPARSE_PROPERTIES sparse = {};
  EXPECT_EQ(cuArrayGetSparseProperties(&sparse, array), CUDA_ERROR_INVALID_VALUE);
  CUDA_ARRAY_MEMORY_REQUIREMENTS requirements = {};
  EXPECT_EQ(cuArrayGetMemoryRequirements(&requirements, array, device_), CUDA_ERROR_INVALID_VALUE);
  const CUDA_ARRAY3D_DESCRIPTOR shape = {4, 4, 0, CU_AD_FORMAT_FLOAT, 1, 0};
  CUmipmappedArray mipmap = nullptr;
  EXPECT_EQ(cuMipmappedArrayCreate(&mipmap, nullptr, 1), CUDA_ERROR_INVALID_VALUE);
  ASSERT_OK(cuMipmappedArrayCreate(&mipmap, &shape, 2));
  EXPECT_EQ(cuMipmappedArrayGetSparseProperties(&sparse, mipmap), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMipmappedArrayGetMemoryRequirements(&requirements, mipmap, device_), CUDA_ERROR_INVALID_VALUE);
}

}  // namespace
