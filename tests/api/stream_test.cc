#include <cuda.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

using std::chrono::milliseconds;

class Streams : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuMemAlloc(&memory_, kBytes));
  }
  CUstream Create(unsigned flags) {
    CUstream stream = nullptr;
    EXPECT_OK(cuStreamCreate(&stream, flags));
    return stream;
  }
  // A fill that is too large to be done by the calling thread.
  CUresult Fill(CUstream stream, unsigned char value) {
    return cuMemsetD8Async(memory_, value, kBytes, stream);
  }
  unsigned char FirstByte() {
    unsigned char byte = 0;
    CUstream reader = Create(CU_STREAM_NON_BLOCKING);
    EXPECT_OK(cuMemcpyDtoHAsync(&byte, memory_, 1, reader));
    EXPECT_OK(cuStreamDestroy(reader));
    return byte;
  }

  static constexpr size_t kBytes = 1 << 20;
  CUdeviceptr memory_ = 0;
};

TEST_F(Streams, FlagsPriorityContextAndIdAreKept) {
  CUstream low, high;
  ASSERT_OK(cuStreamCreateWithPriority(&low, CU_STREAM_NON_BLOCKING, 100));
  ASSERT_OK(cuStreamCreateWithPriority(&high, CU_STREAM_DEFAULT, -100));
  int least = 0, greatest = 0, priority = 0;
  ASSERT_OK(cuCtxGetStreamPriorityRange(&least, &greatest));
  EXPECT_OK(cuStreamGetPriority(low, &priority));
  EXPECT_EQ(priority, least) << "clamped";
  EXPECT_OK(cuStreamGetPriority(high, &priority));
  EXPECT_EQ(priority, greatest) << "clamped";
  unsigned flags = 99;
  EXPECT_OK(cuStreamGetFlags(low, &flags));
  EXPECT_EQ(flags, unsigned{CU_STREAM_NON_BLOCKING});
  EXPECT_OK(cuStreamGetFlags(high, &flags));
  EXPECT_EQ(flags, unsigned{CU_STREAM_DEFAULT});
  CUcontext context;
  EXPECT_OK(cuStreamGetCtx(low, &context));
  EXPECT_EQ(context, context_);
  unsigned long long low_id = 0, high_id = 0;
  EXPECT_OK(cuStreamGetId(low, &low_id));
  EXPECT_OK(cuStreamGetId(high, &high_id));
  EXPECT_NE(low_id, high_id);
  CUdevice device = -1;
  EXPECT_OK(cuStreamGetDevice(low, &device));
  EXPECT_EQ(device, device_);
  EXPECT_EQ(cuStreamCreate(&low, 8), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Streams, QueryTellsWhetherWorkIsLeft) {
  CUstream stream = Create(0);
  EXPECT_OK(cuStreamQuery(stream));
  Gate gate;
  ASSERT_OK(gate.Hold(stream));
  EXPECT_EQ(cuStreamQuery(stream), CUDA_ERROR_NOT_READY);
  EXPECT_EQ(cuStreamQuery(nullptr), CUDA_ERROR_NOT_READY) << "the default stream waits for it";
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(stream));
  EXPECT_OK(cuStreamQuery(stream));
}

TEST_F(Streams, WorkRunsInOrderAndStreamsOverlap) {
  ASSERT_OK(cuMemsetD8(memory_, 0, kBytes));
  ASSERT_OK(cuCtxSynchronize());
  CUstream held = Create(CU_STREAM_NON_BLOCKING), free_running = Create(CU_STREAM_NON_BLOCKING);
  Gate gate;
  ASSERT_OK(gate.Hold(held));
  ASSERT_OK(Fill(held, 2));
  ASSERT_OK(Fill(free_running, 1));
  EXPECT_OK(cuStreamSynchronize(free_running)) << "does not wait for the other";
  EXPECT_EQ(FirstByte(), 1);
  EXPECT_EQ(cuStreamQuery(held), CUDA_ERROR_NOT_READY);
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(held));
  EXPECT_EQ(FirstByte(), 2);
}

