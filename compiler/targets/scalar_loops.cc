#include "compiler/targets/scalar_loops.h"

#include <optional>
#include <vector>

#include "compiler/targets/analyses.h"
#include "compiler/targets/thread_bounds.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/IndVarSimplify.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/LoopStrengthReduce.h"
#include "llvm/Transforms/Scalar/LoopUnrollPass.h"
#include "llvm/Transforms/Scalar/SimpleLoopUnswitch.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

namespace tq::targets {
namespace {

// Short loops are unrolled: up to so many instructions, so many times.
struct Unrolling {
  unsigned max_size, count;
};
constexpr Unrolling kUnrolling[] = {{48, 8}, {96, 2}};

// Whether the select is true for NaN alone, of its other value.
bool IsRarelyTaken(llvm::SelectInst& select, bool* constant_first) {
  using namespace llvm::PatternMatch;
  llvm::Value* x = nullptr;
  llvm::CmpPredicate predicate;
  if (!select.getType()->isFloatingPointTy() && !select.getType()->isIntegerTy()) return false;
  if (!match(select.getCondition(), m_FCmp(predicate, m_Value(x), m_Value()))) return false;
  auto* compare = llvm::cast<llvm::FCmpInst>(select.getCondition());
  // A number compared with itself, or with a constant that is none.
  const auto* other = llvm::dyn_cast<llvm::ConstantFP>(compare->getOperand(1));
  if (compare->getOperand(1) != x && (other == nullptr || other->getValueAPF().isNaN())) return false;
  if (compare->getPredicate() == llvm::CmpInst::FCMP_UNO) {
    *constant_first = true;
  } else if (compare->getPredicate() == llvm::CmpInst::FCMP_ORD) {
    *constant_first = false;
  } else {
    return false;
  }
  return llvm::isa<llvm::Constant>(*constant_first ? select.getTrueValue() : select.getFalseValue());
}

// Asks for short loops to be unrolled: counting, and naming the thread, are a third of what they do.
class UnrollShortLoopsPass : public llvm::PassInfoMixin<UnrollShortLoopsPass> {
 public:
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
    for (llvm::Loop* loop : analyses.getResult<llvm::LoopAnalysis>(function).getLoopsInPreorder()) {
      const std::optional<unsigned> size = SizeOf(*loop);
      if (!size.has_value()) continue;
      for (const Unrolling& unrolling : kUnrolling) {
        if (*size > unrolling.max_size) continue;
        llvm::addStringMetadataToLoop(loop, "llvm.loop.unroll.count", unrolling.count);
        break;
      }
    }
    return llvm::PreservedAnalyses::all();
  }

 private:
  // In instructions; nothing where the loop cannot be counted, or calls more than marks.
  static std::optional<unsigned> SizeOf(const llvm::Loop& loop) {
    if (!loop.isInnermost() || loop.getExitingBlock() != loop.getLoopLatch()) return std::nullopt;
    unsigned size = 0;
    for (const llvm::BasicBlock* block : loop.blocks()) {
      for (const llvm::Instruction& instruction : *block) {
        auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
        if (call != nullptr && !llvm::isa<llvm::IntrinsicInst>(call) &&
            !call->onlyAccessesInaccessibleMemory())
          return std::nullopt;
        ++size;
      }
    }
    return size;
  }
};

}  // namespace

void BranchOverNans(llvm::Module& module) {
  std::vector<std::pair<llvm::SelectInst*, bool>> selects;
  for (llvm::Function& function : module) {
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      bool constant_first = false;
      auto* select = llvm::dyn_cast<llvm::SelectInst>(&instruction);
      if (select != nullptr && IsRarelyTaken(*select, &constant_first))
        selects.emplace_back(select, constant_first);
    }
  }
  llvm::MDNode* const rare = llvm::MDBuilder(module.getContext()).createUnlikelyBranchWeights();
  for (const auto& [select, constant_first] : selects) {
    llvm::IRBuilder<> ir(select);
    llvm::Value* is_nan = constant_first ? select->getCondition() : ir.CreateNot(select->getCondition());
    llvm::BasicBlock* before = select->getParent();
    llvm::Instruction* taken = llvm::SplitBlockAndInsertIfThen(is_nan, select, /*Unreachable=*/false, rare);
    ir.SetInsertPoint(select);
    llvm::PHINode* value = ir.CreatePHI(select->getType(), 2);
    value->addIncoming(constant_first ? select->getFalseValue() : select->getTrueValue(), before);
    value->addIncoming(constant_first ? select->getTrueValue() : select->getFalseValue(), taken->getParent());
    value->takeName(select);
    select->replaceAllUsesWith(value);
    select->eraseFromParent();
  }
}

void OptimizeScalarLoops(llvm::Module& module, llvm::TargetMachine& machine) {
  Analyses analyses(&machine);

  llvm::FunctionPassManager passes;
  llvm::LoopPassManager unswitch;
  unswitch.addPass(llvm::LICMPass(llvm::LICMOptions()));
  // The alignment of a buffer's start, mostly: which decides for all threads.
  unswitch.addPass(llvm::SimpleLoopUnswitchPass(/*NonTrivial=*/true));
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(unswitch), /*UseMemorySSA=*/true));
  passes.addPass(llvm::SimplifyCFGPass());
  // Behind the checks of alignment, which end a loop of their own accord.
  passes.addPass(llvm::LoopSimplifyPass());
  passes.addPass(BoundThreadsPass());
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(
      llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()), /*UseMemorySSA=*/true));
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::IndVarSimplifyPass()));
  passes.addPass(UnrollShortLoopsPass());
  passes.addPass(llvm::LoopUnrollPass(llvm::LoopUnrollOptions(2, /*OnlyWhenForced=*/true)));
  passes.addPass(llvm::EarlyCSEPass());
  // The code generator's own is turned off for all targets (code_generator.cc).
  passes.addPass(
      llvm::createFunctionToLoopPassAdaptor(llvm::LoopStrengthReducePass(), /*UseMemorySSA=*/true));
  llvm::ModulePassManager pipeline;
  pipeline.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(passes)));
  pipeline.run(module, analyses.modules);
  // Last: loops with fewer blocks are seen through by more passes.
  BranchOverNans(module);
}

}  // namespace tq::targets
