// Texture and surface references of modules, as programs from before CUDA 12 use them.
#include "tests/api/texture_fixture.h"

namespace {

class TextureReferences : public TextureFixture {
 protected:
  static constexpr char kDeclaration[] = ".visible .global .texref image;\n";
  static constexpr char kFetch[] = "tex.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [image, {%c0, %c1}];";

  void SetUp() override {
    TextureFixture::SetUp();
    module_ = Load(kFetch, kDeclaration);
    ASSERT_OK(cuModuleGetTexRef(&reference_, module_, "image"));
  }

  CUarray Filled(float first) {
    const float texels[] = {first, first + 1, first + 2, first + 3};
    const CUarray array = MakeArray(Shape(2, 2, 0, CU_AD_FORMAT_FLOAT, 1));
    Fill(array, texels, 8, 2);
    return array;
  }

  CUmodule module_ = nullptr;
  CUtexref reference_ = nullptr;
};

TEST_F(TextureReferences, ArraysAreBoundAndSettingsTakeEffect) {
  ASSERT_OK(cuTexRefSetArray(reference_, Filled(0), CU_TRSA_OVERRIDE_FORMAT));
  EXPECT_EQ(Fetch(module_, 0, 1.5f, 1.5f).f(0), 3.0f);
  ASSERT_OK(cuTexRefSetFilterMode(reference_, CU_TR_FILTER_MODE_LINEAR));
  EXPECT_EQ(Fetch(module_, 0, 1.0f, 1.0f).f(0), 1.5f);
  ASSERT_OK(cuTexRefSetFlags(reference_, CU_TRSF_NORMALIZED_COORDINATES));
  ASSERT_OK(cuTexRefSetAddressMode(reference_, 0, CU_TR_ADDRESS_MODE_WRAP));
  EXPECT_EQ(Fetch(module_, 0, 1.25f, 0.25f).f(0), 0.0f);
}

// A kernel in flight keeps what was bound when it was launched.
TEST_F(TextureReferences, BindingAnotherArrayWaitsForKernels) {
  CUstream stream = nullptr;
  ASSERT_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  CUfunction function = nullptr;
  ASSERT_OK(cuModuleGetFunction(&function, module_, "fetch"));
  CUdeviceptr results = 0;
  constexpr int kLaunches = 50;
  ASSERT_OK(cuMemAlloc(&results, kLaunches * sizeof(Fetched)));
  for (int i = 0; i < kLaunches; ++i) {
    ASSERT_OK(cuTexRefSetArray(reference_, Filled(static_cast<float>(10 * i)), CU_TRSA_OVERRIDE_FORMAT));
    CUdeviceptr out = results + static_cast<size_t>(i) * sizeof(Fetched);
    uint64_t handle = 0;
    float c[4] = {1.5f, 0.5f, 0, 0};
    void* arguments[] = {&out, &handle, &c[0], &c[1], &c[2], &c[3]};
    ASSERT_OK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, stream, arguments, nullptr));
  }
  ASSERT_OK(cuStreamSynchronize(stream));
  std::vector<Fetched> fetched(kLaunches);
  ASSERT_OK(cuMemcpyDtoH(fetched.data(), results, kLaunches * sizeof(Fetched)));
  for (int i = 0; i < kLaunches; ++i) {
    EXPECT_EQ(fetched[static_cast<size_t>(i)].f(0), static_cast<float>(10 * i + 1));
  }
}

