// hal_status to absl::Status and back. The canonical code is for people and for generic handling; the exact
// hal_status travels as a payload, so that runtime/ can map it to its own code without guessing. Thread-safe.
#pragma once

#include "absl/status/status.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal {

// OK for HAL_OK. `what` names the operation: "mem_create of 512 bytes on device 0".
absl::Status ToStatus(hal_status status, absl::string_view what);

// The exact code when `status` came from ToStatus, else the nearest one. HAL_OK for OK.
hal_status ToHalStatus(const absl::Status& status);

// "HAL_OUT_OF_MEMORY"; "HAL_STATUS_42" for a code of a newer backend.
const char* HalStatusName(hal_status status);

}  // namespace tq::hal
