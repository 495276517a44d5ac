// Prefetches for loops that walk through memory in wide steps: a grid's stride, the layers of a volume, the
// tiles of a matrix. No processor fetches such lines ahead by itself once a step is longer than a page.
#pragma once

#include "llvm/IR/Function.h"

namespace tq::simt::vector {

// `warp` is the function of a warp, before it is cut at barriers. Steps are measured as the loop turns; what
// is prefetched may lie anywhere, which no program can see.
void PrefetchStrides(llvm::Function& warp);

}  // namespace tq::simt::vector
