#include "compiler/targets/thread_bounds.h"

#include <optional>

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

namespace tq::targets {
namespace {

using llvm::Value;

// A function with more loops than that has no time for second versions of all.
constexpr int kMaxVersions = 8;

struct BoundedLoop {
  llvm::PHINode* index = nullptr;
  llvm::ICmpInst* end = nullptr;  // index + 1 < count
  Value* count = nullptr;
  llvm::BranchInst* question = nullptr;
  unsigned has_work = 0;             // the successor for threads that have
  llvm::Instruction* sum = nullptr;  // first + index, or the index
  Value* first = nullptr;
  Value* bound = nullptr;
  bool is_signed = false;
  bool includes_bound = false;  // sum <= bound
};

// Nothing is lost where the block is not executed: what it does nobody sees but the device, which asks for
// the thread that is at work.
bool MaySkip(const llvm::BasicBlock& block) {
  for (const llvm::Instruction& instruction : block) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    const bool is_mark = call != nullptr && call->onlyAccessesInaccessibleMemory() && call->doesNotThrow();
    if (is_mark || instruction.isLifetimeStartOrEnd()) continue;
    if (instruction.mayHaveSideEffects() || instruction.isAtomic()) return false;
  }
  return true;
}

// The loop's count, from 0 by 1, at its end.
bool MatchCount(const llvm::Loop& loop, BoundedLoop& found) {
  using namespace llvm::PatternMatch;
  llvm::BasicBlock* header = loop.getHeader();
  llvm::BasicBlock* latch = loop.getLoopLatch();
  if (latch == nullptr || latch == header || loop.getExitingBlock() != latch || !loop.getExitBlock())
    return false;
  if (loop.getLoopPreheader() == nullptr || !loop.getExitBlock()->phis().empty()) return false;
  auto* end = llvm::dyn_cast<llvm::BranchInst>(latch->getTerminator());
  if (end == nullptr || !end->isConditional() || end->getSuccessor(0) != header) return false;
  found.end = llvm::dyn_cast<llvm::ICmpInst>(end->getCondition());
  if (found.end == nullptr || !found.end->hasOneUse() || found.end->getPredicate() != llvm::CmpInst::ICMP_ULT)
    return false;
  for (llvm::PHINode& phi : header->phis()) {
    if (found.index != nullptr) return false;  // more goes from thread to thread
    found.index = &phi;
  }
  Value* step = found.end->getOperand(0);
  found.count = found.end->getOperand(1);
  return found.index != nullptr && found.index->getType()->isIntegerTy(32) &&
         loop.isLoopInvariant(found.count) &&
         match(found.index->getIncomingValueForBlock(loop.getLoopPreheader()), m_Zero()) &&
         found.index->getIncomingValueForBlock(latch) == step &&
         match(step, m_Add(m_Specific(found.index), m_One()));
}

// What the first block of the loop asks.
bool MatchQuestion(const llvm::Loop& loop, BoundedLoop& found) {
  using namespace llvm::PatternMatch;
  llvm::BasicBlock* latch = loop.getLoopLatch();
  found.question = llvm::dyn_cast<llvm::BranchInst>(loop.getHeader()->getTerminator());
  if (found.question == nullptr || !found.question->isConditional()) return false;
  if ((found.question->getSuccessor(0) == latch) == (found.question->getSuccessor(1) == latch)) return false;
  found.has_work = found.question->getSuccessor(0) == latch ? 1 : 0;
  llvm::CmpPredicate matched;
  Value *left = nullptr, *right = nullptr;
  if (!match(found.question->getCondition(), m_ICmp(matched, m_Value(left), m_Value(right)))) return false;
  llvm::CmpInst::Predicate predicate = matched;
  if (loop.isLoopInvariant(left)) {
    std::swap(left, right);
    predicate = llvm::CmpInst::getSwappedPredicate(predicate);
  }
  if (found.has_work == 1) predicate = llvm::CmpInst::getInversePredicate(predicate);
  if (!llvm::ICmpInst::isLT(predicate) && !llvm::ICmpInst::isLE(predicate)) return false;
  found.is_signed = llvm::CmpInst::isSigned(predicate);
  found.includes_bound = llvm::ICmpInst::isLE(predicate);
  found.sum = llvm::dyn_cast<llvm::Instruction>(left);
  found.bound = right;
  if (left == found.index) {
    found.first = llvm::ConstantInt::get(left->getType(), 0);
  } else if (!match(left, m_c_Add(m_Specific(found.index), m_Value(found.first))) ||
             found.sum->getOpcode() != llvm::Instruction::Add) {
    return false;
  }
  return loop.isLoopInvariant(found.first) && loop.isLoopInvariant(right) && loop.contains(found.sum) &&
         MaySkip(*loop.getHeader()) && MaySkip(*latch) && latch->phis().empty();
}

void AddVersion(llvm::Loop& loop, const BoundedLoop& found, llvm::LoopInfo& loops,
                llvm::DominatorTree& tree) {
  llvm::BasicBlock* before = loop.getLoopPreheader();
  llvm::BasicBlock* exit = loop.getExitBlock();
  llvm::BasicBlock* preheader = llvm::SplitBlock(before, before->getTerminator(), &tree, &loops);
  llvm::IRBuilder<> ir(before->getTerminator());
  llvm::Type* i64 = ir.getInt64Ty();
  const auto widen = [&](Value* value) {
    return found.is_signed ? ir.CreateSExt(value, i64) : ir.CreateZExt(value, i64);
  };
  Value* first = widen(found.first);
  Value* bound = widen(found.bound);
  if (found.includes_bound) bound = ir.CreateAdd(bound, ir.getInt64(1));
  Value* count = ir.CreateZExt(found.count, i64);
  const int64_t limit = int64_t{1} << (found.is_signed ? 31 : 32);
  Value* never_wraps = ir.CreateICmpSLE(ir.CreateAdd(first, count), ir.getInt64(limit));
  Value* left = ir.CreateSub(bound, first);
  Value* least =
      ir.CreateTrunc(ir.CreateBinaryIntrinsic(llvm::Intrinsic::smin, left, count), ir.getInt32Ty());
  Value* has_some = ir.CreateICmpSGT(left, ir.getInt64(0));

  llvm::ValueToValueMapTy copies;
  llvm::SmallVector<llvm::BasicBlock*, 8> blocks;
  llvm::Loop* version =
      llvm::cloneLoopWithPreheader(preheader, before, &loop, copies, ".bounded", &loops, &tree, blocks);
  llvm::remapInstructionsInBlocks(blocks, copies);
  llvm::BasicBlock* ask = llvm::BasicBlock::Create(ir.getContext(), "some", before->getParent(), preheader);
  before->getTerminator()->eraseFromParent();
  ir.SetInsertPoint(before);
  ir.CreateCondBr(never_wraps, ask, preheader);
  ir.SetInsertPoint(ask);
  ir.CreateCondBr(has_some, version->getLoopPreheader(), exit);

  auto* sum = llvm::cast<llvm::Instruction>(copies[found.sum]);
  if (found.sum != found.index) found.is_signed ? sum->setHasNoSignedWrap() : sum->setHasNoUnsignedWrap();
  auto* question = llvm::cast<llvm::BranchInst>(copies[found.question]);
  question->setCondition(ir.getInt1(found.has_work == 0));
  llvm::cast<llvm::ICmpInst>(copies[found.end])->setOperand(1, least);
}

}  // namespace

llvm::PreservedAnalyses BoundThreadsPass::run(llvm::Function& function,
                                              llvm::FunctionAnalysisManager& analyses) {
  llvm::SmallPtrSet<const llvm::BasicBlock*, 16> seen;  // headers
  bool changed = false;
  for (int versions = 0; versions < kMaxVersions; ++versions) {
    auto& loops = analyses.getResult<llvm::LoopAnalysis>(function);
    auto& tree = analyses.getResult<llvm::DominatorTreeAnalysis>(function);
    llvm::Loop* next = nullptr;
    BoundedLoop found;
    for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
      if (!seen.insert(loop->getHeader()).second) continue;
      found = {};
      if (!MatchCount(*loop, found) || !MatchQuestion(*loop, found)) continue;
      next = loop;
      break;
    }
    if (next == nullptr) break;
    AddVersion(*next, found, loops, tree);
    analyses.invalidate(function, llvm::PreservedAnalyses::none());
    changed = true;
  }
  return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
}

}  // namespace tq::targets
