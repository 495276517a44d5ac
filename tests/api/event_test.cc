#include <cuda.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

class Events : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
    ASSERT_OK(cuStreamCreate(&other_, CU_STREAM_NON_BLOCKING));
  }
  CUevent Create(unsigned flags) {
    CUevent event = nullptr;
    EXPECT_OK(cuEventCreate(&event, flags));
    return event;
  }
  CUstream stream_ = nullptr, other_ = nullptr;
};

TEST_F(Events, ANeverRecordedEventIsComplete) {
  CUevent event = Create(0);
  EXPECT_OK(cuEventQuery(event));
  EXPECT_OK(cuEventSynchronize(event));
  EXPECT_OK(cuStreamWaitEvent(stream_, event, 0));
  EXPECT_OK(cuStreamQuery(stream_));
}

TEST_F(Events, QueryAndSynchronizeFollowTheWorkBeforeTheRecord) {
  for (const unsigned flags : {0u, unsigned{CU_EVENT_DISABLE_TIMING}, unsigned{CU_EVENT_BLOCKING_SYNC}}) {
    CUevent event = Create(flags);
    Gate gate;
    ASSERT_OK(cuEventRecord(event, stream_));
    EXPECT_OK(cuEventSynchronize(event));
    ASSERT_OK(gate.Hold(stream_));
    EXPECT_OK(cuEventQuery(event)) << "later work does not matter";
    ASSERT_OK(cuEventRecord(event, stream_));
    EXPECT_EQ(cuEventQuery(event), CUDA_ERROR_NOT_READY);
    gate.Open();
    EXPECT_OK(cuEventSynchronize(event));
    EXPECT_OK(cuEventQuery(event));
  }
}

TEST_F(Events, AStreamWaitsForAnEventOfAnother) {
  CUevent event = Create(CU_EVENT_DISABLE_TIMING);
  Gate gate;
  ASSERT_OK(gate.Hold(stream_));
  ASSERT_OK(cuEventRecord(event, stream_));
  ASSERT_OK(cuStreamWaitEvent(other_, event, 0));
  EXPECT_EQ(cuStreamQuery(other_), CUDA_ERROR_NOT_READY);
  // A later record does not change what was waited for.
  CUstream third;
  ASSERT_OK(cuStreamCreate(&third, CU_STREAM_NON_BLOCKING));
  ASSERT_OK(cuEventRecord(event, third));
  EXPECT_EQ(cuStreamQuery(other_), CUDA_ERROR_NOT_READY);
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(other_));
}

TEST_F(Events, AnEventOutlivesItsStream) {
  CUevent event = Create(0);
  {
    Gate gate;
    ASSERT_OK(gate.Hold(stream_));
    ASSERT_OK(cuEventRecord(event, stream_));
    ASSERT_OK(cuStreamDestroy(stream_));
    EXPECT_EQ(cuEventQuery(event), CUDA_ERROR_NOT_READY);
  }
  EXPECT_OK(cuEventSynchronize(event));
}

TEST_F(Events, DestructionDoesNotWait) {
  CUevent event = Create(0);
  Gate gate;
  ASSERT_OK(gate.Hold(stream_));
  ASSERT_OK(cuEventRecord(event, stream_));
  ASSERT_OK(cuStreamWaitEvent(other_, event, 0));
  EXPECT_OK(cuEventDestroy(event));
  EXPECT_EQ(cuEventQuery(event), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuStreamQuery(other_), CUDA_ERROR_NOT_READY) << "the wait stays";
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(other_));
}

