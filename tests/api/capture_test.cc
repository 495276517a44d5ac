#include <cuda.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/api/graph_fixture.h"

namespace {

class Captures : public GraphFixture {
 protected:
  void SetUp() override {
    GraphFixture::SetUp();
    ASSERT_OK(cuStreamCreate(&other_, CU_STREAM_NON_BLOCKING));
    ASSERT_OK(cuEventCreate(&event_, CU_EVENT_DISABLE_TIMING));
    ASSERT_OK(cuEventCreate(&back_, CU_EVENT_DISABLE_TIMING));
  }
  void TearDown() override {
    CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
    EXPECT_OK(cuThreadExchangeStreamCaptureMode(&mode));
    GraphFixture::TearDown();
  }
  CUresult Begin(CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_THREAD_LOCAL) {
    return cuStreamBeginCapture(stream_, mode);
  }
  CUstreamCaptureStatus Status(CUstream stream) {
    CUstreamCaptureStatus status;
    EXPECT_OK(cuStreamIsCapturing(stream, &status));
    return status;
  }
  // Ends the capture, which must be good, and runs what it gave.
  void EndAndLaunch(size_t node_count) {
    CUgraph graph = nullptr;
    ASSERT_OK(cuStreamEndCapture(stream_, &graph));
    size_t count = 0;
    ASSERT_OK(cuGraphGetNodes(graph, nullptr, &count));
    EXPECT_EQ(count, node_count);
    const CUgraphExec exec = Instantiate(graph);
    EXPECT_OK(cuGraphDestroy(graph));
    ASSERT_OK(cuGraphLaunch(exec, stream_));
    ASSERT_OK(cuStreamSynchronize(stream_));
    EXPECT_OK(cuGraphExecDestroy(exec));
  }

  CUstream other_ = nullptr;
  CUevent event_ = nullptr, back_ = nullptr;
};

TEST_F(Captures, WorkBecomesNodesAndIsNotDone) {
  EXPECT_EQ(Status(stream_), CU_STREAM_CAPTURE_STATUS_NONE);
  ASSERT_OK(Begin());
  EXPECT_EQ(Status(stream_), CU_STREAM_CAPTURE_STATUS_ACTIVE);
  ASSERT_OK(LaunchAffine(stream_, 0, 1, 5));
  ASSERT_OK(cuMemsetD32Async(Cell(1), 3, 1, stream_));
  ASSERT_OK(cuMemcpyDtoDAsync(Cell(2), Cell(0), 8, stream_));
  static std::atomic<bool> called;
  called = false;
  ASSERT_OK(cuLaunchHostFunc(stream_, [](void*) { called = true; }, nullptr));
  CUgraph graph = nullptr;
  ASSERT_OK(cuStreamEndCapture(stream_, &graph));
  EXPECT_EQ(Status(stream_), CU_STREAM_CAPTURE_STATUS_NONE);
  EXPECT_EQ(Read(0), 0u);
  EXPECT_FALSE(called);
  const CUgraphExec exec = Instantiate(graph);
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(2), 5u);
  EXPECT_EQ(Read(3), 3u);
  EXPECT_TRUE(called);
  EXPECT_OK(cuGraphExecDestroy(exec));
  EXPECT_OK(cuGraphDestroy(graph));
}

TEST_F(Captures, ForkByEventAndJoin) {
  ASSERT_OK(Begin());
  ASSERT_OK(LaunchAffine(stream_, 0, 0, 4));
  ASSERT_OK(cuEventRecord(event_, stream_));
  ASSERT_OK(cuStreamWaitEvent(other_, event_, 0));
  EXPECT_EQ(Status(other_), CU_STREAM_CAPTURE_STATUS_ACTIVE);
  ASSERT_OK(LaunchAffine(other_, 1, 0, 7));
  ASSERT_OK(LaunchAffine(stream_, 2, 0, 8));
  ASSERT_OK(cuEventRecord(back_, other_));
  ASSERT_OK(cuStreamWaitEvent(stream_, back_, 0));
  ASSERT_OK(LaunchAffine(stream_, 0, 10, 1));
  EndAndLaunch(4);
  EXPECT_EQ(Status(other_), CU_STREAM_CAPTURE_STATUS_NONE);
  EXPECT_EQ(Read(0), 41u);
  EXPECT_EQ(Read(1), 7u);
  EXPECT_EQ(Read(2), 8u);
}

