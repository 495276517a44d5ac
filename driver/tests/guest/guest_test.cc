// The kernel driver, from user space of a guest that has the emulated card.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xf86drm.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "driver/tests/guest/client.h"
#include "gtest/gtest.h"

namespace tq::driver {
namespace {

class Guest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(client_.ok) << "no render node of the driver, or it does not work"; }
  Client client_;
};

TEST_F(Guest, SaysWhatItIs) {
  drmVersionPtr version = drmGetVersion(client_.node.fd());
  EXPECT_STREQ(version->name, "tqgpu");
  drmFreeVersion(version);
  const drm_tqgpu_dev_info info = client_.node.Info();
  EXPECT_EQ(info.card_abi, uint32_t{TQGPU_CARD_ABI});
  EXPECT_GE(info.compute_harts, 1u);
  EXPECT_EQ(info.va_end, uint64_t{1} << 47);
  const drm_tqgpu_dev_memory memory = client_.node.Memory();
  EXPECT_GT(memory.vram_used, kDataBytes);
  EXPECT_LT(memory.vram_used, memory.vram_size);
}

TEST_F(Guest, AddsVectorsFromVideoAndHostMemory) {
  constexpr uint64_t kCount = 100000;
  float* a = reinterpret_cast<float*>(client_.data.data);
  float* b = reinterpret_cast<float*>(client_.host.data);
  for (uint64_t i = 0; i < kCount; ++i) a[i] = static_cast<float>(i), b[i] = 0.25f;
  ASSERT_EQ(
      client_.Run(client_.Dispatch({KERNEL_ADD, kDataVa, kHostVa, kHostVa + (2 << 20), kCount, 1024}, 98)),
      0);
  const float* c = reinterpret_cast<const float*>(client_.host.data + (2 << 20));
  for (uint64_t i = 0; i < kCount; ++i) ASSERT_EQ(c[i], static_cast<float>(i) + 0.25f) << i;
}

TEST_F(Guest, MemoryIsClearedAndPrivate) {
  for (int round = 0; round < 3; ++round) {
    Buffer buffer = client_.node.Create(1 << 20);
    ASSERT_NE(buffer.data, nullptr);
    for (uint64_t i = 0; i < buffer.size; ++i) ASSERT_EQ(buffer.data[i], 0) << i;
    memset(buffer.data, 0x5a, buffer.size);
    client_.node.Destroy(buffer);
  }
}

TEST_F(Guest, OutOfMemoryIsAnErrorAndNoMore) {
  const uint64_t used_before = client_.node.Memory().vram_used;
  EXPECT_EQ(client_.node.Create(uint64_t{1} << 34).data, nullptr);
  std::vector<Buffer> buffers;
  for (;;) {
    Buffer buffer = client_.node.Create(16 << 20);
    if (!buffer.data) break;
    buffers.push_back(buffer);
    ASSERT_LT(buffers.size(), 64u);
  }
  EXPECT_TRUE(client_.Works());
  for (Buffer& buffer : buffers) client_.node.Destroy(buffer);
  EXPECT_LE(client_.node.Memory().vram_used, used_before);
}

TEST_F(Guest, HugeAndSmallMappingsOverlapAsTheLatestSays) {
  Buffer first = client_.node.Create(4 << 20), second = client_.node.Create(kPage);
  const uint64_t va = 0x100000000;
  ASSERT_EQ(client_.node.Map(client_.vm, first, va), 0);
  ASSERT_EQ(client_.node.Map(client_.vm, second, va + 5 * kPage), 0);  // cuts the first in two
  EXPECT_EQ(client_.Run(client_.Dispatch({KERNEL_STORE, va + 5 * kPage, 0, 0, 0, 0})), 0);
  EXPECT_EQ(client_.Run(client_.Dispatch({KERNEL_STORE, va + 6 * kPage, 0, 0, 0, 0})), 0);
  EXPECT_EQ(client_.Run(client_.Dispatch({KERNEL_STORE, va + 4 * kPage, 0, 0, 0, 0})), 0);
  EXPECT_EQ(second.data[0], 1);
  EXPECT_EQ(first.data[5 * kPage], 0);
  EXPECT_EQ(first.data[6 * kPage], 1);
  EXPECT_EQ(first.data[4 * kPage], 1);
  EXPECT_EQ(client_.node.Unmap(client_.vm, va, 4 << 20), 0);
  EXPECT_EQ(client_.Run(client_.Dispatch({KERNEL_STORE, va + 6 * kPage, 0, 0, 0, 0})), 0);
  EXPECT_TRUE(client_.node.VmState(client_.vm).flags & DRM_TQGPU_VM_BANNED) << "unmapped";
}

