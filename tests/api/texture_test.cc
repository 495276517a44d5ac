// Texture objects, from arrays and memory to what kernels fetch. The arithmetic of filtering is tested
// against a model in tests/ptx/texture_oracle_test.cc.
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "tests/api/texture_fixture.h"

namespace {

constexpr char kTex2D[] = "tex.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0, %c1}];";

class Textures : public TextureFixture {
 protected:
  CUresult CreateFails(const CUDA_RESOURCE_DESC& resource, const CUDA_TEXTURE_DESC& texture,
                       const CUDA_RESOURCE_VIEW_DESC* view = nullptr) {
    CUtexObject object = 0;
    return cuTexObjectCreate(&object, &resource, &texture, view);
  }

  // A plane of memory with the texels 0, 1, 2 ... as floats.
  CUDA_RESOURCE_DESC Pitched(size_t width, size_t height, size_t pitch) {
    CUDA_RESOURCE_DESC resource = {};
    resource.resType = CU_RESOURCE_TYPE_PITCH2D;
    auto& plane = resource.res.pitch2D;
    plane.format = CU_AD_FORMAT_FLOAT;
    plane.numChannels = 1;
    plane.width = width;
    plane.height = height;
    plane.pitchInBytes = pitch;
    EXPECT_OK(cuMemAlloc(&plane.devPtr, pitch * height));
    for (size_t y = 0; y < height; ++y) {
      std::vector<float> row(width);
      std::iota(row.begin(), row.end(), static_cast<float>(y * width));
      EXPECT_OK(cuMemcpyHtoD(plane.devPtr + y * pitch, row.data(), width * sizeof(float)));
    }
    return resource;
  }
};

struct FormatRow {
  CUarray_format format;
  unsigned channels;
  size_t channel_bytes;
  bool is_signed, is_float, always_normalized;
};
constexpr FormatRow kFormats[] = {
    {CU_AD_FORMAT_UNSIGNED_INT8, 4, 1, false, false, false},
    {CU_AD_FORMAT_UNSIGNED_INT8, 1, 1, false, false, false},
    {CU_AD_FORMAT_UNSIGNED_INT16, 2, 2, false, false, false},
    {CU_AD_FORMAT_UNSIGNED_INT32, 4, 4, false, false, false},
    {CU_AD_FORMAT_SIGNED_INT8, 2, 1, true, false, false},
    {CU_AD_FORMAT_SIGNED_INT16, 4, 2, true, false, false},
    {CU_AD_FORMAT_SIGNED_INT32, 1, 4, true, false, false},
    {CU_AD_FORMAT_FLOAT, 4, 4, false, true, false},
    {CU_AD_FORMAT_HALF, 4, 2, false, true, false},
    {CU_AD_FORMAT_UNORM_INT8X4, 4, 1, false, false, true},
    {CU_AD_FORMAT_UNORM_INT16X2, 2, 2, false, false, true},
    {CU_AD_FORMAT_SNORM_INT8X1, 1, 1, true, false, true},
    {CU_AD_FORMAT_SNORM_INT16X4, 4, 2, true, false, true},
};

TEST_F(Textures, FormatsComeOutAsTheyWentIn) {
  const CUmodule module = Load(kTex2D);
  for (const FormatRow& row : kFormats) {
    constexpr size_t kWidth = 5, kHeight = 3;
    const size_t texel_bytes = row.channels * row.channel_bytes;
    std::vector<uint8_t> bytes(kWidth * kHeight * texel_bytes);
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 73 + 11);
    if (row.is_float) {  // numbers of a few digits
      for (size_t i = 0; i < bytes.size() / row.channel_bytes; ++i) {
        const float value = 1 + static_cast<float>(i % 8) / 8;
        uint32_t bits;
        std::memcpy(&bits, &value, 4);
        if (row.channel_bytes == 2) bits = (bits >> 13 & 0x3ff) | 0x3c00;
        std::memcpy(&bytes[i * row.channel_bytes], &bits, row.channel_bytes);
      }
    }
    const CUarray array = MakeArray(Shape(kWidth, kHeight, 0, row.format, row.channels));
    Fill(array, bytes.data(), kWidth * texel_bytes, kHeight);
    for (unsigned flags : {0u, static_cast<unsigned>(CU_TRSF_READ_AS_INTEGER)}) {
      const CUtexObject texture = Texture(On(array), Point(flags));
      const bool normalized = row.always_normalized || (flags == 0 && !row.is_float && row.channel_bytes < 4);
      const double most =
          std::ldexp(1.0, static_cast<int>(8 * row.channel_bytes - (row.is_signed ? 1 : 0))) - 1;
      for (size_t y = 0; y < kHeight; ++y) {
        for (size_t x = 0; x < kWidth; ++x) {
          const Fetched got =
              Fetch(module, texture, static_cast<float>(x) + 0.9f, static_cast<float>(y) + 0.1f);
          for (unsigned c = 0; c < 4; ++c) {
            SCOPED_TRACE(testing::Message() << row.format << " flags " << flags << " channel " << c);
            const int channel = static_cast<int>(c);
            if (c >= row.channels) {
              const double missing = c == 3 ? 1 : 0;
              ASSERT_EQ(normalized || row.is_float ? got.f(channel) : got.s(channel), missing);
              continue;
            }
            uint32_t raw = 0;
            const size_t at = (y * kWidth + x) * texel_bytes + c * row.channel_bytes;
            std::memcpy(&raw, &bytes[at], row.channel_bytes);
            const auto shift = static_cast<int>(32 - 8 * row.channel_bytes);
            const int32_t number = static_cast<int32_t>(raw << shift) >> shift;
            if (row.is_float) {
              ASSERT_EQ(got.f(channel), 1 + static_cast<float>(at / row.channel_bytes % 8) / 8);
            } else if (normalized) {
              const double value = row.is_signed ? std::max(number / most, -1.0) : raw / most;
              ASSERT_NEAR(got.f(channel), value, 1e-7);
            } else {
              ASSERT_EQ(got.bits[c], row.is_signed ? static_cast<uint32_t>(number) : raw);
            }
          }
        }
      }
      EXPECT_OK(cuTexObjectDestroy(texture));
    }
    EXPECT_OK(cuArrayDestroy(array));
  }
}

