// A thousand times the same, after which there is as much memory as before.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "driver/tests/guest/client.h"
#include "gtest/gtest.h"

namespace tq::driver {
namespace {

constexpr int kRounds = 1000;

// Of the kernel itself, in KiB: what it cannot give back when asked.
uint64_t KernelMemory() {
  std::ofstream("/proc/sys/vm/drop_caches") << "3" << std::flush;
  std::ifstream file("/proc/meminfo");
  uint64_t sum = 0, value = 0;
  for (std::string name, unit; file >> name >> value && std::getline(file, unit);) {
    if (name == "SUnreclaim:" || name == "VmallocUsed:" || name == "PageTables:" || name == "KernelStack:")
      sum += value;
  }
  return sum;
}

// Memory may move by what a few rounds hold in flight, not with the number of rounds.
void ExpectNoGrowth(uint64_t before, uint64_t after) {
  EXPECT_LT(after, before + kRounds * 2) << "KiB; before: " << before;
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
  for (int i = 0; i < 20; ++i) fault();
  const uint64_t used = witness.node.Memory().vram_used, before = KernelMemory();
  for (int i = 0; i < kRounds && !HasFatalFailure(); ++i) fault();
  EXPECT_TRUE(witness.Works());
  for (int i = 0; i < 100 && witness.node.Memory().vram_used > used; ++i) usleep(100000);
  EXPECT_LE(witness.node.Memory().vram_used, used);
  EXPECT_EQ(witness.node.Info().reset_count, 0u);
  ExpectNoGrowth(before, KernelMemory());
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
  for (int i = 0; i < 20; ++i) cycle();
  const uint64_t before = KernelMemory();
  for (int i = 0; i < kRounds && !HasFatalFailure(); ++i) cycle();
  ExpectNoGrowth(before, KernelMemory());
  Client client;
  EXPECT_TRUE(client.ok && client.Works());
}

}  // namespace
}  // namespace tq::driver
