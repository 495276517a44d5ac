// Checkpoints of this process and of another.
#include <cuda.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/api/client_process.h"
#include "tests/api/context_fixture.h"

namespace {

constexpr size_t kWords = 3 << 20;  // 12 MB: more than is moved at a time with what is beside it

CUprocessState StateOf(pid_t pid) {
  CUprocessState state = CU_PROCESS_STATE_FAILED;
  EXPECT_OK(cuCheckpointProcessGetState(pid, &state));
  return state;
}

TEST(CheckpointsEarly, WantInitialisation) {
  CUprocessState state;
  EXPECT_EQ(cuCheckpointProcessGetState(getpid(), &state), CUDA_ERROR_NOT_INITIALIZED);
  EXPECT_EQ(cuCheckpointProcessLock(getpid(), nullptr), CUDA_ERROR_NOT_INITIALIZED);
}

class Checkpoints : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    EXPECT_EQ(StateOf(getpid()), CU_PROCESS_STATE_RUNNING);
  }
  // Words that differ from their neighbours, and pages that were never touched between them.
  void Fill(CUdeviceptr memory, uint32_t first) {
    std::vector<uint32_t> words(kWords / 8);
    for (size_t i = 0; i < words.size(); ++i) words[i] = first + static_cast<uint32_t>(i);
    EXPECT_OK(cuMemcpyHtoD(memory, words.data(), words.size() * 4));
    EXPECT_OK(cuMemcpyHtoD(memory + kWords * 4 - words.size() * 4, words.data(), words.size() * 4));
  }
  void ExpectFilled(CUdeviceptr memory, uint32_t first) {
    std::vector<uint32_t> words(kWords / 8);
    for (const CUdeviceptr place : {memory, memory + kWords * 4 - words.size() * 4}) {
      EXPECT_OK(cuMemcpyDtoH(words.data(), place, words.size() * 4));
      size_t wrong = 0;
      for (size_t i = 0; i < words.size(); ++i) wrong += words[i] != first + static_cast<uint32_t>(i);
      EXPECT_EQ(wrong, 0u);
    }
  }
  void SaveAndRestore(pid_t pid) {
    ASSERT_OK(cuCheckpointProcessLock(pid, nullptr));
    ASSERT_OK(cuCheckpointProcessCheckpoint(pid, nullptr));
    ASSERT_OK(cuCheckpointProcessRestore(pid, nullptr));
    ASSERT_OK(cuCheckpointProcessUnlock(pid, nullptr));
  }
};

