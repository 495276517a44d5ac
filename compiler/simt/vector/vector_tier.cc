#include "compiler/simt/vector/vector_tier.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "base/cpu_abi.h"
#include "compiler/simt/vector/split_at_barriers.h"
#include "compiler/simt/vector/warp_entry.h"
#include "compiler/simt/vector/warp_version.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/Transforms/Utils/Cloning.h"

namespace tq::simt::vector {
namespace {

// Beyond this many instructions of one thread, vectors cost more compile time than a run or two gives back.
constexpr unsigned kMaxInstructions = 6000;

VectorKernel Vectorize(llvm::Function& kernel, const std::map<const llvm::Function*, Progress>& progress,
                       const Options& options) {
  VectorKernel result;
  if (kernel.getInstructionCount() > kMaxInstructions) {
    result.why_not = "its size";
    return result;
  }
  WarpVersion row(kernel, WarpShape::kRow), any(kernel, WarpShape::kAny);
  result.why_not = row.Analyze(progress);
  if (result.why_not.empty()) result.why_not = any.Analyze(progress);
  if (!result.why_not.empty()) return result;
  Turns turns = Turns::kLoop;
  if (progress.at(&kernel).waits_for_block) {
    const bool can_split = !progress.at(&kernel).spins && CanSplit(kernel);
    turns = can_split ? Turns::kRounds : Turns::kFibers;
  }
  if (turns == Turns::kFibers && !options.has_warp_fibers) {
    result.why_not = "a wait for less than the block";
    return result;
  }
  const Machine machine = {options.has_avx2, options.has_avx512, options.has_fma};
  result.is_fiber = turns == Turns::kFibers;
  WarpFunctions warps;
  warps.row = row.Emit(machine, turns);
  warps.any = any.Emit(machine, turns);
  if (turns == Turns::kRounds) {
    for (llvm::Function* warp : {warps.row, warps.any}) {
      const FrameSize frame = SplitAtBarriers(*warp, {kFrameArgument, kLocalsArgument, kStateArgument});
      warps.value_bytes = std::max(warps.value_bytes, frame.value_bytes);
      warps.local_bytes = std::max(warps.local_bytes, frame.local_bytes);
    }
  }
  llvm::Function* entry =
      llvm::Function::Create(kernel.getFunctionType(), kernel.getLinkage(), "", *kernel.getParent());
  entry->copyAttributesFrom(&kernel);
  entry->setSubprogram(kernel.getSubprogram());
  kernel.setSubprogram(nullptr);
  kernel.replaceAllUsesWith(entry);
  entry->takeName(&kernel);
  BuildEntry(*entry, warps, turns);
  return result;
}

// The block that a thread's structure names stays the same: whoever loads it takes what was stored there at
// first. LLVM cannot know, as others have the structure's address.
void NameBlock(llvm::Value& thread) {
  static_assert(offsetof(tq_cpu_thread, block) == 0);
  llvm::SmallVector<llvm::LoadInst*, 32> loads;
  llvm::Value* block = nullptr;
  auto visit = [&](llvm::Value& pointer) {
    for (llvm::User* user : pointer.users()) {
      auto* store = llvm::dyn_cast<llvm::StoreInst>(user);
      if (store != nullptr && store->getPointerOperand() == &pointer && block == nullptr)
        block = store->getValueOperand();
      auto* load = llvm::dyn_cast<llvm::LoadInst>(user);
      if (load != nullptr && load->getType()->isPointerTy()) loads.push_back(load);
    }
  };
  visit(thread);
  for (llvm::User* user : thread.users()) {
    auto* step = llvm::dyn_cast<llvm::GetElementPtrInst>(user);
    if (step != nullptr && step->hasAllZeroIndices()) visit(*step);
  }
  if (!llvm::isa_and_nonnull<llvm::Argument>(block)) return;
  for (llvm::LoadInst* load : loads) {
    load->replaceAllUsesWith(block);
    load->eraseFromParent();
  }
}

}  // namespace

std::map<std::string, VectorKernel> VectorizeKernels(
    llvm::Module& module, const std::map<const llvm::Function*, Progress>& progress, const Options& options) {
  std::map<std::string, VectorKernel> results;
  llvm::SmallVector<llvm::Function*, 8> kernels;
  for (llvm::Function& function : module) {
    if (!function.isDeclaration() && IsKernel(function)) kernels.push_back(&function);
  }
  for (llvm::Function* kernel : kernels) {
    const std::string name = kernel->getName().str();
    results[name] = Vectorize(*kernel, progress, options);
    if (results[name].why_not.empty()) kernel->eraseFromParent();
  }
  return results;
}

void InlineWarps(llvm::Module& module) {
  for (llvm::Function& function : llvm::make_early_inc_range(module)) {
    if (!function.hasFnAttribute(kWarpAttribute)) continue;
    auto* call = llvm::cast<llvm::CallInst>(function.user_back());
    llvm::Value* thread = call->getArgOperand(0);
    llvm::InlineFunctionInfo inlined;
    llvm::InlineFunction(*call, inlined);
    function.eraseFromParent();
    NameBlock(*thread);
  }
}

}  // namespace tq::simt::vector