TEST_F(Textures, AreFilteredBetweenTexelsAndAddressedOutside) {
  const float texels[] = {0, 1, 2, 3, 10, 11, 12, 13};
  const CUarray array = MakeArray(Shape(4, 2, 0, CU_AD_FORMAT_FLOAT, 1));
  Fill(array, texels, 16, 2);
  const CUmodule module = Load(kTex2D);
  const CUtexObject clamp = Texture(On(array), Sampler(CU_TR_FILTER_MODE_LINEAR, CU_TR_ADDRESS_MODE_CLAMP));
  EXPECT_EQ(Fetch(module, clamp, 2.0f, 1.0f).f(0), 6.5f);
  EXPECT_EQ(Fetch(module, clamp, 1.75f, 0.5f).f(0), 1.25f);
  EXPECT_EQ(Fetch(module, clamp, -9.0f, 9.0f).f(0), 10.0f);
  CUDA_TEXTURE_DESC sampler =
      Sampler(CU_TR_FILTER_MODE_LINEAR, CU_TR_ADDRESS_MODE_WRAP, CU_TRSF_NORMALIZED_COORDINATES);
  const CUtexObject wrap = Texture(On(array), sampler);
  EXPECT_EQ(Fetch(module, wrap, 1.0f, 0.25f).f(0), 1.5f);  // between the last and the first
  EXPECT_EQ(Fetch(module, wrap, -2.875f, 0.25f).f(0), 0.0f);
  for (CUaddress_mode& mode : sampler.addressMode) mode = CU_TR_ADDRESS_MODE_MIRROR;
  const CUtexObject mirror = Texture(On(array), sampler);
  EXPECT_EQ(Fetch(module, mirror, 1.125f, 0.25f).f(0), 3.0f);
  EXPECT_EQ(Fetch(module, mirror, -0.375f, 0.25f).f(0), 1.0f);
  for (CUaddress_mode& mode : sampler.addressMode) mode = CU_TR_ADDRESS_MODE_BORDER;
  sampler.borderColor[0] = 100;
  const CUtexObject border = Texture(On(array), sampler);
  EXPECT_EQ(Fetch(module, border, 0.0f, 0.25f).f(0), 50.0f);
  EXPECT_EQ(Fetch(module, border, 3.0f, 0.25f).f(0), 100.0f);
}

