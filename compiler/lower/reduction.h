// What bulk reductions share with atomic ones.
#pragma once

#include "compiler/lower/lowering.h"

namespace tq::lower {

// tq_reduction of the instruction's .op.
uint32_t ReductionOf(const ptx::Instruction& inst);

// Updates each element of the instruction's type in [destination, destination + bytes) with one of `source`,
// as the instruction's operation says. Both are host pointers.
void ReduceArray(FunctionLowering& f, const ptx::Instruction& inst, llvm::Value* destination,
                 llvm::Value* source, llvm::Value* bytes);

}  // namespace tq::lower
