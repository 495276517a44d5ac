// Long-running queues: kernels without a time limit, which share the card with those of others.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xf86drm.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <vector>

#include "driver/tests/guest/client.h"
#include "gtest/gtest.h"

namespace tq::driver {
namespace {

constexpr uint64_t kWordOffset = 3 << 20;  // in the client's host memory: what streams write when they end
constexpr uint64_t kStacksVa = 0x38000000;

int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

unsigned JobTimeoutMs() {
  unsigned value = 0;
  std::ifstream("/sys/module/tqgpu/parameters/job_timeout_ms") >> value;
  return value;
}

// A client with a long-running queue.
class LongClient : public Client {
 public:
  LongClient() {
    if (ok) long_queue = CreateLongQueue();
    ok = ok && long_queue != 0;
  }
  uint32_t CreateLongQueue(uint32_t queue_class = DRM_TQGPU_QUEUE_COMPUTE) {
    drm_tqgpu_queue_create create{};
    create.vm_id = vm;
    create.queue_class = queue_class;
    create.priority = DRM_TQGPU_PRIORITY_NORMAL;
    create.flags = DRM_TQGPU_QUEUE_LONG_RUNNING;
    return node.Ioctl(DRM_IOCTL_TQGPU_QUEUE_CREATE, &create) == 0 ? create.queue_id : 0;
  }

  uint64_t* Word(uint64_t index = 0) { return reinterpret_cast<uint64_t*>(host.data + kWordOffset) + index; }
  // Writes `value` into a word when what is before it in the stream has ended.
  static Stream& AddEnd(Stream& stream, uint64_t value, uint64_t index = 0) {
    tqgpu_packet_write write{};
    write.destination = kHostVa + kWordOffset + 8 * index;
    write.value = value;
    write.value_bytes = 8;
    return stream.Add(write, TQGPU_PACKET_WRITE);
  }
  int SubmitLong(const Stream& commands, uint32_t on, const drm_tqgpu_sync* sync = nullptr) {
    const uint64_t offset = stream_used;
    memcpy(stream.data + offset, commands.bytes().data(), commands.bytes().size());
    stream_used = (stream_used + commands.bytes().size()) % 32768;
    drm_tqgpu_job job{};
    job.stream_va = kStreamVa + offset;
    job.stream_size = commands.bytes().size();
    job.syncs = reinterpret_cast<uintptr_t>(sync);
    job.sync_count = sync != nullptr ? 1 : 0;
    drm_tqgpu_submit submit{on, 1, reinterpret_cast<uintptr_t>(&job)};
    return node.Ioctl(DRM_IOCTL_TQGPU_SUBMIT, &submit);
  }
  int WaitFence(uint64_t value, int64_t timeout_ms = 60000, uint64_t index = 0) {
    drm_tqgpu_wait_user_fence wait{};
    wait.address = reinterpret_cast<uintptr_t>(Word(index));
    wait.value = value;
    wait.deadline_ns = NowNs() + timeout_ms * 1'000'000;
    wait.queue_id = long_queue;
    return node.Ioctl(DRM_IOCTL_TQGPU_WAIT_USER_FENCE, &wait);
  }
  // A kernel that runs until `data` is not 0, then word 0 becomes 1.
  int SubmitSpin() {
    Stream stream = Dispatch({KERNEL_SPIN, kDataVa, 0, 0, 0, 0}, 64);
    return SubmitLong(AddEnd(stream, 1), long_queue);
  }
  void EndSpin() { __atomic_store_n(words(), 1, __ATOMIC_SEQ_CST); }

  uint32_t long_queue = 0;
};

class GuestLongRunning : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(client_.ok && other_.ok); }
  LongClient client_;
  Client other_;
};

TEST_F(GuestLongRunning, OutlivesTheTimeoutOfJobsWhileOthersWork) {
  ASSERT_EQ(client_.SubmitSpin(), 0);
  const int64_t end = NowNs() + (JobTimeoutMs() + 2000) * int64_t{1'000'000};
  int launches = 0;
  for (; NowNs() < end; ++launches) ASSERT_TRUE(other_.Works()) << launches;
  printf("# %d launches of another process beside a kernel of %u s\n", launches, JobTimeoutMs() / 1000 + 2);
  EXPECT_GT(launches, 20);
  EXPECT_EQ(client_.WaitFence(1, 0), -ETIME);
  EXPECT_EQ(client_.node.QueueState(client_.long_queue), 0u);
  client_.EndSpin();
  EXPECT_EQ(client_.WaitFence(1), 0);
  EXPECT_EQ(client_.node.QueueState(client_.long_queue), 0u);
  EXPECT_EQ(client_.node.Info().reset_count, 0u);
}

