// What a warp of lanes in lockstep cannot run.
#pragma once

#include <map>
#include <string>

#include "compiler/simt/progress.h"
#include "compiler/simt/vector/lane_pattern.h"
#include "compiler/simt/vector/schedule.h"

namespace tq::simt::vector {

// Empty when the kernel can be widened; otherwise why not.
std::string WhyNot(const llvm::Function& kernel, const LaneValues& lanes, const Schedule& schedule,
                   const std::map<const llvm::Function*, Progress>& progress);

}  // namespace tq::simt::vector
