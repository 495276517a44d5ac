#include "compiler/simt/scalar_tier.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/simt/canonical_floats.h"
#include "compiler/simt/intrinsics.h"

namespace tq::simt {

absl::StatusOr<ScalarModule> LowerToScalar(llvm::Module& module) {
  ScalarModule result;
  YieldInSpinLoops(module);
  std::map<const llvm::Function*, Progress> progress = AnalyzeProgress(module);
  std::vector<llvm::Function*> kernels;
  bool all_fibers = true;
  for (llvm::Function& function : module) {
    if (function.isDeclaration() || !IsKernel(function)) continue;
    kernels.push_back(&function);
    const Progress& found = progress[&function];
    bool fibers = found.waits || found.exits_deep;
    result.kernels[function.getName().str()] = {fibers, found};
    all_fibers &= fibers;
  }
  ExpandFloatMarks(module);
  // Before tq.* is expanded: a window's base is one of them.
  absl::Status expanded = ExpandAddressSpaces(module, result);
  if (!expanded.ok()) return expanded;
  // Before the loops: `exit` of a kernel is a return, and the loop replaces what is left of the thread's
  // structure.
  ExpandIntrinsics(module, all_fibers);
  for (llvm::Function* kernel : kernels) {
    if (!result.kernels[kernel->getName().str()].fibers) LoopOverBlock(*kernel);
  }
  return result;
}

}  // namespace tq::simt