TEST_F(Captures, UnjoinedBranchIsAnError) {
  ASSERT_OK(Begin());
  ASSERT_OK(LaunchAffine(stream_, 0, 0, 4));
  ASSERT_OK(cuEventRecord(event_, stream_));
  ASSERT_OK(cuStreamWaitEvent(other_, event_, 0));
  ASSERT_OK(LaunchAffine(other_, 1, 0, 7));
  CUgraph graph;
  EXPECT_EQ(cuStreamEndCapture(other_, &graph), CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
  EXPECT_EQ(cuStreamEndCapture(stream_, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  EXPECT_EQ(graph, nullptr);
  ASSERT_OK(Begin());
  ASSERT_OK(LaunchAffine(stream_, 0, 0, 4));
  ASSERT_OK(cuEventRecord(event_, stream_));
  ASSERT_OK(cuStreamWaitEvent(other_, event_, 0));
  ASSERT_OK(LaunchAffine(other_, 1, 0, 7));
  EXPECT_EQ(cuStreamEndCapture(stream_, &graph), CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
  EXPECT_OK(LaunchAffine(other_, 1, 0, 7)) << "an ordinary stream again";
}

TEST_F(Captures, WaitingInvalidates) {
  CUgraph graph;
  ASSERT_OK(Begin(CU_STREAM_CAPTURE_MODE_RELAXED));
  EXPECT_EQ(cuStreamSynchronize(stream_), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  EXPECT_EQ(Status(stream_), CU_STREAM_CAPTURE_STATUS_INVALIDATED);
  EXPECT_EQ(LaunchAffine(stream_, 0, 1, 1), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  EXPECT_EQ(cuStreamEndCapture(stream_, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  ASSERT_OK(Begin(CU_STREAM_CAPTURE_MODE_RELAXED));
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  EXPECT_EQ(cuStreamEndCapture(stream_, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
}

TEST_F(Captures, UnsafeCallsDependOnTheMode) {
  CUdeviceptr memory;
  CUgraph graph;
  ASSERT_OK(Begin(CU_STREAM_CAPTURE_MODE_GLOBAL));
  EXPECT_EQ(cuMemAlloc(&memory, 64), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  EXPECT_EQ(cuStreamEndCapture(stream_, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  // Of another thread's capture only the global mode takes notice.
  const auto allocate_elsewhere = [&] {
    CUresult result = CUDA_ERROR_UNKNOWN;
    std::thread([&] {
      cuCtxSetCurrent(context_);
      CUdeviceptr elsewhere;
      result = cuMemAlloc(&elsewhere, 64);
    }).join();
    return result;
  };
  ASSERT_OK(Begin(CU_STREAM_CAPTURE_MODE_GLOBAL));
  EXPECT_EQ(allocate_elsewhere(), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  EXPECT_EQ(cuStreamEndCapture(stream_, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  ASSERT_OK(Begin(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  EXPECT_OK(allocate_elsewhere());
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_RELAXED;
  ASSERT_OK(cuThreadExchangeStreamCaptureMode(&mode));
  EXPECT_EQ(mode, CU_STREAM_CAPTURE_MODE_GLOBAL);
  EXPECT_OK(cuMemAlloc(&memory, 64)) << "this thread knows what it does";
  ASSERT_OK(cuStreamEndCapture(stream_, &graph));
  EXPECT_OK(cuGraphDestroy(graph));
  mode = static_cast<CUstreamCaptureMode>(7);
  EXPECT_EQ(cuThreadExchangeStreamCaptureMode(&mode), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Captures, LegacyStreamAndBlockingStreams) {
  EXPECT_EQ(cuStreamBeginCapture(nullptr, CU_STREAM_CAPTURE_MODE_RELAXED),
            CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CUstream blocking;
  ASSERT_OK(cuStreamCreate(&blocking, CU_STREAM_DEFAULT));
  ASSERT_OK(cuStreamBeginCapture(blocking, CU_STREAM_CAPTURE_MODE_RELAXED));
  EXPECT_EQ(LaunchAffine(nullptr, 0, 1, 1), CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
  CUgraph graph;
  EXPECT_EQ(cuStreamEndCapture(blocking, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  ASSERT_OK(Begin(CU_STREAM_CAPTURE_MODE_RELAXED));
  EXPECT_OK(LaunchAffine(nullptr, 0, 1, 1)) << "a non-blocking stream does not mind";
  ASSERT_OK(cuStreamEndCapture(stream_, &graph));
  EXPECT_OK(cuGraphDestroy(graph));
}

TEST_F(Captures, EventsOfACapture) {
  CUgraph graph;
  ASSERT_OK(cuEventRecord(back_, other_));
  ASSERT_OK(Begin(CU_STREAM_CAPTURE_MODE_RELAXED));
  ASSERT_OK(LaunchAffine(stream_, 0, 1, 1));
  ASSERT_OK(cuEventRecord(event_, stream_));
  EXPECT_EQ(cuEventQuery(event_), CUDA_ERROR_CAPTURED_EVENT);
  EXPECT_EQ(cuEventSynchronize(event_), CUDA_ERROR_CAPTURED_EVENT);
  EXPECT_EQ(cuStreamWaitEvent(stream_, back_, 0), CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
  EXPECT_EQ(cuStreamEndCapture(stream_, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  // Two captures do not merge.
  ASSERT_OK(Begin(CU_STREAM_CAPTURE_MODE_RELAXED));
  ASSERT_OK(cuStreamBeginCapture(other_, CU_STREAM_CAPTURE_MODE_RELAXED));
  ASSERT_OK(cuEventRecord(event_, stream_));
  EXPECT_EQ(cuStreamWaitEvent(other_, event_, 0), CUDA_ERROR_STREAM_CAPTURE_MERGE);
  EXPECT_EQ(cuStreamEndCapture(stream_, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  EXPECT_EQ(cuStreamEndCapture(other_, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  // Nodes for events that the outside sees.
  ASSERT_OK(Begin(CU_STREAM_CAPTURE_MODE_RELAXED));
  ASSERT_OK(LaunchAffine(stream_, 5, 0, 1));
  ASSERT_OK(cuEventRecordWithFlags(event_, stream_, CU_EVENT_RECORD_EXTERNAL));
  EndAndLaunch(2);
  EXPECT_OK(cuEventSynchronize(event_));
}

TEST_F(Captures, StateAndDependenciesCanBeChanged) {
  CUgraph graph, mine;
  ASSERT_OK(cuGraphCreate(&mine, 0));
  const CUgraphNode root = AddAffine(mine, {}, 0, 0, 2);
  ASSERT_OK(cuStreamBeginCaptureToGraph(stream_, mine, &root, nullptr, 1, CU_STREAM_CAPTURE_MODE_RELAXED));
  CUstreamCaptureStatus status;
  cuuint64_t id = 0;
  const CUgraphNode* dependencies;
  size_t count = 0;
  ASSERT_OK(cuStreamGetCaptureInfo(stream_, &status, &id, &graph, &dependencies, nullptr, &count));
  EXPECT_EQ(status, CU_STREAM_CAPTURE_STATUS_ACTIVE);
  EXPECT_NE(id, 0u);
  EXPECT_EQ(graph, mine);
  ASSERT_EQ(count, 1u);
  EXPECT_EQ(dependencies[0], root);
  CUgraphNode extra = AddAffine(mine, {root}, 0, 10, 0);
  ASSERT_OK(
      cuStreamUpdateCaptureDependencies(stream_, &extra, nullptr, 1, CU_STREAM_SET_CAPTURE_DEPENDENCIES));
  ASSERT_OK(LaunchAffine(stream_, 0, 1, 3));
  ASSERT_OK(cuStreamEndCapture(stream_, &graph));
  EXPECT_EQ(graph, mine);
  const CUgraphExec exec = Instantiate(mine);
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(0), 23u);
  EXPECT_OK(cuGraphExecDestroy(exec));
  EXPECT_OK(cuGraphDestroy(mine));
}

TEST_F(Captures, MemoryAndGraphsInsideACapture) {
  CUgraph inner;
  ASSERT_OK(cuGraphCreate(&inner, 0));
  AddAffine(inner, {}, 0, 1, 6);
  const CUgraphExec inner_exec = Instantiate(inner);
  ASSERT_OK(Begin());
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAllocAsync(&memory, 4096, stream_));
  ASSERT_OK(cuMemsetD32Async(memory, 3, 1024, stream_));
  ASSERT_OK(cuMemcpyDtoDAsync(Cell(0), memory, 4, stream_));
  ASSERT_OK(cuGraphLaunch(inner_exec, stream_));
  ASSERT_OK(cuMemFreeAsync(memory, stream_));
  EndAndLaunch(5);
  EXPECT_EQ(Read(0), 9u);
  EXPECT_OK(cuGraphExecDestroy(inner_exec));
  EXPECT_OK(cuGraphDestroy(inner));
}

TEST_F(Captures, WrongUse) {
  CUgraph graph;
  EXPECT_EQ(cuStreamEndCapture(stream_, &graph), CUDA_ERROR_ILLEGAL_STATE);
  EXPECT_EQ(cuStreamBeginCapture(stream_, static_cast<CUstreamCaptureMode>(9)), CUDA_ERROR_INVALID_VALUE);
  ASSERT_OK(Begin(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  EXPECT_EQ(Begin(), CUDA_ERROR_ILLEGAL_STATE);
  CUresult elsewhere = CUDA_SUCCESS;
  std::thread([&] {
    cuCtxSetCurrent(context_);
    elsewhere = cuStreamEndCapture(stream_, &graph);
  }).join();
  EXPECT_EQ(elsewhere, CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
  ASSERT_OK(cuStreamEndCapture(stream_, &graph));
  EXPECT_OK(cuGraphDestroy(graph));
  // A stream that is destroyed takes its capture along.
  CUstream short_lived;
  ASSERT_OK(cuStreamCreate(&short_lived, CU_STREAM_NON_BLOCKING));
  ASSERT_OK(cuStreamBeginCapture(short_lived, CU_STREAM_CAPTURE_MODE_GLOBAL));
  EXPECT_OK(cuStreamDestroy(short_lived));
  CUdeviceptr memory;
  EXPECT_OK(cuMemAlloc(&memory, 64));
}

}  // namespace
