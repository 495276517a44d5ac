#include "compiler/targets/middle_end.h"

#include "compiler/targets/analyses.h"
#include "compiler/targets/cluster_chains.h"
#include "compiler/targets/expand_division.h"
#include "llvm/Analysis/InlineCost.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/IPO/Inliner.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/ADCE.h"
#include "llvm/Transforms/Scalar/ConstraintElimination.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/GVN.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

namespace tq::targets {
namespace {

// A function of the device library up to this many instructions is inlined at each call; beyond, where it
// folds.
constexpr unsigned kMaxAlwaysInlined = 24;
constexpr int kInlineThreshold = 100;

// The library asks for inlining of all it has, because most of it folds to a few instructions when its modes
// are constants. Some does not: a conversion of 200 instructions at 300 calls is the larger part of a kernel.
void InlineLargeOnlyWhereItFolds(llvm::Module& module) {
  for (llvm::Function& function : module) {
    if (function.isDeclaration() || !function.hasFnAttribute(llvm::Attribute::AlwaysInline) ||
        function.getInstructionCount() <= kMaxAlwaysInlined) {
      continue;
    }
    function.removeFnAttr(llvm::Attribute::AlwaysInline);
    // Of the library's own compilation (-fno-builtin): kernels have none of it, and LLVM inlines only among
    // equals.
    function.removeFnAttr("no-builtins");
  }
}

llvm::FunctionPassManager FunctionPasses(const EmitOptions& options) {
  llvm::InstCombineOptions combine;
  combine.setMaxIterations(1);
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(llvm::SimplifyCFGPass());
  // Checks of alignment and bounds that an earlier one implies.
  if (options.level >= 2) passes.addPass(llvm::ConstraintEliminationPass());
  passes.addPass(llvm::InstCombinePass(combine));
  passes.addPass(llvm::SimplifyCFGPass());
  if (options.level >= 2) {
    // What the block's structures hold stays the same in all loops.
    passes.addPass(
        llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()), /*UseMemorySSA=*/true));
    passes.addPass(llvm::GVNPass());
  }
  passes.addPass(llvm::SimplifyCFGPass(
      llvm::SimplifyCFGOptions().hoistCommonInsts(true).sinkCommonInsts(true).convertSwitchRangeToICmp(
          true)));
  passes.addPass(llvm::ADCEPass());
  return passes;
}

}  // namespace

void RunMiddleEnd(llvm::Module& module, llvm::TargetMachine& machine, const EmitOptions& options) {
  if (options.level == 0) return;
  Analyses analyses(&machine);

  InlineLargeOnlyWhereItFolds(module);
  llvm::ModulePassManager passes;
  passes.addPass(llvm::AlwaysInlinerPass(/*InsertLifetime=*/false));
  passes.addPass(llvm::ModuleInlinerWrapperPass(llvm::getInlineParams(kInlineThreshold)));
  passes.addPass(llvm::GlobalDCEPass());
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(FunctionPasses(options)));
  passes.run(module, analyses.modules);
  // Last: a divisor that became a constant on the way is better off with LLVM.
  ExpandDivision(module);
  if (options.level < 2) return;
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    const llvm::TargetTransformInfo target = machine.getTargetTransformInfo(function);
    const auto bits =
        target.getRegisterBitWidth(llvm::TargetTransformInfo::RGK_FixedWidthVector).getFixedValue();
    const unsigned count = target.getNumberOfRegisters(target.getRegisterClassForType(/*Vector=*/true));
    ClusterChains(function, static_cast<unsigned>(bits) * count);
  }
}

}  // namespace tq::targets
