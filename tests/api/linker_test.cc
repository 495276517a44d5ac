// cuLink*: units of PTX that find each other's symbols.
#include <cuda.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "tests/api/context_fixture.h"

namespace {

constexpr char kCaller[] = R"(
.version 7.8
.target sm_80
.address_size 64
.extern .func (.param .b32 result) twice(.param .b32 value);
.extern .global .align 4 .u32 offset;
.visible .entry store(.param .u64 out, .param .u32 value)
{
  .reg .b32 %r<4>;
  .reg .b64 %rd<2>;
  ld.param.u64 %rd1, [out];
  ld.param.u32 %r1, [value];
  { .param .b32 a; .param .b32 r;
    st.param.b32 [a], %r1;
    call.uni (r), twice, (a);
    ld.param.b32 %r2, [r];
  }
  ld.global.u32 %r3, [offset];
  add.u32 %r2, %r2, %r3;
  st.global.u32 [%rd1], %r2;
  ret;
}
)";
constexpr char kCallee[] = R"(
.version 7.8
.target sm_80
.address_size 64
.visible .global .align 4 .u32 offset = 1000;
.visible .func (.param .b32 result) twice(.param .b32 value)
{
  .reg .b32 %r<2>;
  ld.param.b32 %r1, [value];
  add.u32 %r1, %r1, %r1;
  st.param.b32 [result], %r1;
  ret;
}
)";

class Linking : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuLinkCreate(0, nullptr, nullptr, &state_));
  }
  void TearDown() override {
    EXPECT_OK(cuLinkDestroy(state_));
    ContextFixture::TearDown();
  }
  CUresult Add(const char* text, const char* name) {
    return cuLinkAddData(state_, CU_JIT_INPUT_PTX, const_cast<char*>(text), std::strlen(text) + 1, name, 0,
                         nullptr, nullptr);
  }
  void ExpectResult(const void* image) {
    CUmodule module = nullptr;
    CUfunction store = nullptr;
    CUdeviceptr out = 0;
    uint32_t value = 21, word = 0;
    ASSERT_OK(cuModuleLoadData(&module, image));
    ASSERT_OK(cuModuleGetFunction(&store, module, "store"));
    ASSERT_OK(cuMemAlloc(&out, 4));
    void* parameters[] = {&out, &value};
    ASSERT_OK(cuLaunchKernel(store, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr));
    ASSERT_OK(cuMemcpyDtoH(&word, out, 4));
    EXPECT_EQ(word, 1042u);
  }
  CUlinkState state_ = nullptr;
};

TEST_F(Linking, UnitsFindEachOther) {
  ASSERT_OK(Add(kCaller, "caller.ptx"));
  ASSERT_OK(Add(kCallee, "callee.ptx"));
  void* image = nullptr;
  size_t size = 0;
  ASSERT_OK(cuLinkComplete(state_, &image, &size));
  EXPECT_GT(size, 0u);
  const std::string copy(static_cast<const char*>(image), size);
  ExpectResult(image);
  ExpectResult(copy.data());
}

TEST_F(Linking, UnitsComeFromFilesToo) {
  const std::string path = testing::TempDir() + "tianqiao_linker_test.ptx";
  std::ofstream(path) << kCallee;
  ASSERT_OK(Add(kCaller, nullptr));
  ASSERT_OK(cuLinkAddFile(state_, CU_JIT_INPUT_PTX, path.c_str(), 0, nullptr, nullptr));
  void* image = nullptr;
  ASSERT_OK(cuLinkComplete(state_, &image, nullptr));
  ExpectResult(image);
  std::remove(path.c_str());
  EXPECT_EQ(cuLinkAddFile(state_, CU_JIT_INPUT_PTX, path.c_str(), 0, nullptr, nullptr),
            CUDA_ERROR_FILE_NOT_FOUND);
}

