// Launches whose block, shared memory and arguments were set before: cuLaunch and its kin.
#include <cuda.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64

.global .texref image;
.extern .shared .align 4 .b8 dynamic[];

// out[block] = bits of scale + threads of the block * factor + dynamic shared memory
.visible .entry report(.param .u64 out, .param .u32 factor, .param .f32 scale)
{
  .reg .b32 %r<8>;
  .reg .b64 %rd<3>;
  ld.param.u64 %rd0, [out];
  ld.param.u32 %r0, [factor];
  ld.param.b32 %r1, [scale];
  mov.u32 %r2, %ntid.x;
  mov.u32 %r3, %ntid.y;
  mul.lo.u32 %r2, %r2, %r3;
  mad.lo.u32 %r1, %r2, %r0, %r1;
  mov.u32 %r4, %dynamic_smem_size;
  add.u32 %r1, %r1, %r4;
  mov.u32 %r5, %ctaid.y;
  mov.u32 %r6, %nctaid.x;
  mov.u32 %r7, %ctaid.x;
  mad.lo.u32 %r5, %r5, %r6, %r7;
  mul.wide.u32 %rd1, %r5, 4;
  add.u64 %rd0, %rd0, %rd1;
  st.global.u32 [%rd0], %r1;
  ret;
}
)";

uint32_t Bits(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

class PreparedLaunches : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuModuleLoadData(&module_, kModule));
    ASSERT_OK(cuModuleGetFunction(&function_, module_, "report"));
    ASSERT_OK(cuMemAlloc(&out_, kBlocks * 4));
    ASSERT_OK(cuMemsetD32(out_, 0, kBlocks));
  }
  void SetArguments(uint32_t factor, float scale) {
    EXPECT_OK(cuParamSetv(function_, 0, &out_, sizeof out_));
    EXPECT_OK(cuParamSeti(function_, 8, factor));
    EXPECT_OK(cuParamSetf(function_, 12, scale));
    EXPECT_OK(cuParamSetSize(function_, 16));
  }
  std::vector<uint32_t> Out() {
    std::vector<uint32_t> out(kBlocks);
    EXPECT_OK(cuMemcpyDtoH(out.data(), out_, kBlocks * 4));
    return out;
  }

  static constexpr size_t kBlocks = 6;
  CUmodule module_ = nullptr;
  CUfunction function_ = nullptr;
  CUdeviceptr out_ = 0;
};

TEST_F(PreparedLaunches, RunWithWhatWasSet) {
  SetArguments(3, 1.5f);
  EXPECT_OK(cuFuncSetBlockShape(function_, 8, 2, 1));
  EXPECT_OK(cuFuncSetSharedSize(function_, 64));
  EXPECT_OK(cuLaunch(function_));
  EXPECT_EQ(Out()[0], Bits(1.5f) + 16 * 3 + 64);
  EXPECT_EQ(Out()[1], 0u);
}

TEST_F(PreparedLaunches, KeepWhatWasSet) {
  SetArguments(1, 0);
  EXPECT_OK(cuFuncSetBlockShape(function_, 32, 1, 1));
  EXPECT_OK(cuLaunchGrid(function_, 3, 2));
  EXPECT_EQ(Out(), std::vector<uint32_t>(kBlocks, 32));
  EXPECT_OK(cuParamSeti(function_, 8, 2));
  EXPECT_OK(cuLaunchGrid(function_, 3, 2));
  EXPECT_EQ(Out(), std::vector<uint32_t>(kBlocks, 64));
}

TEST_F(PreparedLaunches, RunInTheOrderOfTheirStream) {
  CUstream stream = nullptr;
  ASSERT_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  Gate gate;
  ASSERT_OK(gate.Hold(stream));
  SetArguments(5, 0);
  EXPECT_OK(cuFuncSetBlockShape(function_, 1, 1, 1));
  EXPECT_OK(cuLaunchGridAsync(function_, 3, 2, stream));
  // The arguments are those of the time of the call.
  EXPECT_OK(cuParamSeti(function_, 8, 7));
  EXPECT_EQ(cuStreamQuery(stream), CUDA_ERROR_NOT_READY);
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(stream));
  EXPECT_EQ(Out(), std::vector<uint32_t>(kBlocks, 5));
  EXPECT_OK(cuStreamDestroy(stream));
}

TEST_F(PreparedLaunches, WantWholeDescriptions) {
  EXPECT_EQ(cuLaunch(function_), CUDA_ERROR_INVALID_VALUE);  // no block
  EXPECT_OK(cuFuncSetBlockShape(function_, 1, 1, 1));
  EXPECT_EQ(cuLaunch(function_), CUDA_ERROR_INVALID_VALUE);  // no arguments
  SetArguments(1, 0);
  EXPECT_OK(cuParamSetSize(function_, 12));
  EXPECT_EQ(cuLaunch(function_), CUDA_ERROR_INVALID_VALUE);  // too few of them
  EXPECT_OK(cuParamSetSize(function_, 16));
  EXPECT_EQ(cuLaunchGrid(function_, 0, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuLaunchGrid(function_, 1, -1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuFuncSetBlockShape(function_, 0, 1, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuFuncSetBlockShape(function_, 2048, 1, 1));
  EXPECT_EQ(cuLaunch(function_), CUDA_ERROR_INVALID_VALUE);  // larger than any block
  EXPECT_EQ(Out()[0], 0u);
}

TEST_F(PreparedLaunches, RefuseWhatIsNoArgument) {
  EXPECT_EQ(cuParamSeti(function_, -4, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuParamSetv(function_, 0, nullptr, 4), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuParamSetSize(function_, 1u << 20), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuParamSetv(function_, 32760, &out_, 8), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuFuncSetSharedSize(reinterpret_cast<CUfunction>(context_), 0), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuLaunch(nullptr), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(PreparedLaunches, TakeTextureReferencesOfModules) {
  CUtexref of_module = nullptr, alone = nullptr;
  ASSERT_OK(cuModuleGetTexRef(&of_module, module_, "image"));
  ASSERT_OK(cuTexRefCreate(&alone));
  EXPECT_OK(cuParamSetTexRef(function_, CU_PARAM_TR_DEFAULT, of_module));
  EXPECT_EQ(cuParamSetTexRef(function_, 0, of_module), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuParamSetTexRef(function_, CU_PARAM_TR_DEFAULT, alone), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuTexRefDestroy(alone));
}

}  // namespace
