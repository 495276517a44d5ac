// Launch attributes: of cuLaunchKernelEx and of kernel nodes.
#pragma once

#include <cuda.h>

#include "absl/status/status.h"
#include "runtime/core/launch.h"

namespace tq::core {
class Event;
}

namespace tq::cuda::impl {

// What an attribute asks to be done once the kernel is submitted.
struct LaunchEvents {
  core::Event* record = nullptr;
};

// CUDA_ERROR_INVALID_VALUE for an attribute that launches do not have.
absl::Status ApplyLaunchAttribute(const CUlaunchAttribute& attribute, core::LaunchRequest& request,
                                  LaunchEvents& events);

}  // namespace tq::cuda::impl