TEST_F(Events, ElapsedTimeIsThatOfTheDevice) {
  CUevent start = Create(0), end = Create(0);
  ASSERT_OK(cuEventRecord(start, stream_));
  {
    Gate gate;
    ASSERT_OK(gate.Hold(stream_));
    ASSERT_OK(cuEventRecord(end, stream_));
    float early = 0;
    EXPECT_EQ(cuEventElapsedTime(&early, start, end), CUDA_ERROR_NOT_READY);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  ASSERT_OK(cuEventSynchronize(end));
  float milliseconds = 0, backwards = 0;
  EXPECT_OK(cuEventElapsedTime(&milliseconds, start, end));
  EXPECT_GE(milliseconds, 29.0f);
  EXPECT_LT(milliseconds, 10000.0f);
  EXPECT_OK(cuEventElapsedTime(&backwards, end, start));
  EXPECT_EQ(backwards, -milliseconds);
}

TEST_F(Events, ElapsedTimeHoldsAHostFunctionOfKnownDuration) {
  static constexpr auto kNap = std::chrono::milliseconds(25);
  const CUhostFn nap = [](void*) { std::this_thread::sleep_for(kNap); };
  CUevent start = Create(0), end = Create(0);
  const auto before = std::chrono::steady_clock::now();
  ASSERT_OK(cuEventRecord(start, stream_));
  ASSERT_OK(cuLaunchHostFunc(stream_, nap, nullptr));
  ASSERT_OK(cuEventRecord(end, stream_));
  ASSERT_OK(cuEventSynchronize(end));
  const std::chrono::duration<float, std::milli> around = std::chrono::steady_clock::now() - before;
  float milliseconds = 0;
  ASSERT_OK(cuEventElapsedTime(&milliseconds, start, end));
  EXPECT_GE(milliseconds, float(kNap.count()) * 0.99f);
  EXPECT_LE(milliseconds, around.count() + 0.01f)
      << "the span between the events lies within that on the host";
}

TEST_F(Events, TimesOfAStreamNeverGoBack) {
  CUdeviceptr bytes = 0;
  ASSERT_OK(cuMemAlloc(&bytes, 1 << 20));
  std::vector<CUevent> events(64);
  const auto before = std::chrono::steady_clock::now();
  for (CUevent& event : events) {
    event = Create(0);
    ASSERT_OK(cuMemsetD8Async(bytes, 1, 1 << 20, stream_));
    ASSERT_OK(cuEventRecord(event, stream_));
  }
  ASSERT_OK(cuStreamSynchronize(stream_));
  const std::chrono::duration<float, std::milli> around = std::chrono::steady_clock::now() - before;
  float sum = 0;
  for (size_t i = 1; i < events.size(); ++i) {
    float step = 0;
    ASSERT_OK(cuEventElapsedTime(&step, events[i - 1], events[i]));
    EXPECT_GT(step, 0.0f) << "a megabyte is written between events " << i - 1 << " and " << i;
    sum += step;
  }
  float total = 0;
  ASSERT_OK(cuEventElapsedTime(&total, events.front(), events.back()));
  EXPECT_NEAR(sum, total, 0.01f);
  EXPECT_LE(total, around.count() + 0.01f);
}

TEST_F(Events, ElapsedTimeNeedsTwoRecordedEventsWithTiming) {
  CUevent recorded = Create(0), never = Create(0), untimed = Create(CU_EVENT_DISABLE_TIMING);
  ASSERT_OK(cuEventRecord(recorded, stream_));
  ASSERT_OK(cuEventRecord(untimed, stream_));
  ASSERT_OK(cuStreamSynchronize(stream_));
  float milliseconds = 0;
  EXPECT_EQ(cuEventElapsedTime(&milliseconds, recorded, never), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuEventElapsedTime(&milliseconds, untimed, recorded), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuEventElapsedTime(nullptr, recorded, recorded), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Events, OfAnotherContextAreRefused) {
  CUevent event = Create(0);
  CUcontext other_context;
  ASSERT_OK(cuCtxCreate(&other_context, nullptr, 0, device_));
  CUstream foreign;
  ASSERT_OK(cuStreamCreate(&foreign, 0));
  EXPECT_EQ(cuEventRecord(event, foreign), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_OK(cuStreamWaitEvent(foreign, event, 0)) << "waiting may cross contexts";
  EXPECT_OK(cuCtxDestroy(other_context));
}

TEST_F(Events, BadFlagsAreRefused) {
  CUevent event;
  EXPECT_EQ(cuEventCreate(&event, 0x100), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuEventCreate(&event, CU_EVENT_INTERPROCESS), CUDA_ERROR_INVALID_VALUE)
      << "must be without timing";
  EXPECT_EQ(cuStreamWaitEvent(stream_, Create(0), 0x40), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuEventRecord(nullptr, stream_), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuEventRecordWithFlags(Create(0), stream_, 0x40), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Events, RecordInTheLegacyStreamCoversBlockingStreams) {
  CUstream blocking;
  ASSERT_OK(cuStreamCreate(&blocking, CU_STREAM_DEFAULT));
  CUevent event = Create(CU_EVENT_DISABLE_TIMING);
  Gate gate;
  ASSERT_OK(gate.Hold(blocking));
  ASSERT_OK(cuEventRecord(event, nullptr));
  EXPECT_EQ(cuEventQuery(event), CUDA_ERROR_NOT_READY);
  gate.Open();
  EXPECT_OK(cuEventSynchronize(event));
}

TEST_F(Events, OfAWholeContext) {
  CUevent event = Create(0);
  Gate gate;
  ASSERT_OK(gate.Hold(stream_));
  ASSERT_OK(cuCtxRecordEvent(context_, event));
  EXPECT_EQ(cuEventQuery(event), CUDA_ERROR_NOT_READY);
  ASSERT_OK(cuCtxWaitEvent(context_, event));
  EXPECT_EQ(cuStreamQuery(other_), CUDA_ERROR_NOT_READY);
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(other_));
}

}  // namespace
