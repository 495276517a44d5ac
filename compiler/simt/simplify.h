// First clean-up of SIMT IR straight after lowering: registers become SSA values, and addresses become
// pointers again where their origin is plain. Every target runs it; analyses of this directory expect it.
#pragma once

#include "llvm/IR/Function.h"
#include "llvm/IR/Module.h"

namespace tq::simt {

void Simplify(llvm::Module& module);

// PTX computes addresses as integers. Rewrites the pointer of each access whose integer is
//     (address of an alloca) - tq.local.base + rest   in the local window, or the same made generic, or
//     tq.shared.base + rest                           in the generic space
// to a pointer into that alloca, or into the shared window: allocas can then live in registers, and an access
// is known not to alias what lies in other spaces. Returns whether anything changed.
bool RecoverPointers(llvm::Function& function);

// Registers of PTX are words. Phis of words that are floats on every way become phis of floats, so that what
// looks at floats (canonical_floats.h) sees where they go. Returns whether anything changed.
bool RecoverFloats(llvm::Function& function);

}  // namespace tq::simt
