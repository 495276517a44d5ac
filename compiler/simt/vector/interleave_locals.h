// Local arrays of lanes. Each lane has its own, one behind the other; so an element at one index for all
// lanes is a gather. Where nothing but whole words of one size is read and written, the lanes' arrays are
// laid out like the threads' of a GPU instead: word i of all lanes, then word i + 1.
#pragma once

#include <cstdint>

#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt::vector {

// Marks such variables and scales the steps into them: the code then is that of a warp, not of a thread.
void InterleaveLocals(llvm::Function& code);

// How many bytes lie between a variable of one lane and that of the next.
uint64_t LanePitch(const llvm::AllocaInst& variable);

}  // namespace tq::simt::vector
