// The kernel around the functions that run one warp.
#pragma once

#include <cstdint>

#include "llvm/IR/Function.h"

namespace tq::simt::vector {

// How the warps of a block take turns.
enum class Turns : uint8_t {
  kLoop,    // one after the other, each to its end
  kRounds,  // each up to its next barrier, until all have ended (split_at_barriers.h)
  kFibers,  // one fiber for each, which the device switches (TQ_KERNEL_WARPS)
};

// Parameters of a function that runs a warp (widener.h). `takes_vectors`: x, y and z are of each lane. For
// rounds it has these behind the others, and returns where it goes on:
inline constexpr unsigned kFrameArgument = 6;    // ptr: values that it keeps over barriers
inline constexpr unsigned kLocalsArgument = 7;   // ptr: variables of its lanes
inline constexpr unsigned kStateArgument = 8;    // i32: 0, or what it returned
inline constexpr unsigned kArrivedArgument = 9;  // ptr to {i32, i32}: counts up whose value is not 0, and all
inline constexpr unsigned kCountedArgument = 10;  // ptr to the same, as it was at the end of the last round
llvm::FunctionType* WarpSignature(llvm::LLVMContext& context, bool takes_vectors, Turns turns);

struct WarpFunctions {
  llvm::Function* row = nullptr;  // of 32 threads that lie in one row of the block
  llvm::Function* any = nullptr;  // of others, or fewer
  uint64_t value_bytes = 0;       // of the larger frame, for rounds
  uint64_t local_bytes = 0;
};

// Gives `entry`, empty and taking one pointer, its body. Warps are rows where ntid.x is a multiple of 32; in
// a block of one dimension, all but the last are.
void BuildEntry(llvm::Function& entry, const WarpFunctions& warps, Turns turns);

}  // namespace tq::simt::vector
