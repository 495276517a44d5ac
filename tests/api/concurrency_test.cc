// Many threads at once on one context: the same kernels, first uses included, and streams that wait for each
// other. Meant for ThreadSanitizer as much as for the results.
#include <cuda.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64

// out[i] = out[i] * 3 + in[i] + 1: threads in a loop
.visible .entry combine(.param .u64 out, .param .u64 in)
{
  .reg .b32 %r<8>;
  .reg .b64 %rd<6>;
  ld.param.u64 %rd1, [out];
  ld.param.u64 %rd2, [in];
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %ntid.x;
  mov.u32 %r3, %tid.x;
  mad.lo.u32 %r3, %r1, %r2, %r3;
  mul.wide.u32 %rd3, %r3, 4;
  add.u64 %rd1, %rd1, %rd3;
  add.u64 %rd2, %rd2, %rd3;
  ld.global.u32 %r4, [%rd1];
  ld.global.u32 %r5, [%rd2];
  mad.lo.u32 %r4, %r4, 3, %r5;
  add.u32 %r4, %r4, 1;
  st.global.u32 [%rd1], %r4;
  ret;
}

// reverses the words of each block of 64: threads that wait for each other
.visible .entry reverse(.param .u64 words)
{
  .shared .align 4 .b8 tile[256];
  .reg .b32 %r<10>;
  .reg .b64 %rd<4>;
  ld.param.u64 %rd1, [words];
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %tid.x;
  mad.lo.u32 %r3, %r1, 64, %r2;
  mul.wide.u32 %rd2, %r3, 4;
  add.u64 %rd1, %rd1, %rd2;
  ld.global.u32 %r4, [%rd1];
  mov.u32 %r5, tile;
  mad.lo.u32 %r6, %r2, 4, %r5;
  st.shared.u32 [%r6], %r4;
  bar.sync 0;
  sub.u32 %r7, 63, %r2;
  mad.lo.u32 %r8, %r7, 4, %r5;
  ld.shared.u32 %r9, [%r8];
  st.global.u32 [%rd1], %r9;
  ret;
}
)";

constexpr unsigned kThreads = 8, kStreams = 8, kRounds = 6, kBlocks = 4, kBlock = 64,
                   kWords = kBlocks * kBlock;

// What one thread of the program does, and the same on the host. Each stream works on words of its own and
// reads those of the stream before it, behind whose event it waits.
class Worker {
 public:
  void Start(CUmodule module, unsigned seed) {
    EXPECT_OK(cuModuleGetFunction(&combine_, module, "combine"));
    EXPECT_OK(cuModuleGetFunction(&reverse_, module, "reverse"));
    for (unsigned s = 0; s < kStreams; ++s) {
      Lane& lane = lanes_[s];
      EXPECT_OK(cuStreamCreate(&lane.stream, s % 2 == 0 ? CU_STREAM_NON_BLOCKING : CU_STREAM_DEFAULT));
      EXPECT_OK(cuEventCreate(&lane.event, s % 2 == 0 ? CU_EVENT_DISABLE_TIMING : CU_EVENT_DEFAULT));
      EXPECT_OK(cuMemAllocAsync(&lane.words, kWords * 4, lane.stream));
      EXPECT_OK(cuMemsetD32Async(lane.words, seed + s, kWords, lane.stream));
      EXPECT_OK(cuEventRecord(lane.event, lane.stream));
      lane.expected.assign(kWords, seed + s);
    }
    EXPECT_OK(cuEventSynchronize(lanes_[kStreams - 1].event));
  }

  void Run() {
    for (unsigned round = 0; round < kRounds; ++round) {
      for (unsigned s = 0; s < kStreams; ++s) Step(lanes_[s], lanes_[(s + kStreams - 1) % kStreams]);
    }
  }

  void Finish() {
    // All of them before anything is freed: the next stream may still read.
    for (Lane& lane : lanes_) EXPECT_OK(cuStreamSynchronize(lane.stream));
    for (Lane& lane : lanes_) {
      std::vector<uint32_t> words(kWords);
      EXPECT_OK(cuMemcpyDtoHAsync(words.data(), lane.words, kWords * 4, lane.stream));
      EXPECT_OK(cuMemFreeAsync(lane.words, lane.stream));
      EXPECT_OK(cuStreamSynchronize(lane.stream));
      EXPECT_EQ(words, lane.expected);
      EXPECT_EQ(lane.calls, kRounds);
      EXPECT_OK(cuEventDestroy(lane.event));
      EXPECT_OK(cuStreamDestroy(lane.stream));
    }
  }

 private:
  struct Lane {
    CUstream stream = nullptr;
    CUevent event = nullptr;
    CUdeviceptr words = 0;
    std::vector<uint32_t> expected;
    unsigned calls = 0;  // by host functions; plain, since the stream orders them and the read at the end
  };

  void Step(Lane& lane, Lane& before) {
    EXPECT_OK(cuStreamWaitEvent(lane.stream, before.event, 0));
    void* combined[] = {&lane.words, &before.words};
    EXPECT_OK(cuLaunchKernel(combine_, kBlocks, 1, 1, kBlock, 1, 1, 0, lane.stream, combined, nullptr));
    void* reversed[] = {&lane.words};
    EXPECT_OK(cuLaunchKernel(reverse_, kBlocks, 1, 1, kBlock, 1, 1, 0, lane.stream, reversed, nullptr));
    EXPECT_OK(
        cuLaunchHostFunc(lane.stream, [](void* calls) { ++*static_cast<unsigned*>(calls); }, &lane.calls));
    EXPECT_OK(cuEventRecord(lane.event, lane.stream));

    for (unsigned i = 0; i < kWords; ++i) lane.expected[i] = lane.expected[i] * 3 + before.expected[i] + 1;
    for (unsigned block = 0; block < kBlocks; ++block) {
      const auto begin = lane.expected.begin() + block * kBlock;
      std::reverse(begin, begin + kBlock);
    }
  }

  CUfunction combine_ = nullptr, reverse_ = nullptr;
  Lane lanes_[kStreams];
};

class Concurrency : public ContextFixture {};

TEST_F(Concurrency, ThreadsAndStreamsShareKernels) {
  CUmodule module = nullptr;
  ASSERT_OK(cuModuleLoadData(&module, kModule));
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, module, t] {
      EXPECT_OK(cuCtxSetCurrent(context_));
      Worker worker;
      worker.Start(module, t * 1000);
      worker.Run();
      worker.Finish();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Concurrency, EachThreadLoadsAndUnloadsItsOwnModule) {
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      EXPECT_OK(cuCtxSetCurrent(context_));
      CUmodule module = nullptr;
      EXPECT_OK(cuModuleLoadData(&module, kModule));
      Worker worker;
      worker.Start(module, t);
      worker.Run();
      worker.Finish();
      EXPECT_OK(cuModuleUnload(module));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
