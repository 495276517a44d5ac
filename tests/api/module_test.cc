// Modules and the linker on a device that runs nothing, with a compiler that makes nothing: what is loaded,
// chosen, compiled when, and said when it is wrong.
#include <cuda.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "runtime/fatbin/archive.h"
#include "runtime/fatbin/format.h"
#include "runtime/fatbin/write.h"
#include "tests/api/current_context.h"
#include "tests/api/fake_compiler_environment.h"

namespace {

using ::testing::HasSubstr;
using tq::fatbin::Codec;

int CompileCount() {
  static const auto count =
      reinterpret_cast<int (*)()>(dlsym(dlopen(TQ_FAKE_COMPILER, RTLD_NOW), "fake_compile_count"));
  return count();
}

std::string Ptx(const std::string& body, const std::string& target = "sm_80") {
  return ".version 8.0\n.target " + target + "\n.address_size 64\n" + body;
}

std::vector<uint8_t> Fatbin(const std::vector<std::string>& texts, Codec codec = Codec::kLz4) {
  std::vector<tq::fatbin::Image> images;
  for (const std::string& text : texts) images.push_back(*tq::fatbin::PtxImage(text, codec));
  return *tq::fatbin::WriteFatbin(images);
}

class Module : public CurrentContext {};

TEST_F(Module, KernelsCompileWhenFirstNeededAndOnce) {
  const std::vector<uint8_t> image = Fatbin({Ptx(".entry a() { ret; }\n.entry b() { ret; }\n")});
  const int before = CompileCount();
  CUmodule module = nullptr;
  ASSERT_EQ(cuModuleLoadData(&module, image.data()), CUDA_SUCCESS);
  CUfunction a = nullptr, again = nullptr;
  ASSERT_EQ(cuModuleGetFunction(&a, module, "a"), CUDA_SUCCESS);
  ASSERT_EQ(cuModuleGetFunction(&again, module, "a"), CUDA_SUCCESS);
  EXPECT_EQ(a, again);
  EXPECT_EQ(CompileCount(), before);
  CUfunctionLoadingState state;
  EXPECT_EQ(cuFuncIsLoaded(&state, a), CUDA_SUCCESS);
  EXPECT_EQ(state, CU_FUNCTION_LOADING_STATE_UNLOADED);
  EXPECT_EQ(cuFuncLoad(a), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncLoad(a), CUDA_SUCCESS);
  int registers = 0;
  EXPECT_EQ(cuFuncGetAttribute(&registers, CU_FUNC_ATTRIBUTE_NUM_REGS, a), CUDA_SUCCESS);
  EXPECT_EQ(registers, 32);
  EXPECT_EQ(CompileCount(), before + 1);
  EXPECT_EQ(cuFuncIsLoaded(&state, a), CUDA_SUCCESS);
  EXPECT_EQ(state, CU_FUNCTION_LOADING_STATE_LOADED);
  EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncLoad(a), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuModuleUnload(module), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(Module, OneBadKernelDoesNotSinkTheOthers) {
  const std::vector<uint8_t> image =
      Fatbin({Ptx(".entry good() { ret; }\n.entry bad() { wrong_instruction; }\n.entry later() { "
                  "future_instruction; }\n")});
  CUmodule module = nullptr;
  ASSERT_EQ(cuModuleLoadData(&module, image.data()), CUDA_SUCCESS);
  CUfunction good, bad, later;
  ASSERT_EQ(cuModuleGetFunction(&good, module, "good"), CUDA_SUCCESS);
  ASSERT_EQ(cuModuleGetFunction(&bad, module, "bad"), CUDA_SUCCESS);
  ASSERT_EQ(cuModuleGetFunction(&later, module, "later"), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncLoad(bad), CUDA_ERROR_INVALID_PTX);
  const int compiles = CompileCount();
  EXPECT_EQ(cuFuncLoad(bad), CUDA_ERROR_INVALID_PTX);
  EXPECT_EQ(CompileCount(), compiles) << "a failure is not tried again";
  EXPECT_EQ(cuFuncLoad(later), CUDA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(cuFuncLoad(good), CUDA_SUCCESS);
  EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
}

TEST_F(Module, PtxTextIsCheckedAtLoadAndTheLogNamesKernelAndLine) {
  const std::string text = Ptx(".entry good() { ret; }\n.entry bad()\n{\n  wrong_instruction;\n}\n");
  char log[256] = "untouched";
  CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, CU_JIT_WALL_TIME};
  void* values[] = {log, reinterpret_cast<void*>(sizeof(log)), nullptr};
  CUmodule module = nullptr;
  EXPECT_EQ(cuModuleLoadDataEx(&module, text.c_str(), 3, options, values), CUDA_ERROR_INVALID_PTX);
  EXPECT_THAT(std::string(log), HasSubstr("kernel bad cannot be compiled"));
  EXPECT_THAT(std::string(log), HasSubstr("ptx:7:1: error: wrong_instruction"));
  EXPECT_EQ(reinterpret_cast<size_t>(values[1]), std::string(log).size());
  EXPECT_EQ(module, nullptr);

  // A buffer that is too small gets as much as fits.
  std::fill(std::begin(log), std::end(log), 'x');
  values[1] = reinterpret_cast<void*>(size_t{10});
  EXPECT_EQ(cuModuleLoadDataEx(&module, text.c_str(), 2, options, values), CUDA_ERROR_INVALID_PTX);
  EXPECT_EQ(std::string(log).size(), 9u);
  EXPECT_EQ(log[10], 'x');
}

TEST_F(Module, WhatIsUnsupportedYetStopsOnlyItsKernel) {
  const std::string text = Ptx(".entry later() { future_instruction; }\n.entry good() { ret; }\n");
  CUmodule module = nullptr;
  ASSERT_EQ(cuModuleLoadData(&module, text.c_str()), CUDA_SUCCESS);
  CUfunction good;
  ASSERT_EQ(cuModuleGetFunction(&good, module, "good"), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncLoad(good), CUDA_SUCCESS);
  EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
}

TEST_F(Module, DamageHasItsDocumentedCode) {
  CUmodule module = nullptr;
  EXPECT_EQ(cuModuleLoadData(&module, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuModuleLoadData(&module, ""), CUDA_ERROR_INVALID_IMAGE);
  EXPECT_EQ(cuModuleLoadData(&module, "this is no image"), CUDA_ERROR_INVALID_IMAGE);
  EXPECT_EQ(cuModuleLoadData(&module, Ptx(".entry k() {").c_str()), CUDA_ERROR_INVALID_PTX);
  EXPECT_EQ(cuModuleLoadData(&module, Ptx("nonsense\n").c_str()), CUDA_ERROR_INVALID_PTX);
  EXPECT_EQ(cuModuleLoadData(&module, ".version 99.0\n.target sm_80\n"), CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
  EXPECT_EQ(cuModuleLoadData(&module, Fatbin({}).data()), CUDA_ERROR_NO_BINARY_FOR_GPU);
  EXPECT_EQ(cuModuleLoadData(&module, Fatbin({Ptx("", "sm_90a")}).data()), CUDA_ERROR_NO_BINARY_FOR_GPU);
  EXPECT_EQ(cuModuleLoad(&module, "/nonexistent.ptx"), CUDA_ERROR_FILE_NOT_FOUND);
  std::vector<uint8_t> image = Fatbin({Ptx(".entry k() { ret; }\n")}, Codec::kZstd);
  image[image.size() / 2] ^= 0xFF;
  EXPECT_EQ(cuModuleLoadData(&module, image.data()), CUDA_ERROR_INVALID_IMAGE);
}

TEST_F(Module, TruncationOfPtxTextAtEveryByteIsAnErrorOrAShorterModule) {
  const std::string text =
      Ptx(".visible .global .u32 x[4] = {1, 2};\n.entry k(.param .u64 p)\n{\n ret;\n}\n");
  for (size_t size = 0; size < text.size(); ++size) {
    CUmodule module = nullptr;
    const CUresult result = cuModuleLoadData(&module, text.substr(0, size).c_str());
    if (result == CUDA_SUCCESS) {
      EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
    } else {
      EXPECT_TRUE(result == CUDA_ERROR_INVALID_PTX || result == CUDA_ERROR_INVALID_IMAGE)
          << size << ": " << result;
    }
  }
}

TEST_F(Module, TheImageMayBeFreedAfterTheLoad) {
  CUmodule module = nullptr;
  for (const Codec codec : {Codec::kStored, Codec::kLz4, Codec::kZstd}) {
    std::vector<uint8_t> image = Fatbin({Ptx(".entry k() { ret; }\n")}, codec);
    ASSERT_EQ(cuModuleLoadData(&module, image.data()), CUDA_SUCCESS);
    std::fill(image.begin(), image.end(), 0xEE);
    image = {};
    CUfunction k;
    ASSERT_EQ(cuModuleGetFunction(&k, module, "k"), CUDA_SUCCESS);
    EXPECT_EQ(cuFuncLoad(k), CUDA_SUCCESS);
    EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
  }
}

TEST_F(Module, TheImageOfTheHighestArchitectureThatRunsIsTaken) {
  const std::vector<uint8_t> image =
      Fatbin({Ptx(".entry of_75() { ret; }\n", "sm_75"), Ptx(".entry of_121() { ret; }\n", "sm_121"),
              Ptx(".entry of_130() { ret; }\n", "sm_130")});
  CUmodule module = nullptr;
  ASSERT_EQ(cuModuleLoadData(&module, image.data()), CUDA_SUCCESS);
  CUfunction function;
  EXPECT_EQ(cuModuleGetFunction(&function, module, "of_121"), CUDA_SUCCESS);
  int version = 0;
  EXPECT_EQ(cuFuncGetAttribute(&version, CU_FUNC_ATTRIBUTE_PTX_VERSION, function), CUDA_SUCCESS);
  EXPECT_EQ(version, 121);
  EXPECT_EQ(cuModuleGetFunction(&function, module, "of_75"), CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(cuModuleGetFunction(&function, module, "of_130"), CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
}

TEST_F(Module, KernelsAreCountedListedAndDescribed) {
  const std::vector<uint8_t> image =
      Fatbin({Ptx(".entry one(.param .u8 a, .param .align 8 .b8 b[24], .param .f64 c) { ret; }\n.entry two() "
                  "{ ret; }\n")});
  CUmodule module = nullptr;
  ASSERT_EQ(cuModuleLoadFatBinary(&module, image.data()), CUDA_SUCCESS);
  unsigned count = 0;
  EXPECT_EQ(cuModuleGetFunctionCount(&count, module), CUDA_SUCCESS);
  ASSERT_EQ(count, 2u);
  CUfunction functions[2] = {};
  EXPECT_EQ(cuModuleEnumerateFunctions(functions, 2, module), CUDA_SUCCESS);
  const char* name = nullptr;
  EXPECT_EQ(cuFuncGetName(&name, functions[1]), CUDA_SUCCESS);
  EXPECT_STREQ(name, "two");
  const size_t expected[][2] = {{0, 1}, {8, 24}, {32, 8}};
  for (size_t i = 0; i < 3; ++i) {
    size_t offset = 99, size = 99;
    EXPECT_EQ(cuFuncGetParamInfo(functions[0], i, &offset, &size), CUDA_SUCCESS);
    EXPECT_EQ(offset, expected[i][0]);
    EXPECT_EQ(size, expected[i][1]);
  }
  size_t offset = 0;
  EXPECT_EQ(cuFuncGetParamInfo(functions[0], 3, &offset, nullptr), CUDA_ERROR_INVALID_VALUE);
  CUmodule owner = nullptr;
  EXPECT_EQ(cuFuncGetModule(&owner, functions[0]), CUDA_SUCCESS);
  EXPECT_EQ(owner, module);
  EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
}

TEST_F(Module, AttributesAreSetWithinTheLimitsOfTheDevice) {
  const std::vector<uint8_t> image = Fatbin({Ptx(".entry k() { ret; }\n")});
  CUmodule module = nullptr;
  CUfunction k;
  ASSERT_EQ(cuModuleLoadData(&module, image.data()), CUDA_SUCCESS);
  ASSERT_EQ(cuModuleGetFunction(&k, module, "k"), CUDA_SUCCESS);
  int value = 0;
  EXPECT_EQ(cuFuncGetAttribute(&value, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, k), CUDA_SUCCESS);
  EXPECT_EQ(value, 48 << 10);
  EXPECT_EQ(cuFuncSetAttribute(k, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 1 << 30),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuFuncSetAttribute(k, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 1024), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncGetAttribute(&value, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, k), CUDA_SUCCESS);
  EXPECT_EQ(value, 1024);
  EXPECT_EQ(cuFuncSetAttribute(k, CU_FUNC_ATTRIBUTE_NUM_REGS, 5), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuFuncGetAttribute(&value, static_cast<CUfunction_attribute>(999), k), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
}

TEST_F(Module, ThreadsThatLoadOneKernelCompileItOnce) {
  const std::vector<uint8_t> image = Fatbin({Ptx(".entry race() { ret; }\n")});
  CUmodule module = nullptr;
  CUfunction k;
  ASSERT_EQ(cuModuleLoadData(&module, image.data()), CUDA_SUCCESS);
  ASSERT_EQ(cuModuleGetFunction(&k, module, "race"), CUDA_SUCCESS);
  const int before = CompileCount();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      EXPECT_EQ(cuCtxSetCurrent(context_), CUDA_SUCCESS);
      EXPECT_EQ(cuFuncLoad(k), CUDA_SUCCESS);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(CompileCount(), before + 1);
  EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
}

TEST_F(Module, ACubinAloneIsNoBinaryForThisDevice) {
  tq::fatbin::Image cubin;
  cubin.kind = tq::fatbin::ImageKind::kCubin;
  cubin.arch = {121, 0};
  const std::vector<uint8_t> image = *tq::fatbin::WriteFatbin(std::span(&cubin, 1));
  CUmodule module = nullptr;
  EXPECT_EQ(cuModuleLoadData(&module, image.data()), CUDA_ERROR_NO_BINARY_FOR_GPU);
}

TEST_F(Module, PrelinkedUnitsFormOneProgram) {
  const std::vector<uint8_t> empty = Fatbin({});
  const std::vector<uint8_t> first = Fatbin({Ptx(".extern .func f();\n.entry k() { call f; }\n")});
  const std::vector<uint8_t> second = Fatbin({Ptx(".visible .func f() { ret; }\n.entry other() { ret; }\n")});
  const void* const list[] = {first.data(), second.data(), nullptr};
  const tq::fatbin::WrapperRecord wrapper = {tq::fatbin::kWrapperMagic, 2, empty.data(), list};
  CUmodule module = nullptr;
  ASSERT_EQ(cuModuleLoadData(&module, &wrapper), CUDA_SUCCESS);
  unsigned count = 0;
  EXPECT_EQ(cuModuleGetFunctionCount(&count, module), CUDA_SUCCESS);
  EXPECT_EQ(count, 2u);
  CUfunction k;
  EXPECT_EQ(cuModuleGetFunction(&k, module, "other"), CUDA_SUCCESS);
  ASSERT_EQ(cuModuleGetFunction(&k, module, "k"), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncLoad(k), CUDA_SUCCESS);
  EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
}

class Linker : public CurrentContext {};

TEST_F(Linker, UnitsAreLinkedIntoAnImageThatLoads) {
  std::string main_text = Ptx(".extern .func f();\n.entry k() { call f; }\n");
  const std::vector<uint8_t> other = Fatbin({Ptx(".visible .func f() { ret; }\n")});
  CUlinkState state = nullptr;
  ASSERT_EQ(cuLinkCreate_v2(0, nullptr, nullptr, &state), CUDA_SUCCESS);
  EXPECT_EQ(cuLinkAddData_v2(state, CU_JIT_INPUT_PTX, main_text.data(), main_text.size() + 1, "main", 0,
                             nullptr, nullptr),
            CUDA_SUCCESS);
  EXPECT_EQ(cuLinkAddData_v2(state, CU_JIT_INPUT_FATBINARY, const_cast<uint8_t*>(other.data()), other.size(),
                             nullptr, 0, nullptr, nullptr),
            CUDA_SUCCESS);
  void* image = nullptr;
  size_t size = 0;
  ASSERT_EQ(cuLinkComplete(state, &image, &size), CUDA_SUCCESS);
  CUmodule module = nullptr;
  ASSERT_EQ(cuModuleLoadData(&module, image), CUDA_SUCCESS);
  EXPECT_EQ(cuLinkDestroy(state), CUDA_SUCCESS);
  CUfunction k;
  ASSERT_EQ(cuModuleGetFunction(&k, module, "k"), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncLoad(k), CUDA_SUCCESS);
  EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
  EXPECT_EQ(cuLinkDestroy(state), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(Linker, WrongInputIsNamedInTheLogOfTheLinker) {
  char log[256] = "";
  CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void* values[] = {log, reinterpret_cast<void*>(sizeof(log))};
  CUlinkState state = nullptr;
  ASSERT_EQ(cuLinkCreate_v2(2, options, values, &state), CUDA_SUCCESS);
  std::string wrong = Ptx("oops\n");
  EXPECT_EQ(
      cuLinkAddData_v2(state, CU_JIT_INPUT_PTX, wrong.data(), wrong.size() + 1, "wrong", 0, nullptr, nullptr),
      CUDA_ERROR_INVALID_PTX);
  EXPECT_THAT(std::string(log), HasSubstr("ptx:4:1: error: `oops`"));
  EXPECT_EQ(cuLinkAddFile_v2(state, CU_JIT_INPUT_PTX, "/nonexistent.ptx", 0, nullptr, nullptr),
            CUDA_ERROR_FILE_NOT_FOUND);
  void* image = nullptr;
  size_t size = 0;
  EXPECT_EQ(cuLinkComplete(state, &image, &size), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuLinkDestroy(state), CUDA_SUCCESS);
}

}  // namespace
