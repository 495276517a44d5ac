// Green contexts on a device of four multiprocessors.
#include <cuda.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64

// out[block] = the multiprocessor; counts to `turns` first, so that blocks are spread
.visible .entry where(.param .u64 out, .param .u32 turns)
{
  .reg .pred %p;
  .reg .b32 %r<4>;
  .reg .b64 %rd<3>;
  ld.param.u64 %rd0, [out];
  ld.param.u32 %r0, [turns];
  mov.u32 %r1, 0;
again:
  add.u32 %r1, %r1, 1;
  ld.volatile.global.u32 %r2, [%rd0];
  setp.lt.u32 %p, %r1, %r0;
  @%p bra again;
  mov.u32 %r2, %ctaid.x;
  mul.wide.u32 %rd1, %r2, 4;
  add.u64 %rd0, %rd0, %rd1;
  mov.u32 %r3, %smid;
  st.global.u32 [%rd0], %r3;
  ret;
}
)";

class GreenContexts : public ContextFixture {
 protected:
  static constexpr unsigned kBlocks = 64;

  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuDeviceGetDevResource(device_, &all_, CU_DEV_RESOURCE_TYPE_SM));
    ASSERT_EQ(all_.sm.smCount, 4u);  // TIANQIAO_CPU_WORKERS
    ASSERT_OK(cuModuleLoadData(&module_, kModule));
    ASSERT_OK(cuModuleGetFunction(&where_, module_, "where"));
  }

  CUgreenCtx Make(CUdevResource* resources, unsigned count) {
    CUdevResourceDesc description = nullptr;
    CUgreenCtx green = nullptr;
    EXPECT_OK(cuDevResourceGenerateDesc(&description, resources, count));
    EXPECT_OK(cuGreenCtxCreate(&green, description, device_, CU_GREEN_CTX_DEFAULT_STREAM));
    return green;
  }
  // Two halves of the device.
  void MakeHalves(CUgreenCtx (&halves)[2]) {
    CUdevResource groups[2];
    unsigned count = 2;
    ASSERT_OK(cuDevSmResourceSplitByCount(groups, &count, &all_, nullptr, 0, 2));
    ASSERT_EQ(count, 2u);
    for (int i = 0; i < 2; ++i) halves[i] = Make(&groups[i], 1);
  }
  void Launch(CUdeviceptr out, CUstream stream) {
    unsigned turns = 200000;
    void* arguments[] = {&out, &turns};
    ASSERT_OK(cuLaunchKernel(where_, kBlocks, 1, 1, 1, 1, 1, 0, stream, arguments, nullptr));
  }
  CUdeviceptr Allocate() {
    CUdeviceptr memory = 0;
    EXPECT_OK(cuMemAlloc(&memory, kBlocks * 4));
    EXPECT_OK(cuMemsetD32(memory, 0xffffffff, kBlocks));
    return memory;
  }
  std::set<uint32_t> Read(CUdeviceptr memory) {
    std::vector<uint32_t> units(kBlocks);
    EXPECT_OK(cuMemcpyDtoH(units.data(), memory, kBlocks * 4));
    return {units.begin(), units.end()};
  }

  CUdevResource all_ = {};
  CUmodule module_ = nullptr;
  CUfunction where_ = nullptr;
};

TEST_F(GreenContexts, SplitsAreDisjointAndCounted) {
  CUdevResource groups[8], remaining = {};
  unsigned count = 8;
  ASSERT_OK(cuDevSmResourceSplitByCount(groups, &count, &all_, &remaining, 0, 1));
  EXPECT_EQ(count, 4u);
  EXPECT_EQ(groups[3].sm.smCount, 1u);
  EXPECT_EQ(remaining.type, CU_DEV_RESOURCE_TYPE_INVALID);
  count = 1;
  ASSERT_OK(cuDevSmResourceSplitByCount(groups, &count, &all_, &remaining, 0, 3));
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(groups[0].sm.smCount, 3u);
  EXPECT_EQ(remaining.type, CU_DEV_RESOURCE_TYPE_SM);
  EXPECT_EQ(remaining.sm.smCount, 1u);
  // Without results it is a question.
  count = 0;
  ASSERT_OK(cuDevSmResourceSplitByCount(nullptr, &count, &all_, nullptr, 0, 2));
  EXPECT_EQ(count, 2u);
}

