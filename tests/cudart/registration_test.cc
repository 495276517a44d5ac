// The host code that compilers generate, called by hand: variables that clang knows no word for (managed
// ones, texture references).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/cudart/legacy_types.h"
#include "runtime/fatbin/write.h"
#include "tests/cudart/fixture.h"

extern "C" {
void** __cudaRegisterFatBinary(void*);
void __cudaRegisterFatBinaryEnd(void**);
void __cudaUnregisterFatBinary(void**);
void __cudaRegisterFunction(void**, const char*, char*, const char*, int, uint3*, uint3*, dim3*, dim3*, int*);
void __cudaRegisterVar(void**, char*, char*, const char*, int, size_t, int, int);
void __cudaRegisterManagedVar(void**, void**, char*, const char*, int, size_t, int, int);
char __cudaInitModule(void**);
unsigned __cudaPushCallConfiguration(dim3, dim3, size_t, struct CUstream_st*);
cudaError_t __cudaPopCallConfiguration(dim3*, dim3*, size_t*, void*);
#if TQ_CUDART_RELEASE == 11
using tq::cudart::SurfaceReference;
using tq::cudart::TextureReference;
void __cudaRegisterTexture(void**, const TextureReference*, const void**, const char*, int, int, int);
void __cudaRegisterSurface(void**, const SurfaceReference*, const void**, const char*, int, int);
cudaError_t cudaBindTexture(size_t*, const TextureReference*, const void*, const cudaChannelFormatDesc*,
                            size_t);
cudaError_t cudaBindTexture2D(size_t*, const TextureReference*, const void*, const cudaChannelFormatDesc*,
                              size_t, size_t, size_t);
cudaError_t cudaBindTextureToArray(const TextureReference*, cudaArray_const_t, const cudaChannelFormatDesc*);
cudaError_t cudaBindTextureToMipmappedArray(const TextureReference*, cudaMipmappedArray_const_t,
                                            const cudaChannelFormatDesc*);
cudaError_t cudaUnbindTexture(const TextureReference*);
cudaError_t cudaGetTextureAlignmentOffset(size_t*, const TextureReference*);
cudaError_t cudaGetTextureReference(const TextureReference**, const void*);
cudaError_t cudaBindSurfaceToArray(const SurfaceReference*, cudaArray_const_t, const cudaChannelFormatDesc*);
cudaError_t cudaGetSurfaceReference(const SurfaceReference**, const void*);
#endif
}

namespace {

constexpr char kText[] = R"(
.version 7.8
.target sm_80
.address_size 64
.visible .global .align 4 .u32 counter;
.visible .global .attribute(.managed) .align 4 .u32 total;
.visible .global .texref image;
.visible .global .texref line;
.visible .global .surfref canvas;
.visible .entry work(.param .u64 out)
{
  .reg .b32 %r<8>;
  .reg .f32 %f<8>;
  .reg .b64 %rd;
  ld.param.u64 %rd, [out];
  atom.global.add.u32 %r0, [counter], 1;
  atom.global.add.u32 %r1, [total], 10;
  st.global.u32 [%rd], %r0;
  ret;
}
.visible .entry fetch(.param .u64 out)
{
  .reg .b32 %r<8>;
  .reg .f32 %f<8>;
  .reg .b64 %rd;
  ld.param.u64 %rd, [out];
  mov.f32 %f0, 0f3FC00000;
  tex.2d.v4.f32.f32 {%f1, %f2, %f3, %f4}, [image, {%f0, %f0}];
  st.global.f32 [%rd], %f1;
  mov.u32 %r0, 2;
  tex.1d.v4.f32.s32 {%f1, %f2, %f3, %f4}, [line, {%r0}];
  st.global.f32 [%rd+4], %f1;
  ret;
}
.visible .entry paint()
{
  .reg .b32 %r<4>;
  mov.u32 %r0, 4;
  mov.u32 %r1, 1;
  mov.u32 %r2, 0f40E00000;
  sust.b.2d.b32.trap [canvas, {%r0, %r1}], {%r2};
  ret;
}
)";

#if TQ_CUDART_RELEASE == 11
constexpr cudaChannelFormatDesc kFloat = {32, 0, 0, 0, cudaChannelFormatKindFloat};
constexpr cudaChannelFormatDesc kByte = {8, 0, 0, 0, cudaChannelFormatKindUnsigned};

// Generated code gives the device's name for its address, and NVIDIA's runtimes look it up by that.
const void** Name(const char* name) { return reinterpret_cast<const void**>(const_cast<char*>(name)); }
#endif

