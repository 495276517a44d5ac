// Surface objects: loads, stores and reductions of kernels, in and out of bounds.
#include "tests/api/texture_fixture.h"

namespace {

class Surfaces : public TextureFixture {
 protected:
  CUsurfObject Surface(CUarray array) {
    const CUDA_RESOURCE_DESC resource = On(array);
    CUsurfObject object = 0;
    EXPECT_OK(cuSurfObjectCreate(&object, &resource));
    return object;
  }

  template <typename T>
  std::vector<T> Contents(CUarray array, size_t row_bytes, size_t rows, size_t slices = 1) {
    std::vector<T> contents(row_bytes * rows * slices / sizeof(T));
    CUDA_MEMCPY3D copy = {};
    copy.srcMemoryType = CU_MEMORYTYPE_ARRAY;
    copy.srcArray = array;
    copy.dstMemoryType = CU_MEMORYTYPE_HOST;
    copy.dstHost = contents.data();
    copy.dstPitch = row_bytes;
    copy.dstHeight = rows;
    copy.WidthInBytes = row_bytes;
    copy.Height = rows;
    copy.Depth = slices;
    EXPECT_OK(cuMemcpy3D(&copy));
    return contents;
  }

  // Launches, and starts over with a new context when the kernel faulted.
  template <typename... Coordinates>
  CUresult Run(const std::string& instruction, CUsurfObject surface, Coordinates... coordinates) {
    const CUmodule module = Load(instruction);
    if (const CUresult launched = Launch(module, surface, coordinates...); launched != CUDA_SUCCESS)
      return launched;
    return cuCtxSynchronize();
  }
};

TEST_F(Surfaces, EveryWidthGoesInAndOut) {
  const CUarray array = MakeArray(Shape(4, 4, 0, CU_AD_FORMAT_UNSIGNED_INT32, 4, CUDA_ARRAY3D_SURFACE_LDST));
  const CUsurfObject surface = Surface(array);
  struct Row {
    const char* store;
    const char* load;
    int32_t x_bytes;
    std::vector<uint8_t> bytes;
  };
  const Row rows[] = {
      {"sust.b.2d.b8.trap [%h, {%i0, %i1}], %i2;",
       "suld.b.2d.b8.trap %q0, [%h, {%i0, %i1}];\n  cvt.u32.u16 %r0, %q0;",
       5,
       {0x44}},
      {"sust.b.2d.b16.trap [%h, {%i0, %i1}], %i2;",
       "suld.b.2d.b16.trap %q0, [%h, {%i0, %i1}];\n  cvt.u32.u16 %r0, %q0;",
       6,
       {0x44, 0x33}},
      {"sust.b.2d.b32.trap [%h, {%i0, %i1}], %i2;",
       "suld.b.2d.b32.trap %r0, [%h, {%i0, %i1}];",
       8,
       {0x44, 0x33, 0x22, 0x11}},
      {"sust.b.2d.v2.b32.trap [%h, {%i0, %i1}], {%i2, %i3};",
       "suld.b.2d.v2.b32.trap {%r0, %r1}, [%h, {%i0, %i1}];",
       16,
       {0x44, 0x33, 0x22, 0x11, 0x88}},
      {"sust.b.2d.v4.b32.trap [%h, {%i0, %i1}], {%i2, %i3, %i2, %i3};",
       "suld.b.2d.v4.b32.trap {%r0, %r1, %r2, %r3}, [%h, {%i0, %i1}];",
       48,
       {0x44, 0x33, 0x22, 0x11, 0x88}},
      {"mov.b64 %w0, {%i2, %i3};\n  sust.b.2d.b64.trap [%h, {%i0, %i1}], %w0;",
       "suld.b.2d.b64.trap %w0, [%h, {%i0, %i1}];\n  mov.b64 {%r0, %r1}, %w0;",
       24,
       {0x44, 0x33, 0x22, 0x11, 0x88}},
      {"sust.b.2d.v4.b8.clamp [%h, {%i0, %i1}], {%i2, %i3, %i2, %i3};",
       "suld.b.2d.v4.b8.clamp {%q0, %q1, %q2, %q3}, [%h, {%i0, %i1}];\n  cvt.u32.u16 %r0, %q0;\n  "
       "cvt.u32.u16 %r1, %q1;",
       60,
       {0x44, 0x88, 0x44, 0x88}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.store);
    ASSERT_EQ(Run(row.store, surface, row.x_bytes, 2, 0x11223344, 0x55667788), CUDA_SUCCESS);
    const std::vector<uint8_t> contents = Contents<uint8_t>(array, 64, 4);
    for (size_t i = 0; i < row.bytes.size(); ++i) {
      EXPECT_EQ(contents[2 * 64 + static_cast<size_t>(row.x_bytes) + i], row.bytes[i]) << i;
    }
    const Fetched got = Fetch(Load(row.load), surface, row.x_bytes, 2);
    uint32_t first = 0;
    std::memcpy(&first, row.bytes.data(), std::min<size_t>(row.bytes.size(), 4));
    if (row.store[10] == 'v' && row.store[13] == 'b' && row.store[14] == '8') first = 0x44;
    EXPECT_EQ(got.bits[0], first);
  }
}

TEST_F(Surfaces, GeometriesAddressTheirAxes) {
  std::vector<uint32_t> zeros(64);
  const CUarray line = MakeArray(Shape(8, 0, 0, CU_AD_FORMAT_UNSIGNED_INT32, 1, CUDA_ARRAY3D_SURFACE_LDST));
  Fill(line, zeros.data(), 32, 1);
  ASSERT_EQ(Run("sust.b.1d.b32.trap [%h, {%i0}], %i1;", Surface(line), 12, 7), CUDA_SUCCESS);
  EXPECT_EQ(Contents<uint32_t>(line, 32, 1)[3], 7u);
  const CUarray box = MakeArray(Shape(2, 3, 4, CU_AD_FORMAT_UNSIGNED_INT32, 1, CUDA_ARRAY3D_SURFACE_LDST));
  Fill(box, zeros.data(), 8, 3, 4);
  ASSERT_EQ(Run("sust.b.3d.b32.trap [%h, {%i0, %i1, %i2, %i2}], %i3;", Surface(box), 4, 2, 3, 9),
            CUDA_SUCCESS);
  EXPECT_EQ(Contents<uint32_t>(box, 8, 3, 4)[23], 9u);
  constexpr unsigned kLayered = CUDA_ARRAY3D_SURFACE_LDST | CUDA_ARRAY3D_LAYERED;
  const CUarray lines = MakeArray(Shape(4, 0, 3, CU_AD_FORMAT_UNSIGNED_INT32, 1, kLayered));
  Fill(lines, zeros.data(), 16, 1, 3);
  ASSERT_EQ(Run("sust.b.a1d.b32.trap [%h, {%i0, %i1}], %i2;", Surface(lines), 2, 8, 5), CUDA_SUCCESS);
  EXPECT_EQ(Contents<uint32_t>(lines, 16, 1, 3)[10], 5u);
  const CUarray planes = MakeArray(Shape(2, 2, 3, CU_AD_FORMAT_UNSIGNED_INT32, 1, kLayered));
  Fill(planes, zeros.data(), 8, 2, 3);
  ASSERT_EQ(Run("sust.b.a2d.b32.trap [%h, {%i0, %i1, %i2, %i2}], %i3;", Surface(planes), 2, 4, 1, 6),
            CUDA_SUCCESS);
  EXPECT_EQ(Contents<uint32_t>(planes, 8, 2, 3)[11], 6u);
  const CUmodule query = Load(
      "suq.width.b32 %r0, [%h];\n  suq.height.b32 %r1, [%h];\n  suq.array_size.b32 %r2, [%h];\n"
      "  suq.channel_order.b32 %r3, [%h];");
  EXPECT_EQ(Fetch(query, Surface(planes)).bits, (std::array<uint32_t, 4>{2, 2, 3, 0x10b0}));
}

TEST_F(Surfaces, OutsideIsClampedZeroOrAFault) {
  const uint32_t words[] = {1, 2, 3, 4, 5, 6};
  const CUarray array = MakeArray(Shape(3, 2, 0, CU_AD_FORMAT_UNSIGNED_INT32, 1, CUDA_ARRAY3D_SURFACE_LDST));
  Fill(array, words, 12, 2);
  const CUsurfObject surface = Surface(array);
  const CUmodule zero = Load("mov.b32 %r0, 77;\n  suld.b.2d.b32.zero %r0, [%h, {%i0, %i1}];");
  EXPECT_EQ(Fetch(zero, surface, 8, 1).bits[0], 6u);
  EXPECT_EQ(Fetch(zero, surface, 12, 1).bits[0], 0u);
  EXPECT_EQ(Fetch(zero, surface, 0, -1).bits[0], 0u);
  const CUmodule clamp = Load("suld.b.2d.b32.clamp %r0, [%h, {%i0, %i1}];");
  EXPECT_EQ(Fetch(clamp, surface, 400, -7).bits[0], 3u);
  ASSERT_EQ(Run("sust.b.2d.b32.zero [%h, {%i0, %i1}], %i2;", surface, 12, 1, 99), CUDA_SUCCESS);
  ASSERT_EQ(Run("sust.b.2d.b32.clamp [%h, {%i0, %i1}], %i2;", surface, -4, 9, 99), CUDA_SUCCESS);
  EXPECT_EQ(Contents<uint32_t>(array, 12, 2), (std::vector<uint32_t>{1, 2, 3, 99, 5, 6}));
  EXPECT_EQ(Run("sust.b.2d.b32.trap [%h, {%i0, %i1}], %i2;", surface, 12, 1, 99), CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_F(Surfaces, MisalignedBytesFault) {
  const CUarray array = MakeArray(Shape(8, 2, 0, CU_AD_FORMAT_UNSIGNED_INT32, 1, CUDA_ARRAY3D_SURFACE_LDST));
  EXPECT_EQ(Run("suld.b.2d.b32.trap %r0, [%h, {%i0, %i1}];", Surface(array), 2, 0),
            CUDA_ERROR_MISALIGNED_ADDRESS);
}

TEST_F(Surfaces, FormattedStoresConvert) {
  const CUarray array = MakeArray(Shape(2, 2, 0, CU_AD_FORMAT_UNORM_INT8X4, 4, CUDA_ARRAY3D_SURFACE_LDST));
  const uint8_t zeros[16] = {};
  Fill(array, zeros, 8, 2);
  ASSERT_EQ(Run("sust.p.2d.v4.f32.trap [%h, {1, 1}], {%c0, %c1, %c2, %c3};", Surface(array), 1.0f, 0.5f,
                -1.0f, 0.2f),
            CUDA_SUCCESS);
  const std::vector<uint8_t> contents = Contents<uint8_t>(array, 8, 2);
  EXPECT_EQ(std::vector<uint8_t>(contents.begin() + 12, contents.end()),
            (std::vector<uint8_t>{255, 128, 0, 51}));
}

TEST_F(Surfaces, ReductionsAreOfTheSurfacesType) {
  const int32_t words[] = {-5, 10, 6, -1};
  const CUarray array = MakeArray(Shape(4, 1, 0, CU_AD_FORMAT_SIGNED_INT32, 1, CUDA_ARRAY3D_SURFACE_LDST));
  Fill(array, words, 16, 1);
  const CUsurfObject surface = Surface(array);
  ASSERT_EQ(Run("sured.b.add.2d.u32.trap [%h, {%i0, %i1}], %i2;", surface, 0, 0, 7), CUDA_SUCCESS);
  ASSERT_EQ(Run("sured.p.min.2d.b32.trap [%h, {%i0, %i1}], %i2;", surface, 1, 0, -3), CUDA_SUCCESS);
  ASSERT_EQ(Run("sured.b.and.2d.b32.trap [%h, {%i0, %i1}], %i2;", surface, 8, 0, 3), CUDA_SUCCESS);
  ASSERT_EQ(Run("sured.b.max.2d.u32.zero [%h, {%i0, %i1}], %i2;", surface, 12, 0, 3), CUDA_SUCCESS);
  ASSERT_EQ(Run("sured.b.max.2d.u32.zero [%h, {%i0, %i1}], %i2;", surface, 16, 0, 3), CUDA_SUCCESS);
  EXPECT_EQ(Contents<int32_t>(array, 16, 1), (std::vector<int32_t>{2, -3, 2, -1}));
}

TEST_F(Surfaces, WhatCannotBeIsRefused) {
  const CUarray plain = MakeArray(Shape(4, 4, 0, CU_AD_FORMAT_FLOAT, 1));
  CUDA_RESOURCE_DESC resource = On(plain);
  CUsurfObject object = 0;
  EXPECT_EQ(cuSurfObjectCreate(&object, &resource), CUDA_ERROR_INVALID_VALUE) << "made without SURFACE_LDST";
  EXPECT_EQ(cuSurfObjectCreate(nullptr, &resource), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuSurfObjectCreate(&object, nullptr), CUDA_ERROR_INVALID_VALUE);
  resource = On(nullptr);
  EXPECT_EQ(cuSurfObjectCreate(&object, &resource), CUDA_ERROR_INVALID_HANDLE);
  resource.resType = CU_RESOURCE_TYPE_LINEAR;
  EXPECT_EQ(cuSurfObjectCreate(&object, &resource), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuSurfObjectDestroy(0), CUDA_ERROR_INVALID_VALUE);
  const CUarray array = MakeArray(Shape(4, 4, 0, CU_AD_FORMAT_FLOAT, 1, CUDA_ARRAY3D_SURFACE_LDST));
  object = Surface(array);
  ASSERT_OK(cuSurfObjectGetResourceDesc(&resource, object));
  EXPECT_EQ(resource.res.array.hArray, array);
  EXPECT_OK(cuSurfObjectDestroy(object));
  EXPECT_EQ(cuSurfObjectGetResourceDesc(&resource, object), CUDA_ERROR_INVALID_VALUE);
  // A texture is no surface, in a kernel either.
  EXPECT_EQ(Run("suld.b.2d.b32.zero %r0, [%h, {%i0, %i1}];", Texture(On(array), Point()), 0, 0),
            CUDA_ERROR_ILLEGAL_ADDRESS);
}

}  // namespace
