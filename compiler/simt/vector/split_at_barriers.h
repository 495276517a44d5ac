// Barriers without a stack for each warp: the function of a warp ends at each barrier and goes on behind it
// when it is called again; what it needs there waits in a frame of the warp's own. A block then is a loop
// over its warps, turned until all have ended (warp_entry.h).
#pragma once

#include <cstdint>

#include "llvm/IR/Function.h"

namespace tq::simt::vector {

// What a function that was cut returns where its warp has ended. Otherwise: where to go on.
inline constexpr uint32_t kEnded = ~0u;

// Where a barrier stands, in the function of a warp: a call of this.
inline constexpr char kBarrierMark[] = "tq.warp.wait";
// On the local variables of lanes, which stay what they are while the warp waits.
inline constexpr char kStaysMark[] = "tq.stays";
// On instructions at the beginning that are executed whenever the function is called, instead of kept.
inline constexpr char kAnewMark[] = "tq.anew";
// On instructions whose value is the same for all that run the function in one round.
inline constexpr char kSameMark[] = "tq.same";

// On the variable that holds the frames of a kernel's warps (compiler/targets/cluster_chains.h).
inline constexpr char kFrameMark[] = "tq.frame";

// Whether every wait of this code of one thread is for the whole block, at one barrier: then the n-th wait of
// each warp is for the n-th of all others, and nothing else makes a warp wait.
bool CanSplit(const llvm::Function& kernel);

// Of what a warp keeps: values, which nothing else can reach, and the local variables of its lanes. Multiples
// of 64, as the addresses must be.
struct FrameSize {
  uint64_t value_bytes = 0;
  uint64_t local_bytes = 0;
  uint64_t same_bytes = 0;  // of values with kSameMark
};

// Which parameters of the function say where it keeps things, and where it goes on.
struct FrameArguments {
  unsigned frame, locals, state;
  // Where values with kSameMark are found, and left for the next round; wanted only where there are some.
  unsigned before = 0, behind = 0;
};

// Cuts the function of a warp (WarpSignature, for rounds), or of something else that waits, at its barriers.
FrameSize SplitAtBarriers(llvm::Function& warp, const FrameArguments& arguments);

}  // namespace tq::simt::vector