TEST_F(Textures, OneDimensionAndThree) {
  std::vector<float> texels(2 * 3 * 4);
  std::iota(texels.begin(), texels.end(), 0.0f);
  const CUarray line = MakeArray(Shape(24, 0, 0, CU_AD_FORMAT_FLOAT, 1));
  Fill(line, texels.data(), 96, 1);
  const CUmodule tex1d = Load("tex.1d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0}];");
  EXPECT_EQ(
      Fetch(tex1d, Texture(On(line), Sampler(CU_TR_FILTER_MODE_LINEAR, CU_TR_ADDRESS_MODE_CLAMP)), 7.0f).f(0),
      6.5f);
  const CUarray box = MakeArray(Shape(2, 3, 4, CU_AD_FORMAT_FLOAT, 1));
  Fill(box, texels.data(), 8, 3, 4);
  const CUmodule tex3d = Load("tex.3d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0, %c1, %c2, %c3}];");
  const CUtexObject texture = Texture(On(box), Sampler(CU_TR_FILTER_MODE_LINEAR, CU_TR_ADDRESS_MODE_CLAMP));
  EXPECT_EQ(Fetch(tex3d, texture, 1.0f, 1.5f, 2.0f).f(0), 0.5f + 2 + 9);
  EXPECT_EQ(Fetch(tex3d, texture, 1.5f, 2.5f, 3.5f).f(0), 23.0f);
}

TEST_F(Textures, LayersAreNotFiltered) {
  const float texels[] = {0, 1, 10, 11, 20, 21};
  const CUarray lines = MakeArray(Shape(2, 0, 3, CU_AD_FORMAT_FLOAT, 1, CUDA_ARRAY3D_LAYERED));
  Fill(lines, texels, 8, 1, 3);
  const CUmodule a1d = Load("tex.a1d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%i0, %c1}];");
  const CUtexObject texture = Texture(On(lines), Sampler(CU_TR_FILTER_MODE_LINEAR, CU_TR_ADDRESS_MODE_CLAMP));
  EXPECT_EQ(Fetch(a1d, texture, 1, 1.0f).f(0), 10.5f);
  EXPECT_EQ(Fetch(a1d, texture, 7, 0.5f).f(0), 20.0f) << "the last layer";
  const CUarray planes = MakeArray(Shape(1, 2, 3, CU_AD_FORMAT_FLOAT, 1, CUDA_ARRAY3D_LAYERED));
  Fill(planes, texels, 4, 2, 3);
  const CUmodule a2d = Load("tex.a2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%i0, %c1, %c2, %c3}];");
  EXPECT_EQ(Fetch(a2d, Texture(On(planes), Point()), 2, 0.5f, 1.5f).f(0), 21.0f);
}

