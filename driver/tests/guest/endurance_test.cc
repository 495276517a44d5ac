// A thousand times the same, after which there is as much memory as before.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>

#include "driver/tests/guest/client.h"
#include "gtest/gtest.h"

namespace tq::driver {
namespace {

constexpr int kRounds = 1000;

// Of the kernel, in KiB, when it has given back what it can.
struct KernelMemory {
  KernelMemory() {
    // Caches of files, then of free pages for each processor, then of counters.
    std::ofstream("/proc/sys/vm/drop_caches") << "3" << std::flush;
    std::ofstream("/proc/sys/vm/compact_memory") << "1" << std::flush;
    std::ofstream("/proc/sys/vm/stat_refresh") << "1" << std::flush;
    std::ifstream file("/proc/meminfo");
    uint64_t value = 0;
    for (std::string name, unit; file >> name >> value && std::getline(file, unit);) {
      if (name == "SUnreclaim:" || name == "VmallocUsed:" || name == "PageTables:" || name == "KernelStack:")
        objects += value;
      if (name == "MemTotal:") pages += value;
      if (name == "MemFree:" || name == "Buffers:" || name == "Cached:" || name == "AnonPages:" ||
          name == "SReclaimable:")
        pages -= value;
    }
  }
  uint64_t objects = 0;  // what it has names for
  uint64_t pages = 0;    // all that is not free, nor a program's
};

// Runs `round` a thousand times. What has a name must not grow. Pages in use go up and down by a few MiB with
// what else the guest does: compared is the least of each half, which two pages lost in each round would
// raise by 4,000 KiB.
void ExpectNoGrowth(const char* what, const std::function<void()>& round) {
  for (int i = 0; i < 20; ++i) round();
  const auto start = std::chrono::steady_clock::now();
  const KernelMemory before;
  uint64_t least[2] = {UINT64_MAX, UINT64_MAX};
  for (int i = 0; i < kRounds && !::testing::Test::HasFatalFailure(); ++i) {
    round();
    if (i % 50 == 49) {
      uint64_t& of_half = least[i * 2 / kRounds];
      of_half = std::min(of_half, KernelMemory().pages);
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const KernelMemory after;
  printf("# %d %s in %.0f s; kernel memory: objects %lu -> %lu KiB, pages, at least, %lu -> %lu KiB\n",
         kRounds, what, seconds, before.objects, after.objects, least[0], least[1]);
  EXPECT_LT(after.objects, before.objects + kRounds);
  EXPECT_LT(least[1], least[0] + 4 * kRounds);
}

bool WaitForCard() {
  for (int i = 0; i < 100; ++i) {
    if (RenderNode().ok()) return true;
    usleep(50000);
  }
  return false;
}

TEST(GuestEndurance, FaultsLeaveNothingBehind) {
  Client witness;
  ASSERT_TRUE(witness.ok);
  const auto fault = [] {
    Client client;
    ASSERT_TRUE(client.ok);
    ASSERT_EQ(client.Run(client.Dispatch({KERNEL_STORE, 0xdead0000, 0, 0, 0, 0})), 0);
    ASSERT_TRUE(client.node.VmState(client.vm).flags & DRM_TQGPU_VM_BANNED);
  };
  const uint64_t used = witness.node.Memory().vram_used;
  ExpectNoGrowth("faults", fault);
  EXPECT_TRUE(witness.Works());
  for (int i = 0; i < 100 && witness.node.Memory().vram_used > used; ++i) usleep(100000);
  EXPECT_LE(witness.node.Memory().vram_used, used);
  EXPECT_EQ(witness.node.Info().reset_count, 0u);
}

TEST(GuestEndurance, ModuleLeavesNothingBehind) {
  const auto cycle = [] {
    bool gone = false;
    for (int wait = 0; wait < 100 && !gone; ++wait) {
      gone = syscall(SYS_delete_module, "tqgpu", O_NONBLOCK) == 0;
      if (!gone) usleep(20000);
    }
    ASSERT_TRUE(gone);
    ASSERT_EQ(LoadModule(), 0);
    ASSERT_TRUE(WaitForCard());
  };
  ExpectNoGrowth("reloads of the module", cycle);
  Client client;
  EXPECT_TRUE(client.ok && client.Works());
}

}  // namespace
}  // namespace tq::driver
