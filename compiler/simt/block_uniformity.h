// What is the same in all threads of a block whenever they have passed the same number of barriers.
#pragma once

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt {

// Of the code of one thread whose barriers are calls of vector::kBarrierMark.
class BlockUniformity {
 public:
  explicit BlockUniformity(const llvm::Function& thread);

  // Whether all threads go from barrier to barrier, and to the end, together: where they part, they meet
  // again before the next one. Else nothing counts as the same.
  bool StaysTogether() const { return stays_together_; }
  bool IsSame(const llvm::Value& value) const { return stays_together_ && !differs_.contains(&value); }

 private:
  using Blocks = llvm::SmallPtrSet<const llvm::BasicBlock*, 16>;

  bool Differs(const llvm::Instruction& instruction) const;
  bool Part(const llvm::BasicBlock& block);

  llvm::DenseSet<const llvm::Value*> differs_;
  Blocks parted_;  // at whose ends threads part
  bool stays_together_ = true;
};

}  // namespace tq::simt
