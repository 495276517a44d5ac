// Elements that a thread stores one by one, where the threads' elements lie behind each other: one store of a
// vector for each thread, which is one run for the warp. Alone, each would be scattered.
#pragma once

#include "compiler/simt/vector/lane_pattern.h"

namespace tq::simt::vector {

void MergeStores(llvm::Function& code, const LaneValues& lanes);

}  // namespace tq::simt::vector