TEST_F(Textures, CubesAreDirections) {
  float texels[2 * 6 * 4];
  for (int i = 0; i < 48; ++i) texels[i] = static_cast<float>(i / 4);
  constexpr unsigned kCubes = CUDA_ARRAY3D_CUBEMAP | CUDA_ARRAY3D_LAYERED;
  const CUarray cube = MakeArray(Shape(2, 2, 6, CU_AD_FORMAT_FLOAT, 1, CUDA_ARRAY3D_CUBEMAP));
  Fill(cube, texels, 8, 2, 6);
  const CUmodule tex = Load("tex.cube.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0, %c1, %c2, %c3}];");
  const CUtexObject texture = Texture(On(cube), Point(CU_TRSF_NORMALIZED_COORDINATES));
  const float directions[6][3] = {{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}};
  for (int i = 0; i < 6; ++i) {
    const float* const d = directions[i];
    EXPECT_EQ(Fetch(tex, texture, d[0], d[1], d[2]).f(0), static_cast<float>(i));
  }
  const CUarray cubes = MakeArray(Shape(2, 2, 12, CU_AD_FORMAT_FLOAT, 1, kCubes));
  Fill(cubes, texels, 8, 2, 12);
  const CUmodule acube = Load("tex.acube.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%i0, %c1, %c2, %c3}];");
  EXPECT_EQ(
      Fetch(acube, Texture(On(cubes), Point(CU_TRSF_NORMALIZED_COORDINATES)), 1, 0.0f, -1.0f, 0.0f).f(0),
      9.0f);
}