class Registration : public RuntimeFixture {
 protected:
  void SetUp() override {
    RuntimeFixture::SetUp();
    const auto image = tq::fatbin::PtxImage(kText, tq::fatbin::Codec::kStored);
    ASSERT_TRUE(image.ok()) << image.status();
    bytes_ = *tq::fatbin::WriteFatbin({&*image, 1});
    wrapper_ = {0x466243B1, 1, bytes_.data(), nullptr};
    handle_ = __cudaRegisterFatBinary(&wrapper_);
    __cudaRegisterFunction(handle_, &work_, const_cast<char*>("work"), "work", -1, nullptr, nullptr, nullptr,
                           nullptr, nullptr);
    __cudaRegisterFunction(handle_, &fetch_, const_cast<char*>("fetch"), "fetch", -1, nullptr, nullptr,
                           nullptr, nullptr, nullptr);
    __cudaRegisterFunction(handle_, &paint_, const_cast<char*>("paint"), "paint", -1, nullptr, nullptr,
                           nullptr, nullptr, nullptr);
    __cudaRegisterVar(handle_, &counter_, const_cast<char*>("counter"), "counter", 0, 4, 0, 0);
    __cudaRegisterManagedVar(handle_, reinterpret_cast<void**>(&total_), const_cast<char*>("total"), "total",
                             0, 4, 0, 0);
#if TQ_CUDART_RELEASE == 11
    image_.channelDesc = kFloat;
    line_.channelDesc = kByte;
    canvas_.channelDesc = kFloat;
    __cudaRegisterTexture(handle_, &image_, Name("image"), "image", 2, 0, 0);
    __cudaRegisterTexture(handle_, &line_, Name("line"), "line", 1, 1, 0);
    __cudaRegisterSurface(handle_, &canvas_, Name("canvas"), "canvas", 2, 0);
#endif
    __cudaRegisterFatBinaryEnd(handle_);
  }
  void TearDown() override {
    __cudaUnregisterFatBinary(handle_);
    RuntimeFixture::TearDown();
  }
  void Launch(const char& kernel, void** arguments) {
    ASSERT_OK(cudaLaunchKernel(&kernel, {1, 1, 1}, {1, 1, 1}, arguments, 0, stream_));
    ASSERT_OK(cudaStreamSynchronize(stream_));
  }

  struct Wrapper {
    int magic, version;
    const void* data;
    void* filename;
  } wrapper_;
  std::vector<uint8_t> bytes_;
  void** handle_ = nullptr;
  char work_, fetch_, paint_, counter_;  // their addresses stand for the device's
  int* total_ = nullptr;
#if TQ_CUDART_RELEASE == 11
  TextureReference image_ = {}, line_ = {};
  SurfaceReference canvas_ = {};
#endif
};

TEST_F(Registration, ManagedVariablesAreTheHostsToo) {
  EXPECT_NE(__cudaInitModule(handle_), 0);
  ASSERT_NE(total_, nullptr);
  *total_ = 5;
  void* arguments[] = {&cells_};
  Launch(work_, arguments);
  EXPECT_EQ(*total_, 15);
}

TEST_F(Registration, VariablesKeepTheirValueBetweenLaunches) {
  void* arguments[] = {&cells_};
  Launch(work_, arguments);
  Launch(work_, arguments);
  EXPECT_EQ(Read(0), 1);
  int counter = 0;
  EXPECT_OK(cudaMemcpyFromSymbol(&counter, &counter_, 4, 0, cudaMemcpyDeviceToHost));
  EXPECT_EQ(counter, 2);
}

TEST_F(Registration, ConfigurationsAreAStack) {
  EXPECT_EQ(__cudaPushCallConfiguration({1, 2, 3}, {4, 5, 6}, 7, stream_), 0u);
  EXPECT_EQ(__cudaPushCallConfiguration({9, 1, 1}, {8, 1, 1}, 0, nullptr), 0u);
  dim3 grid, block;
  size_t shared_bytes = 0;
  cudaStream_t stream = nullptr;
  EXPECT_OK(__cudaPopCallConfiguration(&grid, &block, &shared_bytes, &stream));
  EXPECT_EQ(grid.x, 9u);
  EXPECT_OK(__cudaPopCallConfiguration(&grid, &block, &shared_bytes, &stream));
  EXPECT_EQ(grid.z, 3u);
  EXPECT_EQ(block.y, 5u);
  EXPECT_EQ(shared_bytes, 7u);
  EXPECT_EQ(stream, stream_);
  EXPECT_EQ(__cudaPopCallConfiguration(&grid, &block, &shared_bytes, &stream), cudaErrorMissingConfiguration);
}

#if TQ_CUDART_RELEASE == 11

