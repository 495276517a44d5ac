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
  EXPECT_REFUSED(t.interleave = CU_TENSOR_MAP_INTERLEAVE_16B);                       // of rank 2
}

TEST_F(TensorMap, InterleavedLayoutsHaveTheirOwnRequirements) {
  Tiled t;
  t.rank = 3;
  t.interleave = CU_TENSOR_MAP_INTERLEAVE_16B;
  t.box[0] = 3;  // slices: no multiple of 16 bytes
  EXPECT_OK(t.Encode());
  t.interleave = CU_TENSOR_MAP_INTERLEAVE_32B;
  EXPECT_EQ(t.Encode(), CUDA_ERROR_INVALID_VALUE) << "needs a swizzle of 32 bytes";
  t.swizzle = CU_TENSOR_MAP_SWIZZLE_32B;
  EXPECT_OK(t.Encode());
  t.strides[0] = 144;
  EXPECT_EQ(t.Encode(), CUDA_ERROR_INVALID_VALUE) << "a multiple of 16 alone";
  t.strides[0] = 128;
  t.address += 16;
  EXPECT_EQ(t.Encode(), CUDA_ERROR_INVALID_VALUE) << "a multiple of 16 alone";
  t.address -= 16;
  ASSERT_OK(t.Encode());
  EXPECT_EQ(cuTensorMapReplaceAddress(&t.map, reinterpret_cast<void*>(0x2000010)), CUDA_ERROR_INVALID_VALUE);
  t.type = CU_TENSOR_MAP_DATA_TYPE_16U6_ALIGN16B;
  t.sizes[0] = t.box[0] = 128;
  EXPECT_EQ(t.Encode(), CUDA_ERROR_INVALID_VALUE) << "of 6 bits";
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

// Columns along W, of pixels of 32 halves.
struct Wide {
  CUtensorMap map = {};
  uint64_t address = 0x1000000;
  cuuint64_t sizes[4] = {32, 9, 3, 4}, strides[3] = {64, 64 * 9, 64 * 9 * 3};
  cuuint32_t channels = 32, pixels = 20, steps[4] = {1, 1, 1, 1};
  int lower = -1, upper = -1;
  CUtensorMapInterleave interleave = CU_TENSOR_MAP_INTERLEAVE_NONE;
  CUtensorMapIm2ColWideMode mode = CU_TENSOR_MAP_IM2COL_WIDE_MODE_W;
  CUtensorMapSwizzle swizzle = CU_TENSOR_MAP_SWIZZLE_64B;

  CUresult Encode() {
    return cuTensorMapEncodeIm2colWide(&map, CU_TENSOR_MAP_DATA_TYPE_UINT16, 4,
                                       reinterpret_cast<void*>(address), sizes, strides, lower, upper,
                                       channels, pixels, steps, interleave, mode, swizzle,
                                       CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  }
};

TEST_F(TensorMap, WideColumnsAreChecked) {
  Wide w;
  EXPECT_OK(w.Encode());
  w.lower = -32768;
  EXPECT_OK(w.Encode()) << "16 bits, whatever the rank";
  w.lower = -32769;
  EXPECT_EQ(w.Encode(), CUDA_ERROR_INVALID_VALUE);
  w = Wide();
  w.pixels = 1025;
  EXPECT_EQ(w.Encode(), CUDA_ERROR_INVALID_VALUE);
  w.mode = CU_TENSOR_MAP_IM2COL_WIDE_MODE_W128;
  EXPECT_OK(w.Encode()) << "has 128 pixels anyway";
  w.mode = static_cast<CUtensorMapIm2ColWideMode>(2);
  EXPECT_EQ(w.Encode(), CUDA_ERROR_INVALID_VALUE);
  w = Wide();
  w.upper = -10;
  EXPECT_EQ(w.Encode(), CUDA_ERROR_INVALID_VALUE) << "nothing is left";
  w = Wide();
  w.interleave = CU_TENSOR_MAP_INTERLEAVE_16B;
  EXPECT_EQ(w.Encode(), CUDA_ERROR_INVALID_VALUE);
  for (const auto& [swizzle, result] :
       {std::pair{CU_TENSOR_MAP_SWIZZLE_NONE, CUDA_ERROR_INVALID_VALUE},
        {CU_TENSOR_MAP_SWIZZLE_32B, CUDA_ERROR_INVALID_VALUE},
        {CU_TENSOR_MAP_SWIZZLE_128B, CUDA_SUCCESS},
        {CU_TENSOR_MAP_SWIZZLE_128B_ATOM_32B, CUDA_SUCCESS},
        {CU_TENSOR_MAP_SWIZZLE_128B_ATOM_32B_FLIP_8B, CUDA_ERROR_INVALID_VALUE},
        {CU_TENSOR_MAP_SWIZZLE_128B_ATOM_64B, CUDA_ERROR_INVALID_VALUE}}) {
    w = Wide();
    w.swizzle = swizzle;
    EXPECT_EQ(w.Encode(), result) << swizzle;
  }
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
  .shared .align 1024 .b8 box[16384];
  .shared .align 8 .b64 bar;
  ld.param.u64 %rd1, [out];
  ld.param.u32 %r1, [words];
  mov.b64 %rd2, map;
  cvta.param.u64 %rd3, %rd2;
  mbarrier.init.shared::cta.b64 [bar], 1;
  shl.b32 %r5, %r1, 2;
  mbarrier.arrive.expect_tx.shared::cta.b64 _, [bar], %r5;
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

// ---- Columns along W (PTX ISA, "im2col::w and im2col::w::128 modes") ----

struct Pixel {
  int n, h, w;
};

class WideCopy : public TensorCopy {
 protected:
  // One copy from (n, h, w) = (1, 2, w); `pixels` are those that it must bring.
  void Check(Wide& wide, const char* mode, int w, int halo, int offset, const std::vector<Pixel>& pixels) {
    const int width = 9, height = 3, images = 4, channels = 32;
    std::vector<uint16_t> tensor(static_cast<size_t>(channels * width * height * images));
    for (size_t i = 0; i < tensor.size(); ++i) tensor[i] = static_cast<uint16_t>(1 + i);
    CUdeviceptr device = 0;
    ASSERT_OK(cuMemAlloc(&device, 2 * tensor.size()));
    ASSERT_OK(cuMemcpyHtoD(device, tensor.data(), 2 * tensor.size()));
    wide.address = device;
    ASSERT_OK(wide.Encode());
    const auto words = static_cast<uint32_t>(16 * pixels.size());
    const std::vector<uint32_t> result =
        Run("  .reg .b16 %h<2>;\n  mov.b16 %h0, " + std::to_string(halo) + ";\n  mov.b16 %h1, " +
                std::to_string(offset) + ";\n  cp.async.bulk.tensor.4d.shared::cta.global." + mode +
                ".mbarrier::complete_tx::bytes [box], [%rd3, {0, " + std::to_string(w) +
                ", 2, 1}], [bar], {%h0, %h1};",
            wide.map, words);
    for (uint32_t i = 0; i < words; ++i) {
      const uint32_t byte = 4 * i, from = byte ^ (byte >> 3 & 0x30);  // 64 bytes a pixel, swizzled
      const Pixel& at = pixels[from / 64];
      const bool inside = at.w >= 0 && at.w < width && at.n < images;
      const size_t element =
          static_cast<size_t>(((at.n * height + at.h) * width + at.w) * channels) + from % 64 / 2;
      const uint32_t expected = inside ? tensor[element] | uint32_t{tensor[element + 1]} << 16 : 0;
      ASSERT_EQ(result[i], expected) << "pixel " << from / 64 << " of " << pixels.size();
    }
    EXPECT_EQ(result[words], 1u) << "all bytes, the halo's included";
    EXPECT_OK(cuMemFree(device));
  }
};

TEST_F(WideCopy, ALineGoesOnInTheNextImage) {
  // The box is w -1 to 7. Two pixels of halo behind the last of all.
  Wide wide;
  std::vector<Pixel> pixels;
  for (int w = 6; w <= 7; ++w) pixels.push_back({1, 2, w});
  for (int n = 2; n <= 3; ++n) {
    for (int w = -1; w <= 7; ++w) pixels.push_back({n, 2, w});
  }
  ASSERT_EQ(pixels.size(), wide.pixels);
  pixels.push_back({3, 2, 8});
  pixels.push_back({3, 2, 9});  // outside
  Check(wide, "im2col::w", 6, 2, 0, pixels);
}

TEST_F(WideCopy, TheOffsetMovesTheBoxToo) {
  // Moved by 1 the box is w 0 to 8; steps of 2; the first pixel lies left of the box.
  Wide wide;
  wide.steps[1] = 2;
  wide.pixels = 8;
  const std::vector<Pixel> pixels = {{1, 2, -2}, {1, 2, 0}, {1, 2, 2}, {1, 2, 4}, {1, 2, 6},
                                     {1, 2, 8},  {2, 2, 0}, {2, 2, 2}, {2, 2, 4}};
  Check(wide, "im2col::w", -3, 1, 1, pixels);
}

TEST_F(WideCopy, AHaloFollowsEach32Of128) {
  Wide wide;
  wide.mode = CU_TENSOR_MAP_IM2COL_WIDE_MODE_W128;
  wide.lower = wide.upper = 0;
  std::vector<Pixel> pixels;
  int w = 3, n = 1;
  for (int i = 1; i <= 128; ++i) {
    pixels.push_back({n, 2, w});
    if (i % 32 == 0) {
      for (int halo = 1; halo <= 3; ++halo) pixels.push_back({n, 2, w + halo});
    }
    if (++w == 9) {
      w = 0;
      ++n;
    }
  }
  Check(wide, "im2col::w::128", 3, 3, 0, pixels);
}

// ---- Interleaved layouts (docs/decisions/0026-interleaved-tensors-count-slices.md) ----

class InterleavedCopy : public TensorCopy {
 protected:
  static constexpr int kSlices = 3, kWidth = 5, kHeight = 4, kImages = 2;

  // Words of the slice (n, slice, h, w) in the order of memory; all zeros outside.
  std::vector<uint32_t> Slice(int n, int slice, int h, int w) const {
    const bool inside = n >= 0 && n < kImages && slice >= 0 && slice < kSlices && h >= 0 && h < kHeight &&
                        w >= 0 && w < kWidth;
    std::vector<uint32_t> words(slice_words_);
    const int first = ((n * kSlices + slice) * kHeight + h) * kWidth + w;
    for (size_t i = 0; inside && i < words.size(); ++i)
      words[i] = 1000 + static_cast<uint32_t>(static_cast<size_t>(first) * slice_words_ + i);
    return words;
  }

  void PutTensor(size_t slice_words) {
    slice_words_ = slice_words;
    const cuuint64_t line = 4 * slice_words * kWidth;
    strides_ = {4 * slice_words, line, line * kHeight * kSlices};
    std::vector<uint32_t> tensor(slice_words * kSlices * kWidth * kHeight * kImages);
    for (size_t i = 0; i < tensor.size(); ++i) tensor[i] = 1000 + static_cast<uint32_t>(i);
    ASSERT_OK(cuMemAlloc(&device_, 4 * tensor.size()));
    ASSERT_OK(cuMemcpyHtoD(device_, tensor.data(), 4 * tensor.size()));
  }

  size_t slice_words_ = 0;
  CUdeviceptr device_ = 0;
  const cuuint64_t sizes_[4] = {kSlices, kWidth, kHeight, kImages};
  std::vector<cuuint64_t> strides_;
};

TEST_F(InterleavedCopy, ABoxKeepsTheOrderOfMemory) {
  for (const bool has_32 : {false, true}) {
    PutTensor(has_32 ? 8 : 4);
    CUtensorMap map;
    const cuuint32_t box[] = {3, 4, 2, 1}, steps[] = {2, 2, 1, 1};  // slices 0 and 2, every other pixel
    ASSERT_OK(cuTensorMapEncodeTiled(&map, CU_TENSOR_MAP_DATA_TYPE_UINT32, 4,
                                     reinterpret_cast<void*>(device_), sizes_, strides_.data(), box, steps,
                                     has_32 ? CU_TENSOR_MAP_INTERLEAVE_32B : CU_TENSOR_MAP_INTERLEAVE_16B,
                                     has_32 ? CU_TENSOR_MAP_SWIZZLE_32B : CU_TENSOR_MAP_SWIZZLE_NONE,
                                     CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE));
    std::vector<uint32_t> expected;
    for (int slice : {0, 2}) {
      for (int h : {3, 4}) {
        for (int w : {2, 4}) {
          const std::vector<uint32_t> words = Slice(1, slice, h, w);
          expected.insert(expected.end(), words.begin(), words.end());
        }
      }
    }
    const auto words = static_cast<uint32_t>(expected.size());
    const std::vector<uint32_t> result = Run(
        "  cp.async.bulk.tensor.4d.shared::cta.global.tile.mbarrier::complete_tx::bytes [box], [%rd3, {0, "
        "2, 3, 1}], [bar];",
        map, words);
    for (uint32_t i = 0; i < words; ++i) {
      const uint32_t byte = 4 * i, from = has_32 ? byte ^ (byte >> 3 & 0x10) : byte;
      ASSERT_EQ(result[i], expected[from / 4]) << i << (has_32 ? " of slices of 32" : " of slices of 16");
    }
    EXPECT_EQ(result[words], 1u);
    EXPECT_OK(cuMemFree(device_));
  }
}

TEST_F(InterleavedCopy, EachSliceIsAColumnOfPixels) {
  PutTensor(4);
  CUtensorMap map;
  const cuuint32_t steps[] = {1, 1, 1, 1};
  const int lower[] = {-1, 0}, upper[] = {-1, -1}, pixels = 12;
  ASSERT_OK(cuTensorMapEncodeIm2col(&map, CU_TENSOR_MAP_DATA_TYPE_UINT32, 4, reinterpret_cast<void*>(device_),
                                    sizes_, strides_.data(), lower, upper, 2, pixels, steps,
                                    CU_TENSOR_MAP_INTERLEAVE_16B, CU_TENSOR_MAP_SWIZZLE_NONE,
                                    CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE));
  const std::vector<uint32_t> result = Run(R"(
  .reg .b16 %h<2>;
  mov.b16 %h0, 1;
  mov.b16 %h1, 0;
  cp.async.bulk.tensor.4d.shared::cta.global.im2col.mbarrier::complete_tx::bytes
      [box], [%rd3, {1, 2, 1, 0}], [bar], {%h0, %h1};)",
                                           map, 4 * 2 * pixels);
  uint32_t at = 0;
  for (int slice : {1, 2}) {
    int w = 2, h = 1, n = 0;
    for (int i = 0; i < pixels; ++i) {
      for (const uint32_t word : Slice(n, slice, h, w + 1))
        ASSERT_EQ(result[at++], word) << slice << " " << i;
      if (++w <= kWidth - 2) continue;
      w = -1;
      if (++h <= kHeight - 2) continue;
      h = 0;
      ++n;
    }
  }
  EXPECT_EQ(result[at], 1u);
}

// ---- Elements of 6 bits ----

// They leave shared memory with a byte each (.b6p2x16) and enter it packed (.b6x16_p32).
TEST_F(TensorCopy, SixBitsAreStoredFromBytes) {
  constexpr char kStore[] = R"(
.version 8.7
.target sm_100a
.address_size 64
.visible .entry store(.param .u64 in, .param .align 64 .b8 map[128])
{
  .reg .b64 %rd<4>;
  .reg .b32 %r<4>;
  .reg .pred %p;
  .shared .align 1024 .b8 box[256];
  ld.param.u64 %rd1, [in];
  mov.b64 %rd2, map;
  cvta.param.u64 %rd3, %rd2;
  mov.u32 %r1, box;
  mov.u32 %r2, 0;
NEXT:
  ld.global.u32 %r3, [%rd1];
  st.shared.u32 [%r1], %r3;
  add.u64 %rd1, %rd1, 4;
  add.u32 %r1, %r1, 4;
  add.u32 %r2, %r2, 1;
  setp.lt.u32 %p, %r2, 64;
  @%p bra NEXT;
  cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group [%rd3, {0, 1}], [box];
  cp.async.bulk.commit_group;
  cp.async.bulk.wait_group 0;
  ret;
}
)";
  std::vector<uint8_t> bytes(256), tensor(3 * 96);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 37 + 11);  // padding is noise
  CUdeviceptr in = 0, device = 0;
  ASSERT_OK(cuMemAlloc(&in, bytes.size()));
  ASSERT_OK(cuMemcpyHtoD(in, bytes.data(), bytes.size()));
  ASSERT_OK(cuMemAlloc(&device, tensor.size()));
  ASSERT_OK(cuMemsetD8(device, 0xee, tensor.size()));
  CUtensorMap map;
  const cuuint64_t sizes[] = {128, 3}, strides[] = {96};
  const cuuint32_t box[] = {128, 2}, steps[] = {1, 1};
  ASSERT_OK(cuTensorMapEncodeTiled(&map, CU_TENSOR_MAP_DATA_TYPE_16U6_ALIGN16B, 2,
                                   reinterpret_cast<void*>(device), sizes, strides, box, steps,
                                   CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_NONE,
                                   CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE));
  CUmodule module = nullptr;
  CUfunction store = nullptr;
  ASSERT_OK(cuModuleLoadData(&module, kStore));
  ASSERT_OK(cuModuleGetFunction(&store, module, "store"));
  void* parameters[] = {&in, &map};
  ASSERT_OK(cuLaunchKernel(store, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr));
  ASSERT_OK(cuMemcpyDtoH(tensor.data(), device, tensor.size()));
  std::vector<uint8_t> expected(tensor.size());
  for (size_t i = 0; i < expected.size(); ++i) expected[i] = i < 96 ? 0xee : 0;
  for (size_t i = 0; i < 256; ++i) {
    for (size_t bit = 0; bit < 6; ++bit) {
      const size_t at = 8 * 96 + 6 * i + bit;
      expected[at / 8] |= static_cast<uint8_t>((bytes[i] >> bit & 1) << at % 8);
    }
  }
  EXPECT_EQ(tensor, expected);
  const std::vector<uint32_t> loaded =
      Run("  cp.async.bulk.tensor.2d.shared::cta.global.tile.mbarrier::complete_tx::bytes [box], [%rd3, {0, "
          "1}], [bar];",
          map, 64);
  for (size_t i = 0; i < 64; ++i) {
    if (i % 4 == 3) continue;  // padding
    uint32_t word = 0;
    std::memcpy(&word, &expected[96 + i / 4 * 12 + i % 4 * 4], sizeof(word));
    ASSERT_EQ(loaded[i], word) << i;
  }
  EXPECT_EQ(loaded[64], 1u);
}

}  // namespace