TEST_F(GuestLongRunning, TwoOfThemShareTheCardAndOneIsKilled) {
  const uint64_t used = client_.node.Memory().vram_used;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    LongClient doomed;
    const bool runs = doomed.ok && doomed.SubmitSpin() == 0;
    if (write(ready[1], &runs, 1) != 1) _exit(1);
    for (;;) pause();
  }
  bool runs = false;
  ASSERT_EQ(read(ready[0], &runs, 1), 1);
  ASSERT_TRUE(runs);
  for (uint64_t round = 1; round <= 5; ++round) {
    Stream stream = client_.Dispatch({KERNEL_COUNT, kDataVa, 0, 0, 8, 0}, 80);
    ASSERT_EQ(client_.SubmitLong(LongClient::AddEnd(stream, round), client_.long_queue), 0);
    ASSERT_EQ(client_.WaitFence(round), 0);
    ASSERT_EQ(client_.words()[7], 10 * round);
  }
  const int64_t start = NowNs();
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(other_.Works());
  printf("# process killed with a long-running kernel: usable again after %.0f ms\n",
         static_cast<double>(NowNs() - start) / 1e6);
  for (int i = 0; i < 100 && client_.node.Memory().vram_used > used; ++i) usleep(100000);
  EXPECT_LE(client_.node.Memory().vram_used, used);
  EXPECT_EQ(client_.node.Info().reset_count, 0u);
}

TEST_F(GuestLongRunning, JobsOfAQueueAreInOrderAndMoreQueuesThanSlotsTakeTurns) {
  constexpr uint64_t kQueues = TQGPU_SLOT_COUNT + 8, kJobs = 4;
  const uint64_t stacks = kStackStride * 32;
  Buffer stack = client_.node.Create(stacks * kQueues, DRM_TQGPU_PLACE_SYSTEM);
  ASSERT_NE(stack.data, nullptr);
  ASSERT_EQ(client_.node.Map(client_.vm, stack, kStacksVa), 0);
  const test_arguments values{KERNEL_MIX, kDataVa, 20000, 1, 0, 0};
  memcpy(client_.arguments.data, &values, sizeof values);
  std::vector<uint32_t> queues;
  for (uint64_t q = 0; q < kQueues; ++q) {
    queues.push_back(client_.CreateLongQueue());
    ASSERT_NE(queues[q], 0u);
    for (uint64_t job = 1; job <= kJobs; ++job) {
      tqgpu_packet_dispatch packet{};
      packet.entry = kCodeVa;
      packet.argument = kArgumentsVa;
      packet.block_count = 4;
      packet.stack = kStacksVa + q * stacks;
      packet.stack_stride = kStackStride;
      Stream stream = Stream().Add(packet, TQGPU_PACKET_DISPATCH);
      ASSERT_EQ(client_.SubmitLong(LongClient::AddEnd(stream, job, q), queues[q]), 0);
    }
  }
  for (uint64_t q = 0; q < kQueues; ++q) {
    for (uint64_t job = 1; job <= kJobs; ++job) ASSERT_EQ(client_.WaitFence(job, 60000, q), 0) << q;
  }
  munmap(stack.data, stack.size);
  EXPECT_TRUE(other_.Works());
}

TEST_F(GuestLongRunning, FaultEndsTheWait) {
  Stream stream = client_.Dispatch({KERNEL_STORE, 0xdead000, 0, 0, 0, 0});
  ASSERT_EQ(client_.SubmitLong(LongClient::AddEnd(stream, 1), client_.long_queue), 0);
  EXPECT_EQ(client_.WaitFence(1), -ECANCELED);
  std::vector<drm_tqgpu_fault> faults;
  EXPECT_TRUE(client_.node.VmState(client_.vm, &faults).flags & DRM_TQGPU_VM_BANNED);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].queue_id, client_.long_queue);
  EXPECT_EQ(faults[0].address, 0xdead000u);
  EXPECT_EQ(client_.SubmitLong(stream, client_.long_queue), -ECANCELED);
  EXPECT_TRUE(other_.Works());
}

TEST_F(GuestLongRunning, WaitsForSyncobjsAndSignalsNone) {
  Stream stream;
  LongClient::AddEnd(stream, 1);
  drm_tqgpu_sync sync{client_.node.syncobj(), DRM_TQGPU_SYNC_SIGNAL, 1};
  EXPECT_EQ(client_.SubmitLong(stream, client_.long_queue, &sync), -EINVAL);
  EXPECT_EQ(client_.CreateLongQueue(DRM_TQGPU_QUEUE_COPY), 0u);
  // An ordinary job that takes a while, then the long-running one.
  uint64_t point = 0;
  ASSERT_EQ(client_.Submit(client_.Dispatch({KERNEL_MIX, kDataVa, 100000, 1, 0, 0}, 4), &point), 0);
  sync = {client_.node.syncobj(), 0, point};
  ASSERT_EQ(client_.SubmitLong(stream, client_.long_queue, &sync), 0);
  EXPECT_EQ(client_.WaitFence(1), 0);
  EXPECT_EQ(client_.node.Wait(point, 0), 0) << "it has ended before";
}

TEST_F(GuestLongRunning, CardResetIsTold) {
  ASSERT_EQ(client_.SubmitSpin(), 0);
  usleep(100000);
  const pid_t child = fork();
  if (child == 0) {
    usleep(200000);
    std::ofstream("/sys/kernel/debug/dri/0000:01:00.0/reset") << "1" << std::flush;
    _exit(0);
  }
  EXPECT_EQ(client_.WaitFence(1), -ECANCELED);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(client_.node.QueueState(client_.long_queue) & DRM_TQGPU_QUEUE_INNOCENT);
  EXPECT_EQ(client_.node.VmState(client_.vm).reset_epoch, 1u);
  client_.EndSpin();
  ASSERT_EQ(client_.SubmitSpin(), 0);
  EXPECT_EQ(client_.WaitFence(1), 0) << "the innocent may go on";
}

}  // namespace
}  // namespace tq::driver
