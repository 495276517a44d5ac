// The scalar tier: SIMT IR to plain LLVM IR for a CPU that runs one thread of the kernel at a time, each
// exactly as PTX says. It is the reference that faster tiers are compared with, and what runs kernels they
// cannot take.
//
// The result keeps to base/cpu_abi.h: a kernel becomes a function of its symbol that takes a tq_cpu_block*
// and runs every thread of it, or a tq_cpu_thread* where threads wait for each other (AnalyzeProgress).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/simt/progress.h"
#include "compiler/simt/thread_rounds.h"
#include "compiler/simt/vector/vector_tier.h"
#include "llvm/IR/Module.h"

namespace tq::simt {

struct ScalarKernel {
  bool fibers = false;
  bool warps = false;         // widened by the vector tier
  std::string why_not_warps;  // else
  Progress progress;
};

struct ScalarModule {
  std::map<std::string, ScalarKernel> kernels;  // by symbol
  uint64_t static_shared_bytes = 0;
  uint64_t shared_align_bytes = 1;
};

struct ScalarOptions {
  // Kernels without fibers store which thread they step in tq_cpu_block::loop_tid.
  bool keeps_loop_thread = false;
  // Kernels whose threads wait for nothing but the block have no fibers (thread_rounds.h). Else each thread
  // keeps its own stack, as PTX describes it: the reference.
  bool cuts_at_barriers = false;
};

// `module` has gone through Simplify(). Calls to devicelib (tq_*) are left for the linker of bitcode.
// Kernels that `vector` can widen are; then the device library is linked already (vector/prepare.h).
absl::StatusOr<ScalarModule> LowerToScalar(llvm::Module& module, const vector::Options& vector = {},
                                           const ScalarOptions& options = {});

// ---- Its steps, in order ----

// Variables of the shared space become offsets, pointers of all spaces host addresses, scopes no wider than
// the block compiler barriers.
absl::Status ExpandAddressSpaces(llvm::Module& module, ScalarModule& result);

// Atomics that ExpandAddressSpaces found to be on shared memory become plain read-modify-writes: a block
// stays on one OS thread.
void LowerSharedAtomics(llvm::Module& module);
inline constexpr char kSharedMark[] = "tq.shared";  // their metadata

// Calls of tq.* become loads from the thread and block structures, service calls, or calls of devicelib.
// `thread_is_constant`: no kernel steps through the threads of a block in one structure.
void ExpandIntrinsics(llvm::Module& module, bool thread_is_constant);

// Turns a kernel of one thread into one that runs all threads of a block.
void LoopOverBlock(llvm::Function& kernel, const ScalarOptions& options);
void LoopOverBlock(const ThreadRounds& rounds, const ScalarOptions& options);

// Behind all optimisation: calls that say which thread a loop steps become stores. Atomic, because whoever
// looks at tq_cpu_block::loop_tid interrupts the thread.
void ExpandIndexMarks(llvm::Module& module);

}  // namespace tq::simt
