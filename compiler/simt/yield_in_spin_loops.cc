#include "compiler/simt/intrinsics.h"
#include "compiler/simt/progress.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt {
namespace {

// A lock that is free, or a flag that is already up, costs no switch.
constexpr uint32_t kTurnsBeforeYield = 8;
constexpr size_t kMaxSlice = 512;

using Slice = llvm::SmallPtrSet<const llvm::Value*, 32>;

// Whether turning once more with this read-modify-write changes nothing unless another thread acts.
bool Waits(const llvm::AtomicRMWInst& atomic) {
  using Op = llvm::AtomicRMWInst;
  auto* amount = llvm::dyn_cast<llvm::ConstantInt>(atomic.getValOperand());
  switch (atomic.getOperation()) {
    case Op::Add:  // a counter moves on by itself, unless it is a disguised load
    case Op::Sub:
      return amount != nullptr && amount->isZero();
    case Op::FAdd:
    case Op::FSub:
    case Op::UIncWrap:
    case Op::UDecWrap:
      return false;
    default:  // exchange, and, or, min, max: a second time changes nothing
      return true;
  }
}

// A retry loop (old = CAS(address, assumed, f(assumed))) goes round only when someone else has succeeded; a
// lock's (CAS(lock, 0, 1)) waits.
bool Waits(const llvm::AtomicCmpXchgInst& exchange, const llvm::Loop& loop) {
  return loop.isLoopInvariant(exchange.getCompareOperand());
}

bool DependsOnOthers(const llvm::Value* condition, const llvm::Loop& loop) {
  llvm::SmallVector<const llvm::Value*, 32> work = {condition};
  Slice seen;
  while (!work.empty()) {
    const llvm::Value* value = work.pop_back_val();
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (instruction == nullptr || !loop.contains(instruction) || !seen.insert(value).second) continue;
    if (seen.size() > kMaxSlice) return true;
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(instruction)) {
      if (load->isVolatile() || load->isAtomic()) return true;
      continue;
    }
    if (auto* atomic = llvm::dyn_cast<llvm::AtomicRMWInst>(instruction)) {
      if (Waits(*atomic)) return true;
      continue;
    }
    if (auto* exchange = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(instruction)) {
      if (Waits(*exchange, loop)) return true;
      continue;
    }
    for (const llvm::Value* operand : instruction->operands()) work.push_back(operand);
    // A phi also depends on the branches that choose its input.
    if (auto* phi = llvm::dyn_cast<llvm::PHINode>(instruction)) {
      for (const llvm::BasicBlock* block : phi->blocks()) {
        auto* branch = llvm::dyn_cast<llvm::BranchInst>(block->getTerminator());
        if (branch != nullptr && branch->isConditional() && loop.contains(block)) {
          work.push_back(branch->getCondition());
        }
      }
    }
  }
  return false;
}

bool Spins(const llvm::Loop& loop) {
  llvm::SmallVector<llvm::BasicBlock*, 8> exiting;
  loop.getExitingBlocks(exiting);
  for (const llvm::BasicBlock* block : exiting) {
    const llvm::Instruction* terminator = block->getTerminator();
    if (auto* branch = llvm::dyn_cast<llvm::BranchInst>(terminator)) {
      if (branch->isConditional() && DependsOnOthers(branch->getCondition(), loop)) return true;
    } else if (auto* table = llvm::dyn_cast<llvm::SwitchInst>(terminator)) {
      if (DependsOnOthers(table->getCondition(), loop)) return true;
    }
  }
  return false;
}

void AddYield(llvm::BasicBlock* latch, llvm::Value* turns) {
  llvm::Instruction* terminator = latch->getTerminator();
  llvm::IRBuilder<> ir(terminator);
  llvm::Value* count = ir.CreateAdd(ir.CreateLoad(ir.getInt32Ty(), turns), ir.getInt32(1));
  ir.CreateStore(count, turns);
  llvm::BasicBlock* rest = latch->splitBasicBlock(terminator, "spin.next");
  llvm::BasicBlock* yield = llvm::BasicBlock::Create(ir.getContext(), "spin.yield", latch->getParent(), rest);
  latch->getTerminator()->eraseFromParent();
  ir.SetInsertPoint(latch);
  ir.CreateCondBr(ir.CreateICmpUGT(count, ir.getInt32(kTurnsBeforeYield)), yield, rest);
  ir.SetInsertPoint(yield);
  ir.SetCurrentDebugLocation(rest->front().getDebugLoc());
  ir.CreateCall(Declare(Intrinsic::kYield, *latch->getModule()), {ir.getInt32(0)});
  ir.CreateBr(rest);
}

// Latches of spinning loops; loops that share one are served together.
void Collect(const llvm::Loop& loop, llvm::SmallSetVector<llvm::BasicBlock*, 8>& latches) {
  for (const llvm::Loop* inner : loop) Collect(*inner, latches);
  if (!Spins(loop)) return;
  llvm::SmallVector<llvm::BasicBlock*, 4> own;
  loop.getLoopLatches(own);
  latches.insert(own.begin(), own.end());
}

}  // namespace

void YieldInSpinLoops(llvm::Module& module) {
  for (llvm::Function& function : module) {
    // The device library waits for nobody.
    if (function.isDeclaration() || function.getName().starts_with("tq_")) continue;
    llvm::DominatorTree dominators(function);
    llvm::LoopInfo loops(dominators);
    llvm::SmallSetVector<llvm::BasicBlock*, 8> latches;
    for (const llvm::Loop* loop : loops) Collect(*loop, latches);
    if (latches.empty()) continue;
    function.addFnAttr(kSpinAttribute);
    llvm::IRBuilder<> ir(&*function.getEntryBlock().getFirstInsertionPt());
    llvm::Value* turns = ir.CreateAlloca(ir.getInt32Ty(), nullptr, "turns");
    ir.CreateStore(ir.getInt32(0), turns);
    for (llvm::BasicBlock* latch : latches) AddYield(latch, turns);
  }
}

}  // namespace tq::simt
