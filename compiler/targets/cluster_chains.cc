#include "compiler/targets/cluster_chains.h"

#include <algorithm>
#include <map>
#include <vector>

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IntrinsicInst.h"

namespace tq::targets {
namespace {

using llvm::Instruction;
using llvm::Value;

constexpr size_t kLeastSteps = 2;  // of a chain, on average

// A fused multiply-add, which is a step of the sum that it adds to.
bool IsStep(const Instruction& instruction) {
  auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
  return intrinsic != nullptr && intrinsic->getIntrinsicID() == llvm::Intrinsic::fma &&
         intrinsic->getType()->isVectorTy();
}

// Code without anything that must stay where it is: what computes, loads, and stores to frames.
class Region {
 public:
  Region(Instruction& first, Instruction* end) : end_(end) {
    for (Instruction* at = &first; at != end; at = at->getNextNode()) {
      rank_[at] = {};
      code_.push_back(at);
    }
  }
  bool Cluster(unsigned register_bits);

 private:
  // A cluster's number counts from 1; 0 stands before all, `last_` behind.
  struct Rank {
    unsigned least = 0, most = 0, chosen = 0;
  };
  bool AssignChains(unsigned register_bits);
  bool FindRanks();
  bool KeepsFrames() const;

  Instruction* const end_;
  std::vector<Instruction*> code_;
  llvm::DenseMap<const Instruction*, Rank> rank_;
  llvm::DenseMap<const Instruction*, unsigned> cluster_of_;  // of steps
  unsigned last_ = 0;
};

// Sums that begin one after the other share factors.
bool Region::AssignChains(unsigned register_bits) {
  llvm::DenseMap<const Instruction*, unsigned> chain_of;
  unsigned chains = 0;
  uint64_t step_bits = 0;
  for (Instruction* instruction : code_) {
    if (!IsStep(*instruction)) continue;
    step_bits =
        std::max<uint64_t>(step_bits, instruction->getType()->getPrimitiveSizeInBits().getFixedValue());
    auto* before = llvm::dyn_cast<Instruction>(instruction->getOperand(2));
    auto found = chain_of.find(before);
    chain_of[instruction] = found != chain_of.end() && before->hasOneUse() ? found->second : chains++;
  }
  if (step_bits == 0) return false;
  // Half of the registers hold sums, the other half factors.
  const auto room = static_cast<unsigned>(std::max<uint64_t>(1, register_bits / step_bits / 2));
  if (chains <= 2 * room || chain_of.size() < kLeastSteps * chains) return false;
  for (const auto& [step, chain] : chain_of) cluster_of_[step] = 1 + chain / room;
  last_ = 2 + (chains - 1) / room;
  return true;
}

bool Region::FindRanks() {
  for (Instruction* instruction : code_) {
    Rank& rank = rank_[instruction];
    for (const Value* operand : instruction->operands()) {
      auto found = rank_.find(llvm::dyn_cast<Instruction>(operand));
      if (found != rank_.end()) rank.least = std::max(rank.least, found->second.least);
    }
    auto step = cluster_of_.find(instruction);
    if (step == cluster_of_.end()) continue;
    if (rank.least > step->second) return false;
    rank.least = step->second;
  }
  for (Instruction* instruction : llvm::reverse(code_)) {
    Rank& rank = rank_[instruction];
    unsigned least_user = last_, greatest_user = 0;
    for (const llvm::User* user : instruction->users()) {
      auto found = rank_.find(llvm::cast<Instruction>(user));
      const unsigned at = found != rank_.end() ? found->second.chosen : last_;
      least_user = std::min(least_user, at);
      greatest_user = std::max(greatest_user, at);
    }
    if (least_user < rank.least) return false;
    auto step = cluster_of_.find(instruction);
    if (step != cluster_of_.end()) {
      rank.chosen = step->second;
    } else {
      // To its only user; what several clusters use, before the first of them.
      const bool has_one = !instruction->use_empty() && least_user == greatest_user && least_user != last_;
      rank.chosen = has_one ? least_user : rank.least;
    }
  }
  return true;
}

// The part of a frame that an access names.
std::pair<const Value*, int64_t> PlaceOf(const Instruction& access) {
  llvm::APInt offset(64, 0);
  const Value* base = llvm::getLoadStorePointerOperand(&access)->stripAndAccumulateConstantOffsets(
      access.getDataLayout(), offset, /*AllowNonInbounds=*/true);
  return {base, offset.getSExtValue()};
}

bool IsFrame(const Value* pointer) {
  auto* slot = llvm::dyn_cast<llvm::AllocaInst>(llvm::getUnderlyingObject(pointer));
  return slot != nullptr && slot->getMetadata(kFrameMark) != nullptr;
}

// Whether loads and stores of each part of the frame stay in order.
bool Region::KeepsFrames() const {
  std::map<std::pair<const Value*, int64_t>, unsigned> last;  // rank of the last access
  const Value* base = nullptr;
  bool has_store = false;
  for (const Instruction* instruction : code_) has_store |= llvm::isa<llvm::StoreInst>(instruction);
  if (!has_store) return true;
  for (const Instruction* instruction : code_) {
    const Value* pointer = llvm::getLoadStorePointerOperand(instruction);
    if (pointer == nullptr || !IsFrame(pointer)) continue;
    const auto place = PlaceOf(*instruction);
    if (base != nullptr && place.first != base) return false;
    base = place.first;
    const unsigned rank = rank_.lookup(instruction).chosen;
    auto [at, is_new] = last.try_emplace(place, rank);
    if (!is_new && at->second > rank) return false;
    at->second = rank;
  }
  return true;
}

bool Region::Cluster(unsigned register_bits) {
  if (!AssignChains(register_bits) || !FindRanks() || !KeepsFrames()) return false;
  std::vector<std::pair<unsigned, size_t>> order;  // rank, then where it stood
  for (size_t i = 0; i < code_.size(); ++i) order.emplace_back(rank_.lookup(code_[i]).chosen, i);
  std::sort(order.begin(), order.end());
  for (const auto& [rank, place] : order) code_[place]->moveBefore(end_->getIterator());
  return true;
}

bool Stays(const Instruction& instruction) {
  if (instruction.isTerminator() || llvm::isa<llvm::PHINode, llvm::AllocaInst>(instruction)) return true;
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) return !load->isSimple();
  if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction))
    return !store->isSimple() || !IsFrame(store->getPointerOperand());
  return instruction.mayReadOrWriteMemory() || instruction.mayHaveSideEffects();
}

}  // namespace

bool ClusterChains(llvm::Function& function, unsigned register_bits) {
  bool changed = false;
  for (llvm::BasicBlock& block : function) {
    if (llvm::none_of(block, IsStep)) continue;
    Instruction* first = nullptr;
    for (Instruction& instruction : llvm::make_early_inc_range(block)) {
      if (!Stays(instruction)) {
        if (first == nullptr) first = &instruction;
        continue;
      }
      if (first != nullptr) changed |= Region(*first, &instruction).Cluster(register_bits);
      first = nullptr;
    }
  }
  return changed;
}

}  // namespace tq::targets