TEST_F(Guest, UserMemoryIsUsedInPlace) {
  constexpr uint64_t kBytes = 1 << 20;
  auto* memory = static_cast<uint8_t*>(
      mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
  drm_tqgpu_bind_op op{};
  op.op = DRM_TQGPU_BIND_MAP_USERPTR;
  op.offset = op.va = reinterpret_cast<uintptr_t>(memory);  // the same address on both sides
  op.size = kBytes;
  ASSERT_EQ(client_.node.Bind(client_.vm, op), 0);
  EXPECT_EQ(client_.Run(client_.Dispatch({KERNEL_COUNT, op.va, 0, 0, kBytes / 8, 0}, kBytes / 8)), 0);
  for (uint64_t i = 0; i < kBytes / 8; ++i) ASSERT_EQ(reinterpret_cast<uint64_t*>(memory)[i], 1u) << i;
  op.offset = 0x1000;
  EXPECT_EQ(client_.node.Bind(client_.vm, op), -EFAULT) << "memory that there is not";
}

TEST_F(Guest, ProtectionIsKept) {
  drm_tqgpu_bind_op op{};
  op.op = DRM_TQGPU_BIND_PROTECT;
  op.flags = DRM_TQGPU_BIND_READONLY;
  op.va = kDataVa;
  op.size = kPage;
  ASSERT_EQ(client_.node.Bind(client_.vm, op), 0);
  EXPECT_EQ(client_.Run(client_.Dispatch({KERNEL_STORE, kDataVa + kPage, 0, 0, 0, 0})), 0);
  EXPECT_EQ(client_.node.VmState(client_.vm).flags, 0u);
  EXPECT_EQ(client_.Run(client_.Dispatch({KERNEL_STORE, kDataVa, 0, 0, 0, 0})), 0);
  std::vector<drm_tqgpu_fault> faults;
  EXPECT_EQ(client_.node.VmState(client_.vm, &faults).flags, DRM_TQGPU_VM_BANNED);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].cause, 15u);
  EXPECT_EQ(faults[0].address, kDataVa);
}

TEST_F(Guest, FaultBansItsAddressSpaceAlone) {
  Client other;
  ASSERT_TRUE(other.ok);
  EXPECT_EQ(client_.Run(client_.Dispatch({KERNEL_STORE, 0xdead000, 0, 0, 2, 0}, 4)), 0)
      << "the fence signals";
  std::vector<drm_tqgpu_fault> faults;
  EXPECT_EQ(client_.node.VmState(client_.vm, &faults).flags, DRM_TQGPU_VM_BANNED);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].address, 0xdead000u);
  EXPECT_EQ(faults[0].block, 2u);
  EXPECT_EQ(faults[0].queue_id, client_.queue);
  EXPECT_TRUE(client_.node.QueueState(client_.queue) & DRM_TQGPU_QUEUE_FAULTED);
  uint64_t point;
  EXPECT_EQ(client_.Submit(client_.Dispatch({KERNEL_EMPTY, 0, 0, 0, 0, 0}), &point), -ECANCELED);
  EXPECT_TRUE(other.Works());
  Client fresh;
  EXPECT_TRUE(fresh.Works());
}

TEST_F(Guest, IllegalInstructionTrapAndBadStream) {
  struct Case {
    test_arguments arguments;
    uint32_t cause;
  };
  for (const Case& c : {Case{{KERNEL_ILLEGAL, 0, 0, 0, 0, 0}, 2}, Case{{KERNEL_TRAP, 0, 0, 0, 9, 0}, 8},
                        Case{{KERNEL_JUMP, kDataVa, 0, 0, 0, 0}, 12}}) {
    Client client;
    EXPECT_EQ(client.Run(client.Dispatch(c.arguments)), 0);
    std::vector<drm_tqgpu_fault> faults;
    client.node.VmState(client.vm, &faults);
    ASSERT_EQ(faults.size(), 1u);
    EXPECT_EQ(faults[0].cause, c.cause);
  }
  tqgpu_packet_write write{};
  EXPECT_EQ(client_.Run(Stream().Add(write, static_cast<tqgpu_packet_op>(1234))), 0);
  EXPECT_EQ(client_.node.VmState(client_.vm).flags, DRM_TQGPU_VM_BANNED);
}

