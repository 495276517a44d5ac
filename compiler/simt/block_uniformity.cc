#include "compiler/simt/block_uniformity.h"

#include <optional>

#include "compiler/simt/intrinsics.h"
#include "compiler/simt/vector/split_at_barriers.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/InstIterator.h"

namespace tq::simt {
namespace {

// The search for places where threads meet again is quadratic.
constexpr size_t kMaxBlocks = 256;

bool IsOfThread(Intrinsic intrinsic) {
  switch (intrinsic) {
    case Intrinsic::kTidX:
    case Intrinsic::kTidY:
    case Intrinsic::kTidZ:
    case Intrinsic::kLaneid:
    case Intrinsic::kWarpid:
      return true;
    default:
      return EffectOf(intrinsic) != Effect::kConstant;
  }
}

bool IsParameter(const llvm::LoadInst& load) {
  auto* base = llvm::dyn_cast<llvm::CallInst>(llvm::getUnderlyingObject(load.getPointerOperand()));
  return load.hasMetadata(llvm::LLVMContext::MD_invariant_load) && base != nullptr &&
         base->getCalledFunction() != nullptr && Identify(*base->getCalledFunction()) == Intrinsic::kParams;
}

bool HasBarrier(const llvm::BasicBlock& block) {
  return llvm::any_of(block, [](const llvm::Instruction& instruction) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    return call != nullptr && call->getCalledFunction() != nullptr &&
           call->getCalledFunction()->getName() == vector::kBarrierMark;
  });
}

// Where a thread gets to from the end of `from` without passing `avoided`.
llvm::SmallPtrSet<const llvm::BasicBlock*, 16> Reach(const llvm::BasicBlock& from,
                                                     const llvm::BasicBlock* avoided) {
  llvm::SmallPtrSet<const llvm::BasicBlock*, 16> reached;
  llvm::SmallVector<const llvm::BasicBlock*, 16> work = {&from};
  while (!work.empty()) {
    for (const llvm::BasicBlock* next : llvm::successors(work.pop_back_val())) {
      if (next != avoided && reached.insert(next).second) work.push_back(next);
    }
  }
  return reached;
}

bool HasEnd(const llvm::SmallPtrSet<const llvm::BasicBlock*, 16>& blocks) {
  return llvm::any_of(blocks, [](const llvm::BasicBlock* block) {
    return llvm::isa<llvm::ReturnInst>(block->getTerminator());
  });
}

}  // namespace

BlockUniformity::BlockUniformity(const llvm::Function& thread) {
  if (thread.size() > kMaxBlocks) stays_together_ = false;
  for (bool changed = true; changed && stays_together_;) {
    changed = false;
    for (const llvm::Instruction& instruction : llvm::instructions(thread)) {
      if (!differs_.contains(&instruction) && Differs(instruction)) {
        differs_.insert(&instruction);
        changed = true;
      }
      const bool parts = instruction.isTerminator() && instruction.getNumSuccessors() > 1 &&
                         differs_.contains(instruction.getOperand(0));
      if (!parts || !parted_.insert(instruction.getParent()).second) continue;
      changed = true;
      if (!Part(*instruction.getParent())) stays_together_ = false;
    }
  }
}

bool BlockUniformity::Differs(const llvm::Instruction& instruction) const {
  if (llvm::any_of(instruction.operands(),
                   [&](const llvm::Use& use) { return differs_.contains(use.get()); }))
    return true;
  if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction)) {
    const llvm::Function* callee = call->getCalledFunction();
    if (callee == nullptr) return true;
    if (const std::optional<Intrinsic> intrinsic = Identify(*callee)) return IsOfThread(*intrinsic);
    return !call->doesNotAccessMemory();
  }
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) return !IsParameter(*load);
  return llvm::isa<llvm::AllocaInst>(instruction) || instruction.mayReadOrWriteMemory();
}

// Threads part at the end of a block: what comes together on their ways differs. False: they do not meet
// again in time. Who ends in a fault takes the whole block along.
bool BlockUniformity::Part(const llvm::BasicBlock& block) {
  const llvm::BasicBlock* meeting = nullptr;
  Blocks ways;
  for (const llvm::BasicBlock* candidate : Reach(block, nullptr)) {
    Blocks reached = Reach(block, candidate);
    if (HasEnd(reached) || (meeting != nullptr && reached.size() >= ways.size())) continue;
    meeting = candidate;
    ways = std::move(reached);
  }
  if (meeting == nullptr) return false;
  if (llvm::any_of(ways, [](const llvm::BasicBlock* way) { return HasBarrier(*way); })) return false;
  ways.insert(meeting);
  for (const llvm::BasicBlock* way : ways) {
    for (const llvm::PHINode& phi : way->phis()) differs_.insert(&phi);
  }
  return true;
}

}  // namespace tq::simt
