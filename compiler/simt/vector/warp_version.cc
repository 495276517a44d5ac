#include "compiler/simt/vector/warp_version.h"

#include "compiler/simt/intrinsics.h"
#include "compiler/simt/vector/eligibility.h"
#include "compiler/simt/vector/gather_bound.h"
#include "compiler/simt/vector/interleave_locals.h"
#include "compiler/simt/vector/merge_stores.h"
#include "compiler/simt/vector/prefetch_strides.h"
#include "compiler/simt/vector/prepare.h"
#include "compiler/simt/vector/warp_entry.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"

namespace tq::simt::vector {

WarpVersion::WarpVersion(llvm::Function& kernel, WarpShape shape) : kernel_(kernel), shape_(shape) {
  llvm::ValueToValueMapTy values;
  code_ = llvm::CloneFunction(&kernel, values);
  code_->setLinkage(llvm::GlobalValue::InternalLinkage);
  NormalizeControlFlow(*code_);
  InterleaveLocals(*code_);
}

WarpVersion::~WarpVersion() { code_->eraseFromParent(); }

std::string WarpVersion::Analyze(const std::map<const llvm::Function*, Progress>& progress) {
  dominators_.recalculate(*code_);
  loops_.analyze(dominators_);
  lanes_ = std::make_unique<LaneValues>(*code_, dominators_, loops_, shape_);
  if (lanes_->HasIrreducibleCycles()) return "a loop with several entries";
  MakeSchedule();
  MergeStores(*code_, *lanes_);
  // Once more, with what is known of joins now.
  auto before = std::move(schedule_);
  lanes_ = std::make_unique<LaneValues>(*code_, dominators_, loops_, shape_,
                                        [&before](const llvm::BasicBlock& from, const llvm::BasicBlock& to) {
                                          return before->CarriesAll(from, to);
                                        });
  MakeSchedule();
  std::string why = WhyNot(*code_, *lanes_, *schedule_, progress);
  const bool may_choose = shape_ == WarpShape::kRow && !progress.at(&kernel_).waits;
  if (why.empty() && may_choose && IsBoundByGathers(loops_, *lanes_))
    why = "gathers in loops that lanes leave apart";
  return why;
}

llvm::Function* WarpVersion::Emit(const Machine& machine, Turns turns) {
  llvm::Module& module = *kernel_.getParent();
  llvm::Function* made =
      llvm::Function::Create(WarpSignature(module.getContext(), shape_ == WarpShape::kAny, turns),
                             llvm::GlobalValue::InternalLinkage,
                             kernel_.getName() + (shape_ == WarpShape::kRow ? ".row" : ".any"), module);
  made->setDSOLocal(true);
  made->addFnAttrs(llvm::AttrBuilder(module.getContext(), kernel_.getAttributes().getFnAttrs()));
  made->removeFnAttr(kKernelAttribute);
  if (shape_ == WarpShape::kRow) {
    made->addFnAttr(kWarpAttribute);
  } else {
    made->addFnAttr(llvm::Attribute::NoInline);
  }
  made->setSubprogram(code_->getSubprogram());
  code_->setSubprogram(nullptr);
  Widener(*code_, *made, *lanes_, *schedule_, machine).Run();
  if (shape_ == WarpShape::kRow) PrefetchStrides(*made);
  return made;
}

void WarpVersion::MakeSchedule() {
  schedule_ = std::make_unique<Schedule>(
      *code_, loops_, dominators_, [this](const llvm::BasicBlock& block) { return lanes_->Diverges(block); });
}

}  // namespace tq::simt::vector
