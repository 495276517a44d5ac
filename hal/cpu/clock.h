// The device clock: CLOCK_MONOTONIC, the clock of HAL deadlines too.
#pragma once

#include <time.h>

#include <cstdint>

namespace tq::hal::cpu {

inline uint64_t NowNs() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return uint64_t(time.tv_sec) * 1000000000 + uint64_t(time.tv_nsec);
}

inline void CpuRelax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace tq::hal::cpu
