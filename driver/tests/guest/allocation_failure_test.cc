// Every allocation that an ioctl makes, failed in turn (Documentation/fault-injection of the kernel,
// "fail-nth"); for a kernel with failslab. Whatever fails, the caller is told so, nothing is lost, and the
// next attempt succeeds.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xf86drm.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "driver/tests/guest/client.h"
#include "gtest/gtest.h"

namespace tq::driver {
namespace {

// The n-th call of this thread that may be made to fail, fails.
class FailNth {
 public:
  FailNth() : file_(open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC)) {}
  ~FailNth() { close(file_); }
  bool ok() const { return file_ >= 0; }
  void Arm(int n) const {
    const std::string text = std::to_string(n);
    EXPECT_EQ(pwrite(file_, text.c_str(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  // Whether there was an n-th call.
  bool Disarm() const {
    char text[16] = {};
    EXPECT_GT(pread(file_, text, sizeof text - 1, 0), 0);
    Arm(0);
    return std::atoi(text) == 0;
  }

 private:
  int file_;
};

class GuestAllocationFailure : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(client_.ok);
    ASSERT_TRUE(fail_.ok()) << "the kernel has no fault injection";
    // DRM's buddy allocator hits a BUG_ON of its own when a split fails (drivers/gpu/buddy.c of 6.12); what
    // is ours must stand every failure. Hence caches by name.
    for (const auto& cache : std::filesystem::directory_iterator("/sys/kernel/slab")) {
      std::ofstream(cache.path() / "failslab") << (cache.path().filename() == "gpu_buddy_block" ? "0" : "1");
    }
    std::ofstream("/sys/kernel/debug/failslab/cache-filter") << "Y";
    // Allocations that may sleep fail too, and say so only in their result.
    Configure("ignore-gfp-wait", "N");
    Configure("verbose", "0");
  }
  static void Configure(const char* name, const char* value) {
    for (const char* kind : {"failslab", "fail_page_alloc"}) {
      std::ofstream(std::string("/sys/kernel/debug/") + kind + "/" + name) << value;
    }
  }

  // Runs `attempt` with one failure more each time until none is left to come; `undo` follows each success.
  void FailEach(const std::function<int()>& attempt, const std::function<void()>& undo) {
    int failures = 0;
    for (int n = 1;; ++n) {
      ASSERT_LT(n, 1000);
      fail_.Arm(n);
      const int result = attempt();
      const bool failed = fail_.Disarm();
      if (result == 0)
        undo();
      else  // drm_buddy says ENOSPC also when it lacks memory for its own books
        ASSERT_TRUE(result == -ENOMEM || result == -ENOSPC) << result << " at the " << n << "th allocation";
      failures += result != 0;
      if (!failed) {
        ASSERT_EQ(result, 0) << "with every allocation made";
        break;
      }
    }
    EXPECT_GT(failures, 0) << "no allocation was failed: the test has not reached anything";
    EXPECT_TRUE(client_.Works());
  }

  Client client_;
  FailNth fail_;
};

TEST_F(GuestAllocationFailure, Memory) {
  for (const uint32_t placement : {DRM_TQGPU_PLACE_VRAM, DRM_TQGPU_PLACE_SYSTEM}) {
    drm_tqgpu_gem_create create;
    FailEach(
        [&] {
          create = {};
          create.size = 5 << 12;
          create.placement = placement;
          return client_.node.Ioctl(DRM_IOCTL_TQGPU_GEM_CREATE, &create);
        },
        [&] { drmCloseBufferHandle(client_.node.fd(), create.handle); });
  }
}

TEST_F(GuestAllocationFailure, AddressSpacesAndQueues) {
  drm_tqgpu_vm_create vm;
  FailEach(
      [&] {
        vm = {};
        return client_.node.Ioctl(DRM_IOCTL_TQGPU_VM_CREATE, &vm);
      },
      [&] {
        drm_tqgpu_vm_destroy destroy{vm.vm_id, 0};
        EXPECT_EQ(client_.node.Ioctl(DRM_IOCTL_TQGPU_VM_DESTROY, &destroy), 0);
      });
  for (const uint32_t flags : {0u, DRM_TQGPU_QUEUE_LONG_RUNNING}) {
    drm_tqgpu_queue_create queue;
    FailEach(
        [&] {
          queue = {};
          queue.vm_id = client_.vm;
          queue.priority = DRM_TQGPU_PRIORITY_NORMAL;
          queue.flags = flags;
          return client_.node.Ioctl(DRM_IOCTL_TQGPU_QUEUE_CREATE, &queue);
        },
        [&] {
          drm_tqgpu_queue_destroy destroy{queue.queue_id, 0};
          EXPECT_EQ(client_.node.Ioctl(DRM_IOCTL_TQGPU_QUEUE_DESTROY, &destroy), 0);
        });
  }
}

TEST_F(GuestAllocationFailure, Binds) {
  constexpr uint64_t kVa = 0x7000000000;
  const auto unmap = [&] { EXPECT_EQ(client_.node.Unmap(client_.vm, kVa, 8 << 12), 0); };
  FailEach([&] { return client_.node.Map(client_.vm, client_.arguments, kVa); }, unmap);
  // A hole in the middle of a mapping, which leaves two.
  ASSERT_EQ(client_.node.Map(client_.vm, client_.data, kVa), 0);
  FailEach([&] { return client_.node.Unmap(client_.vm, kVa + (4 << 12), 1 << 12); },
           [&] { EXPECT_EQ(client_.node.Map(client_.vm, client_.data, kVa), 0); });
  EXPECT_EQ(client_.node.Unmap(client_.vm, kVa, client_.data.size), 0);

  void* memory =
      mmap(nullptr, 8 << 12, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  drm_tqgpu_bind_op op{};
  op.op = DRM_TQGPU_BIND_MAP_USERPTR;
  op.offset = reinterpret_cast<uintptr_t>(memory);
  op.va = kVa;
  op.size = 8 << 12;
  FailEach([&] { return client_.node.Bind(client_.vm, op); }, unmap);
  munmap(memory, 8 << 12);
}

TEST_F(GuestAllocationFailure, Submissions) {
  const Stream stream = client_.Dispatch({KERNEL_EMPTY, 0, 0, 0, 0, 0});
  uint64_t point = 0;
  FailEach([&] { return client_.Submit(stream, &point); }, [&] { EXPECT_EQ(client_.node.Wait(point), 0); });

  drm_tqgpu_queue_create queue{};
  queue.vm_id = client_.vm;
  queue.priority = DRM_TQGPU_PRIORITY_NORMAL;
  queue.flags = DRM_TQGPU_QUEUE_LONG_RUNNING;
  ASSERT_EQ(client_.node.Ioctl(DRM_IOCTL_TQGPU_QUEUE_CREATE, &queue), 0);
  drm_tqgpu_job job{};
  job.stream_va = kStreamVa;
  job.stream_size = 0;
  drm_tqgpu_submit submit{queue.queue_id, 1, reinterpret_cast<uintptr_t>(&job)};
  FailEach([&] { return client_.node.Ioctl(DRM_IOCTL_TQGPU_SUBMIT, &submit); }, [] {});
}

TEST_F(GuestAllocationFailure, NothingStaysBehind) {
  const uint64_t used = client_.node.Memory().vram_used;
  for (int n = 1; n < 60; ++n) {
    const pid_t child = fork();
    if (child == 0) {
      FailNth fail;
      fail.Arm(n);
      Client doomed;  // opens, creates, maps; fails somewhere, and the process ends as it is
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
  EXPECT_TRUE(client_.Works());
  for (int i = 0; i < 100 && client_.node.Memory().vram_used > used; ++i) usleep(100000);
  EXPECT_LE(client_.node.Memory().vram_used, used);
}

}  // namespace
}  // namespace tq::driver
