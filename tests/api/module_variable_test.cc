// Variables of modules on the CPU device: allocated when first asked for, with the contents that the PTX
// gives them.
#include <cuda.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "tests/api/current_context.h"

namespace {

class ModuleVariable : public CurrentContext {
 protected:
  void Load(const std::string& body) {
    const std::string text = ".version 8.0\n.target sm_80\n.address_size 64\n" + body;
    ASSERT_EQ(cuModuleLoadData(&module_, text.c_str()), CUDA_SUCCESS);
  }
  void TearDown() override {
    if (module_ != nullptr) {
      EXPECT_EQ(cuModuleUnload(module_), CUDA_SUCCESS);
    }
    CurrentContext::TearDown();
  }
  template <typename T>
  std::vector<T> Contents(const char* name) {
    CUdeviceptr address = 0;
    size_t size = 0;
    EXPECT_EQ(cuModuleGetGlobal_v2(&address, &size, module_, name), CUDA_SUCCESS) << name;
    std::vector<T> values(size / sizeof(T));
    EXPECT_EQ(cuMemcpyDtoH_v2(values.data(), address, size), CUDA_SUCCESS);
    return values;
  }
  CUdeviceptr Address(const char* name) {
    CUdeviceptr address = 0;
    EXPECT_EQ(cuModuleGetGlobal_v2(&address, nullptr, module_, name), CUDA_SUCCESS) << name;
    return address;
  }

  CUmodule module_ = nullptr;
};

TEST_F(ModuleVariable, ContentsAreThoseOfTheInitialiserAndZeros) {
  Load(
      ".global .align 4 .u32 zero[3];\n.visible .const .align 4 .u32 table[4] = {1, 2, 3};\n.global .f32 pi "
      "= 0f40490FDB;\n");
  EXPECT_EQ(Contents<uint32_t>("zero"), (std::vector<uint32_t>{0, 0, 0}));
  EXPECT_EQ(Contents<uint32_t>("table"), (std::vector<uint32_t>{1, 2, 3, 0}));
  EXPECT_EQ(Contents<float>("pi"), (std::vector<float>{3.14159274f}));
}

TEST_F(ModuleVariable, WritesStayUntilTheModuleGoes) {
  Load(".global .u32 x = 7;\n");
  const uint32_t value = 42;
  ASSERT_EQ(cuMemcpyHtoD_v2(Address("x"), &value, 4), CUDA_SUCCESS);
  EXPECT_EQ(Contents<uint32_t>("x"), (std::vector<uint32_t>{42}));
}

TEST_F(ModuleVariable, PointersToVariablesMayFormCycles) {
  Load(".global .align 8 .u64 a[2] = {b, generic(a)+8};\n.global .align 8 .u64 b = generic(a);\n");
  const std::vector<uint64_t> a = Contents<uint64_t>("a");
  EXPECT_EQ(a[0], Address("b"));
  EXPECT_EQ(a[1], Address("a") + 8);
  EXPECT_EQ(Contents<uint64_t>("b")[0], Address("a"));
}

TEST_F(ModuleVariable, AnAddressMayBeGivenByteByByte) {
  Load(
      ".global .u32 x;\n.global .align 8 .b8 p[8] = {0xFF(x), 0xFF00(x), 0xFF0000(x), 0xFF000000(x), "
      "0xFF00000000(x), "
      "0xFF0000000000(x), 0xFF000000000000(x), 0xFF00000000000000(x)};\n");
  EXPECT_EQ(Contents<uint64_t>("p")[0], Address("x"));
}

TEST_F(ModuleVariable, TheAddressIsAlignedAndKnownToPointerQueries) {
  Load(".global .align 128 .b8 x[1000];\n");
  EXPECT_EQ(Address("x") % 128, 0u);
  unsigned type = 0;
  EXPECT_EQ(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, Address("x")), CUDA_SUCCESS);
  EXPECT_EQ(type, static_cast<unsigned>(CU_MEMORYTYPE_DEVICE));
}

TEST_F(ModuleVariable, AManagedVariableIsTheHostsToo) {
  Load(".visible .global .attribute(.managed) .align 4 .u32 m[2] = {5, 6};\n");
  const auto* const host = reinterpret_cast<const uint32_t*>(Address("m"));
  EXPECT_EQ(host[0], 5u);
  EXPECT_EQ(host[1], 6u);
}

TEST_F(ModuleVariable, MistakesAreReportedForTheVariableAlone) {
  Load(
      ".global .u64 dangling = nowhere;\n.global .u32 wrong = 1 / 0;\n.global .u32 fine = 3;\n.shared .u32 "
      "s;\n");
  CUdeviceptr address = 0;
  EXPECT_EQ(cuModuleGetGlobal_v2(&address, nullptr, module_, "dangling"), CUDA_ERROR_INVALID_PTX);
  EXPECT_EQ(cuModuleGetGlobal_v2(&address, nullptr, module_, "wrong"), CUDA_ERROR_INVALID_PTX);
  EXPECT_EQ(cuModuleGetGlobal_v2(&address, nullptr, module_, "missing"), CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(cuModuleGetGlobal_v2(&address, nullptr, module_, "s"), CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(Contents<uint32_t>("fine"), (std::vector<uint32_t>{3}));
}

}  // namespace
