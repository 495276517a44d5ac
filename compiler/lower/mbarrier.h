// Operands that name mbarrier objects.
#pragma once

#include "compiler/lower/lowering.h"

namespace tq::lower {

// The host pointer to the object that the memory operand names; misaligned ones fault.
llvm::Value* MbarrierPointer(FunctionLowering& f, const ptx::Instruction& inst, size_t index);

// Reports `bytes` of an asynchronous operation to the object that operand `index` names.
void CompleteTransaction(FunctionLowering& f, const ptx::Instruction& inst, size_t index, llvm::Value* bytes);

}  // namespace tq::lower
