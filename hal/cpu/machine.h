// What the system says about the machine that stands behind the devices.
#pragma once

#include <cstdint>
#include <string>

namespace tq::hal::cpu {

uint32_t CoreCount();    // that this process may use
uint64_t MemoryBytes();  // of the machine, or of the control group if that is less
uint64_t LastCacheBytes();
uint32_t ClockKhz();
std::string ProcessorName();
uint64_t MachineHash();  // stable over reboots

}  // namespace tq::hal::cpu
