#include "compiler/simt/scalar_tier.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/simt/canonical_floats.h"
#include "compiler/simt/intrinsics.h"

namespace tq::simt {

absl::StatusOr<ScalarModule> LowerToScalar(llvm::Module& module, const vector::Options& vector,
                                           const ScalarOptions& options) {
  ScalarModule result;
  YieldInSpinLoops(module);
  std::map<const llvm::Function*, Progress> progress = AnalyzeProgress(module);
  std::vector<std::string> kernels;  // of this tier
  bool all_fibers = true;
  for (llvm::Function& function : module) {
    if (function.isDeclaration() || !IsKernel(function)) continue;
    kernels.push_back(function.getName().str());
    const Progress& found = progress[&function];
    bool fibers = found.waits || found.exits_deep;
    ScalarKernel& kernel = result.kernels[function.getName().str()];
    kernel.fibers = fibers;
    kernel.progress = found;
    all_fibers &= fibers;
  }
  ExpandFloatMarks(module);
  // Before tq.* is expanded: a window's base is one of them.
  absl::Status expanded = ExpandAddressSpaces(module, result);
  if (!expanded.ok()) return expanded;
  // While tq.* still says what lanes do together.
  if (vector.is_on) {
    for (const auto& [name, vectorized] : vector::VectorizeKernels(module, progress, vector)) {
      ScalarKernel& kernel = result.kernels[name];
      kernel.why_not_warps = vectorized.why_not;
      if (!vectorized.why_not.empty()) continue;
      kernel.warps = true;
      kernel.fibers = vectorized.is_fiber;
      all_fibers = false;  // a warp steps its thread from lane to lane
      std::erase_if(kernels, [&, name = name](const std::string& other) { return other == name; });
    }
  }
  LowerSharedAtomics(module);
  std::vector<ThreadRounds> rounds;
  if (options.cuts_at_barriers) {
    std::erase_if(kernels, [&](const std::string& name) {
      llvm::Function& kernel = *module.getFunction(name);
      if (!CanRunInRounds(kernel, progress)) return false;
      rounds.push_back(CutIntoRounds(kernel));
      result.kernels[name].fibers = all_fibers = false;
      return true;
    });
  }
  // Before the loops: `exit` of a kernel is a return, and the loop replaces what is left of the thread's
  // structure.
  ExpandIntrinsics(module, all_fibers);
  vector::InlineWarps(module);
  for (const std::string& kernel : kernels) {
    if (!result.kernels[kernel].fibers) LoopOverBlock(*module.getFunction(kernel), options);
  }
  for (const ThreadRounds& cut : rounds) LoopOverBlock(cut, options);
  return result;
}

}  // namespace tq::simt