TEST_F(Guest, EndlessKernelTimesOutAndOthersGoOn) {
  Client other;
  uint64_t point = 0;
  ASSERT_EQ(client_.Submit(client_.Dispatch({KERNEL_SPIN, 0, 0, 0, 0, 0}, 64), &point), 0);
  uint64_t behind = 0;
  memset(other.data.data, 0, 64);
  ASSERT_EQ(other.Submit(other.Dispatch({KERNEL_COUNT, kDataVa, 0, 0, 8, 0}, 80), &behind), 0);
  ASSERT_EQ(client_.node.Wait(point), 0);
  EXPECT_TRUE(client_.node.QueueState(client_.queue) & DRM_TQGPU_QUEUE_TIMED_OUT);
  EXPECT_TRUE(client_.node.QueueState(client_.queue) & DRM_TQGPU_QUEUE_BANNED);
  EXPECT_EQ(other.node.Wait(behind), 0);
  EXPECT_EQ(other.words()[0], 10u) << "what was in the ring behind it runs, too";
  EXPECT_TRUE(other.Works());
  EXPECT_EQ(other.node.Info().reset_count, 0u) << "the engine let go of it; the card did not restart";
}

TEST_F(Guest, KilledProcessLeavesNothingBehind) {
  const uint64_t used = client_.node.Memory().vram_used;
  const pid_t child = fork();
  if (child == 0) {
    Client doomed;
    uint64_t point;
    doomed.Submit(doomed.Dispatch({KERNEL_SPIN, 0, 0, 0, 0, 0}, 64), &point);
    for (;;) pause();
  }
  usleep(500000);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(client_.Works());
  // Less, when pages of our own binds were still on their way back.
  for (int i = 0; i < 100 && client_.node.Memory().vram_used > used; ++i) usleep(100000);
  EXPECT_LE(client_.node.Memory().vram_used, used);
}

TEST_F(Guest, WaitsAndSignalsOrderTheQueues) {
  // A copy queue waits for the compute queue by timeline points, without this program in between.
  uint32_t timeline = 0;
  ASSERT_EQ(drmSyncobjCreate(client_.node.fd(), 0, &timeline), 0);
  tqgpu_packet_copy copy{};
  copy.destination = kHostVa;
  copy.source = kDataVa;
  copy.row_bytes = 64;
  copy.rows = 1;
  const Stream compute = client_.Dispatch({KERNEL_COUNT, kDataVa, 0, 0, 8, 0}, 8000);
  const Stream transfer = Stream().Add(copy, TQGPU_PACKET_COPY);
  memcpy(client_.stream.data, compute.bytes().data(), compute.bytes().size());
  memcpy(client_.stream.data + kPage, transfer.bytes().data(), transfer.bytes().size());
  drm_tqgpu_sync wait{timeline, 0, 1}, signal{timeline, DRM_TQGPU_SYNC_SIGNAL, 1};
  drm_tqgpu_sync done{client_.node.syncobj(), DRM_TQGPU_SYNC_SIGNAL, 1000};
  drm_tqgpu_sync second[] = {wait, done};
  drm_tqgpu_job job{kStreamVa, compute.bytes().size(), reinterpret_cast<uintptr_t>(&signal), 1, 0};
  drm_tqgpu_submit submit{client_.queue, 1, reinterpret_cast<uintptr_t>(&job)};
  ASSERT_EQ(client_.node.Ioctl(DRM_IOCTL_TQGPU_SUBMIT, &submit), 0);
  job = {kStreamVa + kPage, transfer.bytes().size(), reinterpret_cast<uintptr_t>(second), 2, 0};
  submit = {client_.copy_queue, 1, reinterpret_cast<uintptr_t>(&job)};
  ASSERT_EQ(client_.node.Ioctl(DRM_IOCTL_TQGPU_SUBMIT, &submit), 0);
  ASSERT_EQ(client_.node.Wait(1000), 0);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(reinterpret_cast<uint64_t*>(client_.host.data)[i], 1000u);
}

