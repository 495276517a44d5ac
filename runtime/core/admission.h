// What every entry point asks before it runs. On the path of each call: two loads, two stores of the thread's
// own, and a look at this thread's context.
#pragma once

#include <cuda.h>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace tq::core {

// Set by a successful cuInit; cleared in the child of a fork, where CUDA is not usable until it is
// initialised anew.
inline constinit std::atomic<bool> is_initialized{false};

// CUDA_SUCCESS when this thread has a current context that may be used. Else CUDA_ERROR_INVALID_CONTEXT
// (there is none), CUDA_ERROR_CONTEXT_IS_DESTROYED, or the sticky error that a kernel left in it.
CUresult CheckCurrentContext();

// Whether calls wait before they begin (cuCheckpointProcessLock).
inline constinit std::atomic<bool> calls_are_locked{false};

namespace admission_internal {

// The calls that a thread is in, one inside the other. Written by the thread alone, read by whoever locks.
struct ThreadCalls {
  std::atomic<uint32_t> depth{0};
  bool is_known = false;
};
extern thread_local constinit ThreadCalls thread_calls __attribute__((tls_model("initial-exec")));

void MakeKnown(ThreadCalls& calls);
void WaitForUnlock(ThreadCalls& calls);

}  // namespace admission_internal

// While it lives the thread is in a call. Whoever locks makes all threads see the lock (membarrier(2)) before
// it looks at what they are in, so that no fence is needed here.
class CallScope {
 public:
  CallScope() : calls_(admission_internal::thread_calls) {
    if (!calls_.is_known) [[unlikely]]
      admission_internal::MakeKnown(calls_);
    const uint32_t depth = calls_.depth.load(std::memory_order_relaxed);
    calls_.depth.store(depth + 1, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (depth == 0 && calls_are_locked.load(std::memory_order_acquire)) [[unlikely]]
      admission_internal::WaitForUnlock(calls_);
  }
  ~CallScope() {
    calls_.depth.store(calls_.depth.load(std::memory_order_relaxed) - 1, std::memory_order_release);
  }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

 private:
  admission_internal::ThreadCalls& calls_;
};

// No call begins from now on, and those of other threads have ended. False: they have not by `deadline`, and
// calls go on. One at a time.
bool LockCalls(std::chrono::steady_clock::time_point deadline);
void UnlockCalls();

}  // namespace tq::core
