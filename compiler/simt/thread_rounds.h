// Barriers without a stack for each thread: where threads wait for nothing but their whole block, the
// function of a thread ends at each barrier and goes on behind it when it is called again
// (vector/split_at_barriers.h), and the block is a loop over its threads, once for each round from barrier to
// barrier (block_loop.cc).
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/simt/progress.h"
#include "llvm/IR/Function.h"

namespace tq::simt {

// A thread cut at its barriers: i32 thread(ptr thread, ptr frame, ptr locals, i32 state, ptr before, ptr
// behind). It returns the state in which it goes on, or vector::kEnded. What is the same in all threads it
// finds in `before` and leaves `behind`.
struct ThreadRounds {
  llvm::Function* thread = nullptr;
  uint64_t value_bytes = 0;     // of a thread's frame
  uint64_t local_bytes = 0;     // of its local variables
  uint64_t same_bytes = 0;      // of what is the same in all threads
  bool stays_together = false;  // all threads are in one state always
  // By state: all that it may return; one element where all threads that are in it leave it together.
  std::vector<std::vector<uint32_t>> next;
};

// Whether a kernel can be cut. `progress` of all functions of the module.
bool CanRunInRounds(const llvm::Function& kernel, const std::map<const llvm::Function*, Progress>& progress);

// Replaces the kernel by the function of its thread, which takes its name.
ThreadRounds CutIntoRounds(llvm::Function& kernel);

}  // namespace tq::simt