TEST_F(Linking, WrongInputsAreRefused) {
  EXPECT_EQ(cuLinkAddData(state_, CU_JIT_INPUT_PTX, nullptr, 4, "x", 0, nullptr, nullptr),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(Add("This is no PTX.", "x"), CUDA_ERROR_INVALID_PTX);
  void* image = nullptr;
  EXPECT_EQ(cuLinkComplete(state_, &image, nullptr), CUDA_ERROR_INVALID_VALUE) << "nothing was added";
}

class LinkingWithLog : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
    void* values[] = {log_, reinterpret_cast<void*>(sizeof(log_))};
    ASSERT_OK(cuLinkCreate(2, options, values, &state_));
  }
  void TearDown() override {
    EXPECT_OK(cuLinkDestroy(state_));
    ContextFixture::TearDown();
  }
  CUresult Add(CUjitInputType type, const std::string& bytes, const char* name) {
    return cuLinkAddData(state_, type, const_cast<char*>(bytes.c_str()), bytes.size() + 1, name, 0, nullptr,
                         nullptr);
  }
  char log_[1000] = "";
  CUlinkState state_ = nullptr;
};

TEST_F(LinkingWithLog, WhatNobodyDefinesIsNamed) {
  ASSERT_OK(Add(CU_JIT_INPUT_PTX, kCaller, "caller.ptx"));
  void* image = nullptr;
  size_t size = 0;
  EXPECT_EQ(cuLinkComplete(state_, &image, &size), CUDA_ERROR_INVALID_IMAGE);
  EXPECT_NE(std::string(log_).find("Undefined reference to 'twice' in 'caller.ptx'"), std::string::npos)
      << log_;
  EXPECT_NE(std::string(log_).find("Undefined reference to 'offset' in 'caller.ptx'"), std::string::npos)
      << log_;
  ASSERT_OK(Add(CU_JIT_INPUT_PTX, kCallee, "callee.ptx"));
  EXPECT_OK(cuLinkComplete(state_, &image, &size)) << log_;
}

TEST_F(LinkingWithLog, WhatIsDefinedTwiceIsNamed) {
  ASSERT_OK(Add(CU_JIT_INPUT_PTX, kCallee, "first.ptx"));
  ASSERT_OK(Add(CU_JIT_INPUT_PTX, kCallee, "second.ptx"));
  void* image = nullptr;
  EXPECT_EQ(cuLinkComplete(state_, &image, nullptr), CUDA_ERROR_INVALID_IMAGE);
  EXPECT_NE(
      std::string(log_).find("Multiple definition of 'twice' in 'second.ptx', first defined in 'first.ptx'"),
      std::string::npos)
      << log_;
}

// kCallee's function, and a variable that the caller keeps.
TEST_F(ContextFixture, AVariableMayLieWhereTheProgramSays) {
  CUdeviceptr offset = 0;
  ASSERT_OK(cuMemAlloc(&offset, 4));
  ASSERT_OK(cuMemsetD32(offset, 500, 1));
  const char* names[] = {"offset"};
  void* addresses[] = {reinterpret_cast<void*>(offset)};
  CUjit_option options[] = {CU_JIT_GLOBAL_SYMBOL_NAMES, CU_JIT_GLOBAL_SYMBOL_ADDRESSES,
                            CU_JIT_GLOBAL_SYMBOL_COUNT};
  void* values[] = {names, addresses, reinterpret_cast<void*>(1)};
  CUlinkState state = nullptr;
  ASSERT_OK(cuLinkCreate(3, options, values, &state));
  std::string callee = kCallee;
  callee.erase(callee.find(".visible .global"), sizeof(".visible .global .align 4 .u32 offset = 1000;"));
  const std::string caller = kCaller;
  for (const std::string& text : {caller, callee}) {
    ASSERT_OK(cuLinkAddData(state, CU_JIT_INPUT_PTX, const_cast<char*>(text.c_str()), text.size() + 1, "x", 0,
                            nullptr, nullptr));
  }
  void* image = nullptr;
  ASSERT_OK(cuLinkComplete(state, &image, nullptr));
  CUmodule module = nullptr;
  ASSERT_OK(cuModuleLoadData(&module, image));
  ASSERT_OK(cuLinkDestroy(state));
  CUfunction store = nullptr;
  CUdeviceptr out = 0;
  uint32_t value = 21, word = 0;
  ASSERT_OK(cuModuleGetFunction(&store, module, "store"));
  ASSERT_OK(cuMemAlloc(&out, 4));
  void* parameters[] = {&out, &value};
  ASSERT_OK(cuLaunchKernel(store, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr));
  ASSERT_OK(cuMemcpyDtoH(&word, out, 4));
  EXPECT_EQ(word, 542u);
  void* none[] = {nullptr, addresses, reinterpret_cast<void*>(1)};
  EXPECT_EQ(cuLinkCreate(3, options, none, &state), CUDA_ERROR_INVALID_VALUE);
}

}  // namespace