TEST_F(Textures, MipmapsHaveLevels) {
  const CUDA_ARRAY3D_DESCRIPTOR shape = Shape(8, 4, 0, CU_AD_FORMAT_FLOAT, 1);
  CUmipmappedArray mipmap = nullptr;
  ASSERT_OK(cuMipmappedArrayCreate(&mipmap, &shape, 99));
  for (unsigned i = 0; i < 4; ++i) {
    CUarray level = nullptr;
    ASSERT_OK(cuMipmappedArrayGetLevel(&level, mipmap, i));
    CUDA_ARRAY_DESCRIPTOR part = {};
    ASSERT_OK(cuArrayGetDescriptor(&part, level));
    EXPECT_EQ(part.Width, std::max(8u >> i, 1u));
    EXPECT_EQ(part.Height, std::max(4u >> i, 1u));
    const std::vector<float> texels(part.Width * part.Height, static_cast<float>(i));
    Fill(level, texels.data(), part.Width * 4, part.Height);
    EXPECT_EQ(cuArrayDestroy(level), CUDA_ERROR_INVALID_HANDLE);
  }
  CUarray none = nullptr;
  EXPECT_EQ(cuMipmappedArrayGetLevel(&none, mipmap, 4), CUDA_ERROR_INVALID_VALUE);
  CUDA_RESOURCE_DESC resource = {};
  resource.resType = CU_RESOURCE_TYPE_MIPMAPPED_ARRAY;
  resource.res.mipmap.hMipmappedArray = mipmap;
  CUDA_TEXTURE_DESC sampler = Point(CU_TRSF_NORMALIZED_COORDINATES);
  sampler.mipmapFilterMode = CU_TR_FILTER_MODE_LINEAR;
  sampler.maxMipmapLevelClamp = 10;
  const CUtexObject texture = Texture(resource, sampler);
  const CUmodule level = Load("tex.level.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0, %c1}], %c2;");
  EXPECT_EQ(Fetch(level, texture, 0.5f, 0.5f, 1.5f).f(0), 1.5f);
  EXPECT_EQ(Fetch(level, texture, 0.5f, 0.5f, 77.0f).f(0), 3.0f);
  const CUmodule grad =
      Load("tex.grad.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0, %c1}], {%c2, %c3}, {%c3, %c3};");
  EXPECT_NEAR(Fetch(grad, texture, 0.5f, 0.5f, 0.25f, 0.0f).f(0), 1.0f, 0.01);
  const CUmodule base = Load("tex.base.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0, %c1}];");
  EXPECT_EQ(Fetch(base, texture, 0.5f, 0.5f).f(0), 0.0f);
  const CUmodule query = Load(
      "txq.width.b32 %r0, [%h];\n  txq.height.b32 %r1, [%h];\n  txq.num_mipmap_levels.b32 %r2, [%h];\n"
      "  txq.level.width.b32 %r3, [%h], 1;");
  EXPECT_EQ(Fetch(query, texture).bits, (std::array<uint32_t, 4>{8, 4, 4, 4}));
  CUDA_RESOURCE_VIEW_DESC view = {};
  view.width = 8;
  view.height = 4;
  view.firstMipmapLevel = 1;
  view.lastMipmapLevel = 2;
  EXPECT_EQ(CreateFails(resource, sampler, &view), CUDA_SUCCESS);
  EXPECT_EQ(Fetch(base, Texture(resource, sampler, &view), 0.5f, 0.5f).f(0), 1.0f);
  view.lastMipmapLevel = 4;
  EXPECT_EQ(CreateFails(resource, sampler, &view), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuMipmappedArrayDestroy(mipmap));
  EXPECT_EQ(cuMipmappedArrayDestroy(mipmap), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(Textures, MemoryIsATextureOfOneRow) {
  const int32_t numbers[] = {-5, 6, -7, 8};
  CUDA_RESOURCE_DESC resource = {};
  resource.resType = CU_RESOURCE_TYPE_LINEAR;
  ASSERT_OK(cuMemAlloc(&resource.res.linear.devPtr, 1024));
  ASSERT_OK(cuMemcpyHtoD(resource.res.linear.devPtr, numbers, sizeof numbers));
  resource.res.linear.format = CU_AD_FORMAT_SIGNED_INT32;
  resource.res.linear.numChannels = 1;
  resource.res.linear.sizeInBytes = sizeof numbers;
  const CUtexObject texture = Texture(resource, Point());
  const CUmodule fetch = Load("tex.1d.v4.s32.s32 {%r0, %r1, %r2, %r3}, [%h, {%i0}];");
  EXPECT_EQ(Fetch(fetch, texture, 2).s(0), -7);
  EXPECT_EQ(Fetch(fetch, texture, 4).s(0), 0);
  EXPECT_EQ(Fetch(fetch, texture, -1).s(0), 0);
  EXPECT_EQ(Fetch(fetch, texture, std::numeric_limits<int32_t>::max()).s(0), 0);
}

TEST_F(Textures, MemoryWithAPitchIsAPlane) {
  const CUDA_RESOURCE_DESC resource = Pitched(5, 3, 64);
  const CUtexObject texture = Texture(resource, Sampler(CU_TR_FILTER_MODE_LINEAR, CU_TR_ADDRESS_MODE_CLAMP));
  const CUmodule module = Load(kTex2D);
  EXPECT_EQ(Fetch(module, texture, 2.0f, 2.0f).f(0), 1.5f + 7.5f);
  EXPECT_EQ(Fetch(module, texture, 99.0f, 99.0f).f(0), 14.0f);
}

TEST_F(Textures, GatherCompareOffsetAndHalfResults) {
  std::vector<float> texels(64);
  std::iota(texels.begin(), texels.end(), 0.0f);
  const CUarray array = MakeArray(Shape(8, 8, 0, CU_AD_FORMAT_FLOAT, 1, CUDA_ARRAY3D_TEXTURE_GATHER));
  Fill(array, texels.data(), 32, 8);
  const CUtexObject texture = Texture(On(array), Sampler(CU_TR_FILTER_MODE_LINEAR, CU_TR_ADDRESS_MODE_CLAMP));
  const CUmodule gather = Load("tld4.r.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0, %c1}];");
  const Fetched four = Fetch(gather, texture, 3.0f, 5.0f);
  EXPECT_EQ(four.f(0), 5 * 8 + 2);
  EXPECT_EQ(four.f(1), 5 * 8 + 3);
  EXPECT_EQ(four.f(2), 4 * 8 + 3);
  EXPECT_EQ(four.f(3), 4 * 8 + 2);
  const CUmodule compare = Load("tex.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0, %c1}], {0, 0}, %c2;");
  EXPECT_EQ(Fetch(compare, texture, 3.0f, 5.0f, 40.0f).f(0), 0.5f);
  const CUmodule depth_only = Load("tex.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0, %c1}], %c2;");
  EXPECT_EQ(Fetch(depth_only, texture, 3.0f, 5.0f, 43.0f).f(0), 0.25f);
  const CUmodule offset = Load("tex.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0, %c1}], {%i2, %i3};");
  EXPECT_EQ(Fetch(offset, texture, 3.5f, 5.5f, -2, 1).f(0), 6 * 8 + 1);
  const CUmodule half = Load(
      "tex.2d.v4.f16.f32 {%q0, %q1, %q2, %q3}, [%h, {%c0, %c1}];\n  cvt.u32.u16 %r0, %q0;\n  cvt.u32.u16 "
      "%r3, %q3;\n"
      "  tex.2d.v2.f16x2.f32 {%r1, %r2}, [%h, {%c0, %c1}];");
  EXPECT_EQ(Fetch(half, texture, 1.5f, 0.5f).bits,
            (std::array<uint32_t, 4>{0x3c00, 0x3c00, 0x3c000000, 0x3c00}));
  const CUmodule resident =
      Load("tex.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}|%p, [%h, {%c0, %c1}];\n  selp.b32 %r1, 7, 8, %p;");
  EXPECT_EQ(Fetch(resident, texture, 1.5f, 0.5f).bits[1], 7u);
}

TEST_F(Textures, ViewsReinterpretTexels) {
  const uint32_t words[] = {0x3f800000, 0xc0000000, 1, 2};
  const CUarray array = MakeArray(Shape(4, 1, 0, CU_AD_FORMAT_UNSIGNED_INT32, 1));
  Fill(array, words, 16, 1);
  CUDA_RESOURCE_VIEW_DESC view = {};
  view.format = CU_RES_VIEW_FORMAT_FLOAT_1X32;
  view.width = 4;
  view.height = 1;
  const CUtexObject texture = Texture(On(array), Point(), &view);
  const CUmodule module = Load(kTex2D);
  EXPECT_EQ(Fetch(module, texture, 1.5f, 0.5f).f(0), -2.0f);
  CUDA_RESOURCE_VIEW_DESC got = {};
  ASSERT_OK(cuTexObjectGetResourceViewDesc(&got, texture));
  EXPECT_EQ(got.format, view.format);
  view.format = CU_RES_VIEW_FORMAT_FLOAT_2X32;
  EXPECT_EQ(CreateFails(On(array), Point(), &view), CUDA_ERROR_INVALID_VALUE);
  // BC1: one block a texel of two words, four times as wide and high.
  const uint32_t block[] = {0x001ff800, 0xffffffe4};
  const CUarray blocks = MakeArray(Shape(1, 1, 0, CU_AD_FORMAT_UNSIGNED_INT32, 2));
  Fill(blocks, block, 8, 1);
  view.format = CU_RES_VIEW_FORMAT_UNSIGNED_BC1;
  view.width = view.height = 4;
  const CUtexObject compressed = Texture(On(blocks), Point(), &view);
  EXPECT_EQ(Fetch(module, compressed, 0.5f, 0.5f).f(0), 1.0f);
  EXPECT_EQ(Fetch(module, compressed, 1.5f, 0.5f).f(2), 1.0f);
  EXPECT_NEAR(Fetch(module, compressed, 2.5f, 0.5f).f(0), 2 / 3.0, 1e-6);
  view.width = 1;
  EXPECT_EQ(CreateFails(On(blocks), Point(), &view), CUDA_ERROR_INVALID_VALUE);
  view.format = CU_RES_VIEW_FORMAT_UNSIGNED_BC6H;
  EXPECT_EQ(CreateFails(On(blocks), Point(), &view), CUDA_ERROR_NOT_SUPPORTED);
}

TEST_F(Textures, SrgbBecomesLinear) {
  const uint8_t texel[] = {188, 10, 255, 128};
  const CUarray array = MakeArray(Shape(1, 1, 0, CU_AD_FORMAT_UNSIGNED_INT8, 4));
  Fill(array, texel, 4, 1);
  const Fetched got = Fetch(Load(kTex2D), Texture(On(array), Point(CU_TRSF_SRGB)), 0.5f, 0.5f);
  EXPECT_NEAR(got.f(0), std::pow((188 / 255.0 + 0.055) / 1.055, 2.4), 1e-6);
  EXPECT_NEAR(got.f(1), 10 / 255.0 / 12.92, 1e-6);
  EXPECT_EQ(got.f(2), 1.0f);
  EXPECT_NEAR(got.f(3), 128 / 255.0, 1e-6);
}

TEST_F(Textures, TellWhatTheyWereMadeOf) {
  const CUarray array = MakeArray(Shape(4, 4, 0, CU_AD_FORMAT_FLOAT, 1));
  CUDA_TEXTURE_DESC sampler = Sampler(CU_TR_FILTER_MODE_LINEAR, CU_TR_ADDRESS_MODE_MIRROR,
                                      CU_TRSF_NORMALIZED_COORDINATES | CU_TRSF_SEAMLESS_CUBEMAP);
  sampler.maxAnisotropy = 8;
  const CUtexObject texture = Texture(On(array), sampler);
  CUDA_RESOURCE_DESC resource = {};
  ASSERT_OK(cuTexObjectGetResourceDesc(&resource, texture));
  EXPECT_EQ(resource.resType, CU_RESOURCE_TYPE_ARRAY);
  EXPECT_EQ(resource.res.array.hArray, array);
  CUDA_TEXTURE_DESC got = {};
  ASSERT_OK(cuTexObjectGetTextureDesc(&got, texture));
  EXPECT_EQ(std::memcmp(&got, &sampler, sizeof got), 0);
  CUDA_RESOURCE_VIEW_DESC view = {};
  EXPECT_EQ(cuTexObjectGetResourceViewDesc(&view, texture), CUDA_ERROR_INVALID_VALUE)
      << "made without a view";
  EXPECT_OK(cuTexObjectDestroy(texture));
  EXPECT_EQ(cuTexObjectDestroy(texture), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuTexObjectGetResourceDesc(&resource, texture), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuTexObjectGetTextureDesc(&got, 0), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Textures, WhatCannotBeIsRefused) {
  const CUarray array = MakeArray(Shape(4, 4, 0, CU_AD_FORMAT_UNSIGNED_INT32, 1));
  CUDA_RESOURCE_DESC resource = On(array);
  CUtexObject object = 0;
  const CUDA_TEXTURE_DESC point = Point();
  EXPECT_EQ(cuTexObjectCreate(nullptr, &resource, &point, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuTexObjectCreate(&object, nullptr, &point, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuTexObjectCreate(&object, &resource, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(CreateFails(resource, Sampler(static_cast<CUfilter_mode>(2), CU_TR_ADDRESS_MODE_CLAMP)),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(CreateFails(resource, Sampler(CU_TR_FILTER_MODE_POINT, static_cast<CUaddress_mode>(4))),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(CreateFails(resource, Point(0x800)), CUDA_ERROR_INVALID_VALUE);
  resource.flags = 1;
  EXPECT_EQ(CreateFails(resource, point), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(CreateFails(On(nullptr), point), CUDA_ERROR_INVALID_HANDLE);
  resource = On(array);
  resource.resType = static_cast<CUresourcetype>(9);
  EXPECT_EQ(CreateFails(resource, point), CUDA_ERROR_INVALID_VALUE);
  CUDA_RESOURCE_DESC plane = Pitched(5, 3, 64);
  plane.res.pitch2D.devPtr += 16;
  EXPECT_EQ(CreateFails(plane, point), CUDA_ERROR_INVALID_VALUE) << "alignment";
  plane.res.pitch2D.devPtr -= 16;
  plane.res.pitch2D.pitchInBytes = 40;
  EXPECT_EQ(CreateFails(plane, point), CUDA_ERROR_INVALID_VALUE) << "alignment of the pitch";
  plane.res.pitch2D.pitchInBytes = 64;
  plane.res.pitch2D.width = 17;
  EXPECT_EQ(CreateFails(plane, point), CUDA_ERROR_INVALID_VALUE) << "wider than its pitch";
  plane.res.pitch2D.width = 5;
  plane.res.pitch2D.numChannels = 3;
  EXPECT_EQ(CreateFails(plane, point), CUDA_ERROR_INVALID_VALUE);
  plane.res.pitch2D.numChannels = 1;
  CUDA_RESOURCE_VIEW_DESC view = {};
  EXPECT_EQ(CreateFails(plane, point, &view), CUDA_ERROR_INVALID_VALUE) << "memory has no views";
  CUDA_RESOURCE_DESC linear = {};
  linear.resType = CU_RESOURCE_TYPE_LINEAR;
  linear.res.linear.devPtr = plane.res.pitch2D.devPtr;
  linear.res.linear.format = CU_AD_FORMAT_FLOAT;
  linear.res.linear.numChannels = 1;
  EXPECT_EQ(CreateFails(linear, point), CUDA_ERROR_INVALID_VALUE) << "no texel";
  linear.res.linear.sizeInBytes = size_t{5} << 30;
  EXPECT_EQ(CreateFails(linear, point), CUDA_ERROR_INVALID_VALUE) << "too many texels";
}

// Programs destroy objects right behind the launch that uses them.
TEST_F(Textures, DestroyedOnesServeTheKernelsLaunchedBefore) {
  const float texel = 5;
  const CUarray array = MakeArray(Shape(1, 1, 0, CU_AD_FORMAT_FLOAT, 1));
  Fill(array, &texel, 4, 1);
  const CUmodule module = Load(kTex2D);
  CUfunction function = nullptr;
  ASSERT_OK(cuModuleGetFunction(&function, module, "fetch"));
  CUstream stream = nullptr;
  ASSERT_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  Gate gate;
  ASSERT_OK(gate.Hold(stream));
  CUtexObject texture = Texture(On(array), Point());
  float c[4] = {};
  void* arguments[] = {&out_, &texture, &c[0], &c[1], &c[2], &c[3]};
  ASSERT_OK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, stream, arguments, nullptr));
  ASSERT_OK(cuTexObjectDestroy(texture));
  EXPECT_EQ(cuTexObjectDestroy(texture), CUDA_ERROR_INVALID_VALUE);
  gate.Open();
  ASSERT_OK(cuStreamSynchronize(stream));
  Fetched got = {};
  ASSERT_OK(cuMemcpyDtoH(&got, out_, sizeof got));
  EXPECT_EQ(got.f(0), 5.0f);
}

// A bad handle in a kernel is a fault of the kernel: the process goes on, with a new context.
TEST_F(Textures, BadHandlesFault) {
  const auto destroyed = [&] {
    const CUtexObject object = Texture(On(MakeArray(Shape(4, 4, 0, CU_AD_FORMAT_FLOAT, 1))), Point());
    EXPECT_OK(cuTexObjectDestroy(object));
    return object;
  };
  const std::function<uint64_t()> handles[] = {
      [] { return uint64_t{0}; },     [] { return uint64_t{0x1234}; },
      [] { return ~uint64_t{0}; },    [] { return uint64_t{0xdead'beef'0000'0000}; },
      [&] { return uint64_t{out_}; }, destroyed};
  for (const auto& handle : handles) {
    const CUmodule module = Load(kTex2D);
    EXPECT_OK(Launch(module, handle(), 1.0f, 1.0f));
    EXPECT_EQ(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
    TearDown();
    SetUp();
  }
  EXPECT_OK(cuCtxSynchronize());
}

}  // namespace