TEST_F(Checkpoints, MemoryOfEachKindComesBack) {
  CUdeviceptr device = 0, managed = 0, pooled = 0, shared = 0, reserved = 0;
  ASSERT_OK(cuMemAlloc(&device, kWords * 4));
  ASSERT_OK(cuMemAllocManaged(&managed, kWords * 4, CU_MEM_ATTACH_GLOBAL));
  ASSERT_OK(cuMemAllocAsync(&pooled, kWords * 4, nullptr));
  ASSERT_OK(cuMemAlloc(&shared, kWords * 4));
  CUipcMemHandle handle;
  ASSERT_OK(cuIpcGetMemHandle(&handle, shared));
  CUmemAllocationProp properties = {};
  properties.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location = {CU_MEM_LOCATION_TYPE_DEVICE, 0};
  CUmemGenericAllocationHandle physical = 0;
  ASSERT_OK(cuMemCreate(&physical, kWords * 4, &properties, 0));
  ASSERT_OK(cuMemAddressReserve(&reserved, kWords * 4, 0, 0, 0));
  ASSERT_OK(cuMemMap(reserved, kWords * 4, 0, physical, 0));
  const CUmemAccessDesc access = {properties.location, CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
  ASSERT_OK(cuMemSetAccess(reserved, kWords * 4, &access, 1));
  const std::vector<CUdeviceptr> all = {device, managed, pooled, shared, reserved};
  for (size_t i = 0; i < all.size(); ++i) Fill(all[i], static_cast<uint32_t>(i << 24) + 1);

  ASSERT_OK(cuCheckpointProcessLock(getpid(), nullptr));
  EXPECT_EQ(StateOf(getpid()), CU_PROCESS_STATE_LOCKED);
  ASSERT_OK(cuCheckpointProcessCheckpoint(getpid(), nullptr));
  EXPECT_EQ(StateOf(getpid()), CU_PROCESS_STATE_CHECKPOINTED);
  // The pages are given back: what the host sees at the address of device memory is not what was there.
  EXPECT_EQ(*reinterpret_cast<volatile uint32_t*>(device), 0u);
  EXPECT_EQ(*reinterpret_cast<volatile uint32_t*>(managed + 4), 0u);
  ASSERT_OK(cuCheckpointProcessRestore(getpid(), nullptr));
  EXPECT_EQ(StateOf(getpid()), CU_PROCESS_STATE_LOCKED);
  ASSERT_OK(cuCheckpointProcessUnlock(getpid(), nullptr));
  EXPECT_EQ(StateOf(getpid()), CU_PROCESS_STATE_RUNNING);

  for (size_t i = 0; i < all.size(); ++i) ExpectFilled(all[i], static_cast<uint32_t>(i << 24) + 1);
  EXPECT_OK(cuMemUnmap(reserved, kWords * 4));
  EXPECT_OK(cuMemAddressFree(reserved, kWords * 4));
  EXPECT_OK(cuMemRelease(physical));
}

TEST_F(Checkpoints, LocksHoldCallsOfOtherThreads) {
  ASSERT_OK(cuCheckpointProcessLock(getpid(), nullptr));
  std::atomic<bool> is_done{false};
  CUdeviceptr memory = 0;
  std::thread other([&] {
    EXPECT_OK(cuCtxSetCurrent(context_));
    EXPECT_OK(cuMemAlloc(&memory, 4096));
    is_done = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_FALSE(is_done);
  ASSERT_OK(cuCheckpointProcessUnlock(getpid(), nullptr));
  other.join();
  EXPECT_TRUE(is_done);
}

TEST_F(Checkpoints, LocksWaitForWork) {
  CUstream stream = nullptr;
  ASSERT_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  Gate gate;
  ASSERT_OK(gate.Hold(stream));
  CUcheckpointLockArgs soon = {};
  soon.timeoutMs = 50;
  EXPECT_EQ(cuCheckpointProcessLock(getpid(), &soon), CUDA_ERROR_NOT_READY);
  EXPECT_EQ(StateOf(getpid()), CU_PROCESS_STATE_RUNNING);
  EXPECT_EQ(cuStreamQuery(stream), CUDA_ERROR_NOT_READY);  // calls go on

  std::thread opener([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    gate.Open();
  });
  EXPECT_OK(cuCheckpointProcessLock(getpid(), nullptr));
  opener.join();
  ASSERT_OK(cuCheckpointProcessUnlock(getpid(), nullptr));
  EXPECT_OK(cuStreamQuery(stream));
  EXPECT_OK(cuStreamDestroy(stream));
}

TEST_F(Checkpoints, LocksWaitForCallsInProgress) {
  CUstream stream = nullptr;
  ASSERT_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  std::atomic<bool> has_returned{false}, may_return{false};
  struct State {
    std::atomic<bool>&has_begun, &may_return;
  };
  std::atomic<bool> has_begun{false};
  State state{has_begun, may_return};
  // A call that waits for a host function.
  std::thread other([&] {
    EXPECT_OK(cuCtxSetCurrent(context_));
    EXPECT_OK(cuLaunchHostFunc(
        stream,
        [](void* data) {
          auto& shared = *static_cast<State*>(data);
          shared.has_begun = true;
          while (!shared.may_return) std::this_thread::yield();
        },
        &state));
    EXPECT_OK(cuStreamSynchronize(stream));
    has_returned = true;
  });
  while (!has_begun) std::this_thread::yield();
  CUcheckpointLockArgs soon = {};
  soon.timeoutMs = 50;
  EXPECT_EQ(cuCheckpointProcessLock(getpid(), &soon), CUDA_ERROR_NOT_READY);
  EXPECT_FALSE(has_returned);
  may_return = true;
  EXPECT_OK(cuCheckpointProcessLock(getpid(), nullptr));
  EXPECT_OK(cuCheckpointProcessUnlock(getpid(), nullptr));
  other.join();
  EXPECT_OK(cuStreamDestroy(stream));
}

TEST_F(Checkpoints, EachStateTakesItsOperations) {
  EXPECT_EQ(cuCheckpointProcessUnlock(getpid(), nullptr), CUDA_ERROR_ILLEGAL_STATE);
  EXPECT_EQ(cuCheckpointProcessCheckpoint(getpid(), nullptr), CUDA_ERROR_ILLEGAL_STATE);
  EXPECT_EQ(cuCheckpointProcessRestore(getpid(), nullptr), CUDA_ERROR_ILLEGAL_STATE);
  ASSERT_OK(cuCheckpointProcessLock(getpid(), nullptr));
  EXPECT_EQ(cuCheckpointProcessLock(getpid(), nullptr), CUDA_ERROR_ILLEGAL_STATE);
  EXPECT_EQ(cuCheckpointProcessRestore(getpid(), nullptr), CUDA_ERROR_ILLEGAL_STATE);
  ASSERT_OK(cuCheckpointProcessCheckpoint(getpid(), nullptr));
  EXPECT_EQ(cuCheckpointProcessCheckpoint(getpid(), nullptr), CUDA_ERROR_ILLEGAL_STATE);
  EXPECT_EQ(cuCheckpointProcessUnlock(getpid(), nullptr), CUDA_ERROR_ILLEGAL_STATE);
  EXPECT_EQ(cuCheckpointProcessLock(getpid(), nullptr), CUDA_ERROR_ILLEGAL_STATE);
  ASSERT_OK(cuCheckpointProcessRestore(getpid(), nullptr));
  ASSERT_OK(cuCheckpointProcessUnlock(getpid(), nullptr));
}

TEST_F(Checkpoints, DevicesArePaired) {
  CUuuid uuid = {};
  ASSERT_OK(cuDeviceGetUuid(&uuid, device_));
  CUcheckpointGpuPair pair = {uuid, {}};
  CUcheckpointRestoreArgs args = {};
  args.gpuPairs = &pair;
  args.gpuPairsCount = 1;
  ASSERT_OK(cuCheckpointProcessLock(getpid(), nullptr));
  ASSERT_OK(cuCheckpointProcessCheckpoint(getpid(), nullptr));
  EXPECT_EQ(cuCheckpointProcessRestore(getpid(), &args), CUDA_ERROR_INVALID_VALUE);  // onto none that exists
  pair = {{}, uuid};
  EXPECT_EQ(cuCheckpointProcessRestore(getpid(), &args), CUDA_ERROR_INVALID_VALUE);  // ours is in no pair
  pair = {uuid, uuid};
  args.gpuPairs = nullptr;
  EXPECT_EQ(cuCheckpointProcessRestore(getpid(), &args), CUDA_ERROR_INVALID_VALUE);
  args.gpuPairs = &pair;
  EXPECT_OK(cuCheckpointProcessRestore(getpid(), &args));
  EXPECT_OK(cuCheckpointProcessUnlock(getpid(), nullptr));
}

TEST_F(Checkpoints, Errors) {
  CUprocessState state;
  int thread = 0;
  EXPECT_EQ(cuCheckpointProcessGetState(getpid(), nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuCheckpointProcessGetState(0, &state), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuCheckpointProcessGetState(getppid(), &state), CUDA_ERROR_INVALID_VALUE);  // uses no CUDA
  EXPECT_EQ(cuCheckpointProcessGetRestoreThreadId(-1, &thread), CUDA_ERROR_INVALID_VALUE);
  CUcheckpointLockArgs lock = {};
  lock.reserved1[3] = 1;
  EXPECT_EQ(cuCheckpointProcessLock(getpid(), &lock), CUDA_ERROR_INVALID_VALUE);
  CUcheckpointUnlockArgs unlock = {};
  unlock.reserved[0] = 1;
  EXPECT_EQ(cuCheckpointProcessUnlock(getpid(), &unlock), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Checkpoints, TheThreadThatRestoresIsThere) {
  int thread = 0;
  ASSERT_OK(cuCheckpointProcessGetRestoreThreadId(getpid(), &thread));
  std::ifstream name("/proc/self/task/" + std::to_string(thread) + "/comm");
  std::string text;
  std::getline(name, text);
  EXPECT_EQ(text, "tq-checkpoint");
}

TEST_F(Checkpoints, AnotherProcessIsLockedFromHere) {
  ClientProcess other;
  const auto made = other.Ask("memory.export 1000000 77");
  ASSERT_EQ(made.result, CUDA_SUCCESS);
  const std::string address = made.rest.substr(0, made.rest.find(' '));
  const auto handle = FromHex<CUipcMemHandle>(made.rest.substr(made.rest.find(' ') + 1));
  CUdeviceptr here = 0;
  ASSERT_OK(cuIpcOpenMemHandle(&here, handle, CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS));
  int thread = 0;
  ASSERT_OK(cuCheckpointProcessGetRestoreThreadId(other.pid(), &thread));
  EXPECT_NE(thread, 0);

  ASSERT_OK(cuCheckpointProcessLock(other.pid(), nullptr));
  EXPECT_EQ(StateOf(other.pid()), CU_PROCESS_STATE_LOCKED);
  EXPECT_EQ(StateOf(getpid()), CU_PROCESS_STATE_RUNNING);
  std::future<ClientProcess::Answer> loaded =
      std::async(std::launch::async, [&] { return other.Ask("load " + address); });
  EXPECT_EQ(loaded.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  ASSERT_OK(cuCheckpointProcessCheckpoint(other.pid(), nullptr));
  // What it has exported is still here, and is changed from here.
  uint32_t value = 0;
  ASSERT_OK(cuMemcpyDtoH(&value, here, sizeof value));
  EXPECT_EQ(value, 77u);
  ASSERT_OK(cuMemsetD32(here, 78, 1));
  ASSERT_OK(cuCtxSynchronize());
  ASSERT_OK(cuCheckpointProcessRestore(other.pid(), nullptr));
  ASSERT_OK(cuCheckpointProcessUnlock(other.pid(), nullptr));
  const ClientProcess::Answer answer = loaded.get();
  EXPECT_EQ(answer.result, CUDA_SUCCESS);
  EXPECT_EQ(answer.rest, "78");
  EXPECT_EQ(cuCheckpointProcessUnlock(other.pid(), nullptr), CUDA_ERROR_ILLEGAL_STATE);
}

TEST_F(Checkpoints, ProcessesThatEndedAreGone) {
  ClientProcess other;
  ASSERT_EQ(other.Tell("stream.synchronize"), CUDA_SUCCESS);
  const pid_t pid = other.pid();
  EXPECT_EQ(StateOf(pid), CU_PROCESS_STATE_RUNNING);
  other.Kill();
  CUprocessState state;
  EXPECT_EQ(cuCheckpointProcessGetState(pid, &state), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Checkpoints, AreRepeatable) {
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, kWords * 4));
  for (uint32_t round = 1; round < 4; ++round) {
    Fill(memory, round);
    SaveAndRestore(getpid());
    ExpectFilled(memory, round);
  }
}

}  // namespace