TEST_F(Streams, TheLegacyStreamWaitsForBlockingStreamsOnly) {
  CUstream blocking = Create(CU_STREAM_DEFAULT), independent = Create(CU_STREAM_NON_BLOCKING);
  {
    Gate gate;
    ASSERT_OK(gate.Hold(independent));
    ASSERT_OK(Fill(nullptr, 3));
    EXPECT_OK(cuStreamSynchronize(nullptr)) << "a non-blocking stream holds nothing back";
    EXPECT_EQ(FirstByte(), 3);
  }
  Gate gate;
  ASSERT_OK(gate.Hold(blocking));
  ASSERT_OK(Fill(CU_STREAM_LEGACY, 4));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(cuStreamQuery(CU_STREAM_LEGACY), CUDA_ERROR_NOT_READY);
  EXPECT_EQ(FirstByte(), 3);
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(nullptr));
  EXPECT_EQ(FirstByte(), 4);
}

TEST_F(Streams, BlockingStreamsWaitForTheLegacyStream) {
  CUstream blocking = Create(CU_STREAM_DEFAULT), independent = Create(CU_STREAM_NON_BLOCKING);
  ASSERT_OK(cuMemsetD8(memory_, 0, kBytes));
  ASSERT_OK(cuCtxSynchronize());
  Gate gate;
  ASSERT_OK(gate.Hold(nullptr));
  ASSERT_OK(Fill(independent, 5));
  EXPECT_OK(cuStreamSynchronize(independent));
  EXPECT_EQ(FirstByte(), 5);
  ASSERT_OK(Fill(blocking, 6));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(cuStreamQuery(blocking), CUDA_ERROR_NOT_READY);
  EXPECT_EQ(FirstByte(), 5);
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(blocking));
  EXPECT_EQ(FirstByte(), 6);
}

TEST_F(Streams, EachThreadHasItsOwnDefaultStream) {
  unsigned long long mine = 0, same = 0, others = 0;
  ASSERT_OK(cuStreamGetId(CU_STREAM_PER_THREAD, &mine));
  ASSERT_OK(cuStreamGetId(CU_STREAM_PER_THREAD, &same));
  EXPECT_EQ(mine, same);
  Gate gate;
  ASSERT_OK(gate.Hold(CU_STREAM_PER_THREAD));
  std::thread([&] {
    ASSERT_OK(cuCtxSetCurrent(context_));
    ASSERT_OK(cuStreamGetId(CU_STREAM_PER_THREAD, &others));
    EXPECT_OK(Fill(CU_STREAM_PER_THREAD, 7));
    EXPECT_OK(cuStreamSynchronize(CU_STREAM_PER_THREAD));
  }).join();
  EXPECT_NE(mine, others);
  EXPECT_EQ(FirstByte(), 7);
  EXPECT_EQ(cuStreamQuery(CU_STREAM_PER_THREAD), CUDA_ERROR_NOT_READY);
}

