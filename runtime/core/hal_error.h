// From the HAL's statuses and faults to CUDA's errors. Tables only; thread-safe.
#pragma once

#include "absl/status/status.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::core {

// A status of the hal wrappers with the CUDA error that it means. OK stays OK. Faults want Context::FromHal.
absl::Status FromHal(const absl::Status& status);

// The sticky CUresult of a fault (CUDA driver API, CUresult: those that say the process must be relaunched,
// and CUDA_ERROR_ASSERT).
int StickyErrorOf(hal_fault_kind kind);

// One line for the log: kernel, PTX line, source line, block, thread, address.
void LogFault(const hal_fault& fault, int device);

}  // namespace tq::core
