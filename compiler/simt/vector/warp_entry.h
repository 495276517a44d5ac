// The kernel around the functions that run one warp.
#pragma once

#include "llvm/IR/Function.h"

namespace tq::simt::vector {

// Parameters of a function that runs a warp (widener.h); `takes_vectors`: x, y and z are of each lane.
llvm::FunctionType* WarpSignature(llvm::LLVMContext& context, bool takes_vectors);

// Gives `entry` (empty, taking one pointer) its body: a loop over the warps of the block, or one warp when it
// runs in a fiber. `row` runs warps that lie in one row of the block, `any` all others.
void BuildEntry(llvm::Function& entry, llvm::Function& row, llvm::Function& any, bool is_fiber);

}  // namespace tq::simt::vector
