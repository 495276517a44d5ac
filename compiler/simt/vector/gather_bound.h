// Kernels that lanes of a vector slow down: a gather reads its lanes one by one and pays for those that are
// off, too, so a loop of little else that lanes leave in different turns runs faster thread by thread.
#pragma once

#include "compiler/simt/vector/lane_pattern.h"
#include "llvm/Analysis/LoopInfo.h"

namespace tq::simt::vector {

// Whether all innermost loops that read memory are such. A kernel without one is not bound by gathers.
bool IsBoundByGathers(const llvm::LoopInfo& loops, const LaneValues& lanes);

}  // namespace tq::simt::vector
