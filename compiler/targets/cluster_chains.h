// The order of long straight code with more sums than registers.
//
// A thread that keeps 8 x 8 sums of a matrix product keeps 64 vectors of 32 lanes, four times what the
// machine has. As written, each step adds to all of them, and each sum is spilled and filled at each step. In
// clusters of as many sums as fit, each cluster runs through all steps before the next one begins: a sum is
// loaded and stored once, and the factors are what is read from memory, by the instructions that multiply.
#pragma once

#include "llvm/IR/Function.h"

namespace tq::targets {

// On the variable of a kernel that holds what warps keep over barriers: nothing else points there, also where
// a call is given its address.
inline constexpr char kFrameMark[] = "tq.frame";

// `register_bits`: of all vector registers together. Values, memory and faults stay what they are. Returns
// whether anything changed.
bool ClusterChains(llvm::Function& function, unsigned register_bits);

}  // namespace tq::targets
