// Arrays, textures and surfaces: CUDA Runtime API, "Memory Management", "Texture Object Management".
#include <numeric>
#include <vector>

#include "tests/cudart/fixture.h"

namespace {

class Array : public RuntimeFixture {
 protected:
  static constexpr cudaChannelFormatDesc kFloats = {32, 0, 0, 0, cudaChannelFormatKindFloat};

  void SetUp() override {
    RuntimeFixture::SetUp();
    ASSERT_OK(cudaMallocArray(&array_, &kFloats, 8, 4, cudaArraySurfaceLoadStore));
    values_.resize(32);
    std::iota(values_.begin(), values_.end(), 0.f);
    ASSERT_OK(cudaMemcpy2DToArray(array_, 0, 0, values_.data(), 32, 32, 4, cudaMemcpyHostToDevice));
  }
  void TearDown() override {
    EXPECT_OK(cudaFreeArray(array_));
    RuntimeFixture::TearDown();
  }
  float At(cudaArray_t array, size_t x, size_t y) {
    float value = -1;
    EXPECT_OK(cudaMemcpy2DFromArray(&value, 4, array, x * 4, y, 4, 1, cudaMemcpyDeviceToHost));
    return value;
  }

  cudaArray_t array_ = nullptr;
  std::vector<float> values_;
};

TEST_F(Array, KnowsWhatItIs) {
  cudaChannelFormatDesc desc = {};
  cudaExtent extent = {};
  unsigned flags = 0;
  EXPECT_OK(cudaArrayGetInfo(&desc, &extent, &flags, array_));
  EXPECT_EQ(desc.x, 32);
  EXPECT_EQ(desc.f, cudaChannelFormatKindFloat);
  EXPECT_EQ(extent.width, 8u);
  EXPECT_EQ(extent.height, 4u);
  EXPECT_EQ(flags, static_cast<unsigned>(cudaArraySurfaceLoadStore));
  desc = {};
  EXPECT_OK(cudaGetChannelDesc(&desc, array_));
  EXPECT_EQ(desc.x, 32);
  const cudaChannelFormatDesc made = cudaCreateChannelDesc(8, 8, 8, 8, cudaChannelFormatKindUnsigned);
  EXPECT_EQ(made.w, 8);
  cudaArray_t other = nullptr;
  const cudaChannelFormatDesc none = {5, 5, 5, 0, cudaChannelFormatKindUnsigned};
  EXPECT_NE(cudaMallocArray(&other, &none, 8, 4, 0), cudaSuccess);
  cudaArray_t plane = nullptr;
  EXPECT_EQ(cudaArrayGetPlane(&plane, array_, 0), cudaErrorInvalidValue);
  cudaArraySparseProperties sparse;
  EXPECT_EQ(cudaArrayGetSparseProperties(&sparse, array_), cudaErrorInvalidValue);
  cudaArrayMemoryRequirements requirements;
  EXPECT_NE(cudaArrayGetMemoryRequirements(&requirements, array_, 0), cudaErrorNotSupported);
}

TEST_F(Array, IsCopiedByRowsAndByBytes) {
  EXPECT_EQ(At(array_, 3, 2), 19.f);
  float row[8] = {};
  EXPECT_OK(cudaMemcpyFromArray(row, array_, 0, 1, 32, cudaMemcpyDeviceToHost));
  EXPECT_EQ(row[0], 8.f);
  EXPECT_OK(cudaMemcpyFromArrayAsync(row, array_, 8, 3, 8, cudaMemcpyDeviceToHost, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_EQ(row[0], 26.f);
  const float ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  EXPECT_OK(cudaMemcpyToArray(array_, 0, 0, ones, 32, cudaMemcpyHostToDevice));
  EXPECT_EQ(At(array_, 7, 0), 1.f);
  EXPECT_OK(cudaMemcpyToArrayAsync(array_, 16, 1, ones, 16, cudaMemcpyHostToDevice, stream_));
  EXPECT_OK(cudaMemcpy2DToArrayAsync(array_, 0, 2, ones, 16, 16, 2, cudaMemcpyHostToDevice, stream_));
  float block[4] = {};
  EXPECT_OK(cudaMemcpy2DFromArrayAsync(block, 8, array_, 0, 2, 8, 2, cudaMemcpyDeviceToHost, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_EQ(At(array_, 3, 1), 11.f);
  EXPECT_EQ(At(array_, 4, 1), 1.f);
  EXPECT_EQ(block[3], 1.f);
  EXPECT_EQ(cudaMemcpy2DToArray(array_, 0, 0, ones, 32, 64, 1, cudaMemcpyHostToDevice),
            cudaErrorInvalidValue);
}

TEST_F(Array, IsCopiedToOtherArrays) {
  cudaArray_t other = nullptr;
  ASSERT_OK(cudaMallocArray(&other, &kFloats, 8, 4, 0));
  EXPECT_OK(cudaMemcpyArrayToArray(other, 0, 0, array_, 0, 1, 32, cudaMemcpyDeviceToDevice));
  EXPECT_EQ(At(other, 2, 0), 10.f);
  EXPECT_OK(cudaMemcpy2DArrayToArray(other, 16, 1, array_, 0, 2, 16, 2, cudaMemcpyDeviceToDevice));
  EXPECT_EQ(At(other, 5, 2), 25.f);
  EXPECT_OK(cudaFreeArray(other));
}

TEST_F(Array, MipmapsHaveLevels) {
  cudaMipmappedArray_t mipmap = nullptr;
  ASSERT_OK(cudaMallocMipmappedArray(&mipmap, &kFloats, {16, 8, 0}, 3, 0));
  cudaArray_t level = nullptr;
  ASSERT_OK(cudaGetMipmappedArrayLevel(&level, mipmap, 2));
  cudaExtent extent = {};
  EXPECT_OK(cudaArrayGetInfo(nullptr, &extent, nullptr, level));
  EXPECT_EQ(extent.width, 4u);
  EXPECT_EQ(extent.height, 2u);
  EXPECT_EQ(cudaGetMipmappedArrayLevel(&level, mipmap, 3), cudaErrorInvalidValue);
  cudaArraySparseProperties sparse;
  EXPECT_EQ(cudaMipmappedArrayGetSparseProperties(&sparse, mipmap), cudaErrorInvalidValue);
  cudaArrayMemoryRequirements requirements;
  EXPECT_NE(cudaMipmappedArrayGetMemoryRequirements(&requirements, mipmap, 0), cudaErrorNotSupported);
  EXPECT_OK(cudaFreeMipmappedArray(mipmap));
  cudaArray_t box = nullptr;
  ASSERT_OK(cudaMalloc3DArray(&box, &kFloats, {4, 4, 4}, 0));
  EXPECT_OK(cudaFreeArray(box));
}

TEST_F(Array, TextureObjectsDescribeThemselves) {
  cudaResourceDesc resource = {};
  resource.resType = cudaResourceTypeArray;
  resource.res.array.array = array_;
  cudaTextureDesc texture = {};
  texture.addressMode[0] = texture.addressMode[1] = cudaAddressModeClamp;
  texture.filterMode = cudaFilterModeLinear;
  texture.readMode = cudaReadModeElementType;
  texture.normalizedCoords = 1;
  cudaResourceViewDesc view = {};
  view.format = cudaResViewFormatFloat1;
  view.width = 8;
  view.height = 4;
  cudaTextureObject_t object = 0;
  ASSERT_OK(cudaCreateTextureObject(&object, &resource, &texture, &view));
  // Nothing is written behind the structures that this release's callers have.
  struct {
    cudaTextureDesc desc;
    unsigned guard = 0xABABABAB;
  } read;
  EXPECT_OK(cudaGetTextureObjectTextureDesc(&read.desc, object));
  EXPECT_EQ(read.desc.normalizedCoords, 1);
  EXPECT_EQ(read.desc.filterMode, cudaFilterModeLinear);
  EXPECT_EQ(read.guard, 0xABABABAB);
  alignas(cudaResourceDesc) unsigned char bytes[sizeof(cudaResourceDesc)];
  std::fill(std::begin(bytes), std::end(bytes), 0xCD);
  auto* const found = reinterpret_cast<cudaResourceDesc*>(bytes);
  EXPECT_OK(cudaGetTextureObjectResourceDesc(found, object));
  EXPECT_EQ(found->resType, cudaResourceTypeArray);
  EXPECT_EQ(found->res.array.array, array_);
  EXPECT_EQ(bytes[64] == 0xCD, TQ_CUDART_RELEASE < 13);
  cudaResourceViewDesc found_view = {};
  EXPECT_OK(cudaGetTextureObjectResourceViewDesc(&found_view, object));
  EXPECT_EQ(found_view.width, 8u);
  EXPECT_OK(cudaDestroyTextureObject(object));
  EXPECT_NE(cudaDestroyTextureObject(object), cudaSuccess);
}

TEST_F(Array, SurfaceObjectsDescribeThemselves) {
  cudaResourceDesc resource = {};
  resource.resType = cudaResourceTypeArray;
  resource.res.array.array = array_;
  cudaSurfaceObject_t object = 0;
  ASSERT_OK(cudaCreateSurfaceObject(&object, &resource));
  cudaResourceDesc found = {};
  EXPECT_OK(cudaGetSurfaceObjectResourceDesc(&found, object));
  EXPECT_EQ(found.res.array.array, array_);
  EXPECT_OK(cudaDestroySurfaceObject(object));
}

}  // namespace
