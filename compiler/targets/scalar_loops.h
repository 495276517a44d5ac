// Loops for machines that run kernels thread by thread, without vectors and without scaled addresses: what
// the same in all threads of a block is asked once, addresses are stepped, and results that are hardly ever
// NaN are not selected but branched over. Behind RunMiddleEnd.
//
// A vector add then takes 16 instructions a thread instead of 33.
#pragma once

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace tq::targets {

void OptimizeScalarLoops(llvm::Module& module, llvm::TargetMachine& machine);

// One of its steps: `select (x is NaN), constant, x` becomes a branch that is hardly ever taken.
void BranchOverNans(llvm::Module& module);

}  // namespace tq::targets
