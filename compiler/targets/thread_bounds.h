// Kernels ask of each thread whether it has work: `if (first + tid < n)`. A loop over threads asks once how
// many have.
#pragma once

#include "llvm/IR/Analysis.h"
#include "llvm/IR/PassManager.h"

namespace tq::targets {

// A loop `for (i = 0; i < count; ++i) if (first + i < n) { ... }` gets a second version in front of it, for
// where `first + i` never wraps: it ends at the smaller of both bounds, and its sums are marked as never
// wrapping, so that addresses made from them are stepped.
class BoundThreadsPass : public llvm::PassInfoMixin<BoundThreadsPass> {
 public:
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);
};

}  // namespace tq::targets
