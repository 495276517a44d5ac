// Integer division of vectors by way of floats, which machines divide many of at once.
//
// LLVM divides vectors of integers one by one: 32 lanes of udiv are more than 200 instructions. A quotient of
// two integers below 2^32 that is no integer is at least 2^-32 of itself away from the next, so that one
// rounding to the 53 digits of a double never reaches it, and cutting off the fraction gives the exact
// quotient; likewise for 16 bits and the 24 digits of a float.
#pragma once

#include "llvm/IR/Module.h"

namespace tq::targets {

// Replaces udiv, sdiv, urem and srem of vectors of at most 32 bits whose divisor is no constant (LLVM
// multiplies by the reciprocal of those). What is undefined for the instruction, a zero divisor or overflow,
// stays undefined.
void ExpandDivision(llvm::Module& module);

}  // namespace tq::targets