TEST_F(Registration, TextureReferencesAreBoundToArraysAndMemory) {
  cudaArray_t array = nullptr;
  ASSERT_OK(cudaMallocArray(&array, &kFloat, 2, 2, 0));
  const float texels[] = {1, 2, 3, 4};
  ASSERT_OK(cudaMemcpy2DToArray(array, 0, 0, texels, 8, 8, 2, cudaMemcpyHostToDevice));
  image_.addressMode[0] = image_.addressMode[1] = cudaAddressModeClamp;
  ASSERT_OK(cudaBindTextureToArray(&image_, array, &kFloat));

  EXPECT_EQ(cudaBindTextureToArray(&image_, array, &kByte), cudaErrorInvalidValue);

  // Bytes that are read as fractions.
  const unsigned char bytes[4] = {0, 51, 255, 102};
  ASSERT_OK(cudaMemcpy(cells_, bytes, sizeof bytes, cudaMemcpyHostToDevice));
  size_t offset = 9;
  ASSERT_OK(cudaBindTexture(&offset, &line_, cells_, &kByte, ~0u));
  EXPECT_EQ(offset, 0u);

  float* results = nullptr;
  ASSERT_OK(cudaMalloc(reinterpret_cast<void**>(&results), 8));
  void* arguments[] = {&results};
  Launch(fetch_, arguments);
  float found[2] = {};
  ASSERT_OK(cudaMemcpy(found, results, 8, cudaMemcpyDeviceToHost));
  EXPECT_EQ(found[0], 4.f);
  EXPECT_EQ(found[1], 1.f);

  // Filtered between the four, and memory in rows instead of the array.
  image_.filterMode = cudaFilterModeLinear;
  float* rows = nullptr;
  size_t pitch = 0;
  ASSERT_OK(cudaMallocPitch(reinterpret_cast<void**>(&rows), &pitch, 8, 2));
  ASSERT_OK(cudaMemcpy2D(rows, pitch, texels, 8, 8, 2, cudaMemcpyHostToDevice));
  ASSERT_OK(cudaBindTexture2D(nullptr, &image_, rows, &kFloat, 2, 2, pitch));
  Launch(fetch_, arguments);
  ASSERT_OK(cudaMemcpy(found, results, 8, cudaMemcpyDeviceToHost));
  EXPECT_EQ(found[0], 4.f);
  EXPECT_OK(cudaGetTextureAlignmentOffset(&offset, &image_));
  EXPECT_EQ(offset, 0u);
  EXPECT_OK(cudaUnbindTexture(&image_));
  EXPECT_EQ(cudaGetTextureAlignmentOffset(&offset, &image_), cudaErrorInvalidTextureBinding);
  EXPECT_OK(cudaFree(rows));
  EXPECT_OK(cudaFree(results));
  EXPECT_OK(cudaFreeArray(array));
}

TEST_F(Registration, TextureReferencesAreBoundToMipmaps) {
  cudaMipmappedArray_t mipmap = nullptr;
  ASSERT_OK(cudaMallocMipmappedArray(&mipmap, &kFloat, {4, 4, 0}, 2, 0));
  EXPECT_OK(cudaBindTextureToMipmappedArray(&image_, mipmap, &kFloat));
  EXPECT_OK(cudaUnbindTexture(&image_));
  EXPECT_OK(cudaFreeMipmappedArray(mipmap));
}

TEST_F(Registration, ReferencesAreFoundByTheirVariable) {
  const TextureReference* texture = nullptr;
  EXPECT_OK(cudaGetTextureReference(&texture, &image_));
  EXPECT_EQ(texture, &image_);
  int nothing = 0;
  EXPECT_EQ(cudaGetTextureReference(&texture, &nothing), cudaErrorInvalidTexture);
  const SurfaceReference* surface = nullptr;
  EXPECT_OK(cudaGetSurfaceReference(&surface, &canvas_));
  EXPECT_EQ(surface, &canvas_);
  EXPECT_EQ(cudaGetSurfaceReference(&surface, &nothing), cudaErrorInvalidSurface);
  TextureReference unknown = {};
  EXPECT_EQ(cudaBindTexture(nullptr, &unknown, cells_, &kFloat, 64), cudaErrorInvalidTexture);
}

TEST_F(Registration, SurfaceReferencesAreWrittenThrough) {
  cudaArray_t array = nullptr;
  ASSERT_OK(cudaMallocArray(&array, &kFloat, 4, 2, cudaArraySurfaceLoadStore));
  ASSERT_OK(cudaBindSurfaceToArray(&canvas_, array, &kFloat));
  Launch(paint_, nullptr);
  float texel = 0;
  ASSERT_OK(cudaMemcpy2DFromArray(&texel, 4, array, 4, 1, 4, 1, cudaMemcpyDeviceToHost));
  EXPECT_EQ(texel, 7.f);
  EXPECT_OK(cudaFreeArray(array));
}

#endif

}  // namespace
