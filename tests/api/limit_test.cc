// Limits that change what kernels may do (CUDA driver API, cuCtxSetLimit).
#include <cuda.h>
#include <gtest/gtest.h>

#include "tests/api/context_fixture.h"

namespace {

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64

.extern .func (.param .b64 result) malloc(.param .b64 size);

// *out = whether malloc(size) gives memory.
.visible .entry allocate(.param .u64 out, .param .u64 size)
{
  .reg .pred %p;
  .reg .b32 %r;
  .reg .b64 %rd<4>;
  .param .b64 asked;
  .param .b64 given;
  ld.param.u64 %rd1, [out];
  ld.param.u64 %rd2, [size];
  st.param.b64 [asked], %rd2;
  call.uni (given), malloc, (asked);
  ld.param.b64 %rd3, [given];
  setp.ne.u64 %p, %rd3, 0;
  selp.u32 %r, 1, 0, %p;
  st.global.u32 [%rd1], %r;
  ret;
}

// depth + (depth - 1) + ... + 1, with a kilobyte of local memory in each frame.
.func (.param .b32 result) descend(.param .b32 depth)
{
  .local .align 4 .b8 frame[1024];
  .reg .pred %p;
  .reg .b32 %r<5>;
  .reg .b64 %rd<4>;
  .param .b32 next;
  .param .b32 below;
  ld.param.u32 %r1, [depth];
  setp.eq.u32 %p, %r1, 0;
  mov.u32 %r2, 0;
  @%p bra done;
  mov.u64 %rd1, frame;
  and.b32 %r3, %r1, 255;
  mul.wide.u32 %rd2, %r3, 4;
  add.u64 %rd3, %rd1, %rd2;
  st.volatile.local.u32 [%rd3], %r1;
  sub.u32 %r3, %r1, 1;
  st.param.b32 [next], %r3;
  call.uni (below), descend, (next);
  ld.param.b32 %r4, [below];
  ld.volatile.local.u32 %r2, [%rd3];
  add.u32 %r2, %r2, %r4;
done:
  st.param.b32 [result], %r2;
  ret;
}

.visible .entry recurse(.param .u64 out, .param .u32 depth)
{
  .reg .b32 %r<3>;
  .reg .b64 %rd;
  .param .b32 start;
  .param .b32 sum;
  ld.param.u64 %rd, [out];
  ld.param.u32 %r1, [depth];
  bar.sync 0;
  st.param.b32 [start], %r1;
  call.uni (sum), descend, (start);
  ld.param.b32 %r2, [sum];
  st.global.u32 [%rd], %r2;
  ret;
}
)";

class Limits : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuModuleLoadData(&module_, kModule));
    ASSERT_OK(cuMemAlloc(&out_, 4));
    ASSERT_OK(cuMemsetD32(out_, 0xffffffff, 1));
  }
  template <typename Argument>
  CUresult Run(const char* name, Argument argument, uint32_t* out) {
    CUfunction function = nullptr;
    EXPECT_OK(cuModuleGetFunction(&function, module_, name));
    void* parameters[] = {&out_, &argument};
    EXPECT_OK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr));
    return cuMemcpyDtoH(out, out_, 4);
  }
  CUmodule module_ = nullptr;
  CUdeviceptr out_ = 0;
};

TEST_F(Limits, TheHeapIsAsLargeAsItWasMade) {
  constexpr uint64_t kMiB = 1 << 20;
  ASSERT_OK(cuCtxSetLimit(CU_LIMIT_MALLOC_HEAP_SIZE, 64 * kMiB));
  uint32_t succeeded = 7;
  ASSERT_OK(Run("allocate", 48 * kMiB, &succeeded));
  EXPECT_EQ(succeeded, 1u);
  ASSERT_OK(Run("allocate", 48 * kMiB, &succeeded));  // the first one is not freed
  EXPECT_EQ(succeeded, 0u);
  EXPECT_EQ(cuCtxSetLimit(CU_LIMIT_MALLOC_HEAP_SIZE, 128 * kMiB), CUDA_ERROR_INVALID_VALUE);
  size_t kept = 0;
  ASSERT_OK(cuCtxGetLimit(&kept, CU_LIMIT_MALLOC_HEAP_SIZE));
  EXPECT_EQ(kept, 64 * kMiB);
}

TEST_F(Limits, RecursionGoesAsDeepAsTheStackAllows) {
  constexpr uint32_t kDepth = 1000;
  ASSERT_OK(cuCtxSetLimit(CU_LIMIT_STACK_SIZE, 2 * 1024 * (kDepth + 8)));
  uint32_t sum = 0;
  ASSERT_OK(Run("recurse", kDepth, &sum));
  EXPECT_EQ(sum, kDepth * (kDepth + 1) / 2);
}

TEST_F(Limits, TooDeepARecursionIsAFaultAndNoCrash) {
  uint32_t sum = 0;
  EXPECT_NE(Run("recurse", 1000000u, &sum), CUDA_SUCCESS);
}

}  // namespace
