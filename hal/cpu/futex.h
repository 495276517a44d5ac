// Sleep on a 32-bit word until it changes: private to the process, or in memory that processes share.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace tq::hal::cpu {

enum class FutexScope : int { kProcess = FUTEX_PRIVATE_FLAG, kMachine = 0 };

// Returns at once when *word != expected; otherwise at a wake, at the absolute CLOCK_MONOTONIC deadline, or
// for no reason.
inline void FutexWait(std::atomic<uint32_t>* word, uint32_t expected, uint64_t deadline_ns,
                      FutexScope scope = FutexScope::kProcess) {
  timespec time = {static_cast<time_t>(deadline_ns / 1000000000),
                   static_cast<long>(deadline_ns % 1000000000)};
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(word), FUTEX_WAIT_BITSET | static_cast<int>(scope), expected,
          deadline_ns == UINT64_MAX ? nullptr : &time, nullptr, FUTEX_BITSET_MATCH_ANY);
}

inline void FutexWake(std::atomic<uint32_t>* word, int count, FutexScope scope = FutexScope::kProcess) {
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(word), FUTEX_WAKE | static_cast<int>(scope), count, nullptr,
          nullptr, 0);
}

}  // namespace tq::hal::cpu