TEST_F(GreenContexts, KernelsStayInTheirPart) {
  CUgreenCtx halves[2];
  MakeHalves(halves);
  CUstream streams[2];
  CUdeviceptr out[2];
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK(cuGreenCtxStreamCreate(&streams[i], halves[i], CU_STREAM_NON_BLOCKING, 0));
    out[i] = Allocate();
  }
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 2; ++i) Launch(out[i], streams[i]);
  }
  std::set<uint32_t> used[2];
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK(cuStreamSynchronize(streams[i]));
    used[i] = Read(out[i]);
    EXPECT_GE(used[i].size(), 1u);
    EXPECT_LE(used[i].size(), 2u);
  }
  for (const uint32_t unit : used[0]) EXPECT_EQ(used[1].count(unit), 0u) << unit;
  for (int i = 0; i < 2; ++i) {
    EXPECT_OK(cuStreamDestroy(streams[i]));
    EXPECT_OK(cuGreenCtxDestroy(halves[i]));
  }
}

TEST_F(GreenContexts, CurrentOnesGiveTheirDefaultStream) {
  CUgreenCtx halves[2];
  MakeHalves(halves);
  CUcontext view = nullptr, current = nullptr;
  ASSERT_OK(cuCtxFromGreenCtx(&view, halves[1]));
  EXPECT_NE(view, context_);
  ASSERT_OK(cuCtxPushCurrent(view));
  ASSERT_OK(cuCtxGetCurrent(&current));
  EXPECT_EQ(current, view);
  // Memory and modules are the primary context's.
  const CUdeviceptr out = Allocate();
  Launch(out, nullptr);
  ASSERT_OK(cuCtxSynchronize());
  const std::set<uint32_t> used = Read(out);
  EXPECT_LE(used.size(), 2u);

  CUgreenCtx found = nullptr;
  ASSERT_OK(cuStreamGetGreenCtx(nullptr, &found));
  EXPECT_EQ(found, halves[1]);
  CUstream stream = nullptr;
  ASSERT_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  ASSERT_OK(cuStreamGetGreenCtx(stream, &found));
  EXPECT_EQ(found, halves[1]);
  ASSERT_OK(cuStreamGetCtx(stream, &current));
  EXPECT_EQ(current, view);
  unsigned long long id = 0, other = 0;
  ASSERT_OK(cuGreenCtxGetId(nullptr, &id));
  ASSERT_OK(cuGreenCtxGetId(halves[1], &other));
  EXPECT_EQ(id, other);
  ASSERT_OK(cuGreenCtxGetId(halves[0], &other));
  EXPECT_NE(id, other);
  CUexecAffinityParam affinity = {};
  ASSERT_OK(cuCtxGetExecAffinity(&affinity, CU_EXEC_AFFINITY_TYPE_SM_COUNT));
  EXPECT_EQ(affinity.param.smCount.val, 2u);
  CUdevResource resource = {};
  ASSERT_OK(cuCtxGetDevResource(view, &resource, CU_DEV_RESOURCE_TYPE_SM));
  EXPECT_EQ(resource.sm.smCount, 2u);
  EXPECT_EQ(cuStreamQuery(CU_STREAM_PER_THREAD), CUDA_ERROR_INVALID_HANDLE);
  ASSERT_OK(cuStreamDestroy(stream));

  ASSERT_OK(cuCtxPopCurrent(&current));
  EXPECT_EQ(current, view);
  ASSERT_OK(cuStreamGetGreenCtx(nullptr, &found));
  EXPECT_EQ(found, nullptr);
  EXPECT_EQ(cuGreenCtxGetId(nullptr, &id), CUDA_ERROR_INVALID_CONTEXT);
  ASSERT_OK(cuCtxGetDevResource(context_, &resource, CU_DEV_RESOURCE_TYPE_SM));
  EXPECT_EQ(resource.sm.smCount, 4u);
  for (const CUgreenCtx half : halves) EXPECT_OK(cuGreenCtxDestroy(half));
}

TEST_F(GreenContexts, WaitForTheirOwnWorkOnly) {
  CUgreenCtx halves[2];
  MakeHalves(halves);
  CUstream streams[2];
  CUcontext view = nullptr;
  for (int i = 0; i < 2; ++i)
    ASSERT_OK(cuGreenCtxStreamCreate(&streams[i], halves[i], CU_STREAM_NON_BLOCKING, 0));
  CUevent event = nullptr;
  ASSERT_OK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
  Gate gate;
  ASSERT_OK(gate.Hold(streams[0]));
  ASSERT_OK(cuCtxFromGreenCtx(&view, halves[1]));
  EXPECT_OK(cuCtxSynchronize_v2(view));  // though the other has work
  ASSERT_OK(cuGreenCtxRecordEvent(halves[0], event));
  EXPECT_EQ(cuEventQuery(event), CUDA_ERROR_NOT_READY);
  ASSERT_OK(cuGreenCtxWaitEvent(halves[1], event));
  CUstream later = nullptr;
  ASSERT_OK(cuGreenCtxStreamCreate(&later, halves[1], CU_STREAM_NON_BLOCKING, 0));
  EXPECT_EQ(cuStreamQuery(streams[1]), CUDA_ERROR_NOT_READY);
  EXPECT_EQ(cuStreamQuery(later), CUDA_ERROR_NOT_READY);
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(later));
  EXPECT_OK(cuEventQuery(event));
  EXPECT_OK(cuEventDestroy(event));
  for (const CUgreenCtx half : halves) EXPECT_OK(cuGreenCtxDestroy(half));
}

