// Kernels whose order shows, and graphs of them.
#pragma once

#include <cuda.h>

#include <initializer_list>
#include <vector>

#include "tests/api/context_fixture.h"

class GraphFixture : public ContextFixture {
 protected:
  // *cell = *cell * factor + addend: the order in which several ran can be read from the result.
  static constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64
.visible .entry affine(.param .u64 cell, .param .u32 factor, .param .u32 addend)
{
  .reg .b32 %r<4>;
  .reg .b64 %rd;
  ld.param.u64 %rd, [cell];
  ld.param.u32 %r1, [factor];
  ld.param.u32 %r2, [addend];
  ld.global.u32 %r3, [%rd];
  mad.lo.u32 %r3, %r3, %r1, %r2;
  st.global.u32 [%rd], %r3;
  ret;
}
)";

  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuModuleLoadData(&module_, kModule));
    ASSERT_OK(cuModuleGetFunction(&affine_, module_, "affine"));
    ASSERT_OK(cuMemAlloc(&cells_, kCells * 4));
    ASSERT_OK(cuMemsetD32(cells_, 0, kCells));
    ASSERT_OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
  }

  CUdeviceptr Cell(int i) const { return cells_ + 4 * i; }
  uint32_t Read(int i) {
    uint32_t value = 0;
    EXPECT_OK(cuStreamSynchronize(stream_));
    EXPECT_OK(cuMemcpyDtoH(&value, Cell(i), 4));
    return value;
  }

  // The parameters of a kernel node, with room for the arguments.
  struct Kernel {
    CUdeviceptr cell;
    uint32_t factor, addend;
    void* pointers[3];
    CUDA_KERNEL_NODE_PARAMS params;
  };
  Kernel& Affine(int cell, uint32_t factor, uint32_t addend) {
    kernel_ = {Cell(cell), factor, addend, {}, {}};
    kernel_.pointers[0] = &kernel_.cell;
    kernel_.pointers[1] = &kernel_.factor;
    kernel_.pointers[2] = &kernel_.addend;
    kernel_.params.func = affine_;
    kernel_.params.gridDimX = kernel_.params.gridDimY = kernel_.params.gridDimZ = 1;
    kernel_.params.blockDimX = kernel_.params.blockDimY = kernel_.params.blockDimZ = 1;
    kernel_.params.kernelParams = kernel_.pointers;
    return kernel_;
  }
  CUgraphNode AddAffine(CUgraph graph, std::initializer_list<CUgraphNode> after, int cell, uint32_t factor,
                        uint32_t addend) {
    CUgraphNode node = nullptr;
    EXPECT_OK(cuGraphAddKernelNode(&node, graph, after.begin(), after.size(),
                                   &Affine(cell, factor, addend).params));
    return node;
  }
  CUresult LaunchAffine(CUstream stream, int cell, uint32_t factor, uint32_t addend) {
    Kernel& kernel = Affine(cell, factor, addend);
    return cuLaunchKernel(affine_, 1, 1, 1, 1, 1, 1, 0, stream, kernel.pointers, nullptr);
  }
  CUgraphExec Instantiate(CUgraph graph, unsigned long long flags = 0) {
    CUgraphExec exec = nullptr;
    EXPECT_OK(cuGraphInstantiate(&exec, graph, flags));
    return exec;
  }

  static constexpr int kCells = 64;
  CUmodule module_ = nullptr;
  CUfunction affine_ = nullptr;
  CUdeviceptr cells_ = 0;
  CUstream stream_ = nullptr;
  Kernel kernel_ = {};
};
