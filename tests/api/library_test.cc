// Libraries and kernels, which belong to no context: as cudart 12 and 13 use them.
#include <cuda.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/fatbin/format.h"
#include "runtime/fatbin/write.h"
#include "tests/api/current_context.h"
#include "tests/api/fake_compiler_environment.h"

namespace {

const std::vector<uint8_t>& Image() {
  static const std::string text =
      ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u64 p) { ret; }\n.entry "
      "other() { ret; }\n"
      ".visible .global .align 4 .u32 counter = 5;\n.visible .global .attribute(.managed) .align 8 .u64 "
      "shared_value;\n";
  static const auto image = *tq::fatbin::PtxImage(text, tq::fatbin::Codec::kZstd);
  static const std::vector<uint8_t> bytes = *tq::fatbin::WriteFatbin(std::span(&image, 1));
  return bytes;
}

class Library : public CurrentContext {
 protected:
  void SetUp() override {
    CurrentContext::SetUp();
    CUlibraryOption option = CU_LIBRARY_BINARY_IS_PRESERVED;
    void* value = reinterpret_cast<void*>(1);
    ASSERT_EQ(cuLibraryLoadData(&library_, &wrapper_, nullptr, nullptr, 0, &option, &value, 1), CUDA_SUCCESS);
  }
  void TearDown() override {
    EXPECT_EQ(cuLibraryUnload(library_), CUDA_SUCCESS);
    CurrentContext::TearDown();
  }

  const tq::fatbin::WrapperRecord wrapper_ = {tq::fatbin::kWrapperMagic, 1, Image().data(), nullptr};
  CUlibrary library_ = nullptr;
};

TEST_F(Library, AKernelStandsForItsFunctionInTheCurrentContext) {
  CUkernel kernel = nullptr, again = nullptr;
  ASSERT_EQ(cuLibraryGetKernel(&kernel, library_, "k"), CUDA_SUCCESS);
  ASSERT_EQ(cuLibraryGetKernel(&again, library_, "k"), CUDA_SUCCESS);
  EXPECT_EQ(kernel, again);
  CUfunction function = nullptr;
  ASSERT_EQ(cuKernelGetFunction(&function, kernel), CUDA_SUCCESS);
  const char* name = nullptr;
  EXPECT_EQ(cuFuncGetName(&name, reinterpret_cast<CUfunction>(kernel)), CUDA_SUCCESS);
  EXPECT_STREQ(name, "k");
  CUmodule module = nullptr, of_function = nullptr, of_kernel = nullptr;
  EXPECT_EQ(cuLibraryGetModule(&module, library_), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncGetModule(&of_function, function), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncGetModule(&of_kernel, reinterpret_cast<CUfunction>(kernel)), CUDA_SUCCESS);
  EXPECT_EQ(module, of_function);
  EXPECT_EQ(module, of_kernel);
  EXPECT_EQ(cuModuleUnload(module), CUDA_ERROR_NOT_PERMITTED);
  CUlibrary library = nullptr;
  EXPECT_EQ(cuKernelGetLibrary(&library, kernel), CUDA_SUCCESS);
  EXPECT_EQ(library, library_);
  EXPECT_EQ(cuLibraryGetKernel(&kernel, library_, "none"), CUDA_ERROR_NOT_FOUND);
}

TEST_F(Library, EveryContextHasItsOwnModule) {
  CUmodule in_primary = nullptr, in_other = nullptr;
  ASSERT_EQ(cuLibraryGetModule(&in_primary, library_), CUDA_SUCCESS);
  CUcontext other = nullptr;
  ASSERT_EQ(cuCtxCreate_v2(&other, 0, 0), CUDA_SUCCESS);
  CUkernel kernel = nullptr;
  ASSERT_EQ(cuLibraryGetKernel(&kernel, library_, "k"), CUDA_SUCCESS);
  ASSERT_EQ(cuFuncLoad(reinterpret_cast<CUfunction>(kernel)), CUDA_SUCCESS);
  ASSERT_EQ(cuLibraryGetModule(&in_other, library_), CUDA_SUCCESS);
  EXPECT_NE(in_primary, in_other);
  EXPECT_EQ(cuCtxDestroy_v2(other), CUDA_SUCCESS);
  // The kernel outlives the context that it was used in last.
  ASSERT_EQ(cuCtxSetCurrent(context_), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncLoad(reinterpret_cast<CUfunction>(kernel)), CUDA_SUCCESS);
  CUmodule again = nullptr;
  EXPECT_EQ(cuLibraryGetModule(&again, library_), CUDA_SUCCESS);
  EXPECT_EQ(again, in_primary);
}

