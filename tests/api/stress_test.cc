// Sixteen threads with sixteen streams each, which make calls of all kinds on one context. The results are
// checked; above all it is run under ThreadSanitizer (preset tsan).
#include <cuda.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64
.visible .entry add(.param .u64 cell, .param .u32 amount)
{
  .reg .b32 %r;
  .reg .b64 %rd;
  ld.param.u64 %rd, [cell];
  ld.param.u32 %r, [amount];
  red.global.add.u32 [%rd], %r;
  ret;
}
)";

constexpr unsigned kThreads = 16, kStreams = 16, kCalls = 300;
// Each stream has words of its own to fill and to copy: streams are not ordered among themselves.
constexpr unsigned kAreaWords = 8, kWords = (1 + 2 * kStreams) * kAreaWords;

class Worker {
 public:
  Worker(CUcontext context, CUfunction add, std::atomic<CUevent>* mailbox, unsigned number)
      : context_(context), add_(add), mailbox_(mailbox), state_(number * 2654435761u + 1) {}

  void Run() {
    ASSERT_OK(cuCtxSetCurrent(context_));
    ASSERT_OK(cuMemAlloc(&words_, kWords * 4));
    ASSERT_OK(cuMemsetD32(words_, 0, kWords));
    void* host = nullptr;
    ASSERT_OK(cuMemAllocHost(&host, kWords * 4));
    host_ = static_cast<uint32_t*>(host);
    for (CUstream& stream : streams_) ASSERT_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    for (CUevent& event : events_) ASSERT_OK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
    MakeGraph();

    using Call = void (Worker::*)(unsigned);
    constexpr Call kKinds[] = {&Worker::Launch,      &Worker::Launch, &Worker::Copy,   &Worker::Allocate,
                               &Worker::RecordEvent, &Worker::Wait,   &Worker::Graph,  &Worker::Capture,
                               &Worker::Query,       &Worker::Fail,   &Worker::Reload, &Worker::Renew,
                               &Worker::CallHost,    &Worker::Fill,   &Worker::Launch};
    for (unsigned i = 0; i < kCalls; ++i) (this->*kKinds[Next() % std::size(kKinds)])(Next() % kStreams);

    for (CUstream stream : streams_) EXPECT_OK(cuStreamSynchronize(stream));
    uint32_t total = 0;
    EXPECT_OK(cuMemcpyDtoH(&total, words_, 4));
    EXPECT_EQ(total, added_);
    EXPECT_EQ(called_.load(), host_calls_);
  }

  // When all have run: an event that another thread waits for must outlive the wait.
  void End() {
    for (CUstream stream : streams_) EXPECT_OK(cuStreamDestroy(stream));
    for (CUevent event : events_) EXPECT_OK(cuEventDestroy(event));
    EXPECT_OK(cuGraphExecDestroy(exec_));
    EXPECT_OK(cuMemFree(words_));
    EXPECT_OK(cuMemFreeHost(host_));
  }

 private:
  unsigned Next() {
    state_ = state_ * 1664525 + 1013904223;
    return state_ >> 8;
  }

  // The first area holds the sum.
  CUdeviceptr Area(unsigned i) const { return words_ + i * kAreaWords * 4; }
  CUresult Add(CUfunction add, CUstream stream, uint32_t amount) {
    void* arguments[] = {&words_, &amount};
    return cuLaunchKernel(add, 1, 1, 1, 1, 1, 1, 0, stream, arguments, nullptr);
  }
  void MakeGraph() {
    CUgraph graph = nullptr;
    ASSERT_OK(cuGraphCreate(&graph, 0));
    uint32_t amount = 100;
    void* arguments[] = {&words_, &amount};
    CUDA_KERNEL_NODE_PARAMS params = {};
    params.func = add_;
    params.gridDimX = params.gridDimY = params.gridDimZ = 1;
    params.blockDimX = params.blockDimY = params.blockDimZ = 1;
    params.kernelParams = arguments;
    CUgraphNode node;
    ASSERT_OK(cuGraphAddKernelNode(&node, graph, nullptr, 0, &params));
    ASSERT_OK(cuGraphInstantiate(&exec_, graph, 0));
    ASSERT_OK(cuGraphDestroy(graph));
  }

