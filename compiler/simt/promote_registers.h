// Turns the stack slots that stand for PTX registers into SSA values.
//
// LLVM's SROA does the same for any alloca, at a cost that grows with blocks times allocas: minutes for
// kernels of 20,000 registers in 10,000 blocks. Almost every register of compiled PTX is written once before
// it is read, and such a one needs no search.
#pragma once

#include "llvm/IR/Dominators.h"
#include "llvm/IR/Function.h"

namespace tq::simt {

// Promotes every alloca of a scalar that is only loaded and stored as a whole. The CFG stays. Returns whether
// anything changed.
bool PromoteRegisters(llvm::Function& function, llvm::DominatorTree& dominators);

}  // namespace tq::simt
