// Settings of the CPU device: the options string of hal_init, "devices=2,workers=4,memory=8G,...".
#pragma once

#include <cstdint>
#include <string>

#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

struct Options {
  uint32_t devices = 1;
  uint32_t workers = 0;             // per device; 0: one per core that this process may use
  uint64_t memory_bytes = 0;        // per device; 0: half of the machine's
  std::string features = "native";  // native, avx2 or sse2
  uint64_t heap_bytes = 8 << 20;    // what kernels may allocate
  uint64_t stack_bytes = 64 << 10;  // of a thread of a fiber kernel, beyond its local variables
  uint64_t watchdog_ms = 0;         // 0: never
};

// Unknown keys are reported to `log` and skipped: an option of a newer version must not stop a program.
Options ParseOptions(const char* text, void (*log)(int level, const char* message));

}  // namespace tq::hal::cpu
