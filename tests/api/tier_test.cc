// Kernels too large for their first launch to wait for the vector tier: they begin in the scalar tier and go
// over.
#include <cuda.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

constexpr uint32_t kThreads = 96;
constexpr uint32_t kMultiplier = 1664525;

// Some tens of KB of PTX, and a local array, which the vector tier has once for each lane. No other run has
// compiled it.
struct LargeKernel {
  explicit LargeKernel(uint32_t steps) : steps(steps), seed(std::random_device()()) {
    ptx =
        ".version 7.8\n.target sm_80\n.address_size 64\n.visible .entry large(.param .u64 out)\n{\n"
        "  .reg .b32 %r<4>;\n  .reg .b64 %rd<4>;\n  .local .align 16 .b8 memory[64];\n"
        "  ld.param.u64 %rd0, [out];\n  mov.u32 %r0, %tid.x;\n  mul.wide.u32 %rd1, %r0, 4;\n"
        "  add.u64 %rd0, %rd0, %rd1;\n  mov.u64 %rd2, memory;\n";
    for (uint32_t i = 0; i < steps; ++i) {
      ptx += "  xor.b32 %r0, %r0, " + std::to_string(seed + i) + ";\n  mul.lo.u32 %r0, %r0, " +
             std::to_string(kMultiplier) + ";\n";
    }
    for (uint32_t i = 0; i < 16; ++i) {
      const std::string number = std::to_string(i), place = std::to_string(4 * i);
      ptx += "  add.u32 %r1, %r0, " + number + ";\n  st.local.u32 [memory+" + place + "], %r1;\n";
    }
    ptx +=
        "  and.b32 %r2, %r0, 15;\n  mul.wide.u32 %rd1, %r2, 4;\n  add.u64 %rd2, %rd2, %rd1;\n"
        "  ld.local.u32 %r3, [%rd2];\n  st.global.u32 [%rd0], %r3;\n  ret;\n}\n";
  }
  uint32_t Result(uint32_t thread) const {
    uint32_t value = thread;
    for (uint32_t i = 0; i < steps; ++i) value = (value ^ (seed + i)) * kMultiplier;
    return value + value % 16;
  }

  const uint32_t steps, seed;
  std::string ptx;
};

class Tiers : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuMemAlloc(&out_, kThreads * sizeof(uint32_t)));
  }

  CUfunction Load(const LargeKernel& kernel) {
    CUfunction function = nullptr;
    EXPECT_OK(cuModuleLoadData(&module_, kernel.ptx.c_str()));
    EXPECT_OK(cuModuleGetFunction(&function, module_, "large"));
    return function;
  }
  void Launch(CUfunction function) {
    void* arguments[] = {&out_};
    EXPECT_OK(cuMemsetD32(out_, 0, kThreads));
    EXPECT_OK(cuLaunchKernel(function, 1, 1, 1, kThreads, 1, 1, 0, nullptr, arguments, nullptr));
  }
  void ExpectResults(const LargeKernel& kernel) {
    std::vector<uint32_t> got(kThreads);
    EXPECT_OK(cuMemcpyDtoH(got.data(), out_, kThreads * sizeof(uint32_t)));
    for (uint32_t i = 0; i < kThreads; ++i) ASSERT_EQ(got[i], kernel.Result(i)) << "thread " << i;
  }
  static int LocalBytes(CUfunction function) {
    int bytes = 0;
    EXPECT_OK(cuFuncGetAttribute(&bytes, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, function));
    return bytes;
  }
  // Launches until the code is another; false when it stays the same.
  bool GoesOver(CUfunction function, const LargeKernel& kernel) {
    const int before = LocalBytes(function);
    for (int i = 0; i < 1'000 && LocalBytes(function) == before; ++i) {
      Launch(function);
      ExpectResults(kernel);
      usleep(10'000);
    }
    return LocalBytes(function) != before;
  }

  CUmodule module_ = nullptr;
  CUdeviceptr out_ = 0;
};

TEST_F(Tiers, ALargeKernelGoesOverToItsVectorCodeBetweenLaunches) {
  const LargeKernel kernel(600);
  const CUfunction function = Load(kernel);
  Launch(function);
  ExpectResults(kernel);
  EXPECT_TRUE(GoesOver(function, kernel));
  Launch(function);
  ExpectResults(kernel);
}

