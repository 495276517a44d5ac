// Streams, events and capture: CUDA Runtime API, "Stream Management", "Event Management".
#include "tests/cudart/fixture.h"

namespace {

using Stream = RuntimeFixture;

TEST_F(Stream, KnowsItsFlagsPriorityAndState) {
  unsigned flags = 0;
  int priority = 9;
  EXPECT_OK(cudaStreamGetFlags(stream_, &flags));
  EXPECT_EQ(flags, static_cast<unsigned>(cudaStreamNonBlocking));
  EXPECT_OK(cudaStreamGetPriority(stream_, &priority));
  EXPECT_EQ(priority, 0);
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_OK(cudaStreamQuery(stream_));
  EXPECT_EQ(cudaStreamQuery(reinterpret_cast<cudaStream_t>(0x1234567)), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaStreamCreateWithFlags(nullptr, 0), cudaErrorInvalidValue);
}

TEST_F(Stream, AttributesAreSetCopiedAndRead) {
  cudaLaunchAttributeValue value = {};
  value.syncPolicy = cudaSyncPolicyYield;
  EXPECT_OK(cudaStreamSetAttribute(stream_, cudaLaunchAttributeSynchronizationPolicy, &value));
  cudaStream_t other = nullptr;
  ASSERT_OK(cudaStreamCreate(&other));
  EXPECT_OK(cudaStreamCopyAttributes(other, stream_));
  value = {};
  EXPECT_OK(cudaStreamGetAttribute(other, cudaLaunchAttributeSynchronizationPolicy, &value));
  EXPECT_EQ(value.syncPolicy, cudaSyncPolicyYield);
  EXPECT_OK(cudaStreamDestroy(other));
}

TEST_F(Stream, EventsOrderStreamsAndMeasureThem) {
  cudaEvent_t begin = nullptr, end = nullptr;
  cudaStream_t other = nullptr;
  ASSERT_OK(cudaEventCreate(&begin));
  ASSERT_OK(cudaEventCreateWithFlags(&end, cudaEventBlockingSync));
  ASSERT_OK(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking));
  EXPECT_OK(cudaEventRecord(begin, stream_));
  for (int i = 0; i < 100; ++i) EXPECT_OK(Affine(0, 1, 1));
  EXPECT_OK(cudaEventRecordWithFlags(end, stream_, cudaEventRecordDefault));
  EXPECT_OK(cudaStreamWaitEvent(other, end, 0));
  EXPECT_OK(LaunchAffine(cells_, 3, 0, other));
  EXPECT_OK(cudaStreamSynchronize(other));
  EXPECT_EQ(Read(0), 300);
  EXPECT_OK(cudaEventSynchronize(end));
  EXPECT_OK(cudaEventQuery(end));
  float milliseconds = -1;
  EXPECT_OK(cudaEventElapsedTime(&milliseconds, begin, end));
  EXPECT_GE(milliseconds, 0.f);
  EXPECT_OK(cudaStreamDestroy(other));
  EXPECT_OK(cudaEventDestroy(begin));
  EXPECT_OK(cudaEventDestroy(end));
  EXPECT_EQ(cudaEventQuery(end), cudaErrorInvalidResourceHandle);
}

TEST_F(Stream, EventsWithoutTimesAreNotMeasured) {
  cudaEvent_t event = nullptr;
  ASSERT_OK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  EXPECT_OK(cudaEventRecord(event, stream_));
  EXPECT_OK(cudaEventSynchronize(event));
  float milliseconds;
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, event, event), cudaErrorInvalidResourceHandle);
  EXPECT_OK(cudaEventDestroy(event));
}

TEST_F(Stream, CaptureMakesAGraphAndRunsNothing) {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusActive;
  EXPECT_OK(cudaStreamIsCapturing(stream_, &status));
  EXPECT_EQ(status, cudaStreamCaptureStatusNone);
  ASSERT_OK(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeGlobal));
  EXPECT_OK(Affine(0, 1, 5));
  EXPECT_OK(Affine(0, 2, 0));
  EXPECT_OK(cudaStreamIsCapturing(stream_, &status));
  EXPECT_EQ(status, cudaStreamCaptureStatusActive);
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  EXPECT_OK(cudaThreadExchangeStreamCaptureMode(&mode));
  EXPECT_EQ(mode, cudaStreamCaptureModeGlobal);
  EXPECT_OK(cudaThreadExchangeStreamCaptureMode(&mode));
  cudaGraph_t graph = nullptr;
  ASSERT_OK(cudaStreamEndCapture(stream_, &graph));
  EXPECT_EQ(Read(0), 0);
  size_t nodes = 0;
  EXPECT_OK(cudaGraphGetNodes(graph, nullptr, &nodes));
  EXPECT_EQ(nodes, 2u);
  cudaGraphExec_t exec = nullptr;
  ASSERT_OK(cudaGraphInstantiateWithFlags(&exec, graph, 0));
  EXPECT_OK(cudaGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(0), 10);
  EXPECT_OK(cudaGraphExecDestroy(exec));
  EXPECT_OK(cudaGraphDestroy(graph));
}

TEST_F(Stream, SynchronisingACaptureIsAnErrorThatEndsIt) {
  ASSERT_OK(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal));
  EXPECT_OK(Affine(0, 1, 5));
  EXPECT_EQ(cudaStreamSynchronize(stream_), cudaErrorStreamCaptureUnsupported);
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream_, &graph), cudaErrorStreamCaptureInvalidated);
  EXPECT_EQ(graph, nullptr);
  cudaGetLastError();
}

}  // namespace