TEST_F(TextureReferences, MemoryIsBoundByItsFormat) {
  const int32_t numbers[] = {4, -5, 6, -7};
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, 1024));
  ASSERT_OK(cuMemcpyHtoD(memory + 16, numbers, sizeof numbers));
  const CUmodule module = Load("tex.1d.v4.s32.s32 {%r0, %r1, %r2, %r3}, [line, {%i0}];", ".tex .u32 line;\n");
  CUtexref reference = nullptr;
  ASSERT_OK(cuModuleGetTexRef(&reference, module, "line"));
  ASSERT_OK(cuTexRefSetFormat(reference, CU_AD_FORMAT_SIGNED_INT32, 1));
  size_t offset = 0;
  ASSERT_OK(cuTexRefSetAddress(&offset, reference, memory + 16, sizeof numbers));
  EXPECT_EQ(offset, 16u);
  EXPECT_EQ(Fetch(module, 0, 4 + 3).s(0), -7);
  EXPECT_EQ(Fetch(module, 0, 4 + 4).s(0), 0);
  ASSERT_OK(cuTexRefSetFormat(reference, CU_AD_FORMAT_SIGNED_INT32, 2));
  EXPECT_EQ(Fetch(module, 0, 3).s(1), -7);
  EXPECT_EQ(cuTexRefSetAddress(nullptr, reference, memory + 16, 16), CUDA_ERROR_INVALID_VALUE);
  CUdeviceptr bound = 0;
  ASSERT_OK(cuTexRefGetAddress(&bound, reference));
  EXPECT_EQ(bound, memory);
  const CUDA_ARRAY_DESCRIPTOR plane = {2, 2, CU_AD_FORMAT_SIGNED_INT32, 1};
  ASSERT_OK(cuTexRefSetAddress2D(reference, &plane, memory, 32));
}

TEST_F(TextureReferences, BindlessKernelsTakeTheirAddress) {
  ASSERT_OK(cuTexRefSetArray(reference_, Filled(5), CU_TRSA_OVERRIDE_FORMAT));
  const CUmodule module = Load(
      "mov.u64 %h, other;\n  tex.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [%h, {%c0, %c1}];\n"
      "  istypep.texref %p, %h;\n  selp.b32 %r1, 1, 0, %p;\n  istypep.surfref %p, %h;\n  selp.b32 %r2, 1, 0, "
      "%p;",
      ".visible .global .texref other;\n");
  CUtexref other = nullptr;
  ASSERT_OK(cuModuleGetTexRef(&other, module, "other"));
  ASSERT_OK(cuTexRefSetArray(other, Filled(20), CU_TRSA_OVERRIDE_FORMAT));
  const Fetched got = Fetch(module, 0, 0.5f, 0.5f);
  EXPECT_EQ(got.f(0), 20.0f);
  EXPECT_EQ(got.bits[1], 1u);
  EXPECT_EQ(got.bits[2], 0u);
}

TEST_F(TextureReferences, SamplersOfTheModuleAreIndependent) {
  const CUmodule module = Load(
      "tex.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [image, sharp, {%c0, %c1}];\n  mov.b32 %i2, %r0;\n"
      "  tex.2d.v4.f32.f32 {%r0, %r1, %r2, %r3}, [image, smooth, {%c0, %c1}];\n  mov.b32 %r1, %i2;\n"
      "  txq.filter_mode.b32 %r2, [smooth];\n  txq.addr_mode_1.b32 %r3, [smooth];",
      ".visible .global .texref image;\n"
      ".global .samplerref sharp = { addr_mode_0 = clamp_to_edge, filter_mode = nearest };\n"
      ".global .samplerref smooth = { addr_mode_0 = clamp_to_border, addr_mode_1 = mirror, filter_mode = "
      "linear };\n");
  CUtexref image = nullptr;
  ASSERT_OK(cuModuleGetTexRef(&image, module, "image"));
  ASSERT_OK(cuTexRefSetArray(image, Filled(8), CU_TRSA_OVERRIDE_FORMAT));
  const Fetched got = Fetch(module, 0, 2.0f, 0.5f);
  EXPECT_EQ(got.f(1), 9.0f) << "the edge";
  EXPECT_EQ(got.f(0), 4.5f) << "half of the edge, half of the border";
  EXPECT_EQ(got.bits[2], 1u);
  EXPECT_EQ(got.bits[3], 1u) << "mirror";
}

