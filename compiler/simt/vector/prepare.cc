#include "compiler/simt/vector/prepare.h"

#include <functional>

#include "compiler/simt/intrinsics.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/LCSSA.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/Mem2Reg.h"

namespace tq::simt::vector {
namespace {

// A library function larger than this is called for each lane: its vector form would cost more to compile
// than it saves.
constexpr unsigned kMaxInlined = 400;

bool IsOfLibrary(const llvm::Function& function) { return function.getName().starts_with("tq_"); }

// Functions on a cycle of the call graph.
class Recursion {
 public:
  bool IsRecursive(const llvm::Function& function) {
    path_.clear();
    return Reaches(function, function);
  }

 private:
  bool Reaches(const llvm::Function& from, const llvm::Function& wanted) {
    if (!path_.insert(&from).second) return false;
    for (const llvm::Instruction& instruction : llvm::instructions(from)) {
      auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      const llvm::Function* callee = call != nullptr ? call->getCalledFunction() : nullptr;
      if (callee == nullptr || callee->isDeclaration()) continue;
      if (callee == &wanted || Reaches(*callee, wanted)) return true;
    }
    return false;
  }
  llvm::DenseSet<const llvm::Function*> path_;
};

class Passes {
 public:
  Passes() {
    builder_.registerModuleAnalyses(modules_);
    builder_.registerCGSCCAnalyses(call_graph_);
    builder_.registerFunctionAnalyses(functions_);
    builder_.registerLoopAnalyses(loops_);
    builder_.crossRegisterProxies(loops_, functions_, call_graph_, modules_);
  }
  llvm::ModuleAnalysisManager& modules() { return modules_; }
  llvm::FunctionAnalysisManager& functions() { return functions_; }

 private:
  llvm::LoopAnalysisManager loops_;
  llvm::FunctionAnalysisManager functions_;
  llvm::CGSCCAnalysisManager call_graph_;
  llvm::ModuleAnalysisManager modules_;
  llvm::PassBuilder builder_;
};

// The block that all lanes end in.
llvm::BasicBlock* UnifyReturns(llvm::Function& kernel) {
  llvm::BasicBlock* end = llvm::BasicBlock::Create(kernel.getContext(), "end", &kernel);
  for (llvm::BasicBlock& block : kernel) {
    auto* ret = llvm::dyn_cast_or_null<llvm::ReturnInst>(block.getTerminator());
    if (ret == nullptr) continue;
    llvm::BranchInst* jump = llvm::BranchInst::Create(end, ret->getIterator());
    jump->setDebugLoc(ret->getDebugLoc());
    ret->eraseFromParent();
  }
  llvm::ReturnInst::Create(kernel.getContext(), end);
  // Lanes that leave are gone: they wait in no block before the end, which would keep others from a barrier.
  llvm::SmallVector<llvm::BasicBlock*, 8> before(llvm::predecessors(end));
  for (llvm::BasicBlock* block : before) {
    const bool is_empty = &block->front() == block->getTerminator() && block != &kernel.getEntryBlock();
    if (is_empty && block->getSingleSuccessor() == end) llvm::TryToSimplifyUncondBranchFromEmptyBlock(block);
  }
  return end;
}

void ReplaceExits(llvm::Function& kernel) {
  llvm::SmallVector<llvm::CallInst*, 8> exits;
  for (llvm::Instruction& instruction : llvm::instructions(kernel)) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    if (call != nullptr && call->getCalledFunction() != nullptr &&
        Identify(*call->getCalledFunction()) == Intrinsic::kExit) {
      exits.push_back(call);
    }
  }
  for (llvm::CallInst* call : exits) {
    llvm::BasicBlock* block = call->getParent();
    llvm::changeToUnreachable(call);
    llvm::IRBuilder<> ir(block->getTerminator());
    ir.CreateRetVoid();
    block->getTerminator()->eraseFromParent();
  }
}

// A copy of a block that ends nowhere, for one of the branches that lead there.
llvm::BasicBlock* CloneFor(llvm::BasicBlock& block, llvm::BasicBlock& from) {
  llvm::ValueToValueMapTy values;
  llvm::BasicBlock* clone = llvm::CloneBasicBlock(&block, values, ".trap", block.getParent());
  for (llvm::Instruction& instruction : *clone) {
    llvm::RemapInstruction(&instruction, values,
                           llvm::RF_NoModuleLevelChanges | llvm::RF_IgnoreMissingLocals);
  }
  for (llvm::PHINode& phi : llvm::make_early_inc_range(clone->phis())) {
    phi.replaceAllUsesWith(phi.getIncomingValueForBlock(&from));
    phi.eraseFromParent();
  }
  from.getTerminator()->replaceSuccessorWith(&block, clone);
  for (llvm::PHINode& phi : llvm::make_early_inc_range(block.phis())) {
    while (phi.getBasicBlockIndex(&from) >= 0) phi.removeIncomingValue(&from, /*DeletePHIIfEmpty=*/false);
  }
  return clone;
}

// Ends in `unreachable`: goes on to where the branch would have gone without it.
void Continue(llvm::BasicBlock& block, llvm::BasicBlock* end) {
  llvm::SmallVector<llvm::BasicBlock*, 4> sources(llvm::predecessors(&block));
  llvm::SmallSetVector<llvm::BasicBlock*, 4> distinct(sources.begin(), sources.end());
  for (size_t i = 0; i < distinct.size() || i == 0; ++i) {
    llvm::BasicBlock* from = distinct.empty() ? nullptr : distinct[i];
    llvm::BasicBlock* copy = i + 1 < distinct.size() ? CloneFor(block, *from) : &block;
    llvm::BasicBlock* next = end;
    if (from != nullptr) {
      for (llvm::BasicBlock* other : llvm::successors(from)) {
        if (other != copy && !llvm::isa<llvm::UnreachableInst>(other->getTerminator())) next = other;
      }
    }
    llvm::Instruction* dead = copy->getTerminator();
    llvm::BranchInst* jump = llvm::BranchInst::Create(next, dead->getIterator());
    jump->setDebugLoc(dead->getDebugLoc());
    dead->eraseFromParent();
    for (llvm::PHINode& phi : next->phis()) phi.addIncoming(llvm::PoisonValue::get(phi.getType()), copy);
  }
}

}  // namespace