TEST_F(Guest, BadArgumentsAreRefused) {
  RenderNode& node = client_.node;
  drm_tqgpu_gem_create gem{};
  gem.size = 4096;
  EXPECT_EQ(node.Ioctl(DRM_IOCTL_TQGPU_GEM_CREATE, &gem), -EINVAL) << "no placement";
  gem.placement = DRM_TQGPU_PLACE_VRAM;
  gem.pad = 1;
  EXPECT_EQ(node.Ioctl(DRM_IOCTL_TQGPU_GEM_CREATE, &gem), -EINVAL);
  gem.pad = 0;
  gem.flags = 0x80;
  EXPECT_EQ(node.Ioctl(DRM_IOCTL_TQGPU_GEM_CREATE, &gem), -EINVAL);
  drm_tqgpu_vm_create vm{};
  vm.flags = 1;
  EXPECT_EQ(node.Ioctl(DRM_IOCTL_TQGPU_VM_CREATE, &vm), -EINVAL);
  drm_tqgpu_queue_create queue{};
  queue.vm_id = 999;
  EXPECT_EQ(node.Ioctl(DRM_IOCTL_TQGPU_QUEUE_CREATE, &queue), -ENOENT);
  queue.vm_id = client_.vm;
  queue.queue_class = 2;
  EXPECT_EQ(node.Ioctl(DRM_IOCTL_TQGPU_QUEUE_CREATE, &queue), -EINVAL);

  drm_tqgpu_bind_op op{};
  op.op = DRM_TQGPU_BIND_MAP;
  op.handle = client_.data.handle;
  op.va = kPage;
  op.size = kPage;
  EXPECT_EQ(node.Bind(client_.vm, op), 0);
  op.va = 0;
  EXPECT_EQ(node.Bind(client_.vm, op), -EINVAL) << "the null page";
  op.va = kPage + 1;
  EXPECT_EQ(node.Bind(client_.vm, op), -EINVAL);
  op.va = (uint64_t{1} << 47) - kPage;
  op.size = 2 * kPage;
  EXPECT_EQ(node.Bind(client_.vm, op), -EINVAL) << "past the end";
  op.va = ~uint64_t{0} - kPage + 1;
  EXPECT_EQ(node.Bind(client_.vm, op), -EINVAL);
  op.va = kPage;
  op.size = kDataBytes + kPage;
  EXPECT_EQ(node.Bind(client_.vm, op), -EINVAL) << "more than the object has";
  op.size = kPage;
  op.handle = 12345;
  EXPECT_EQ(node.Bind(client_.vm, op), -ENOENT);
  op.op = 77;
  EXPECT_EQ(node.Bind(client_.vm, op), -EINVAL);

  uint64_t point;
  EXPECT_EQ(node.Submit(999, kStreamVa, 64, &point), -ENOENT);
  EXPECT_EQ(node.Submit(client_.queue, kStreamVa + 4, 64, &point), -EINVAL);
  EXPECT_EQ(node.Submit(client_.queue, ~uint64_t{7}, 64, &point), -EINVAL);
  EXPECT_TRUE(client_.Works());
}

// Structures of any size and content: errors, never more. Sizes beyond the structure must be zero.
TEST_F(Guest, RandomIoctlsDoNoHarm) {
  std::srand(11);
  for (int i = 0; i < 3000; ++i) {
    const uint32_t number = DRM_COMMAND_BASE + std::rand() % 13;
    const uint32_t size = std::rand() % 5 == 0 ? std::rand() % 200 : 48;
    alignas(8) uint8_t bytes[256];
    for (uint8_t& byte : bytes) byte = std::rand() % 4 ? 0 : static_cast<uint8_t>(std::rand() >> 4);
    // Never what would map over the test's own stack or destroy what it works with.
    if (number == DRM_COMMAND_BASE + DRM_TQGPU_VM_DESTROY ||
        number == DRM_COMMAND_BASE + DRM_TQGPU_QUEUE_DESTROY) {
      bytes[0] = 200;
    }
    drmIoctl(client_.node.fd(), DRM_IOC(DRM_IOC_READWRITE, DRM_IOCTL_BASE, number, size), bytes);
  }
  EXPECT_TRUE(client_.Works());
}

TEST_F(Guest, BufferSharedByPrimeIsTheSameMemory) {
  int fd = -1;
  ASSERT_EQ(drmPrimeHandleToFD(client_.node.fd(), client_.data.handle, DRM_CLOEXEC | DRM_RDWR, &fd), 0);
  RenderNode other;
  Buffer imported;
  ASSERT_EQ(drmPrimeFDToHandle(other.fd(), fd, &imported.handle), 0);
  imported.size = kDataBytes;
  const uint32_t vm = other.CreateVm();
  EXPECT_EQ(other.Map(vm, imported, kDataVa), 0);
  close(fd);
  EXPECT_TRUE(client_.Works());
}

TEST_F(Guest, FileInfoCountsTime) {
  ASSERT_EQ(client_.Run(client_.Dispatch({KERNEL_COUNT, kDataVa, 0, 0, 8, 0}, 100000)), 0);
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(client_.node.fd()));
  const std::string text{std::istreambuf_iterator<char>(info), std::istreambuf_iterator<char>()};
  EXPECT_NE(text.find("drm-driver:\ttqgpu"), std::string::npos) << text;
  const size_t at = text.find("drm-engine-compute:\t");
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_GT(std::stoull(text.substr(at + 20)), 100000u) << text;
}

