// The table of base/cpu_abi.h that kernels call.
#pragma once

#include "base/cpu_abi.h"

namespace tq::hal::cpu {

const tq_cpu_services& Services();

}  // namespace tq::hal::cpu