TEST_F(GreenContexts, BlockingStreamsFollowTheirDefaultStream) {
  CUgreenCtx halves[2];
  MakeHalves(halves);
  CUcontext view = nullptr;
  ASSERT_OK(cuCtxFromGreenCtx(&view, halves[0]));
  ASSERT_OK(cuCtxPushCurrent(view));
  CUstream blocking = nullptr;
  ASSERT_OK(cuStreamCreate(&blocking, CU_STREAM_DEFAULT));
  Gate gate;
  ASSERT_OK(gate.Hold(nullptr));
  const CUdeviceptr out = Allocate();
  EXPECT_EQ(cuStreamQuery(blocking), CUDA_ERROR_NOT_READY);
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(blocking));
  ASSERT_OK(cuMemFree(out));
  ASSERT_OK(cuStreamDestroy(blocking));
  ASSERT_OK(cuCtxPopCurrent(nullptr));
  for (const CUgreenCtx half : halves) EXPECT_OK(cuGreenCtxDestroy(half));
}

TEST_F(GreenContexts, TheirEndIsTheirStreams) {
  CUgreenCtx green = Make(&all_, 1);
  CUstream stream = nullptr;
  CUcontext view = nullptr;
  ASSERT_OK(cuCtxFromGreenCtx(&view, green));
  ASSERT_OK(cuGreenCtxStreamCreate(&stream, green, CU_STREAM_NON_BLOCKING, 0));
  const CUdeviceptr out = Allocate();
  Launch(out, stream);
  ASSERT_OK(cuGreenCtxDestroy(green));
  EXPECT_EQ(Read(out).count(0xffffffff), 0u);  // waited for
  EXPECT_EQ(cuStreamQuery(stream), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  EXPECT_EQ(cuStreamDestroy(stream), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  EXPECT_EQ(cuGreenCtxDestroy(green), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_EQ(cuCtxPushCurrent(view), CUDA_ERROR_INVALID_CONTEXT);
}

TEST_F(GreenContexts, RetainThePrimaryContext) {
  CUgreenCtx green = Make(&all_, 1);
  unsigned flags = 0;
  int active = 0;
  ASSERT_OK(cuDevicePrimaryCtxRelease(device_));
  ASSERT_OK(cuDevicePrimaryCtxGetState(device_, &flags, &active));
  EXPECT_EQ(active, 1);
  ASSERT_OK(cuDevicePrimaryCtxReset(device_));
  CUstream stream = nullptr;
  EXPECT_EQ(cuGreenCtxStreamCreate(&stream, green, CU_STREAM_NON_BLOCKING, 0),
            CUDA_ERROR_CONTEXT_IS_DESTROYED);
  EXPECT_OK(cuGreenCtxDestroy(green));
  ASSERT_OK(cuDevicePrimaryCtxRetain(&context_, device_));  // what TearDown releases
}

TEST_F(GreenContexts, PartsMayBeOfSeveralResults) {
  CUdevResource groups[4];
  unsigned count = 4;
  ASSERT_OK(cuDevSmResourceSplitByCount(groups, &count, &all_, nullptr, 0, 1));
  CUdevResource both[] = {groups[0], groups[2]};
  CUgreenCtx green = Make(both, 2);
  CUdevResource resource = {};
  ASSERT_OK(cuGreenCtxGetDevResource(green, &resource, CU_DEV_RESOURCE_TYPE_SM));
  EXPECT_EQ(resource.sm.smCount, 2u);
  CUstream stream = nullptr;
  ASSERT_OK(cuGreenCtxStreamCreate(&stream, green, CU_STREAM_NON_BLOCKING, 0));
  const CUdeviceptr out = Allocate();
  Launch(out, stream);
  ASSERT_OK(cuStreamSynchronize(stream));
  for (const uint32_t unit : Read(out)) EXPECT_TRUE(unit == 0 || unit == 2) << unit;
  // Its own resource may be split again.
  count = 2;
  EXPECT_OK(cuDevSmResourceSplitByCount(groups, &count, &resource, nullptr, 0, 1));
  EXPECT_EQ(count, 2u);
  EXPECT_OK(cuStreamDestroy(stream));
  EXPECT_OK(cuGreenCtxDestroy(green));
}

TEST_F(GreenContexts, CooperativeGridsFitThePart) {
  CUdevResource groups[4];
  unsigned count = 4;
  ASSERT_OK(cuDevSmResourceSplitByCount(groups, &count, &all_, nullptr, 0, 1));
  CUgreenCtx green = Make(&groups[1], 1);
  CUstream stream = nullptr;
  ASSERT_OK(cuGreenCtxStreamCreate(&stream, green, CU_STREAM_NON_BLOCKING, 0));
  int blocks = 0;
  ASSERT_OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, where_, 1024, 0));
  CUdeviceptr out = 0;
  ASSERT_OK(cuMemAlloc(&out, 4096));
  unsigned turns = 1;
  void* arguments[] = {&out, &turns};
  const auto most = static_cast<unsigned>(blocks);
  EXPECT_OK(cuLaunchCooperativeKernel(where_, most, 1, 1, 1024, 1, 1, 0, stream, arguments));
  EXPECT_EQ(cuLaunchCooperativeKernel(where_, most + 1, 1, 1, 1024, 1, 1, 0, stream, arguments),
            CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  EXPECT_OK(cuStreamSynchronize(stream));
  EXPECT_OK(cuStreamDestroy(stream));
  EXPECT_OK(cuGreenCtxDestroy(green));
}

TEST_F(GreenContexts, Errors) {
  CUdevResource groups[4], resource = {};
  CUdevResourceDesc description = nullptr;
  CUgreenCtx green = nullptr;
  unsigned count = 4;
  EXPECT_EQ(cuDeviceGetDevResource(device_, &resource, CU_DEV_RESOURCE_TYPE_INVALID),
            CUDA_ERROR_INVALID_RESOURCE_TYPE);
  EXPECT_EQ(cuDeviceGetDevResource(77, &resource, CU_DEV_RESOURCE_TYPE_SM), CUDA_ERROR_INVALID_DEVICE);
  EXPECT_EQ(cuCtxGetDevResource(nullptr, &resource, CU_DEV_RESOURCE_TYPE_SM), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_EQ(cuDevSmResourceSplitByCount(groups, &count, &resource, nullptr, 0, 1),
            CUDA_ERROR_INVALID_RESOURCE_TYPE);
  EXPECT_EQ(cuDevSmResourceSplitByCount(groups, &count, &all_, nullptr, 0, 5), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDevSmResourceSplitByCount(groups, &count, &all_, nullptr, 8, 1), CUDA_ERROR_INVALID_VALUE);
  resource.type = CU_DEV_RESOURCE_TYPE_SM;
  EXPECT_EQ(cuDevSmResourceSplitByCount(groups, &count, &resource, nullptr, 0, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDevResourceGenerateDesc(&description, &resource, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDevResourceGenerateDesc(&description, groups, 0), CUDA_ERROR_INVALID_VALUE);

  ASSERT_OK(cuDevSmResourceSplitByCount(groups, &count, &all_, nullptr, 0, 1));
  CUdevResource again;
  unsigned one = 1;
  EXPECT_EQ(cuDevSmResourceSplitByCount(&again, &one, &groups[0], nullptr, 0, 1),
            CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION);
  CUdevResource twice[] = {groups[0], groups[0]};
  EXPECT_EQ(cuDevResourceGenerateDesc(&description, twice, 2), CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION);
  ASSERT_OK(cuDevSmResourceSplitByCount(&again, &one, &all_, nullptr, 0, 2));
  CUdevResource mixed[] = {groups[3], again};
  EXPECT_EQ(cuDevResourceGenerateDesc(&description, mixed, 2), CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION);

  ASSERT_OK(cuDevResourceGenerateDesc(&description, groups, 2));
  EXPECT_EQ(cuGreenCtxCreate(&green, description, device_, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuGreenCtxCreate(&green, nullptr, device_, CU_GREEN_CTX_DEFAULT_STREAM),
            CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION);
  ASSERT_OK(cuGreenCtxCreate(&green, description, device_, CU_GREEN_CTX_DEFAULT_STREAM));
  CUstream stream = nullptr;
  EXPECT_EQ(cuGreenCtxStreamCreate(&stream, green, CU_STREAM_DEFAULT, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuGreenCtxStreamCreate(&stream, nullptr, CU_STREAM_NON_BLOCKING, 0), CUDA_ERROR_INVALID_CONTEXT);
  CUcontext view = nullptr;
  ASSERT_OK(cuCtxFromGreenCtx(&view, green));
  EXPECT_EQ(cuCtxDestroy(view), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_OK(cuGreenCtxDestroy(green));
  EXPECT_EQ(cuGreenCtxDestroy(nullptr), CUDA_ERROR_INVALID_CONTEXT);
}

}  // namespace
