// The order in which a warp runs the blocks of a thread's code, and where it goes from each.
//
// Lanes that part at a divergent branch wait for each other: blocks have one linear order (loops contiguous,
// topological inside), and a block runs when no earlier block has lanes waiting, with all the lanes that have
// come to it. Lanes that leave a loop wait behind it until no lane turns any more. A branch that all lanes
// take together stays a branch, as long as nobody waits on the way ("partial linearisation", Moll and Hack,
// PLDI 2018).
//
// So each block runs once for all lanes of one turn of its loops, and never without a lane.
#pragma once

#include <memory>
#include <vector>

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Function.h"

namespace tq::simt::vector {

// A place in the order: a block, or the bottom of a loop, where its header's waiting lanes are looked at.
struct Place {
  const llvm::BasicBlock* block = nullptr;  // at a bottom: the header
  bool is_bottom = false;
  bool diverges = false;
  // Lanes may come here while others wait elsewhere, or not come at all: look before running it.
  bool is_guarded = false;
  // Places behind this one where lanes may wait while it runs.
  llvm::BitVector waiting;
  // The block whose set of lanes this one has whenever it runs: its own number, or that of an earlier place.
  unsigned mask = 0;
  // Whenever that block runs, this one does too, later.
  bool rejoins = false;
};

// Where control goes.
struct Step {
  unsigned place = 0;
  bool is_certain = false;  // lanes are there
};

class Schedule {
 public:
  // `function` is reducible, in loop-simplify form, has one returning block and no unreachable ends.
  // `diverges` says whether lanes may part at the end of a block.
  Schedule(llvm::Function& function, const llvm::LoopInfo& loops, const llvm::DominatorTree& dominators,
           llvm::function_ref<bool(const llvm::BasicBlock&)> diverges);
  ~Schedule();

  const std::vector<Place>& places() const { return places_; }
  unsigned PlaceOf(const llvm::BasicBlock& block) const { return place_of_.lookup(&block); }
  // Where an edge from `from` leads: the bottom of the loop for a back edge.
  unsigned Target(const llvm::BasicBlock& from, const llvm::BasicBlock& to) const;

  // Behind `place`, when its lanes may have gone to any of `targets`.
  Step Next(unsigned place, llvm::ArrayRef<unsigned> targets) const;
  // Behind a guarded place or a bottom at which no lane waits.
  Step Skip(unsigned place) const { return Next(place, {}); }

  // The place below the loop that the block heads; 0 when it heads none.
  unsigned BottomOf(const llvm::BasicBlock& header) const;
  bool IsHeader(const llvm::BasicBlock& block) const { return BottomOf(block) != 0; }
  // The edge leaves a loop that lanes leave in different turns.
  bool LeavesDivergingLoop(const llvm::BasicBlock& from, const llvm::BasicBlock& to) const;

  // All lanes that are still alive run this block together.
  bool IsConverged(const llvm::BasicBlock& block) const;
  // Lanes that came over other edges may wait at the end of this one when it is taken.
  bool MayWait(const llvm::BasicBlock& from, const llvm::BasicBlock& to) const;
  // All lanes that run `to` in a turn come over this edge when one does.
  bool CarriesAll(const llvm::BasicBlock& from, const llvm::BasicBlock& to) const;

 private:
  struct Scope;
  void Order(const llvm::Loop* loop);
  void FindMasks(const llvm::Loop* loop, unsigned entry_mask);
  bool LeavesInPart(const llvm::Loop& loop) const;
  void ResolveMasks();
  void FindWaiting();
  void FindGuards();
  bool Propagate(unsigned from, llvm::ArrayRef<unsigned> targets);
  bool HasDivergentBlock(const llvm::Loop& loop) const;
  template <typename Visit>
  void ForEachStep(unsigned place, Visit visit);

  llvm::Function& function_;
  const llvm::LoopInfo& loops_;
  const llvm::DominatorTree& dominators_;
  std::vector<Place> places_;
  llvm::DenseMap<const llvm::BasicBlock*, unsigned> place_of_;
  llvm::DenseMap<const llvm::Loop*, unsigned> bottom_of_;
  llvm::DenseMap<const llvm::Loop*, Scope*> scopes_;
  std::vector<std::unique_ptr<Scope>> owned_scopes_;
  llvm::DenseSet<const llvm::Loop*> diverging_loops_;
  llvm::DenseSet<const llvm::BasicBlock*> divergent_;
  llvm::DenseMap<unsigned, unsigned>
      entry_mask_;  // by the place of a loop's header: of the lanes that come to it
  unsigned exit_ = 0;
};

}  // namespace tq::simt::vector
