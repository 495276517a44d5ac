// Ends grids that run for longer than the option watchdog_ms allows. One thread, only when the option is set.
#pragma once

#include <cstdint>

namespace tq::hal::cpu {

void StartWatchdog(uint64_t limit_ms);

}  // namespace tq::hal::cpu
