#include "compiler/simt/vector/vector_tier.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "compiler/simt/vector/eligibility.h"
#include "compiler/simt/vector/lane_pattern.h"
#include "compiler/simt/vector/prepare.h"
#include "compiler/simt/vector/schedule.h"
#include "compiler/simt/vector/split_at_barriers.h"
#include "compiler/simt/vector/warp_entry.h"
#include "compiler/simt/vector/widener.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Dominators.h"
#include "llvm/Transforms/Utils/Cloning.h"

namespace tq::simt::vector {
namespace {

// Beyond this many instructions of one thread, vectors cost more compile time than a run or two gives back.
constexpr unsigned kMaxInstructions = 6000;

constexpr char kWarpAttribute[] = "tq.warp";  // of functions that run a warp

// A kernel for warps of one shape: its analyses, and a copy of its code that they are about.
class Version {
 public:
  Version(llvm::Function& kernel, WarpShape shape) : kernel_(kernel), shape_(shape) {
    llvm::ValueToValueMapTy values;
    code_ = llvm::CloneFunction(&kernel, values);
    code_->setLinkage(llvm::GlobalValue::InternalLinkage);
    NormalizeControlFlow(*code_);
  }
  ~Version() { code_->eraseFromParent(); }
  Version(const Version&) = delete;
  Version& operator=(const Version&) = delete;

  std::string Analyze(const std::map<const llvm::Function*, Progress>& progress) {
    dominators_.recalculate(*code_);
    loops_.analyze(dominators_);
    lanes_ = std::make_unique<LaneValues>(*code_, dominators_, loops_, shape_);
    if (lanes_->HasIrreducibleCycles()) return "a loop with several entries";
    MakeSchedule();
    // Once more, with what is known of joins now.
    auto before = std::move(schedule_);
    lanes_ =
        std::make_unique<LaneValues>(*code_, dominators_, loops_, shape_,
                                     [&before](const llvm::BasicBlock& from, const llvm::BasicBlock& to) {
                                       return before->CarriesAll(from, to);
                                     });
    MakeSchedule();
    return WhyNot(*code_, *lanes_, *schedule_, progress);
  }

  llvm::Function* Emit(const Machine& machine, Turns turns) {
    llvm::Module& module = *kernel_.getParent();
    llvm::Function* made =
        llvm::Function::Create(WarpSignature(module.getContext(), shape_ == WarpShape::kAny, turns),
                               llvm::GlobalValue::InternalLinkage,
                               kernel_.getName() + (shape_ == WarpShape::kRow ? ".row" : ".any"), module);
    made->setDSOLocal(true);
    made->addFnAttrs(llvm::AttrBuilder(module.getContext(), kernel_.getAttributes().getFnAttrs()));
    made->removeFnAttr(kKernelAttribute);
    made->addFnAttr(shape_ == WarpShape::kRow ? llvm::StringRef(kWarpAttribute)
                                              : llvm::StringRef("noinline"));
    made->setSubprogram(code_->getSubprogram());
    code_->setSubprogram(nullptr);
    Widener(*code_, *made, *lanes_, *schedule_, machine).Run();
    return made;
  }

 private:
  void MakeSchedule() {
    schedule_ =
        std::make_unique<Schedule>(*code_, loops_, dominators_,
                                   [this](const llvm::BasicBlock& block) { return lanes_->Diverges(block); });
  }

  llvm::Function& kernel_;
  const WarpShape shape_;
  llvm::Function* code_ = nullptr;
  llvm::DominatorTree dominators_;
  llvm::LoopInfo loops_;
  std::unique_ptr<LaneValues> lanes_;
  std::unique_ptr<Schedule> schedule_;
};

VectorKernel Vectorize(llvm::Function& kernel, const std::map<const llvm::Function*, Progress>& progress,
                       const Machine& machine) {
  VectorKernel result;
  if (kernel.getInstructionCount() > kMaxInstructions) {
    result.why_not = "its size";
    return result;
  }
  Version row(kernel, WarpShape::kRow), any(kernel, WarpShape::kAny);
  result.why_not = row.Analyze(progress);
  if (result.why_not.empty()) result.why_not = any.Analyze(progress);
  if (!result.why_not.empty()) return result;
  Turns turns = Turns::kLoop;
  if (progress.at(&kernel).waits_for_block) {
    const bool can_split = !progress.at(&kernel).spins && CanSplit(kernel);
    turns = can_split ? Turns::kRounds : Turns::kFibers;
  }
  result.is_fiber = turns == Turns::kFibers;
  WarpFunctions warps;
  warps.row = row.Emit(machine, turns);
  warps.any = any.Emit(machine, turns);
  if (turns == Turns::kRounds) {
    for (llvm::Function* warp : {warps.row, warps.any}) {
      const FrameSize frame = SplitAtBarriers(*warp);
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

}  // namespace

std::map<std::string, VectorKernel> VectorizeKernels(
    llvm::Module& module, const std::map<const llvm::Function*, Progress>& progress, const Options& options) {
  std::map<std::string, VectorKernel> results;
  llvm::SmallVector<llvm::Function*, 8> kernels;
  for (llvm::Function& function : module) {
    if (!function.isDeclaration() && IsKernel(function)) kernels.push_back(&function);
  }
  const Machine machine = {options.has_avx2, options.has_avx512, options.has_fma};
  for (llvm::Function* kernel : kernels) {
    const std::string name = kernel->getName().str();
    results[name] = Vectorize(*kernel, progress, machine);
    if (results[name].why_not.empty()) kernel->eraseFromParent();
  }
  return results;
}

void InlineWarps(llvm::Module& module) {
  for (llvm::Function& function : llvm::make_early_inc_range(module)) {
    if (!function.hasFnAttribute(kWarpAttribute)) continue;
    llvm::InlineFunctionInfo inlined;
    llvm::InlineFunction(*llvm::cast<llvm::CallInst>(function.user_back()), inlined);
    function.eraseFromParent();
  }
}

}  // namespace tq::simt::vector
