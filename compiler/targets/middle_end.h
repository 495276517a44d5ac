// LLVM's middle end for kernels: target-independent, with the costs of a target machine.
//
// PTX comes from a compiler that has optimised it. What is left to do is what lowering added: copies of the
// device library's functions with constant modes, fields of the block's structures, checks. LLVM's -O2 takes
// three to four times as long over it and finds nothing more (measured on the kernels of the CUDA libraries;
// its vectorisers find nothing in loops that can fault).
#pragma once

#include "compiler/targets/target.h"
#include "llvm/Target/TargetMachine.h"

namespace tq::targets {

// At level 0 nothing but what the device library's always_inline functions ask for.
void RunMiddleEnd(llvm::Module& module, llvm::TargetMachine& machine, const EmitOptions& options);

}  // namespace tq::targets
