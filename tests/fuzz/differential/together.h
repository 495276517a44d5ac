// Statements in which threads of a block work together: what one of them does, another sees. They may stand
// where all threads that are left come by.
#pragma once

#include "tests/fuzz/differential/dice.h"
#include "tests/fuzz/differential/program.h"

namespace tq::fuzz {

inline constexpr uint32_t kSharedBytesPerThread = 32;
inline constexpr uint32_t kPrivateOffset = 256;  // of the 256 bytes of `out` that a thread uses as memory
// Of the bytes of `out` that atomics of the block's threads share: at thread 0.
inline constexpr uint32_t kSharedOutOffset = 160;

struct Shape {
  uint32_t threads = 32;
  bool is_row = true;    // along x
  bool is_whole = true;  // all threads are there: none has exited, and warps are full
};

// An instruction of the warp or a barrier.
Statement Together(Dice& dice);
// Each thread writes its part of shared memory and reads another's.
Statement Exchange(Dice& dice, const Shape& shape);
// The same with elements one behind the other, read forwards, backwards, strided, shifted.
Statement Tile(Dice& dice, const Shape& shape);
// A load of the input at places that depend on the thread's number alone, or on it and on something that is
// the same for all.
Statement LoadPattern(Dice& dice, const Shape& shape);
// Atomics on memory of the block that commute, read when all are done.
Statement SharedAtomic(Dice& dice);
Statement GlobalAtomic(Dice& dice);
// The lanes that take a branch vote, shuffle and match among themselves.
Statement MaskedRegion(Dice& dice);
// All lanes of a warp do one thing together, on both sides of a branch at which they part.
Statement AcrossABranch(Dice& dice);
// Some warps wait for each other, or for others, at a barrier of their own. The shape must be whole.
Statement NamedBarrier(Dice& dice, const Shape& shape);

}  // namespace tq::fuzz