std::vector<llvm::Function*> InlineCalls(llvm::Module& module) {
  std::vector<llvm::Function*> kept;
  Recursion recursion;
  for (llvm::Function& function : module) {
    if (function.isDeclaration() || IsKernel(function)) continue;
    if (IsOfLibrary(function)) {
      const bool widens = function.doesNotAccessMemory() && function.getInstructionCount() <= kMaxInlined;
      if (!function.hasFnAttribute(llvm::Attribute::AlwaysInline) || widens) continue;
      function.removeFnAttr(llvm::Attribute::AlwaysInline);
      kept.push_back(&function);
    } else if (!recursion.IsRecursive(function)) {
      function.removeFnAttr(llvm::Attribute::NoInline);
      function.removeFnAttr(llvm::Attribute::OptimizeNone);
      function.addFnAttr(llvm::Attribute::AlwaysInline);
    }
  }
  Passes passes;
  llvm::ModulePassManager inliner;
  inliner.addPass(llvm::AlwaysInlinerPass(/*InsertLifetime=*/false));
  inliner.run(module, passes.modules());
  llvm::FunctionPassManager clean;
  clean.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  clean.addPass(llvm::EarlyCSEPass());
  clean.addPass(llvm::InstCombinePass());
  clean.addPass(llvm::SimplifyCFGPass());
  clean.addPass(llvm::SROAPass(llvm::SROAOptions::PreserveCFG));
  clean.addPass(llvm::InstCombinePass());
  for (llvm::Function& function : module) {
    if (!function.isDeclaration() && IsKernel(function)) clean.run(function, passes.functions());
  }
  return kept;
}

void RestoreInlining(const std::vector<llvm::Function*>& functions) {
  for (llvm::Function* function : functions) function->addFnAttr(llvm::Attribute::AlwaysInline);
}

void NormalizeControlFlow(llvm::Function& kernel) {
  ReplaceExits(kernel);
  llvm::EliminateUnreachableBlocks(kernel);
  llvm::BasicBlock* end = UnifyReturns(kernel);
  for (bool changed = true; changed;) {
    changed = false;
    for (llvm::BasicBlock& block : kernel) {
      if (!llvm::isa<llvm::UnreachableInst>(block.getTerminator())) continue;
      Continue(block, end);
      changed = true;
      break;
    }
  }
  llvm::EliminateUnreachableBlocks(kernel);
  Passes passes;
  llvm::FunctionPassManager loops;
  loops.addPass(llvm::PromotePass());  // the counters of spin loops
  loops.addPass(llvm::LoopSimplifyPass());
  loops.addPass(llvm::LCSSAPass());
  loops.run(kernel, passes.functions());
}

}  // namespace tq::simt::vector
