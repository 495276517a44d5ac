// PTX ISA, "Extended-Precision Integer Arithmetic Instructions": arithmetic with the carry flag CC.CF.
#include "compiler/lower/lowering.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;

// The operands of an instruction whose types all stand in slot <type>.
struct Operands {
  Operands(FunctionLowering& f, const ptx::Instruction& inst) : type(inst.GetType(Slot::kType)) {
    a = f.Read(inst.operands[1], type);
    b = inst.operands.size() > 2 ? f.Read(inst.operands[2], type) : nullptr;
    is_signed = ptx::IsSigned(type);
    bits = ptx::SizeBits(type);
  }
  Type type;
  Value* a;
  Value* b;
  bool is_signed;
  unsigned bits;
};

Value* Extend(llvm::IRBuilder<>& ir, Value* value, unsigned bits, bool is_signed) {
  return is_signed ? ir.CreateSExt(value, ir.getIntNTy(bits)) : ir.CreateZExt(value, ir.getIntNTy(bits));
}

Value* HighProduct(llvm::IRBuilder<>& ir, const Operands& in) {
  Value* product =
      ir.CreateMul(Extend(ir, in.a, 2 * in.bits, in.is_signed), Extend(ir, in.b, 2 * in.bits, in.is_signed));
  return ir.CreateTrunc(ir.CreateLShr(product, in.bits), ir.getIntNTy(in.bits));
}

// a + b + carry, or a - b - borrow, and the carry out.
struct Sum {
  Value* value;
  Value* carry;
};

Sum AddWithCarry(FunctionLowering& f, Value* a, Value* b, Value* carry) {
  auto& ir = f.ir();
  Value* first = f.Llvm(llvm::Intrinsic::uadd_with_overflow, {a->getType()}, {a, b});
  Value* value = ir.CreateExtractValue(first, 0);
  Value* out = ir.CreateExtractValue(first, 1);
  if (carry == nullptr) return {value, out};
  Value* second = f.Llvm(llvm::Intrinsic::uadd_with_overflow, {a->getType()},
                         {value, ir.CreateZExt(carry, a->getType())});
  return {ir.CreateExtractValue(second, 0), ir.CreateOr(out, ir.CreateExtractValue(second, 1))};
}

Sum SubWithBorrow(FunctionLowering& f, Value* a, Value* b, Value* borrow) {
  auto& ir = f.ir();
  Value* first = f.Llvm(llvm::Intrinsic::usub_with_overflow, {a->getType()}, {a, b});
  Value* value = ir.CreateExtractValue(first, 0);
  Value* out = ir.CreateExtractValue(first, 1);
  if (borrow == nullptr) return {value, out};
  Value* second = f.Llvm(llvm::Intrinsic::usub_with_overflow, {a->getType()},
                         {value, ir.CreateZExt(borrow, a->getType())});
  return {ir.CreateExtractValue(second, 0), ir.CreateOr(out, ir.CreateExtractValue(second, 1))};
}

bool ReadsCarry(const ptx::Instruction& inst) { return ptx::GetForm(inst.form).Has(ptx::Trait::kUsesCarry); }

// add.cc and mad.cc always set the flag, addc and madc only with .cc.
bool SetsCarry(const ptx::Instruction& inst) { return !ReadsCarry(inst) || inst.Has(Slot::kCc); }

void Finish(FunctionLowering& f, const ptx::Instruction& inst, const Sum& sum, Type type) {
  f.Write(inst.operands[0], sum.value, type);
  if (SetsCarry(inst)) f.WriteCarry(sum.carry);
}

}  // namespace

void LowerAddCarry(FunctionLowering& f, const ptx::Instruction& inst) {
  Operands in(f, inst);
  Finish(f, inst, AddWithCarry(f, in.a, in.b, ReadsCarry(inst) ? f.ReadCarry() : nullptr), in.type);
}

void LowerSubCarry(FunctionLowering& f, const ptx::Instruction& inst) {
  Operands in(f, inst);
  Finish(f, inst, SubWithBorrow(f, in.a, in.b, ReadsCarry(inst) ? f.ReadCarry() : nullptr), in.type);
}

void LowerMadCarry(FunctionLowering& f, const ptx::Instruction& inst) {
  Operands in(f, inst);
  auto& ir = f.ir();
  Value* product = inst.Get(Slot::kHalf) == Suffix::kHi ? HighProduct(ir, in) : ir.CreateMul(in.a, in.b);
  Value* c = f.Read(inst.operands[3], in.type);
  Finish(f, inst, AddWithCarry(f, product, c, ReadsCarry(inst) ? f.ReadCarry() : nullptr), in.type);
}

}  // namespace tq::lower
