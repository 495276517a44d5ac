// cuTensorMap*: what they refuse, and maps that kernels copy with.
#include <cuda.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

// A valid map of 64 x 32 halves in boxes of 32 x 8; tests change one thing each.
struct Tiled {
  CUtensorMap map = {};
  CUtensorMap* out = &map;
  CUtensorMapDataType type = CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
  cuuint32_t rank = 2;
  uint64_t address = 0x1000000;
  cuuint64_t sizes[5] = {64, 32, 1, 1, 1};
  cuuint64_t strides[4] = {128, 4096, 4096, 4096};
  cuuint32_t box[5] = {32, 8, 1, 1, 1};
  cuuint32_t steps[5] = {1, 1, 1, 1, 1};
  CUtensorMapInterleave interleave = CU_TENSOR_MAP_INTERLEAVE_NONE;
  CUtensorMapSwizzle swizzle = CU_TENSOR_MAP_SWIZZLE_64B;
  CUtensorMapL2promotion promotion = CU_TENSOR_MAP_L2_PROMOTION_L2_128B;
  CUtensorMapFloatOOBfill fill = CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE;

  CUresult Encode() {
    return cuTensorMapEncodeTiled(out, type, rank, reinterpret_cast<void*>(address), sizes, strides, box,
                                  steps, interleave, swizzle, promotion, fill);
  }
};

class TensorMap : public ContextFixture {};

#define EXPECT_REFUSED(change)                                  \
  do {                                                          \
    Tiled t;                                                    \
    change;                                                     \
    EXPECT_EQ(t.Encode(), CUDA_ERROR_INVALID_VALUE) << #change; \
  } while (0)

TEST_F(TensorMap, EachRequirementIsChecked) {
  EXPECT_OK(Tiled().Encode());
  EXPECT_REFUSED(t.out = reinterpret_cast<CUtensorMap*>(reinterpret_cast<char*>(&t.map) + 8));
  EXPECT_REFUSED(t.type = static_cast<CUtensorMapDataType>(16));
  EXPECT_REFUSED(t.rank = 0);
  EXPECT_REFUSED(t.rank = 6);
  EXPECT_REFUSED(t.address += 8);
  EXPECT_REFUSED(t.sizes[1] = 0);
  EXPECT_REFUSED(t.sizes[0] = (cuuint64_t{1} << 32) + 1);
  EXPECT_REFUSED(t.strides[0] = 136);
  EXPECT_REFUSED(t.strides[0] = cuuint64_t{1} << 40);
  EXPECT_REFUSED(t.box[1] = 0);
  EXPECT_REFUSED(t.box[1] = 257);
  EXPECT_REFUSED(t.box[0] = 4);   // 8 bytes
  EXPECT_REFUSED(t.box[0] = 64);  // more than the swizzle spans
  EXPECT_REFUSED(t.steps[1] = 0);
  EXPECT_REFUSED(t.steps[1] = 9);
  EXPECT_REFUSED(t.swizzle = static_cast<CUtensorMapSwizzle>(7));
  EXPECT_REFUSED(t.promotion = static_cast<CUtensorMapL2promotion>(4));
  EXPECT_REFUSED(t.fill = static_cast<CUtensorMapFloatOOBfill>(2));
  EXPECT_REFUSED(t.interleave = static_cast<CUtensorMapInterleave>(3));
  EXPECT_REFUSED(t.type = CU_TENSOR_MAP_DATA_TYPE_UINT16;
                 t.fill = CU_TENSOR_MAP_FLOAT_OOB_FILL_NAN_REQUEST_ZERO_FMA);
  EXPECT_REFUSED(t.type = CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN16B; t.sizes[0] = 128);  // a box of 32
}