TEST_F(Tiers, TheNextLoadFindsTheVectorCodeAtOnce) {
  const LargeKernel kernel(600);
  const CUfunction function = Load(kernel);
  ASSERT_TRUE(GoesOver(function, kernel));
  const int of_vector_code = LocalBytes(function);
  EXPECT_OK(cuModuleUnload(module_));
  const CUfunction again = Load(kernel);
  Launch(again);
  ExpectResults(kernel);
  EXPECT_EQ(LocalBytes(again), of_vector_code);
}

TEST_F(Tiers, AGraphThatWasMadeBeforeStillRuns) {
  const LargeKernel kernel(600);
  const CUfunction function = Load(kernel);
  CUgraph graph = nullptr;
  ASSERT_OK(cuGraphCreate(&graph, 0));
  void* arguments[] = {&out_};
  CUDA_KERNEL_NODE_PARAMS node_params = {};
  node_params.func = function;
  node_params.gridDimX = node_params.gridDimY = node_params.gridDimZ = 1;
  node_params.blockDimX = kThreads;
  node_params.blockDimY = node_params.blockDimZ = 1;
  node_params.kernelParams = arguments;
  CUgraphNode node = nullptr;
  ASSERT_OK(cuGraphAddKernelNode(&node, graph, nullptr, 0, &node_params));
  CUgraphExec exec = nullptr;
  ASSERT_OK(cuGraphInstantiate(&exec, graph, 0));
  ASSERT_TRUE(GoesOver(function, kernel));
  EXPECT_OK(cuMemsetD32(out_, 0, kThreads));
  EXPECT_OK(cuGraphLaunch(exec, nullptr));
  ExpectResults(kernel);
  EXPECT_OK(cuGraphExecDestroy(exec));
  EXPECT_OK(cuGraphDestroy(graph));
}

TEST_F(Tiers, AModuleMayGoWhileItsVectorCodeIsCompiled) {
  for (int i = 0; i < 3; ++i) {
    const LargeKernel kernel(2000);
    Launch(Load(kernel));
    ExpectResults(kernel);
    EXPECT_OK(cuModuleUnload(module_));
  }
}

TEST_F(Tiers, AProgramThatWantsNoOptimisationStaysInTheScalarTier) {
  const LargeKernel kernel(600);
  CUjit_option option = CU_JIT_OPTIMIZATION_LEVEL;
  void* level = nullptr;
  ASSERT_OK(cuModuleLoadDataEx(&module_, kernel.ptx.c_str(), 1, &option, &level));
  CUfunction function = nullptr;
  ASSERT_OK(cuModuleGetFunction(&function, module_, "large"));
  const int before = LocalBytes(function);
  for (int i = 0; i < 50; ++i) {
    Launch(function);
    usleep(10'000);
  }
  ExpectResults(kernel);
  EXPECT_EQ(LocalBytes(function), before);
}

// The process ends as it would without us, at once.
TEST(TiersDeathTest, AProcessMayEndWhileVectorCodeIsCompiled) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const LargeKernel kernel(4000);
        CUcontext context = nullptr;
        CUmodule module = nullptr;
        CUfunction function = nullptr;
        CUdeviceptr out = 0;
        if (cuInit(0) != CUDA_SUCCESS || cuDevicePrimaryCtxRetain(&context, 0) != CUDA_SUCCESS ||
            cuCtxSetCurrent(context) != CUDA_SUCCESS ||
            cuModuleLoadData(&module, kernel.ptx.c_str()) != CUDA_SUCCESS ||
            cuModuleGetFunction(&function, module, "large") != CUDA_SUCCESS ||
            cuMemAlloc(&out, kThreads * sizeof(uint32_t)) != CUDA_SUCCESS) {
          _exit(1);
        }
        void* arguments[] = {&out};
        if (cuLaunchKernel(function, 1, 1, 1, kThreads, 1, 1, 0, nullptr, arguments, nullptr) !=
                CUDA_SUCCESS ||
            cuCtxSynchronize() != CUDA_SUCCESS) {
          _exit(1);
        }
        std::exit(0);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
