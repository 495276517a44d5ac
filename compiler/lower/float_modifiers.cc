#include "compiler/lower/float_modifiers.h"

#include "compiler/devicelib/modes.h"
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

// Subnormal values, and subnormal elements of packed ones, to zero of their sign.
llvm::Value* Flush(FunctionLowering& f, llvm::Value* value, ptx::Type type) {
  auto& ir = f.ir();
  switch (type) {
    case ptx::Type::kF32:
      return f.Tq(simt::Intrinsic::kFlush, {value});
    case ptx::Type::kF32x2:
      for (uint64_t i = 0; i < 2; ++i) {
        llvm::Value* element = f.Tq(simt::Intrinsic::kFlush, {ir.CreateExtractElement(value, i)});
        value = ir.CreateInsertElement(value, element, i);
      }
      return value;
    case ptx::Type::kF16:
    case ptx::Type::kF16x2: {
      llvm::Value* bits = f.ToBits(value);
      const char* name = type == ptx::Type::kF16 ? "tq_half_flush" : "tq_half2_flush";
      return f.FromBits(f.Devicelib(name, bits->getType(), {bits, ir.getInt32(TQ_F16)}), type);
    }
    default:
      return value;
  }
}

}  // namespace

llvm::Value* FlushSource(FunctionLowering& f, const ptx::Instruction& inst, llvm::Value* value,
                         ptx::Type type) {
  return inst.Has(ptx::Slot::kFtz) ? Flush(f, value, type) : value;
}

llvm::Value* FinishResult(FunctionLowering& f, const ptx::Instruction& inst, llvm::Value* value,
                          ptx::Type type) {
  const ptx::Form& form = ptx::GetForm(inst.form);
  value = FlushSource(f, inst, value, type);
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
