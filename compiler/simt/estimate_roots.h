// rsqrt.approx.f32 from the machine's estimate, for targets that have AVX-512's.
#pragma once

#include "llvm/IR/Module.h"

namespace tq::simt {

// Calls of the device library's function become tq.rsqrt.estimate and one step of Newton's iteration; the
// largest relative error is 2^-23.6, of 2^-22.9 that PTX allows. In both tiers: their results are the same.
void EstimateRoots(llvm::Module& module);

}  // namespace tq::simt
