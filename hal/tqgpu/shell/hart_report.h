// What the shell says of a hart that ended with a fault (tq_shell_hart of shell_abi.h). What the card writes
// is hostile: a kernel can write over its slice of the workspace.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/cpu_abi.h"

namespace tq::hal::tqgpu {

struct HartReport {
  std::optional<tq_cpu_dim3> block;   // index in the grid
  std::optional<tq_cpu_dim3> thread;  // index in the block
  // Where the kernel or the shell asked for the fault (a fault record's cause is TQGPU_FAULT_CAUSE_ECALL);
  // else the record alone says what happened.
  std::optional<uint32_t> kind;  // enum tq_cpu_fault, if the card tells the truth
  uint64_t payload = 0;
  uint64_t pc = 0;      // in the kernel; 0: not known
  std::string message;  // of TQ_CPU_FAULT_ASSERT: the line that CUDA prints
};

// `slice` is the hart's part of the workspace, at device address `slice_va`.
HartReport ReadHartReport(std::span<const uint8_t> slice, uint64_t slice_va);

}  // namespace tq::hal::tqgpu
