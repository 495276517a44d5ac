#include "compiler/simt/canonical_floats.h"

#include "compiler/simt/intrinsics.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

namespace tq::simt {
namespace {

using llvm::Value;
using Joins = llvm::SmallSetVector<llvm::Instruction*, 16>;

constexpr uint32_t kNan = 0x7fffffff;  // PTX ISA, "Floating-Point Instructions"
constexpr float kLeastNormal = 0x1p-126f;

llvm::CallInst* MarkOf(Value* value, Intrinsic intrinsic) {
  auto* call = llvm::dyn_cast<llvm::CallInst>(value);
  if (call == nullptr || call->getCalledFunction() == nullptr) return nullptr;
  return call->getCalledFunction()->getName() == Name(intrinsic) ? call : nullptr;
}

bool IsFloat(const Value* value) { return value->getType()->isFloatTy(); }

// Phis and selects of single precision: they pass values on.
bool IsJoin(const llvm::Instruction* instruction) {
  return IsFloat(instruction) && llvm::isa<llvm::PHINode, llvm::SelectInst>(instruction);
}

llvm::SmallVector<llvm::Use*, 4> InputsOf(llvm::Instruction* join) {
  llvm::SmallVector<llvm::Use*, 4> inputs;
  for (llvm::Use& use : join->operands()) {
    if (use->getType()->isFloatTy()) inputs.push_back(&use);
  }
  return inputs;
}

// Whether the operand's NaN payload cannot be told from the user's result: arithmetic whose own result is
// marked, and comparisons.
bool HidesPayload(const llvm::Use& use) {
  auto* user = llvm::dyn_cast<llvm::Instruction>(use.getUser());
  if (user == nullptr) return false;
  switch (user->getOpcode()) {
    case llvm::Instruction::FAdd:
    case llvm::Instruction::FSub:
    case llvm::Instruction::FMul:
    case llvm::Instruction::FDiv:
      return IsFloat(user);
    case llvm::Instruction::FCmp:
      return true;
    default:
      break;
  }
  if (MarkOf(user, Intrinsic::kCanonicalNan) != nullptr) return true;
  auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(user);
  if (intrinsic == nullptr || !IsFloat(intrinsic)) return false;
  return intrinsic->getIntrinsicID() == llvm::Intrinsic::fma ||
         intrinsic->getIntrinsicID() == llvm::Intrinsic::sqrt;
}

// The joins all of whose inputs satisfy `holds` or are such joins themselves: the greatest such set.
template <typename Holds>
Joins JoinsWhere(llvm::Function& function, Holds holds) {
  Joins joins;
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    if (IsJoin(&instruction)) joins.insert(&instruction);
  }
  for (bool changed = true; changed;) {
    changed = joins.remove_if([&](llvm::Instruction* join) {
      for (llvm::Use* input : InputsOf(join)) {
        auto* instruction = llvm::dyn_cast<llvm::Instruction>(input->get());
        if (!holds(input->get()) && (instruction == nullptr || !joins.contains(instruction))) return true;
      }
      return false;
    });
  }
  return joins;
}

// A flush passes NaN on as it is and may stand between.
Value* StripCanonical(Value* value) {
  llvm::CallInst* mark = MarkOf(value, Intrinsic::kCanonicalNan);
  return mark != nullptr ? mark->getArgOperand(0) : value;
}

bool ReduceCanonical(llvm::Function& function) {
  Joins joins = JoinsWhere(function, [](Value* value) {
    if (auto* number = llvm::dyn_cast<llvm::ConstantFP>(value)) {
      return !number->isNaN() || number->getValueAPF().bitcastToAPInt().getZExtValue() == kNan;
    }
    return MarkOf(value, Intrinsic::kCanonicalNan) != nullptr;
  });
  llvm::Function* mark = function.getParent()->getFunction(Name(Intrinsic::kCanonicalNan));
  bool changed = false;
  // Joins take unmarked values; where their payload shows they are marked at the use, outside of loops as a
  // rule.
  for (llvm::Instruction* join : joins) {
    for (llvm::Use* input : InputsOf(join)) {
      Value* stripped = StripCanonical(input->get());
      changed |= stripped != input->get();
      input->set(stripped);
    }
  }
  if (!changed) joins.clear();
  for (llvm::Instruction* join : joins) {
    for (llvm::Use& use : llvm::make_early_inc_range(join->uses())) {
      auto* user = llvm::cast<llvm::Instruction>(use.getUser());
      if (HidesPayload(use) || joins.contains(user)) continue;
      llvm::Instruction* before = user;
      if (auto* phi = llvm::dyn_cast<llvm::PHINode>(user))
        before = phi->getIncomingBlock(use)->getTerminator();
      llvm::IRBuilder<> ir(before);
      use.set(ir.CreateCall(mark, {join}));
    }
  }
  llvm::SmallVector<llvm::CallInst*, 32> marks;
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    if (llvm::CallInst* call = MarkOf(&instruction, Intrinsic::kCanonicalNan)) marks.push_back(call);
  }
  for (llvm::CallInst* call : marks) {
    for (llvm::Use& use : llvm::make_early_inc_range(call->uses())) {
      if (!HidesPayload(use)) continue;
      use.set(call->getArgOperand(0));
      changed = true;
    }
    if (call->use_empty()) call->eraseFromParent();
  }
  return changed;
}

