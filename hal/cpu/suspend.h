// The memory of a device while it is suspended: a file of the process holds what it held. Pages of memory
// files, which other processes may have mapped, stay in those.
#pragma once

#include <cstdint>

#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

// Moves what lies in [begin, end) of the process's private memory into a new file, whose descriptor the
// caller owns, and gives the pages back to the system.
hal_status SaveRange(uint64_t begin, uint64_t end, int* file);
// The other way round. The file stays as it was when memory runs out.
hal_status LoadRange(uint64_t begin, uint64_t end, int file);

hal_status DeviceSuspend(hal_device* device);
hal_status DeviceResume(hal_device* device);

}  // namespace tq::hal::cpu
