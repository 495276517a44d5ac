// Which image of a unit runs on a device (decision 3).
#pragma once

#include "absl/status/statusor.h"
#include "runtime/fatbin/image.h"

namespace tq::fatbin {

// Whether PTX for `image` may run on a device that reports `device` (CUDA Programming Guide, "Compute
// Capabilities", feature set compiler targets).
bool RunsOn(Arch image, Arch device);

// The PTX image of the highest architecture that runs on the device; among equals the most specific variant,
// then the newest PTX ISA, then the first. PTX text whose architecture nobody stated always qualifies.
// NotFound (CUDA_ERROR_NO_BINARY_FOR_GPU), with what there is instead: "it holds machine code alone (sm_80,
// sm_90)".
absl::StatusOr<const Image*> Choose(const Unit& unit, Arch device);

}  // namespace tq::fatbin
