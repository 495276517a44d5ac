#include "runtime/core/admission.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

namespace tq::core {

namespace admission_internal {

thread_local constinit ThreadCalls thread_calls;

namespace {

struct Threads {
  std::mutex mutex;
  std::set<ThreadCalls*> known;
};
Threads& AllThreads() {
  static auto* const threads = new Threads;
  return *threads;
}

// Takes a thread off the list when it ends.
struct Farewell {
  ThreadCalls* calls = nullptr;
  ~Farewell() {
    if (calls == nullptr) return;
    const std::lock_guard lock(AllThreads().mutex);
    AllThreads().known.erase(calls);
  }
};
thread_local Farewell farewell;

// In the child of a fork there is but one thread, whatever the list says.
void ForgetOthers() {
  AllThreads().known.clear();
  if (thread_calls.is_known) AllThreads().known.insert(&thread_calls);
  AllThreads().mutex.unlock();
}

bool IsAnyInCall() {
  const std::lock_guard lock(AllThreads().mutex);
  return std::any_of(AllThreads().known.begin(), AllThreads().known.end(), [](const ThreadCalls* calls) {
    return calls != &thread_calls && calls->depth.load(std::memory_order_acquire) != 0;
  });
}

// All threads of the process have passed a fence when it returns.
void FenceAllThreads() {
  static const bool is_registered =
      syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
  if (is_registered && syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0) return;
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return;
  usleep(10000);  // no such call: stores leave their buffers in less
}

}  // namespace

void MakeKnown(ThreadCalls& calls) {
  static const bool is_watched = [] {
    return pthread_atfork([] { AllThreads().mutex.lock(); }, [] { AllThreads().mutex.unlock(); },
                          ForgetOthers) == 0;
  }();
  static_cast<void>(is_watched);
  farewell.calls = &calls;
  calls.is_known = true;
  const std::lock_guard lock(AllThreads().mutex);
  AllThreads().known.insert(&calls);
}

void WaitForUnlock(ThreadCalls& calls) {
  while (calls_are_locked.load(std::memory_order_acquire)) {
    calls.depth.store(0, std::memory_order_release);
    calls_are_locked.wait(true, std::memory_order_acquire);
    calls.depth.store(1, std::memory_order_seq_cst);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
}

}  // namespace admission_internal

bool LockCalls(std::chrono::steady_clock::time_point deadline) {
  calls_are_locked.store(true, std::memory_order_seq_cst);
  admission_internal::FenceAllThreads();
  while (admission_internal::IsAnyInCall()) {
    if (std::chrono::steady_clock::now() >= deadline) {
      UnlockCalls();
      return false;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

void UnlockCalls() {
  calls_are_locked.store(false, std::memory_order_release);
  calls_are_locked.notify_all();
}

}  // namespace tq::core
