// libnvJitLink: two units of PTX become an image that the driver loads; what is wrong is said.
#include "runtime/nvjitlink/nvjitlink.h"

#include <cuda.h>
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

constexpr std::string_view kCaller = R"(
.version 7.8
.target sm_80
.address_size 64
.extern .func (.param .b32 result) twice(.param .b32 value);
.visible .entry store(.param .u64 out, .param .u32 value)
{
  .reg .b32 %r<3>;
  .reg .b64 %rd<2>;
  ld.param.u64 %rd1, [out];
  ld.param.u32 %r1, [value];
  { .param .b32 a; .param .b32 r;
    st.param.b32 [a], %r1;
    call.uni (r), twice, (a);
    ld.param.b32 %r2, [r];
  }
  st.global.u32 [%rd1], %r2;
  ret;
}
)";
constexpr std::string_view kCallee = R"(
.version 7.8
.target sm_80
.address_size 64
.visible .func (.param .b32 result) twice(.param .b32 value)
{
  .reg .b32 %r<2>;
  ld.param.b32 %r1, [value];
  add.u32 %r1, %r1, %r1;
  st.param.b32 [result], %r1;
  ret;
}
)";

class JitLink {
 public:
  explicit JitLink(std::vector<const char*> options) {
    created = nvJitLinkCreate(&handle, options.size(), options.data());
  }
  ~JitLink() {
    if (handle == nullptr) return;
    EXPECT_EQ(nvJitLinkDestroy(&handle), NVJITLINK_SUCCESS);
  }
  nvJitLinkResult Add(nvJitLinkInputType type, std::string_view bytes) {
    return nvJitLinkAddData(handle, type, bytes.data(), bytes.size(), "unit");
  }
  std::string ErrorLog() {
    size_t size = 0;
    EXPECT_EQ(nvJitLinkGetErrorLogSize(handle, &size), NVJITLINK_SUCCESS);
    std::string log(size, '?');
    EXPECT_EQ(nvJitLinkGetErrorLog(handle, log.data()), NVJITLINK_SUCCESS);
    EXPECT_EQ(log.back(), '\0');
    return log.substr(0, size - 1);
  }
  nvJitLinkHandle handle = nullptr;
  nvJitLinkResult created;
};

class JitLinking : public ContextFixture {};

TEST_F(JitLinking, MakesAnImageThatLoads) {
  for (const nvJitLinkInputType type : {NVJITLINK_INPUT_PTX, NVJITLINK_INPUT_ANY}) {
    JitLink link({"-arch=sm_121", "-lineinfo", "-O3"});
    ASSERT_EQ(link.created, NVJITLINK_SUCCESS);
    ASSERT_EQ(link.Add(type, kCaller), NVJITLINK_SUCCESS) << link.ErrorLog();
    ASSERT_EQ(link.Add(type, kCallee), NVJITLINK_SUCCESS) << link.ErrorLog();
    ASSERT_EQ(nvJitLinkComplete(link.handle), NVJITLINK_SUCCESS) << link.ErrorLog();
    size_t size = 0;
    ASSERT_EQ(nvJitLinkGetLinkedCubinSize(link.handle, &size), NVJITLINK_SUCCESS);
    std::vector<char> image(size);
    ASSERT_EQ(nvJitLinkGetLinkedCubin(link.handle, image.data()), NVJITLINK_SUCCESS);

    CUlibrary library = nullptr;
    CUkernel kernel = nullptr;
    CUdeviceptr out = 0;
    uint32_t value = 21, word = 0;
    ASSERT_OK(cuLibraryLoadData(&library, image.data(), nullptr, nullptr, 0, nullptr, nullptr, 0));
    ASSERT_OK(cuLibraryGetKernel(&kernel, library, "store"));
    ASSERT_OK(cuMemAlloc(&out, 4));
    void* parameters[] = {&out, &value};
    ASSERT_OK(cuLaunchKernel(reinterpret_cast<CUfunction>(kernel), 1, 1, 1, 1, 1, 1, 0, nullptr, parameters,
                             nullptr));
    ASSERT_OK(cuMemcpyDtoH(&word, out, 4));
    EXPECT_EQ(word, 42u);
    EXPECT_OK(cuMemFree(out));
    EXPECT_OK(cuLibraryUnload(library));
  }
}

