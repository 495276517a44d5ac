// The vector tier: a kernel becomes a function that runs a warp at a time, one vector lane for each thread.
// It stands between the analyses of SIMT IR and the scalar tier's expansions (scalar_tier.cc), and leaves to
// that tier what it cannot take.
#pragma once

#include <map>
#include <string>

#include "compiler/simt/progress.h"
#include "llvm/IR/Module.h"

namespace tq::simt::vector {

struct Options {
  bool is_on = false;
  bool has_avx2 = false;
  bool has_avx512 = false;  // F, BW, DQ and VL
  bool has_fma = false;     // and F16C
  // The device runs a fiber for each warp (TQ_KERNEL_WARPS). Else kernels that would need it are left to the
  // scalar tier.
  bool has_warp_fibers = true;
};

struct VectorKernel {
  std::string why_not;    // it was left to the scalar tier; empty: it was not
  bool is_fiber = false;  // runs one warp in a fiber, not a block
};

// Replaces every kernel that can be widened by a function in the shape of base/cpu_abi.h: a loop over the
// warps of a block, or one warp of it where warps wait for each other in ways that only fibers can. By name.
std::map<std::string, VectorKernel> VectorizeKernels(
    llvm::Module& module, const std::map<const llvm::Function*, Progress>& progress, const Options& options);

// Behind the expansion of tq.*, which takes the first parameter of a function for its thread: warps become
// part of their kernel, so that what does not depend on the warp can leave the loop over them.
void InlineWarps(llvm::Module& module);

}  // namespace tq::simt::vector
