#include "compiler/simt/vector/absent_lanes.h"

#include <optional>
#include <vector>

#include "compiler/simt/intrinsics.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Analysis/PostDominators.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt::vector {
namespace {

using Blocks = llvm::DenseSet<const llvm::BasicBlock*>;

struct Collective {
  Intrinsic intrinsic;
  const llvm::Value* mask;
};

// Of the instructions that name their lanes; activemask and those of before PTX 6.0 (mask 0) ask whoever is
// there.
std::optional<Collective> CollectiveOf(const llvm::Instruction& instruction) {
  auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
  if (call == nullptr || call->getCalledFunction() == nullptr) return std::nullopt;
  const std::optional<Intrinsic> intrinsic = Identify(*call->getCalledFunction());
  if (!intrinsic || *intrinsic == Intrinsic::kActivemask) return std::nullopt;
  if (EffectOf(*intrinsic) != Effect::kWarp && *intrinsic != Intrinsic::kWarpsync) return std::nullopt;
  const llvm::Value* mask = call->getArgOperand(0);
  auto* number = llvm::dyn_cast<llvm::ConstantInt>(mask);
  if (number != nullptr && number->isZero()) return std::nullopt;
  return Collective{*intrinsic, mask};
}

// What runs from `from` on until the ways of a branch meet at `meeting`.
Blocks WayFrom(const llvm::BasicBlock& from, const llvm::BasicBlock* meeting) {
  Blocks way;
  llvm::SmallVector<const llvm::BasicBlock*, 16> work = {&from};
  while (!work.empty()) {
    const llvm::BasicBlock* block = work.pop_back_val();
    if (block == meeting || !way.insert(block).second) continue;
    for (const llvm::BasicBlock* next : llvm::successors(block)) work.push_back(next);
  }
  return way;
}

class Finder {
 public:
  Finder(const llvm::Function& kernel, const LaneValues& lanes) : lanes_(lanes) {
    for (const llvm::BasicBlock& block : kernel) {
      for (const llvm::Instruction& instruction : block) {
        if (const std::optional<Collective> found = CollectiveOf(instruction))
          collectives_[&block].push_back(*found);
      }
    }
    if (collectives_.size() < 2) return;
    // LLVM's tree asks for a function that may change; it does not change it.
    after_.recalculate(const_cast<llvm::Function&>(kernel));
    for (const llvm::BasicBlock& block : kernel) {
      if (lanes_.Diverges(block)) Look(block);
    }
  }
  bool found() const { return found_; }

 private:
  void Look(const llvm::BasicBlock& branch) {
    const auto* node = after_.getNode(&branch);
    const llvm::BasicBlock* meeting =
        node != nullptr && node->getIDom() != nullptr ? node->getIDom()->getBlock() : nullptr;
    std::vector<Blocks> ways;
    for (const llvm::BasicBlock* next : llvm::successors(&branch)) ways.push_back(WayFrom(*next, meeting));
    for (size_t i = 0; i < ways.size(); ++i) {
      for (size_t j = i + 1; j < ways.size(); ++j) found_ |= HavePair(ways[i], ways[j]);
    }
  }

  // Blocks of both ways are where their lanes meet.
  bool HavePair(const Blocks& a, const Blocks& b) const {
    for (const auto& [block, mine] : collectives_) {
      if (!a.contains(block) || b.contains(block)) continue;
      for (const auto& [other, theirs] : collectives_) {
        if (!b.contains(other) || a.contains(other)) continue;
        for (const Collective& x : mine) {
          for (const Collective& y : theirs) {
            if (x.intrinsic == y.intrinsic && x.mask == y.mask) return true;
          }
        }
      }
    }
    return false;
  }

  const LaneValues& lanes_;
  llvm::DenseMap<const llvm::BasicBlock*, llvm::SmallVector<Collective, 2>> collectives_;
  llvm::PostDominatorTree after_;
  bool found_ = false;
};

}  // namespace

bool MeetsInTwoPlaces(const llvm::Function& kernel, const LaneValues& lanes) {
  return Finder(kernel, lanes).found();
}

}  // namespace tq::simt::vector
