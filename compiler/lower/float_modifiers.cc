#include "compiler/lower/float_modifiers.h"

#include "isa/isa.h"

namespace tq::lower {
namespace {

// [+0, 1], NaN to +0.
llvm::Value* Saturate(llvm::IRBuilder<>& ir, llvm::Value* value) {
  llvm::Value* zero = llvm::ConstantFP::get(value->getType(), 0.0);
  llvm::Value* one = llvm::ConstantFP::get(value->getType(), 1.0);
  // Ordered comparison: NaN fails it. -0 becomes +0.
  llvm::Value* positive = ir.CreateSelect(ir.CreateFCmpOGT(value, zero), value, zero);
  return ir.CreateSelect(ir.CreateFCmpOLT(positive, one), positive, one);
}

}  // namespace

llvm::Value* FlushSource(FunctionLowering& f, const ptx::Instruction& inst, llvm::Value* value,
                         ptx::Type type) {
  if (type != ptx::Type::kF32 || !inst.Has(ptx::Slot::kFtz)) return value;
  return f.Tq(simt::Intrinsic::kFlush, {value});
}

llvm::Value* FinishResult(FunctionLowering& f, const ptx::Instruction& inst, llvm::Value* value,
                          ptx::Type type) {
  const ptx::Form& form = ptx::GetForm(inst.form);
  if (type == ptx::Type::kF32 && inst.Has(ptx::Slot::kFtz)) value = f.Tq(simt::Intrinsic::kFlush, {value});
  if (form.Has(ptx::Trait::kSaturates) && inst.Has(ptx::Slot::kSat) &&
      value->getType()->isFloatingPointTy()) {
    return Saturate(f.ir(), value);
  }
  // Devicelib functions return PTX's NaN themselves.
  const bool is_llvm =
      form.lower_kind == ptx::LowerKind::kOp || form.lower_kind == ptx::LowerKind::kIntrinsic;
  if (type == ptx::Type::kF32 && is_llvm) value = f.Tq(simt::Intrinsic::kCanonicalNan, {value});
  return value;
}

}  // namespace tq::lower
