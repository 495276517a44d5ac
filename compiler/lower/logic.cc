// PTX ISA, "Logic and Shift Instructions".
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/lowering.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Type;

// Amounts of the width or more shift everything out; LLVM's shifts are undefined there.
enum class Shift { kLeft, kRight, kRightArithmetic };

void LowerShift(FunctionLowering& f, const ptx::Instruction& inst, Shift shift) {
  auto& ir = f.ir();
  Type type = inst.GetType(ptx::Slot::kType);
  const unsigned bits = ptx::SizeBits(type);
  Value* value = f.Read(inst.operands[1], type);
  Value* amount = f.Read(inst.operands[2], Type::kU32);
  Value* last = ir.getInt32(bits - 1);
  if (shift == Shift::kRightArithmetic) {
    Value* clamped = f.Llvm(llvm::Intrinsic::umin, {ir.getInt32Ty()}, {amount, last});
    f.Write(inst.operands[0], ir.CreateAShr(value, ir.CreateZExtOrTrunc(clamped, value->getType())), type);
    return;
  }
  // The masked amount keeps the shift itself defined in both arms of the select.
  Value* masked = ir.CreateZExtOrTrunc(ir.CreateAnd(amount, last), value->getType());
  Value* shifted = shift == Shift::kLeft ? ir.CreateShl(value, masked) : ir.CreateLShr(value, masked);
  Value* in_range = ir.CreateICmpULE(amount, last);
  Value* zero = llvm::Constant::getNullValue(value->getType());
  f.Write(inst.operands[0], ir.CreateSelect(in_range, shifted, zero), type);
}

}  // namespace

void LowerShiftLeft(FunctionLowering& f, const ptx::Instruction& inst) { LowerShift(f, inst, Shift::kLeft); }

void LowerShiftRight(FunctionLowering& f, const ptx::Instruction& inst) {
  LowerShift(f, inst, Shift::kRight);
}

void LowerShiftRightArithmetic(FunctionLowering& f, const ptx::Instruction& inst) {
  LowerShift(f, inst, Shift::kRightArithmetic);
}

void LowerNot(FunctionLowering& f, const ptx::Instruction& inst) {
  Type type = inst.GetType(ptx::Slot::kType);
  f.Write(inst.operands[0], f.ir().CreateNot(f.Read(inst.operands[1], type)), type);
}

// lop3: bit i of the result is bit (a_i b_i c_i) of the table. A sum of minterms; LLVM's simplifier and
// AVX-512's own three-way logic make one instruction or two of it.
void LowerLogicLookup(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Value* a = f.Read(inst.operands[1], Type::kB32);
  Value* b = f.Read(inst.operands[2], Type::kB32);
  Value* c = f.Read(inst.operands[3], Type::kB32);
  const auto table = static_cast<uint8_t>(inst.operands[4].bits);
  // Shannon expansion on a, then b: each leaf is 0, all ones, c or its complement.
  auto leaf = [&](unsigned two_bits) -> Value* {
    switch (two_bits & 3) {
      case 0:
        return ir.getInt32(0);
      case 1:
        return ir.CreateNot(c);
      case 2:
        return c;
      default:
        return ir.getInt32(0xffffffff);
    }
  };
  auto choose = [&](Value* selector, Value* zero, Value* one) -> Value* {
    if (zero == one) return zero;
    return ir.CreateOr(ir.CreateAnd(selector, one), ir.CreateAnd(ir.CreateNot(selector), zero));
  };
  auto half = [&](unsigned four_bits) { return choose(b, leaf(four_bits), leaf(four_bits >> 2)); };
  Value* low = half(table);
  Value* high = (table & 15) == table >> 4 ? low : half(table >> 4);
  Value* value = choose(a, low, high);
  f.Write(FunctionLowering::First(inst.operands[0]), value, Type::kB32);
  if (!inst.Has(ptx::Slot::kBool)) return;
  // The form with a predicate: whether any bit is set, combined with r.
  Value* any = ir.CreateICmpNE(value, ir.getInt32(0));
  Value* r = f.Read(inst.operands[5], Type::kPred);
  Value* combined =
      inst.Get(ptx::Slot::kBool) == ptx::Suffix::kAnd ? ir.CreateAnd(any, r) : ir.CreateOr(any, r);
  f.Write(FunctionLowering::Second(inst.operands[0]), combined, Type::kPred);
}

}  // namespace tq::lower
