// Kernels that fetch from textures, arrays with contents, and objects on them.
#pragma once

#include <cuda.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "tests/api/context_fixture.h"

// What a fetch gives, as bits and as floats.
struct Fetched {
  std::array<uint32_t, 4> bits;
  float f(int c) const {
    float value;
    std::memcpy(&value, &bits[static_cast<size_t>(c)], sizeof value);
    return value;
  }
  int32_t s(int c) const { return static_cast<int32_t>(bits[static_cast<size_t>(c)]); }
};

class TextureFixture : public ContextFixture {
 protected:
  // A kernel of one thread: `instruction` with the handle in %h and four coordinates in %c0 .. %c3 (floats)
  // and %i0 .. %i3 (the same bits) gives {%r0, %r1, %r2, %r3}.
  static std::string KernelText(const std::string& declarations, const std::string& instruction) {
    return ".version 8.0\n.target sm_80\n.address_size 64\n" + declarations +
           ".visible .entry fetch(.param .u64 out, .param .u64 handle, .param .f32 c0, .param .f32 c1,\n"
           "                      .param .f32 c2, .param .f32 c3) {\n"
           "  .reg .b64 %o, %h;\n  .reg .f32 %c0, %c1, %c2, %c3;\n  .reg .b32 %i0, %i1, %i2, %i3;\n"
           "  .reg .b32 %r0, %r1, %r2, %r3;\n  .reg .b16 %q0, %q1, %q2, %q3;\n  .reg .b64 %w0, %w1;\n"
           "  .reg .pred %p;\n"
           "  ld.param.u64 %o, [out];\n  ld.param.u64 %h, [handle];\n"
           "  ld.param.f32 %c0, [c0];\n  ld.param.f32 %c1, [c1];\n  ld.param.f32 %c2, [c2];\n"
           "  ld.param.f32 %c3, [c3];\n  mov.b32 %i0, %c0;\n  mov.b32 %i1, %c1;\n  mov.b32 %i2, %c2;\n"
           "  mov.b32 %i3, %c3;\n  mov.b32 %r0, 0;\n  mov.b32 %r1, 0;\n  mov.b32 %r2, 0;\n  mov.b32 %r3, "
           "0;\n  " +
           instruction + "\n  st.global.v4.b32 [%o], {%r0, %r1, %r2, %r3};\n  ret;\n}\n";
  }

  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuMemAlloc(&out_, sizeof(Fetched)));
  }

  CUmodule Load(const std::string& instruction, const std::string& declarations = "") {
    CUmodule module = nullptr;
    EXPECT_OK(cuModuleLoadData(&module, KernelText(declarations, instruction).c_str()));
    return module;
  }

  template <typename... Coordinates>
  CUresult Launch(CUmodule module, uint64_t handle, Coordinates... coordinates) {
    CUfunction function = nullptr;
    if (const CUresult result = cuModuleGetFunction(&function, module, "fetch"); result != CUDA_SUCCESS)
      return result;
    uint32_t c[4] = {};
    size_t i = 0;
    ((std::memcpy(&c[i++], &coordinates, 4)), ...);
    void* arguments[] = {&out_, &handle, &c[0], &c[1], &c[2], &c[3]};
    return cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, arguments, nullptr);
  }

  // Coordinates are floats or 32-bit integers.
  template <typename... Coordinates>
  Fetched Fetch(CUmodule module, uint64_t handle, Coordinates... coordinates) {
    Fetched fetched = {};
    EXPECT_OK(Launch(module, handle, coordinates...));
    EXPECT_OK(cuMemcpyDtoH(&fetched, out_, sizeof fetched));
    return fetched;
  }

  static CUDA_ARRAY3D_DESCRIPTOR Shape(size_t width, size_t height, size_t depth, CUarray_format format,
                                       unsigned channels, unsigned flags = 0) {
    return {width, height, depth, format, channels, flags};
  }

  static CUarray MakeArray(const CUDA_ARRAY3D_DESCRIPTOR& shape) {
    CUarray array = nullptr;
    EXPECT_OK(cuArray3DCreate(&array, &shape));
    return array;
  }

  // Contents are as many bytes as the array has, rows behind each other.
  static void Fill(CUarray array, const void* bytes, size_t row_bytes, size_t rows, size_t slices = 1) {
    CUDA_MEMCPY3D copy = {};
    copy.srcMemoryType = CU_MEMORYTYPE_HOST;
    copy.srcHost = bytes;
    copy.srcPitch = row_bytes;
    copy.srcHeight = rows;
    copy.dstMemoryType = CU_MEMORYTYPE_ARRAY;
    copy.dstArray = array;
    copy.WidthInBytes = row_bytes;
    copy.Height = rows;
    copy.Depth = slices;
    EXPECT_OK(cuMemcpy3D(&copy));
  }

  static CUDA_RESOURCE_DESC On(CUarray array) {
    CUDA_RESOURCE_DESC resource = {};
    resource.resType = CU_RESOURCE_TYPE_ARRAY;
    resource.res.array.hArray = array;
    return resource;
  }

  static CUDA_TEXTURE_DESC Sampler(CUfilter_mode filter, CUaddress_mode address, unsigned flags = 0) {
    CUDA_TEXTURE_DESC texture = {};
    for (CUaddress_mode& mode : texture.addressMode) mode = address;
    texture.filterMode = filter;
    texture.flags = flags;
    return texture;
  }
  static CUDA_TEXTURE_DESC Point(unsigned flags = 0) {
    return Sampler(CU_TR_FILTER_MODE_POINT, CU_TR_ADDRESS_MODE_CLAMP, flags);
  }

  static CUtexObject Texture(const CUDA_RESOURCE_DESC& resource, const CUDA_TEXTURE_DESC& texture,
                             const CUDA_RESOURCE_VIEW_DESC* view = nullptr) {
    CUtexObject object = 0;
    EXPECT_OK(cuTexObjectCreate(&object, &resource, &texture, view));
    return object;
  }

  CUdeviceptr out_ = 0;
};
