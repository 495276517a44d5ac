#include "hal/tqgpu/hooks.h"

#include <time.h>
#include <unistd.h>

namespace tq::hal::tqgpu {

HostHooks& Hooks() {
  static HostHooks hooks;
  return hooks;
}

void Print(const char* text, size_t size_bytes) {
  if (Hooks().print != nullptr) {
    Hooks().print(text, size_bytes);
    return;
  }
  while (size_bytes > 0) {
    const ssize_t written = write(STDOUT_FILENO, text, size_bytes);
    if (written <= 0) return;
    text += written;
    size_bytes -= static_cast<size_t>(written);
  }
}

void Log(int level, const char* message) {
  if (Hooks().log != nullptr) Hooks().log(level, message);
}

uint64_t MonotonicNs() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1000000000 + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace tq::hal::tqgpu