TEST_F(Streams, DestructionLetsTheWorkFinish) {
  CUstream stream = Create(CU_STREAM_NON_BLOCKING);
  ASSERT_OK(cuMemsetD8(memory_, 0, kBytes));
  ASSERT_OK(cuCtxSynchronize());
  Gate gate;
  ASSERT_OK(gate.Hold(stream));
  ASSERT_OK(Fill(stream, 8));
  EXPECT_OK(cuStreamDestroy(stream)) << "returns at once";
  EXPECT_EQ(cuStreamQuery(stream), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(FirstByte(), 0);
  gate.Open();
  EXPECT_OK(cuCtxSynchronize()) << "waits for it";
  EXPECT_EQ(FirstByte(), 8);
}

TEST_F(Streams, DefaultStreamsCannotBeDestroyed) {
  EXPECT_EQ(cuStreamDestroy(nullptr), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuStreamDestroy(CU_STREAM_LEGACY), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuStreamDestroy(CU_STREAM_PER_THREAD), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(Streams, ContextSynchronizeWaitsForAllStreams) {
  CUstream first = Create(CU_STREAM_NON_BLOCKING), second = Create(0);
  Gate gate;
  ASSERT_OK(gate.Hold(first));
  ASSERT_OK(gate.Hold(second));
  std::atomic<bool> done{false};
  std::thread waiter([&] {
    ASSERT_OK(cuCtxSetCurrent(context_));
    EXPECT_OK(cuCtxSynchronize());
    done = true;
  });
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_FALSE(done);
  gate.Open();
  waiter.join();
  EXPECT_OK(cuStreamQuery(first));
  EXPECT_OK(cuStreamQuery(second));
}

struct Trail {
  std::atomic<int> next{0};
  int seen[4] = {-1, -1, -1, -1};
};
struct Step {
  Trail* trail;
  int index;
};
void Mark(void* data) {
  auto* step = static_cast<Step*>(data);
  step->trail->seen[step->index] = step->trail->next++;
}

TEST_F(Streams, HostFunctionsRunInTheOrderOfTheStream) {
  CUstream stream = Create(0);
  Trail trail;
  Step steps[] = {{&trail, 0}, {&trail, 1}, {&trail, 2}};
  Gate gate;
  ASSERT_OK(gate.Hold(stream));
  ASSERT_OK(cuLaunchHostFunc(stream, Mark, &steps[0]));
  ASSERT_OK(Fill(stream, 9));
  ASSERT_OK(cuLaunchHostFunc(stream, Mark, &steps[1]));
  ASSERT_OK(cuLaunchHostFunc(stream, Mark, &steps[2]));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(trail.next, 0) << "nothing runs before what is ahead of it";
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(stream));
  EXPECT_EQ(trail.next, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(trail.seen[i], i);
  EXPECT_EQ(cuLaunchHostFunc(stream, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Streams, WorkAfterAHostFunctionWaitsForIt) {
  CUstream stream = Create(CU_STREAM_NON_BLOCKING);
  ASSERT_OK(cuMemsetD8(memory_, 0, kBytes));
  ASSERT_OK(cuCtxSynchronize());
  std::atomic<bool> go{false};
  ASSERT_OK(cuLaunchHostFunc(
      stream,
      [](void* data) {
        while (!*static_cast<std::atomic<bool>*>(data)) std::this_thread::yield();
      },
      &go));
  ASSERT_OK(Fill(stream, 10));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(cuStreamQuery(stream), CUDA_ERROR_NOT_READY);
  EXPECT_EQ(FirstByte(), 0);
  go = true;
  EXPECT_OK(cuStreamSynchronize(stream));
  EXPECT_EQ(FirstByte(), 10);
}

TEST_F(Streams, HostFunctionsMayNotCallCuda) {
  CUstream stream = Create(0);
  CUresult results[2] = {CUDA_SUCCESS, CUDA_SUCCESS};
  ASSERT_OK(cuLaunchHostFunc(
      stream,
      [](void* data) {
        auto* out = static_cast<CUresult*>(data);
        CUdeviceptr memory = 0;
        out[0] = cuMemAlloc(&memory, 16);
        out[1] = cuCtxSynchronize();
      },
      results));
  ASSERT_OK(cuStreamSynchronize(stream));
  EXPECT_EQ(results[0], CUDA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(results[1], CUDA_ERROR_NOT_PERMITTED);
}

TEST_F(Streams, CallbacksGetTheirStreamAndItsState) {
  CUstream stream = Create(0);
  struct Seen {
    CUstream stream;
    CUresult result;
  } seen = {nullptr, CUDA_ERROR_UNKNOWN};
  ASSERT_OK(cuStreamAddCallback(
      stream, [](CUstream s, CUresult result, void* data) { *static_cast<Seen*>(data) = {s, result}; }, &seen,
      0));
  ASSERT_OK(cuStreamSynchronize(stream));
  EXPECT_EQ(seen.stream, stream);
  EXPECT_EQ(seen.result, CUDA_SUCCESS);
  EXPECT_EQ(cuStreamAddCallback(stream, nullptr, nullptr, 0), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Streams, WritesAndWaitsOnMemory) {
  CUstream stream = Create(CU_STREAM_NON_BLOCKING);
  ASSERT_OK(cuMemsetD8(memory_, 0, 64));
  EXPECT_OK(cuStreamWriteValue32(stream, memory_, 0xdeadbeef, 0));
  EXPECT_OK(cuStreamWriteValue64(stream, memory_ + 8, 0x0123456789abcdef, 0));
  uint64_t words[2] = {};
  EXPECT_OK(cuMemcpyDtoHAsync(words, memory_, 16, stream));
  EXPECT_OK(cuStreamSynchronize(stream));
  EXPECT_EQ(words[0], 0xdeadbeefu);
  EXPECT_EQ(words[1], 0x0123456789abcdefu);
  EXPECT_EQ(cuStreamWriteValue32(stream, memory_ + 2, 1, 0), CUDA_ERROR_INVALID_VALUE) << "misaligned";
  EXPECT_EQ(cuStreamWaitValue32(stream, memory_, 1, 17), CUDA_ERROR_INVALID_VALUE);
  struct Case {
    unsigned flags;
    uint32_t held, value, opens;
  };
  for (const Case& c :
       {Case{CU_STREAM_WAIT_VALUE_GEQ, 4, 5, 5}, Case{CU_STREAM_WAIT_VALUE_EQ, 6, 5, 5},
        Case{CU_STREAM_WAIT_VALUE_AND, 2, 5, 4}, Case{CU_STREAM_WAIT_VALUE_NOR, ~0u, 5, ~2u}}) {
    CUstream writer = Create(CU_STREAM_NON_BLOCKING);
    ASSERT_OK(cuStreamWriteValue32(writer, memory_, c.held, 0));
    ASSERT_OK(cuStreamSynchronize(writer));
    ASSERT_OK(cuStreamWaitValue32(stream, memory_, c.value, c.flags));
    std::this_thread::sleep_for(milliseconds(5));
    EXPECT_EQ(cuStreamQuery(stream), CUDA_ERROR_NOT_READY) << c.flags;
    ASSERT_OK(cuStreamWriteValue32(writer, memory_, c.opens, 0));
    EXPECT_OK(cuStreamSynchronize(stream));
    EXPECT_OK(cuStreamDestroy(writer));
  }
}

TEST_F(Streams, ABatchOfMemoryOperationsIsAllOrNothing) {
  CUstream stream = Create(0);
  ASSERT_OK(cuMemsetD8(memory_, 0, 64));
  CUstreamBatchMemOpParams ops[2] = {};
  ops[0].operation = CU_STREAM_MEM_OP_WRITE_VALUE_32;
  ops[0].writeValue.address = memory_;
  ops[0].writeValue.value = 5;
  ops[1].operation = CU_STREAM_MEM_OP_WRITE_VALUE_64;
  ops[1].writeValue.address = memory_ + 4;  // misaligned
  ops[1].writeValue.value64 = 6;
  EXPECT_EQ(cuStreamBatchMemOp(stream, 2, ops, 0), CUDA_ERROR_INVALID_VALUE);
  uint32_t words[4] = {9, 9, 9, 9};
  ASSERT_OK(cuMemcpyDtoH(words, memory_, 16));
  EXPECT_EQ(words[0], 0u);
  ops[1].writeValue.address = memory_ + 8;
  EXPECT_OK(cuStreamBatchMemOp(stream, 2, ops, 0));
  ASSERT_OK(cuMemcpyDtoH(words, memory_, 16));
  EXPECT_EQ(words[0], 5u);
  EXPECT_EQ(words[2], 6u);
}

TEST_F(Streams, AttributesAreKeptAndCopied) {
  CUstream one = Create(0), two = Create(0);
  CUstreamAttrValue value = {};
  value.syncPolicy = CU_SYNC_POLICY_YIELD;
  EXPECT_OK(cuStreamSetAttribute(one, CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY, &value));
  EXPECT_OK(cuStreamCopyAttributes(two, one));
  value = {};
  EXPECT_OK(cuStreamGetAttribute(two, CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY, &value));
  EXPECT_EQ(value.syncPolicy, CU_SYNC_POLICY_YIELD);
  EXPECT_EQ(cuStreamGetAttribute(two, CU_LAUNCH_ATTRIBUTE_COOPERATIVE, &value), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Streams, ManyThreadsUseManyStreams) {
  constexpr int kThreads = 16, kStreams = 16, kRounds = 8;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      ASSERT_OK(cuCtxSetCurrent(context_));
      CUstream streams[kStreams];
      CUdeviceptr words = 0;
      ASSERT_OK(cuMemAlloc(&words, kStreams * sizeof(uint32_t)));
      for (CUstream& stream : streams) ASSERT_OK(cuStreamCreate(&stream, t % 2 ? CU_STREAM_NON_BLOCKING : 0));
      CUevent event;
      ASSERT_OK(cuEventCreate(&event, t % 3 ? CU_EVENT_DISABLE_TIMING : 0));
      for (uint32_t round = 0; round < kRounds; ++round) {
        for (int s = 0; s < kStreams; ++s) {
          const CUdeviceptr word = words + s * sizeof(uint32_t);
          ASSERT_OK(cuMemsetD32Async(word, round * 100 + s, 1, streams[s]));
          ASSERT_OK(cuEventRecord(event, streams[s]));
          ASSERT_OK(cuStreamWaitEvent(streams[(s + 1) % kStreams], event, 0));
          CUdeviceptr scratch = 0;
          ASSERT_OK(cuMemAllocAsync(&scratch, 256, streams[s]));
          ASSERT_OK(cuMemFreeAsync(scratch, streams[s]));
        }
        uint32_t values[kStreams];
        ASSERT_OK(cuCtxSynchronize());
        ASSERT_OK(cuMemcpyDtoH(values, words, sizeof(values)));
        for (uint32_t s = 0; s < kStreams; ++s) wrong += values[s] != round * 100 + s;
      }
      for (CUstream stream : streams) ASSERT_OK(cuStreamDestroy(stream));
      ASSERT_OK(cuEventDestroy(event));
      ASSERT_OK(cuMemFree(words));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Streams, WaitAndWriteOf64Bits) {
  CUstream stream = Create(CU_STREAM_NON_BLOCKING);
  void* memory = nullptr;
  ASSERT_OK(cuMemHostAlloc(&memory, 8, CU_MEMHOSTALLOC_DEVICEMAP));
  auto* const word = static_cast<cuuint64_t*>(memory);
  *word = 0xffffffff;  // enough only if 32 bits are looked at, as GEQ compares cyclically
  CUdeviceptr address = 0;
  ASSERT_OK(cuMemHostGetDevicePointer(&address, memory, 0));
  ASSERT_OK(cuStreamWaitValue64(stream, address, cuuint64_t{1} << 32, CU_STREAM_WAIT_VALUE_GEQ));
  std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(cuStreamQuery(stream), CUDA_ERROR_NOT_READY);
  ASSERT_OK(cuStreamWriteValue64(stream, address, 7, CU_STREAM_WRITE_VALUE_DEFAULT));
  __atomic_store_n(word, cuuint64_t{1} << 32, __ATOMIC_RELEASE);
  EXPECT_OK(cuStreamSynchronize(stream));
  EXPECT_EQ(__atomic_load_n(word, __ATOMIC_ACQUIRE), 7u);
  EXPECT_OK(cuStreamDestroy(stream));
  EXPECT_OK(cuMemFreeHost(memory));
}

}  // namespace