// The calls of NVIDIA's runtime for cudaUnbindTexture and cudaBindTextureToArray.
TEST_F(TextureReferences, AreUnboundByNoMemory) {
  ASSERT_OK(cuTexRefSetAddress(nullptr, reference_, 0, 0));
  ASSERT_OK(cuTexRefSetArray(reference_, Filled(3), 0));
  EXPECT_EQ(Fetch(module_, 0, 0.5f, 0.5f).f(0), 3.0f);
  ASSERT_OK(cuTexRefSetAddress(nullptr, reference_, 0, 0));
  CUarray array = nullptr;
  EXPECT_EQ(cuTexRefGetArray(&array, reference_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(Launch(module_, 0, 0.5f, 0.5f));
  EXPECT_EQ(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_F(TextureReferences, WithoutABindingKernelsFault) {
  EXPECT_OK(Launch(module_, 0, 0.5f, 0.5f));
  EXPECT_EQ(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_F(TextureReferences, GiveBackWhatWasSet) {
  CUarray array = nullptr;
  EXPECT_EQ(cuTexRefGetArray(&array, reference_), CUDA_ERROR_INVALID_VALUE) << "nothing is bound";
  CUmipmappedArray mipmap = nullptr;
  EXPECT_EQ(cuTexRefGetMipmappedArray(&mipmap, reference_), CUDA_ERROR_INVALID_VALUE);
  CUdeviceptr address = 0;
  EXPECT_EQ(cuTexRefGetAddress(&address, reference_), CUDA_ERROR_INVALID_VALUE);
  const CUarray bound = Filled(0);
  EXPECT_EQ(cuTexRefSetArray(reference_, bound, 2), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuTexRefSetArray(reference_, nullptr, CU_TRSA_OVERRIDE_FORMAT), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuTexRefSetArray(nullptr, bound, CU_TRSA_OVERRIDE_FORMAT), CUDA_ERROR_INVALID_HANDLE);
  ASSERT_OK(cuTexRefSetArray(reference_, bound, CU_TRSA_OVERRIDE_FORMAT));
  ASSERT_OK(cuTexRefGetArray(&array, reference_));
  EXPECT_EQ(array, bound);
  CUarray_format format = {};
  int channels = 0;
  ASSERT_OK(cuTexRefGetFormat(&format, &channels, reference_));
  EXPECT_EQ(format, CU_AD_FORMAT_FLOAT);
  EXPECT_EQ(channels, 1);
  EXPECT_EQ(cuTexRefSetFormat(reference_, CU_AD_FORMAT_FLOAT, 3), CUDA_ERROR_INVALID_VALUE);

  ASSERT_OK(cuTexRefSetAddressMode(reference_, 2, CU_TR_ADDRESS_MODE_BORDER));
  CUaddress_mode mode = {};
  ASSERT_OK(cuTexRefGetAddressMode(&mode, reference_, 2));
  EXPECT_EQ(mode, CU_TR_ADDRESS_MODE_BORDER);
  EXPECT_EQ(cuTexRefSetAddressMode(reference_, 3, mode), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuTexRefGetAddressMode(&mode, reference_, -1), CUDA_ERROR_INVALID_VALUE);
  CUfilter_mode filter = {};
  ASSERT_OK(cuTexRefSetMipmapFilterMode(reference_, CU_TR_FILTER_MODE_LINEAR));
  ASSERT_OK(cuTexRefGetMipmapFilterMode(&filter, reference_));
  EXPECT_EQ(filter, CU_TR_FILTER_MODE_LINEAR);
  ASSERT_OK(cuTexRefGetFilterMode(&filter, reference_));
  EXPECT_EQ(filter, CU_TR_FILTER_MODE_POINT);
  EXPECT_EQ(cuTexRefSetFilterMode(reference_, static_cast<CUfilter_mode>(7)), CUDA_ERROR_INVALID_VALUE);
  float bias = 0, least = 0, most = 0;
  ASSERT_OK(cuTexRefSetMipmapLevelBias(reference_, 1.5f));
  ASSERT_OK(cuTexRefGetMipmapLevelBias(&bias, reference_));
  EXPECT_EQ(bias, 1.5f);
  ASSERT_OK(cuTexRefSetMipmapLevelClamp(reference_, 0.5f, 3));
  ASSERT_OK(cuTexRefGetMipmapLevelClamp(&least, &most, reference_));
  EXPECT_EQ(least + most, 3.5f);
  int anisotropy = 0;
  ASSERT_OK(cuTexRefSetMaxAnisotropy(reference_, 4));
  ASSERT_OK(cuTexRefGetMaxAnisotropy(&anisotropy, reference_));
  EXPECT_EQ(anisotropy, 4);
  float color[4] = {1, 2, 3, 4}, got[4] = {};
  ASSERT_OK(cuTexRefSetBorderColor(reference_, color));
  ASSERT_OK(cuTexRefGetBorderColor(got, reference_));
  EXPECT_EQ(std::memcmp(color, got, sizeof color), 0);
  unsigned flags = 0;
  ASSERT_OK(cuTexRefSetFlags(reference_, CU_TRSF_READ_AS_INTEGER));
  ASSERT_OK(cuTexRefGetFlags(&flags, reference_));
  EXPECT_EQ(flags, unsigned{CU_TRSF_READ_AS_INTEGER});
  EXPECT_EQ(cuTexRefSetFlags(reference_, 0x800), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(TextureReferences, AreFoundByNameAndType) {
  CUtexref again = nullptr;
  ASSERT_OK(cuModuleGetTexRef(&again, module_, "image"));
  EXPECT_EQ(again, reference_);
  EXPECT_EQ(cuModuleGetTexRef(&again, module_, "fetch"), CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(cuModuleGetTexRef(&again, module_, nullptr), CUDA_ERROR_INVALID_VALUE);
  CUsurfref surface = nullptr;
  EXPECT_EQ(cuModuleGetSurfRef(&surface, module_, "image"), CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(cuTexRefDestroy(reference_), CUDA_ERROR_INVALID_VALUE) << "it belongs to its module";
  ASSERT_OK(cuTexRefCreate(&again));
  ASSERT_OK(cuTexRefSetArray(again, Filled(0), CU_TRSA_OVERRIDE_FORMAT));
  EXPECT_OK(cuTexRefDestroy(again));
  EXPECT_EQ(cuTexRefDestroy(again), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_OK(cuModuleUnload(module_));
  EXPECT_EQ(cuTexRefSetFlags(reference_, 0), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(TextureReferences, SurfacesAreBoundToo) {
  const CUmodule module =
      Load("sust.b.2d.b32.trap [target, {%i0, %i1}], %i2;\n  suld.b.2d.b32.trap %r0, [target, {%i0, %i1}];",
           ".visible .global .surfref target;\n");
  CUsurfref reference = nullptr;
  ASSERT_OK(cuModuleGetSurfRef(&reference, module, "target"));
  CUarray got = nullptr;
  EXPECT_EQ(cuSurfRefGetArray(&got, reference), CUDA_ERROR_INVALID_VALUE) << "nothing is bound";
  EXPECT_EQ(cuSurfRefSetArray(reference, Filled(0), 0), CUDA_ERROR_INVALID_VALUE)
      << "made without SURFACE_LDST";
  const CUarray array = MakeArray(Shape(4, 4, 0, CU_AD_FORMAT_FLOAT, 1, CUDA_ARRAY3D_SURFACE_LDST));
  EXPECT_EQ(cuSurfRefSetArray(reference, array, 1), CUDA_ERROR_INVALID_VALUE);
  ASSERT_OK(cuSurfRefSetArray(reference, array, 0));
  ASSERT_OK(cuSurfRefGetArray(&got, reference));
  EXPECT_EQ(got, array);
  EXPECT_EQ(Fetch(module, 0, 8, 2, 1234).bits[0], 1234u);
}

}  // namespace