  void Launch(unsigned s) {
    EXPECT_OK(Add(add_, streams_[s], s));
    added_ += s;
  }
  void Copy(unsigned s) {
    EXPECT_OK(cuMemcpyDtoDAsync(Area(1 + kStreams + s), Area(1 + s), kAreaWords * 4, streams_[s]));
    EXPECT_OK(cuMemcpyDtoHAsync(host_ + s * kAreaWords, Area(1 + s), kAreaWords * 4, streams_[s]));
  }
  void Fill(unsigned s) { EXPECT_OK(cuMemsetD32Async(Area(1 + s), s, kAreaWords, streams_[s])); }
  void Allocate(unsigned s) {
    CUdeviceptr memory = 0;
    EXPECT_OK(cuMemAllocAsync(&memory, 1024 + 256 * s, streams_[s]));
    EXPECT_OK(cuMemsetD8Async(memory, 1, 1024, streams_[s]));
    EXPECT_OK(cuMemFreeAsync(memory, streams_[s]));
    EXPECT_OK(cuMemAlloc(&memory, 4096));
    EXPECT_OK(cuMemFree(memory));
  }
  void RecordEvent(unsigned s) {
    EXPECT_OK(cuEventRecord(events_[s], streams_[s]));
    mailbox_->store(events_[s]);
  }
  // For an event of whichever thread recorded last.
  void Wait(unsigned s) {
    if (const CUevent event = mailbox_->load(); event != nullptr) {
      EXPECT_OK(cuStreamWaitEvent(streams_[s], event, 0));
    }
  }
  void Graph(unsigned s) {
    EXPECT_OK(cuGraphLaunch(exec_, streams_[s]));
    added_ += 100;
  }
  void Capture(unsigned s) {
    CUgraph graph = nullptr;
    CUgraphExec exec = nullptr;
    ASSERT_OK(cuStreamBeginCapture(streams_[s], CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    EXPECT_OK(Add(add_, streams_[s], 7));
    ASSERT_OK(cuStreamEndCapture(streams_[s], &graph));
    ASSERT_OK(cuGraphInstantiate(&exec, graph, 0));
    EXPECT_OK(cuGraphLaunch(exec, streams_[s]));
    added_ += 7;
    EXPECT_OK(cuStreamSynchronize(streams_[s]));
    EXPECT_OK(cuGraphExecDestroy(exec));
    EXPECT_OK(cuGraphDestroy(graph));
  }
  void Query(unsigned s) {
    const CUresult result = cuStreamQuery(streams_[s]);
    EXPECT_TRUE(result == CUDA_SUCCESS || result == CUDA_ERROR_NOT_READY) << result;
    size_t free_bytes, total_bytes;
    EXPECT_OK(cuMemGetInfo(&free_bytes, &total_bytes));
    CUcontext owner = nullptr;
    EXPECT_OK(cuPointerGetAttribute(&owner, CU_POINTER_ATTRIBUTE_CONTEXT, words_));
    EXPECT_EQ(owner, context_);
  }
  void Fail(unsigned s) {
    EXPECT_EQ(cuMemFree(words_ + 4), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuStreamQuery(reinterpret_cast<CUstream>(uintptr_t{0x1000} + s)), CUDA_ERROR_INVALID_HANDLE);
    const char* text = nullptr;
    EXPECT_OK(cuGetErrorString(CUDA_ERROR_INVALID_HANDLE, &text));
    size_t limit;
    EXPECT_OK(cuCtxGetLimit(&limit, CU_LIMIT_STACK_SIZE));
  }
  void Reload(unsigned s) {
    CUmodule module = nullptr;
    CUfunction add = nullptr;
    ASSERT_OK(cuModuleLoadData(&module, kModule));
    EXPECT_OK(cuModuleGetFunction(&add, module, "add"));
    EXPECT_OK(Add(add, streams_[s], 3));
    added_ += 3;
    EXPECT_OK(cuModuleUnload(module));  // while it is in use
  }
  void Renew(unsigned s) {
    EXPECT_OK(cuStreamDestroy(streams_[s]));
    EXPECT_OK(cuStreamCreateWithPriority(&streams_[s], CU_STREAM_NON_BLOCKING, s % 2 == 0 ? 0 : -1));
  }
  void CallHost(unsigned s) {
    EXPECT_OK(cuLaunchHostFunc(
        streams_[s], [](void* data) { ++*static_cast<std::atomic<uint32_t>*>(data); }, &called_));
    ++host_calls_;
  }

  const CUcontext context_;
  const CUfunction add_;
  std::atomic<CUevent>* const mailbox_;
  uint32_t state_;
  CUdeviceptr words_ = 0;
  uint32_t* host_ = nullptr;
  std::array<CUstream, kStreams> streams_ = {};
  std::array<CUevent, kStreams> events_ = {};
  CUgraphExec exec_ = nullptr;
  uint32_t added_ = 0, host_calls_ = 0;
  std::atomic<uint32_t> called_{0};
};

using Stress = ContextFixture;

TEST_F(Stress, SixteenThreadsWithSixteenStreamsEach) {
  CUmodule module = nullptr;
  CUfunction add = nullptr;
  ASSERT_OK(cuModuleLoadData(&module, kModule));
  ASSERT_OK(cuModuleGetFunction(&add, module, "add"));
  std::atomic<CUevent> mailbox{nullptr};
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < kThreads; ++i)
    workers.push_back(std::make_unique<Worker>(context_, add, &mailbox, i));
  std::vector<std::thread> threads;
  for (const auto& worker : workers) threads.emplace_back([&worker] { worker->Run(); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& worker : workers) worker->End();
  EXPECT_OK(cuModuleUnload(module));
}

}  // namespace
