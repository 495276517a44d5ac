// tq.canonical.nan and tq.flush: PTX's one NaN of single precision and its .ftz, as marks on values.
//
// Lowering marks the result of every single-precision operation, and the operands of those with .ftz. Most
// marks say nothing: the payload of a NaN that only flows into more arithmetic is never seen, and what is
// flushed already needs no second flush. What is left costs a compare and a select each.
#pragma once

#include "llvm/IR/Function.h"
#include "llvm/IR/Module.h"

namespace tq::simt {

// Takes away marks that change nothing, and moves those of loop-carried values behind the loop. Run on SSA
// values. Returns whether anything changed.
bool ReduceFloatMarks(llvm::Function& function);

// The marks that are left become instructions, for targets without a machine mode for them.
void ExpandFloatMarks(llvm::Module& module);

}  // namespace tq::simt