TEST_F(TensorMap, AddressesAreReplaced) {
  Tiled t, other;
  ASSERT_OK(t.Encode());
  other.address = 0x2000000;
  ASSERT_OK(other.Encode());
  EXPECT_NE(std::memcmp(&t.map, &other.map, sizeof(t.map)), 0);
  EXPECT_OK(cuTensorMapReplaceAddress(&t.map, reinterpret_cast<void*>(0x2000000)));
  EXPECT_EQ(std::memcmp(&t.map, &other.map, sizeof(t.map)), 0);
  EXPECT_EQ(cuTensorMapReplaceAddress(&t.map, reinterpret_cast<void*>(0x2000008)), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(TensorMap, PixelBoxesAreChecked) {
  CUtensorMap map;
  const cuuint64_t sizes[] = {8, 6, 5, 3}, strides[] = {32, 192, 960};
  const cuuint32_t steps[] = {1, 1, 1, 1};
  const auto encode = [&](int lower, int upper, cuuint32_t channels, cuuint32_t pixels, cuuint32_t rank) {
    const int lowers[] = {lower, lower, lower}, uppers[] = {upper, upper, upper};
    return cuTensorMapEncodeIm2col(&map, CU_TENSOR_MAP_DATA_TYPE_UINT32, rank,
                                   reinterpret_cast<void*>(0x1000), sizes, strides, lowers, uppers, channels,
                                   pixels, steps, CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_NONE,
                                   CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  };
  EXPECT_OK(encode(-1, -1, 4, 30, 4));
  EXPECT_EQ(encode(-1, -1, 4, 30, 2), CUDA_ERROR_INVALID_VALUE) << "no room for pixels";
  EXPECT_EQ(encode(-129, -1, 4, 30, 4), CUDA_ERROR_INVALID_VALUE) << "two dimensions have 8 bits each";
  EXPECT_OK(encode(-129, -1, 4, 30, 3)) << "one has 16";
  EXPECT_EQ(encode(0, -6, 4, 30, 4), CUDA_ERROR_INVALID_VALUE) << "nothing is left";
  EXPECT_EQ(encode(-1, -1, 257, 30, 4), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(encode(-1, -1, 0, 30, 4), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(encode(-1, -1, 4, 1025, 4), CUDA_ERROR_INVALID_VALUE);
}

// A kernel that loads one box through a map that is its parameter, and shows the first words of shared
// memory.
std::string Loader(const std::string& copy) {
  return R"(
.version 8.6
.target sm_100
.address_size 64
.visible .entry load(.param .u64 out, .param .u32 words, .param .align 64 .b8 map[128])
{
  .reg .b64 %rd<4>;
  .reg .b32 %r<6>;
  .reg .pred %p;
  .shared .align 1024 .b8 box[8192];
  .shared .align 8 .b64 bar;
  ld.param.u64 %rd1, [out];
  ld.param.u32 %r1, [words];
  mov.b64 %rd2, map;
  cvta.param.u64 %rd3, %rd2;
  mbarrier.init.shared::cta.b64 [bar], 1;
  mbarrier.arrive.expect_tx.shared::cta.b64 _, [bar], 512;
)" + copy +
         R"(
  mov.u32 %r2, 0;
  mov.u32 %r3, box;
NEXT:
  ld.shared.u32 %r4, [%r3];
  st.global.u32 [%rd1], %r4;
  add.u32 %r3, %r3, 4;
  add.u64 %rd1, %rd1, 4;
  add.u32 %r2, %r2, 1;
  setp.lt.u32 %p, %r2, %r1;
  @%p bra NEXT;
  mbarrier.test_wait.parity.shared::cta.b64 %p, [bar], 0;
  selp.u32 %r4, 1, 0, %p;
  st.global.u32 [%rd1], %r4;
  ret;
}
)";
}

class TensorCopy : public ContextFixture {
 protected:
  // The words that the copy leaves, and behind them whether the barrier has its bytes.
  std::vector<uint32_t> Run(const std::string& copy, CUtensorMap& map, uint32_t words) {
    CUmodule module = nullptr;
    CUfunction load = nullptr;
    CUdeviceptr out = 0;
    EXPECT_OK(cuModuleLoadData(&module, Loader(copy).c_str()));
    EXPECT_OK(cuModuleGetFunction(&load, module, "load"));
    EXPECT_OK(cuMemAlloc(&out, 4 * (words + 1)));
    void* parameters[] = {&out, &words, &map};
    EXPECT_OK(cuLaunchKernel(load, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr));
    std::vector<uint32_t> result(words + 1);
    EXPECT_OK(cuMemcpyDtoH(result.data(), out, 4 * result.size()));
    return result;
  }
};

TEST_F(TensorCopy, ABoxComesThroughAParameter) {
  std::vector<uint16_t> tensor(64 * 32);
  for (size_t i = 0; i < tensor.size(); ++i) tensor[i] = static_cast<uint16_t>(i);
  CUdeviceptr device = 0;
  ASSERT_OK(cuMemAlloc(&device, 2 * tensor.size()));
  ASSERT_OK(cuMemcpyHtoD(device, tensor.data(), 2 * tensor.size()));
  Tiled t;
  t.address = device;
  ASSERT_OK(t.Encode());
  const std::vector<uint32_t> result =
      Run("  cp.async.bulk.tensor.2d.shared::cta.global.tile.mbarrier::complete_tx::bytes [box], [%rd3, {48, "
          "2}], [bar];",
          t.map, 128);
  for (uint32_t i = 0; i < 128; ++i) {
    // 64 bytes a row, of which 16-byte chunks trade places by bits 7 and 8 of the address.
    const uint32_t byte = 4 * i, from = byte ^ (byte >> 3 & 0x30), x = 48 + from % 64 / 2, y = 2 + from / 64;
    const uint32_t expected = x >= 64 ? 0 : (tensor[y * 64 + x] | uint32_t{tensor[y * 64 + x + 1]} << 16);
    ASSERT_EQ(result[i], expected) << i;
  }
  EXPECT_EQ(result[128], 1u) << "512 bytes, those outside the tensor included";
}

// 4 channels of 32 pixels of images of 6 x 5, with a filter's halo of one and steps of two along rows.
TEST_F(TensorCopy, PixelsGoAroundTheBox) {
  const int width = 6, height = 5, images = 3, pixels = 32;
  std::vector<uint32_t> tensor(8 * width * height * images);
  for (size_t i = 0; i < tensor.size(); ++i) tensor[i] = static_cast<uint32_t>(1000 + i);
  CUdeviceptr device = 0;
  ASSERT_OK(cuMemAlloc(&device, 4 * tensor.size()));
  ASSERT_OK(cuMemcpyHtoD(device, tensor.data(), 4 * tensor.size()));
  CUtensorMap map;
  const cuuint64_t sizes[] = {8, width, height, images}, strides[] = {32, 32 * width, 32 * width * height};
  const cuuint32_t steps[] = {1, 2, 1, 1};
  const int lower[] = {-1, -1}, upper[] = {-1, -1};
  ASSERT_OK(cuTensorMapEncodeIm2col(&map, CU_TENSOR_MAP_DATA_TYPE_UINT32, 4, reinterpret_cast<void*>(device),
                                    sizes, strides, lower, upper, 4, pixels, steps,
                                    CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_NONE,
                                    CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE));
  const std::vector<uint32_t> result = Run(R"(
  .reg .b16 %h<2>;
  mov.b16 %h0, 2;
  mov.b16 %h1, 1;
  cp.async.bulk.tensor.4d.shared::cluster.global.im2col.mbarrier::complete_tx::bytes
      [box], [%rd3, {4, 1, 3, 1}], [bar], {%h0, %h1};)",
                                           map, 4 * pixels);
  // All places of the filter's corner in the order of memory; the copy starts at w 1, h 3 of image 1.
  std::vector<std::vector<int>> places;
  for (int n = 0; n < images + 2; ++n) {
    for (int h = -1; h < height - 1; ++h) {
      for (int w = -1; w < width - 1; w += 2) places.push_back({w, h, n});
    }
  }
  size_t first = 0;
  while (places[first] != std::vector<int>{1, 3, 1}) ++first;
  for (int pixel = 0; pixel < pixels; ++pixel) {
    const std::vector<int>& place = places[first + static_cast<size_t>(pixel)];
    const int w = place[0] + 2, h = place[1] + 1, n = place[2];
    for (int c = 0; c < 4; ++c) {
      const bool inside = w >= 0 && w < width && h >= 0 && h < height && n < images;
      const uint32_t expected =
          inside ? tensor[static_cast<size_t>(((n * height + h) * width + w) * 8 + 4 + c)] : 0;
      ASSERT_EQ(result[static_cast<size_t>(4 * pixel + c)], expected) << pixel << " " << c;
    }
  }
  EXPECT_EQ(result[4 * pixels], 1u);
}

}  // namespace
