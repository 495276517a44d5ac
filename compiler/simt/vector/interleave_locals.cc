#include "compiler/simt/vector/interleave_locals.h"

#include "base/cpu_abi.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Operator.h"
#include "llvm/Transforms/Utils/Local.h"

namespace tq::simt::vector {
namespace {

using llvm::Value;

// On a variable: the size of its words.
constexpr char kInterleavedMark[] = "tq.interleaved";
constexpr uint64_t kRunAlign = 64;

class Variable {
 public:
  explicit Variable(llvm::AllocaInst& slot) : slot_(slot), layout_(slot.getDataLayout()) {}

  bool FindUses();
  void Interleave();

 private:
  bool Visit(Value& pointer);
  bool VisitAccess(const llvm::Instruction& access, llvm::Type* type, llvm::Align align);

  llvm::AllocaInst& slot_;
  const llvm::DataLayout& layout_;
  llvm::SmallVector<llvm::GetElementPtrInst*, 16> steps_;
  uint64_t word_bytes_ = 0;
};

bool Variable::FindUses() {
  const auto size = slot_.getAllocationSize(layout_);
  return size && !slot_.isArrayAllocation() && Visit(slot_) && word_bytes_ != 0 &&
         size->getFixedValue() > word_bytes_ && size->getFixedValue() % word_bytes_ == 0;
}

// A misaligned access would be cut in two.
bool Variable::VisitAccess(const llvm::Instruction& access, llvm::Type* type, llvm::Align align) {
  const uint64_t bytes = layout_.getTypeStoreSize(type).getFixedValue();
  if (access.isVolatile() || access.isAtomic() || type->isVectorTy() || type->isAggregateType()) return false;
  if ((bytes != 4 && bytes != 8) || align.value() < bytes || slot_.getAlign().value() < bytes) return false;
  if (word_bytes_ == 0) word_bytes_ = bytes;
  return word_bytes_ == bytes;
}

bool Variable::Visit(Value& pointer) {
  for (llvm::User* user : pointer.users()) {
    if (auto* step = llvm::dyn_cast<llvm::GetElementPtrInst>(user)) {
      if (step->getPointerOperand() != &pointer || step->getType()->isVectorTy() || !Visit(*step))
        return false;
      steps_.push_back(step);
    } else if (auto* load = llvm::dyn_cast<llvm::LoadInst>(user)) {
      if (!VisitAccess(*load, load->getType(), load->getAlign())) return false;
    } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(user)) {
      if (store->getValueOperand() == &pointer ||
          !VisitAccess(*store, store->getValueOperand()->getType(), store->getAlign())) {
        return false;
      }
    } else if (auto* fill = llvm::dyn_cast<llvm::MemSetInst>(user)) {
      auto* length = llvm::dyn_cast<llvm::ConstantInt>(fill->getLength());
      if (&pointer != &slot_ || length == nullptr ||
          length->getZExtValue() != slot_.getAllocationSize(layout_)->getFixedValue()) {
        return false;
      }
    } else {
      return false;
    }
  }
  return true;
}

void Variable::Interleave() {
  llvm::Type* i64 = llvm::Type::getInt64Ty(slot_.getContext());
  for (llvm::GetElementPtrInst* step : steps_) {
    llvm::SmallMapVector<Value*, llvm::APInt, 4> variable_parts;
    llvm::APInt offset(64, 0);
    llvm::cast<llvm::GEPOperator>(step)->collectOffset(layout_, 64, variable_parts, offset);
    llvm::IRBuilder<> ir(step);
    Value* sum = ir.getInt(offset * TQ_CPU_WARP_SIZE);
    for (const auto& [index, scale] : variable_parts) {
      Value* wide = ir.CreateSExtOrTrunc(index, i64);
      sum = ir.CreateAdd(ir.CreateMul(wide, ir.getInt(scale * TQ_CPU_WARP_SIZE)), sum);
    }
    Value* made = ir.CreateGEP(ir.getInt8Ty(), step->getPointerOperand(), sum, step->getName());
    step->replaceAllUsesWith(made);
    step->eraseFromParent();
  }
  slot_.setAlignment(std::max(slot_.getAlign(), llvm::Align(kRunAlign)));
  slot_.setMetadata(
      kInterleavedMark,
      llvm::MDNode::get(slot_.getContext(),
                        {llvm::ConstantAsMetadata::get(llvm::ConstantInt::get(i64, word_bytes_))}));
}

}  // namespace

void InterleaveLocals(llvm::Function& code) {
  for (llvm::Instruction& instruction : llvm::make_early_inc_range(code.getEntryBlock())) {
    auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&instruction);
    if (slot == nullptr) continue;
    for (llvm::User* user : llvm::make_early_inc_range(slot->users()))
      llvm::RecursivelyDeleteTriviallyDeadInstructions(user);
    Variable variable(*slot);
    if (variable.FindUses()) variable.Interleave();
  }
}

uint64_t LanePitch(const llvm::AllocaInst& variable) {
  if (const llvm::MDNode* mark = variable.getMetadata(kInterleavedMark))
    return llvm::mdconst::extract<llvm::ConstantInt>(mark->getOperand(0))->getZExtValue();
  const auto size = variable.getAllocationSize(variable.getDataLayout());
  return llvm::alignTo(size->getFixedValue(), variable.getAlign());
}

}  // namespace tq::simt::vector