TEST_F(Guest, ManyThreadsShareTheCard) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      Client client;
      ASSERT_TRUE(client.ok);
      for (int i = 0; i < 25; ++i) ASSERT_TRUE(client.Works());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// What debugfs can make the firmware do wrong. Last: the card restarts.
class GuestInjection : public Guest {
 protected:
  static void Write(const char* name, const char* value) {
    std::ofstream file(std::string("/sys/kernel/debug/dri/0000:01:00.0/") + name);
    if (!file) file.open(std::string("/sys/kernel/debug/dri/0/") + name);
    ASSERT_TRUE(file.good()) << name;
    file << value;
  }
};

TEST_F(GuestInjection, ResetCancelsWorkAndTheCardComesBack) {
  const uint32_t resets = client_.node.Info().reset_count;
  uint64_t point = 0;
  ASSERT_EQ(client_.Submit(client_.Dispatch({KERNEL_SPIN, 0, 0, 0, 0, 0}, 4), &point), 0);
  usleep(100000);
  Write("reset", "1");
  EXPECT_EQ(client_.node.Wait(point), 0);
  EXPECT_EQ(client_.node.Info().reset_count, resets + 1);
  EXPECT_TRUE(client_.node.QueueState(client_.queue) & DRM_TQGPU_QUEUE_INNOCENT);
  EXPECT_EQ(client_.node.VmState(client_.vm).reset_epoch, 1u);
  EXPECT_TRUE(client_.Works()) << "the innocent may go on";
}

TEST_F(GuestInjection, StoppedHeartbeatRestartsTheCard) {
  const uint32_t resets = client_.node.Info().reset_count;
  Write("inject", "2");
  for (int i = 0; i < 150 && client_.node.Info().reset_count == resets; ++i) usleep(100000);
  EXPECT_EQ(client_.node.Info().reset_count, resets + 1);
  EXPECT_TRUE(client_.Works());
}

// The card pulled out while in use, and put back.
class GuestUnplug : public ::testing::Test {
 protected:
  static void WriteTo(const std::string& path) {
    std::ofstream file(path);
    file << "1" << std::flush;
    ASSERT_TRUE(file.good()) << path;
  }
  static bool WaitForCard() {
    for (int i = 0; i < 100; ++i) {
      if (RenderNode().ok()) return true;
      usleep(100000);
    }
    return false;
  }
};

TEST_F(GuestUnplug, OpenFilesOutliveTheCard) {
  Client client;
  ASSERT_TRUE(client.ok);
  uint64_t point = 0, unused = 0;
  ASSERT_EQ(client.Submit(client.Dispatch({KERNEL_SPIN, 0, 0, 0, 0, 0}, 4), &point), 0);
  usleep(100000);
  WriteTo("/sys/bus/pci/devices/0000:01:00.0/remove");
  EXPECT_EQ(client.node.Wait(point), -ENODEV);
  client.data.data[0] = 1;  // nobody looks at it, and nobody dies of it
  EXPECT_EQ(client.Submit(client.Dispatch({KERNEL_EMPTY, 0, 0, 0, 0, 0}), &unused), -ENODEV);
  EXPECT_EQ(client.node.CreateVm(), 0u);
  EXPECT_EQ(client.node.Unmap(client.vm, kDataVa, kDataBytes), -ENODEV);
  EXPECT_FALSE(RenderNode().ok());
  WriteTo("/sys/bus/pci/rescan");
  ASSERT_TRUE(WaitForCard());
  Client fresh;
  EXPECT_TRUE(fresh.Works());
}

TEST_F(GuestUnplug, ModuleComesAndGoes) {
  for (int i = 0; i < 10; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      Client client;
      _exit(client.Works() && syscall(SYS_delete_module, "tqgpu", O_NONBLOCK) == -1 ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0) << "the card works, and its module cannot go while in use";
    bool gone = false;
    for (int wait = 0; wait < 50 && !gone; ++wait) {
      gone = syscall(SYS_delete_module, "tqgpu", O_NONBLOCK) == 0;
      if (!gone) usleep(100000);
    }
    ASSERT_TRUE(gone) << i;
    ASSERT_EQ(LoadModule(), 0) << i;
    ASSERT_TRUE(WaitForCard());
  }
}

}  // namespace
}  // namespace tq::driver
