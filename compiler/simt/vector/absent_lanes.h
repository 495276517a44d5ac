// Collectives that lanes of one warp come to in different places.
//
// Since sm_70 lanes that part may still meet: `if (c) shfl.sync ... else shfl.sync ...` with the same mask is
// one exchange of all the lanes named (PTX ISA, "shfl.sync": all threads in the mask execute the same
// instruction, and "Warp-level primitives" of the CUDA C++ Programming Guide: with the same mask). A warp in
// lockstep runs one way before the other, so neither would find the others' values.
#pragma once

#include "compiler/simt/vector/lane_pattern.h"
#include "llvm/IR/Function.h"

namespace tq::simt::vector {

// Whether two different instructions of one kind, with one mask, stand on different ways of a branch at which
// lanes part.
bool MeetsInTwoPlaces(const llvm::Function& kernel, const LaneValues& lanes);

}  // namespace tq::simt::vector