TEST_F(Library, AResetOfTheContextLeavesTheLibraryUsable) {
  CUkernel kernel = nullptr;
  ASSERT_EQ(cuLibraryGetKernel(&kernel, library_, "k"), CUDA_SUCCESS);
  ASSERT_EQ(cuFuncLoad(reinterpret_cast<CUfunction>(kernel)), CUDA_SUCCESS);
  ASSERT_EQ(cuDevicePrimaryCtxReset_v2(0), CUDA_SUCCESS);
  CUcontext context = nullptr;
  ASSERT_EQ(cuDevicePrimaryCtxRetain(&context, 0), CUDA_SUCCESS);
  ASSERT_EQ(cuCtxSetCurrent(context), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncLoad(reinterpret_cast<CUfunction>(kernel)), CUDA_SUCCESS);
  EXPECT_EQ(cuDevicePrimaryCtxRelease_v2(0), CUDA_SUCCESS);
}

TEST_F(Library, KernelsAreCountedListedAndDescribed) {
  unsigned count = 0;
  EXPECT_EQ(cuLibraryGetKernelCount(&count, library_), CUDA_SUCCESS);
  ASSERT_EQ(count, 2u);
  CUkernel kernels[2] = {};
  EXPECT_EQ(cuLibraryEnumerateKernels(kernels, 2, library_), CUDA_SUCCESS);
  const char* name = nullptr;
  EXPECT_EQ(cuKernelGetName(&name, kernels[1]), CUDA_SUCCESS);
  EXPECT_STREQ(name, "other");
  size_t offset = 99, size = 99;
  EXPECT_EQ(cuKernelGetParamInfo(kernels[0], 0, &offset, &size), CUDA_SUCCESS);
  EXPECT_EQ(offset, 0u);
  EXPECT_EQ(size, 8u);
}

TEST_F(Library, AttributesAreOfTheKernelOnTheDeviceInEveryContext) {
  CUkernel kernel = nullptr;
  ASSERT_EQ(cuLibraryGetKernel(&kernel, library_, "k"), CUDA_SUCCESS);
  EXPECT_EQ(cuKernelSetAttribute(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 2048, kernel, 0),
            CUDA_SUCCESS);
  int value = 0;
  EXPECT_EQ(cuKernelGetAttribute(&value, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, kernel, 0),
            CUDA_SUCCESS);
  EXPECT_EQ(value, 2048);
  EXPECT_EQ(cuKernelSetAttribute(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 1024, kernel, 0),
            CUDA_SUCCESS);
  EXPECT_EQ(cuFuncGetAttribute(&value, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                               reinterpret_cast<CUfunction>(kernel)),
            CUDA_SUCCESS);
  EXPECT_EQ(value, 1024);
  EXPECT_EQ(cuKernelSetAttribute(CU_FUNC_ATTRIBUTE_NUM_REGS, 1, kernel, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuKernelGetAttribute(&value, CU_FUNC_ATTRIBUTE_NUM_REGS, kernel, 7), CUDA_ERROR_INVALID_DEVICE);
  // Without a current context, of the primary one.
  ASSERT_EQ(cuCtxSetCurrent(nullptr), CUDA_SUCCESS);
  EXPECT_EQ(cuKernelGetAttribute(&value, CU_FUNC_ATTRIBUTE_NUM_REGS, kernel, 0), CUDA_SUCCESS);
  EXPECT_EQ(value, 32);
}

TEST_F(Library, OnlyManagedVariablesAreManaged) {
  CUdeviceptr address = 0;
  size_t size = 0;
  EXPECT_EQ(cuLibraryGetManaged(&address, &size, library_, "shared_value"), CUDA_SUCCESS);
  EXPECT_EQ(size, 8u);
  EXPECT_NE(address, 0u);
  EXPECT_EQ(cuLibraryGetManaged(&address, &size, library_, "counter"), CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(cuLibraryGetGlobal(&address, nullptr, library_, "counter"), CUDA_SUCCESS);
  EXPECT_EQ(cuLibraryGetGlobal(nullptr, &size, library_, "counter"), CUDA_SUCCESS);
  EXPECT_EQ(size, 4u);
}

TEST(LibraryWithoutContext, LoadingNeedsNone) {
  ASSERT_EQ(cuInit(0), CUDA_SUCCESS);
  CUlibrary library = nullptr;
  ASSERT_EQ(cuLibraryLoadData(&library, Image().data(), nullptr, nullptr, 0, nullptr, nullptr, 0),
            CUDA_SUCCESS);
  CUkernel kernel = nullptr;
  EXPECT_EQ(cuLibraryGetKernel(&kernel, library, "k"), CUDA_SUCCESS);
  CUmodule module = nullptr;
  EXPECT_EQ(cuLibraryGetModule(&module, library), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_EQ(cuLibraryUnload(library), CUDA_SUCCESS);
  EXPECT_EQ(cuLibraryUnload(library), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuLibraryGetKernel(&kernel, library, "k"), CUDA_ERROR_INVALID_HANDLE);
}

}  // namespace
