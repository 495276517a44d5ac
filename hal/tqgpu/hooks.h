// What the process gave the backend at its start, and what the whole process has in common.
#pragma once

#include <cstdint>

#include "hal/include/tianqiao/hal.h"

namespace tq::hal::tqgpu {

struct HostHooks {
  void (*log)(int level, const char* message) = nullptr;
  void (*print)(const char* text, size_t size_bytes) = nullptr;
};

// Set once by Init, constant afterwards.
HostHooks& Hooks();
void Print(const char* text, size_t size_bytes);
void Log(int level, const char* message);

// In a child of a process that used the device: it has none.
bool IsForked();

uint64_t MonotonicNs();

}  // namespace tq::hal::tqgpu
