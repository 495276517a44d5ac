#include "compiler/simt/vector/uniformity.h"

#include "llvm/ADT/GenericUniformityImpl.h"
#include "llvm/Analysis/CycleAnalysis.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/Analysis/TargetTransformInfoImpl.h"
#include "llvm/Analysis/UniformityAnalysis.h"
#include "llvm/IR/CFG.h"

namespace tq::simt::vector {
namespace {

// The analysis asks a target for its special values. LLVM 23 renames the hook to getValueUniformity.
class WarpInfo : public llvm::TargetTransformInfoImplBase {
 public:
  WarpInfo(const llvm::DataLayout& layout, llvm::function_ref<Uniform(const llvm::Value&)> known)
      : TargetTransformInfoImplBase(layout), known_(known) {}

  bool hasBranchDivergence(const llvm::Function*) const override { return true; }

  llvm::InstructionUniformity getInstructionUniformity(const llvm::Value* value) const override {
    switch (known_(*value)) {
      case Uniform::kAlways:
        return llvm::InstructionUniformity::AlwaysUniform;
      case Uniform::kNever:
        return llvm::InstructionUniformity::NeverUniform;
      case Uniform::kByOperands:
        return llvm::InstructionUniformity::Default;
    }
    return llvm::InstructionUniformity::Default;
  }

 private:
  llvm::function_ref<Uniform(const llvm::Value&)> known_;
};

}  // namespace

struct Uniformity::Analysis {
  Analysis(llvm::Function& function, const llvm::DominatorTree& dominators,
           llvm::function_ref<Uniform(const llvm::Value&)> known)
      : target(std::make_unique<WarpInfo>(function.getDataLayout(), known)) {
    cycles.compute(function);
    info = std::make_unique<llvm::UniformityInfo>(dominators, cycles, &target);
    info->compute();
  }

  llvm::CycleInfo cycles;
  llvm::TargetTransformInfo target;
  std::unique_ptr<llvm::UniformityInfo> info;
};

Uniformity::Uniformity(llvm::Function& function, const llvm::DominatorTree& dominators,
                       llvm::function_ref<Uniform(const llvm::Value&)> known)
    : analysis_(std::make_unique<Analysis>(function, dominators, known)) {}

Uniformity::~Uniformity() = default;

bool Uniformity::IsUniform(const llvm::Value& value) const { return analysis_->info->isUniform(&value); }

bool Uniformity::Diverges(const llvm::BasicBlock& block) const {
  return llvm::succ_size(&block) > 1 && analysis_->info->hasDivergentTerminator(block);
}

bool Uniformity::HasIrreducibleCycles() const {
  for (const llvm::Cycle* top : analysis_->cycles.toplevel_cycles()) {
    for (const llvm::Cycle* cycle : llvm::depth_first(top)) {
      if (!cycle->isReducible()) return true;
    }
  }
  return false;
}

}  // namespace tq::simt::vector
