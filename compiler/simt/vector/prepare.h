// What one thread's code goes through before its lanes are put together.
#pragma once

#include <vector>

#include "llvm/IR/Function.h"
#include "llvm/IR/Module.h"

namespace tq::simt::vector {

// Inlines what kernels call, where the whole can be widened: functions of the program that do not recurse,
// and those of the device library (linked already) that touch no memory. Those that do stay calls, one for
// each lane; they are returned, and inline again once the kernels are widened (RestoreInlining).
std::vector<llvm::Function*> InlineCalls(llvm::Module& module);
void RestoreInlining(const std::vector<llvm::Function*>& functions);

// Brings a kernel into the form that Schedule asks for: one returning block; `exit` is a branch to it; what
// ends in a trap goes on as if it had not, since nobody comes back from there; loops are simplified and
// closed (LCSSA).
void NormalizeControlFlow(llvm::Function& kernel);

}  // namespace tq::simt::vector