TEST_F(JitLinking, NeedsNoContextOfTheCaller) {
  CUcontext context = nullptr;
  ASSERT_OK(cuCtxPopCurrent(&context));
  {
    JitLink link({"-arch=sm_90a"});
    ASSERT_EQ(link.created, NVJITLINK_SUCCESS);
    ASSERT_EQ(link.Add(NVJITLINK_INPUT_PTX, kCallee), NVJITLINK_SUCCESS) << link.ErrorLog();
    EXPECT_EQ(nvJitLinkComplete(link.handle), NVJITLINK_SUCCESS) << link.ErrorLog();
    CUcontext current = context;
    ASSERT_OK(cuCtxGetCurrent(&current));
    EXPECT_EQ(current, nullptr) << "a borrowed context is given back";
  }
  ASSERT_OK(cuCtxPushCurrent(context));
}

TEST_F(JitLinking, OptionsAreChecked) {
  EXPECT_EQ(JitLink({}).created, NVJITLINK_ERROR_MISSING_ARCH);
  EXPECT_EQ(JitLink({"-arch=sm_x"}).created, NVJITLINK_ERROR_UNRECOGNIZED_ARCH);
  EXPECT_EQ(JitLink({"-arch=sm_90", "-frobnicate"}).created, NVJITLINK_ERROR_UNRECOGNIZED_OPTION);
  EXPECT_EQ(JitLink({"-arch=sm_90", nullptr}).created, NVJITLINK_ERROR_NULL_INPUT);
}

TEST_F(JitLinking, WhatIsWrongIsInTheLog) {
  {
    JitLink link({"-arch=sm_90"});
    ASSERT_EQ(link.Add(NVJITLINK_INPUT_PTX, kCaller), NVJITLINK_SUCCESS);
    EXPECT_EQ(nvJitLinkComplete(link.handle), NVJITLINK_ERROR_FINALIZE);
    EXPECT_NE(link.ErrorLog().find("twice"), std::string::npos) << link.ErrorLog();
    size_t size = 0;
    EXPECT_EQ(nvJitLinkGetLinkedCubinSize(link.handle, &size), NVJITLINK_ERROR_FINALIZE);
    EXPECT_EQ(nvJitLinkGetLinkedPtxSize(link.handle, &size), NVJITLINK_ERROR_FINALIZE);
  }
  JitLink link({"-arch=sm_90", "-lto"});
  // With the toolkit, its library says that this is no IR; without, ours says what is missing.
  EXPECT_EQ(link.Add(NVJITLINK_INPUT_LTOIR, "no intermediate representation"), NVJITLINK_SUCCESS);
  EXPECT_EQ(nvJitLinkComplete(link.handle), NVJITLINK_ERROR_NVVM_COMPILE);
  EXPECT_FALSE(link.ErrorLog().empty());
  EXPECT_EQ(nvJitLinkAddFile(link.handle, NVJITLINK_INPUT_PTX, "/nowhere/a.ptx"),
            NVJITLINK_ERROR_INVALID_INPUT);
  EXPECT_EQ(nvJitLinkAddData(nullptr, NVJITLINK_INPUT_PTX, "", 0, nullptr), NVJITLINK_ERROR_NULL_INPUT);
}

// The names of `library` for each release of the header are the plain one's.
void ExpectNamesOf(void* library, const std::string& major) {
  for (const std::string name : {"nvJitLinkCreate", "nvJitLinkComplete", "nvJitLinkGetLinkedCubin"}) {
    void* const plain = dlsym(library, name.c_str());
    EXPECT_NE(plain, nullptr) << name;
    for (int minor = 0; minor < 10; ++minor) {
      const std::string versioned = "__" + name + "_" + major + "_" + std::to_string(minor);
      EXPECT_EQ(plain, dlsym(library, versioned.c_str())) << versioned;
    }
  }
}

TEST(JitLinkNames, VersionedAndPlainAreTheSame) {
  ExpectNamesOf(RTLD_DEFAULT, "13");
  void* const twelve = dlopen(TQ_NVJITLINK_12, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(twelve, nullptr) << dlerror();
  ExpectNamesOf(twelve, "12");
  unsigned major = 0, minor = 0;
  const auto version = reinterpret_cast<decltype(&nvJitLinkVersion)>(dlsym(twelve, "nvJitLinkVersion"));
  ASSERT_NE(version, nullptr);
  EXPECT_EQ(version(&major, &minor), NVJITLINK_SUCCESS);
  EXPECT_EQ(major, 12u);
  EXPECT_EQ(dlclose(twelve), 0);
}

}  // namespace
