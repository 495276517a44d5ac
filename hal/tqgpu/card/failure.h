// From the kernel driver's record of a fault, and what the shell left in its workspace, to a record of the
// HAL.
#pragma once

#include <span>

#include "driver/uapi/tqgpu_drm.h"
#include "hal/include/tianqiao/hal.h"
#include "hal/tqgpu/card/launch.h"

namespace tq::hal::tqgpu {

class AddressSpace;

// `fault`: null for a job that ran for too long. `launches` and `workspaces` are the failed job's, if it is
// known.
void DescribeFailure(AddressSpace& space, const drm_tqgpu_fault* fault, std::span<const Launch> launches,
                     std::span<const Workspace> workspaces, hal_fault* record);

}  // namespace tq::hal::tqgpu
