// Sleep on a 32-bit word until it changes. Process-private.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace tq::hal::cpu {

// Returns at once when *word != expected; otherwise at a wake, at the absolute CLOCK_MONOTONIC deadline, or
// for no reason.
inline void FutexWait(std::atomic<uint32_t>* word, uint32_t expected, uint64_t deadline_ns) {
  timespec time = {static_cast<time_t>(deadline_ns / 1000000000),
                   static_cast<long>(deadline_ns % 1000000000)};
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(word), FUTEX_WAIT_BITSET_PRIVATE, expected,
          deadline_ns == UINT64_MAX ? nullptr : &time, nullptr, FUTEX_BITSET_MATCH_ANY);
}

inline void FutexWake(std::atomic<uint32_t>* word, int count) {
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(word), FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

}  // namespace tq::hal::cpu
