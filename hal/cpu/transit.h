// Memory that moves to other pages while kernels use it: from the arena, where it is private to the process,
// into a file. For as long as that takes nobody can write to it. Whoever tries faults, and waits in the
// signal handler; the handler cannot tell such a fault from a kernel's own but by asking here.
//
// System calls that write to such memory fail with EFAULT for that while.
#pragma once

#include <cstdint>

#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

// Replaces the pages of [address, address + size_bytes), which are private, by those at `offset` of the file,
// with the same content. HAL_OUT_OF_HOST_MEMORY: nothing has changed. One at a time; any thread.
hal_status MoveToFile(uint64_t address, uint64_t size_bytes, int fd, uint64_t offset);

// For the handler of SIGSEGV. True: the address was in transit, and the access is worth another try.
bool WaitForTransit(uint64_t address);

}  // namespace tq::hal::cpu
