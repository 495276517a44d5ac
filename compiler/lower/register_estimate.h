// How many registers a kernel would take on a GPU, for cuFuncGetAttribute and the occupancy that programs
// compute from it: an estimate, since nothing here allocates registers.
#pragma once

#include <cstdint>

#include "compiler/ir/module.h"

namespace tq::lower {

// The most 32-bit values between first and last mention at once, from 8 to what PTX allows one thread (255).
uint32_t EstimateRegisters(const ptx::Function& kernel);

}  // namespace tq::lower
