#include "compiler/simt/simplify.h"

#include "compiler/simt/canonical_floats.h"
#include "compiler/simt/promote_registers.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/Scalar/DCE.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

namespace tq::simt {
namespace {

class PromoteRegistersPass : public llvm::PassInfoMixin<PromoteRegistersPass> {
 public:
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
    if (!PromoteRegisters(function, analyses.getResult<llvm::DominatorTreeAnalysis>(function)))
      return llvm::PreservedAnalyses::all();
    llvm::PreservedAnalyses kept;
    kept.preserveSet<llvm::CFGAnalyses>();
    return kept;
  }
};

class RecoverPointersPass : public llvm::PassInfoMixin<RecoverPointersPass> {
 public:
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager&) {
    if (!RecoverPointers(function)) return llvm::PreservedAnalyses::all();
    llvm::PreservedAnalyses kept;
    kept.preserveSet<llvm::CFGAnalyses>();
    return kept;
  }
};

class RecoverFloatsPass : public llvm::PassInfoMixin<RecoverFloatsPass> {
 public:
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager&) {
    if (!RecoverFloats(function)) return llvm::PreservedAnalyses::all();
    llvm::PreservedAnalyses kept;
    kept.preserveSet<llvm::CFGAnalyses>();
    return kept;
  }
};

class ReduceFloatMarksPass : public llvm::PassInfoMixin<ReduceFloatMarksPass> {
 public:
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager&) {
    if (!ReduceFloatMarks(function)) return llvm::PreservedAnalyses::all();
    llvm::PreservedAnalyses kept;
    kept.preserveSet<llvm::CFGAnalyses>();
    return kept;
  }
};

}  // namespace

void Simplify(llvm::Module& module) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager call_graph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(call_graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, call_graph, modules);

  llvm::FunctionPassManager passes;
  passes.addPass(PromoteRegistersPass());
  // Vector registers and parameters.
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::EarlyCSEPass());
  // Behind SROA: it follows SSA values only. Before a second SROA: the allocas it frees become registers,
  // once the dead address arithmetic is gone.
  passes.addPass(RecoverPointersPass());
  passes.addPass(llvm::DCEPass());
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::PreserveCFG));
  // Behind all that makes more values visible to them.
  passes.addPass(RecoverFloatsPass());
  passes.addPass(ReduceFloatMarksPass());
  for (llvm::Function& function : module) {
    if (!function.isDeclaration()) passes.run(function, functions);
  }
}

}  // namespace tq::simt