bool IsFlushed(Value* value) {
  if (auto* number = llvm::dyn_cast<llvm::ConstantFP>(value)) return !number->getValueAPF().isDenormal();
  if (MarkOf(value, Intrinsic::kFlush) != nullptr) return true;
  // Marks, signs and magnitudes leave the exponent alone.
  if (llvm::CallInst* mark = MarkOf(value, Intrinsic::kCanonicalNan))
    return IsFlushed(mark->getArgOperand(0));
  if (auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(value)) {
    return intrinsic->getIntrinsicID() == llvm::Intrinsic::fabs && IsFlushed(intrinsic->getArgOperand(0));
  }
  auto* sign = llvm::dyn_cast<llvm::UnaryOperator>(value);
  return sign != nullptr && sign->getOpcode() == llvm::Instruction::FNeg && IsFlushed(sign->getOperand(0));
}

bool ReduceFlush(llvm::Function& function) {
  Joins joins = JoinsWhere(function, IsFlushed);
  bool changed = false;
  for (llvm::Instruction& instruction : llvm::make_early_inc_range(llvm::instructions(function))) {
    llvm::CallInst* mark = MarkOf(&instruction, Intrinsic::kFlush);
    if (mark == nullptr) continue;
    Value* value = mark->getArgOperand(0);
    auto* join = llvm::dyn_cast<llvm::Instruction>(value);
    if (!IsFlushed(value) && (join == nullptr || !joins.contains(join))) continue;
    mark->replaceAllUsesWith(value);
    mark->eraseFromParent();
    changed = true;
  }
  return changed;
}

Value* ExpandCanonical(llvm::IRBuilder<>& ir, Value* value) {
  Value* nan = ir.CreateBitCast(ir.getInt32(kNan), ir.getFloatTy());
  return ir.CreateSelect(ir.CreateFCmpUNO(value, value), nan, value);
}

Value* ExpandFlush(llvm::IRBuilder<>& ir, Value* value) {
  Value* magnitude = ir.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, value);
  Value* small = ir.CreateFCmpOLT(magnitude, llvm::ConstantFP::get(ir.getFloatTy(), kLeastNormal));
  Value* sign = ir.CreateAnd(ir.CreateBitCast(value, ir.getInt32Ty()), ir.getInt32(0x80000000));
  return ir.CreateSelect(small, ir.CreateBitCast(sign, ir.getFloatTy()), value);
}

void Expand(llvm::Module& module, Intrinsic intrinsic, Value* (*expand)(llvm::IRBuilder<>&, Value*)) {
  llvm::Function* mark = module.getFunction(Name(intrinsic));
  if (mark == nullptr) return;
  while (!mark->use_empty()) {
    auto* call = llvm::cast<llvm::CallInst>(mark->user_back());
    llvm::IRBuilder<> ir(call);
    call->replaceAllUsesWith(expand(ir, call->getArgOperand(0)));
    call->eraseFromParent();
  }
  mark->eraseFromParent();
}

}  // namespace

bool ReduceFloatMarks(llvm::Function& function) {
  // Flushes first: they look through marks of NaN, not the other way round.
  bool changed = ReduceFlush(function);
  return ReduceCanonical(function) || changed;
}

void ExpandFloatMarks(llvm::Module& module) {
  Expand(module, Intrinsic::kCanonicalNan, ExpandCanonical);
  Expand(module, Intrinsic::kFlush, ExpandFlush);
}

}  // namespace tq::simt
