// PTX ISA, "Comparison and Selection Instructions". The comparison itself lives in the table below; half
// precision compares as f32, which is exact.
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/lowering.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::CmpInst;
using llvm::Value;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;

struct Comparison {
  Suffix suffix;
  CmpInst::Predicate of_signed, of_unsigned, of_float;
};

constexpr CmpInst::Predicate kNone = CmpInst::BAD_ICMP_PREDICATE;
constexpr Comparison kComparisons[] = {
    {Suffix::kEq, CmpInst::ICMP_EQ, CmpInst::ICMP_EQ, CmpInst::FCMP_OEQ},
    {Suffix::kNe, CmpInst::ICMP_NE, CmpInst::ICMP_NE, CmpInst::FCMP_ONE},
    {Suffix::kLt, CmpInst::ICMP_SLT, CmpInst::ICMP_ULT, CmpInst::FCMP_OLT},
    {Suffix::kLe, CmpInst::ICMP_SLE, CmpInst::ICMP_ULE, CmpInst::FCMP_OLE},
    {Suffix::kGt, CmpInst::ICMP_SGT, CmpInst::ICMP_UGT, CmpInst::FCMP_OGT},
    {Suffix::kGe, CmpInst::ICMP_SGE, CmpInst::ICMP_UGE, CmpInst::FCMP_OGE},
    {Suffix::kLo, CmpInst::ICMP_ULT, CmpInst::ICMP_ULT, kNone},
    {Suffix::kLs, CmpInst::ICMP_ULE, CmpInst::ICMP_ULE, kNone},
    {Suffix::kHi, CmpInst::ICMP_UGT, CmpInst::ICMP_UGT, kNone},
    {Suffix::kHs, CmpInst::ICMP_UGE, CmpInst::ICMP_UGE, kNone},
    {Suffix::kEqu, kNone, kNone, CmpInst::FCMP_UEQ},
    {Suffix::kNeu, kNone, kNone, CmpInst::FCMP_UNE},
    {Suffix::kLtu, kNone, kNone, CmpInst::FCMP_ULT},
    {Suffix::kLeu, kNone, kNone, CmpInst::FCMP_ULE},
    {Suffix::kGtu, kNone, kNone, CmpInst::FCMP_UGT},
    {Suffix::kGeu, kNone, kNone, CmpInst::FCMP_UGE},
    {Suffix::kNum, kNone, kNone, CmpInst::FCMP_ORD},
    {Suffix::kNan, kNone, kNone, CmpInst::FCMP_UNO},
};

Value* Widen(FunctionLowering& f, const ptx::Instruction& inst, Value* value, Type type) {
  llvm::Type* single = value->getType()->getWithNewType(f.ir().getFloatTy());
  llvm::Type* scalar = value->getType()->getScalarType();
  if (!scalar->isHalfTy() && !scalar->isBFloatTy()) return FlushSource(f, inst, value, type);
  if (inst.Has(Slot::kFtz)) {
    // Subnormal halves are normal as f32: they are told by their exponent.
    Value* bits = f.ir().CreateBitCast(value, value->getType()->getWithNewType(f.ir().getInt16Ty()));
    auto number = [&](uint16_t n) { return llvm::ConstantInt::get(bits->getType(), n); };
    Value* subnormal = f.ir().CreateICmpEQ(f.ir().CreateAnd(bits, number(0x7c00)), number(0));
    Value* zero = f.ir().CreateAnd(bits, number(0x8000));
    value = f.ir().CreateBitCast(f.ir().CreateSelect(subnormal, zero, bits), value->getType());
  }
  return f.ir().CreateFPExt(value, single);
}

Value* Compare(FunctionLowering& f, const ptx::Instruction& inst, Type type, Value* a, Value* b) {
  for (const Comparison& comparison : kComparisons) {
    if (comparison.suffix != inst.Get(Slot::kCmp)) continue;
    if (a->getType()->isFPOrFPVectorTy()) {
      return f.ir().CreateFCmp(comparison.of_float, Widen(f, inst, a, type), Widen(f, inst, b, type));
    }
    return f.ir().CreateICmp(ptx::IsSigned(type) ? comparison.of_signed : comparison.of_unsigned, a, b);
  }
  f.Unsupported(inst, "has a comparison that lowering does not know.");
  return f.ir().getFalse();
}

Value* Combine(FunctionLowering& f, const ptx::Instruction& inst, Value* result, Value* c) {
  switch (inst.Get(Slot::kBool)) {
    case Suffix::kAnd:
      return f.ir().CreateAnd(result, c);
    case Suffix::kOr:
      return f.ir().CreateOr(result, c);
    case Suffix::kXor:
      return f.ir().CreateXor(result, c);
    default:
      return result;
  }
}

Value* Boolean(FunctionLowering& f, const ptx::Instruction& inst) {
  return inst.Has(Slot::kBool) ? f.Read(inst.operands[3], Type::kPred) : nullptr;
}

}  // namespace

// p = (a cmp b) bool c; q = !(a cmp b) bool c. Of packed halves p is the low element's comparison, q the high
// one's.
void LowerSetPredicate(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Type type = inst.GetType(Slot::kType);
  Value* result = Compare(f, inst, type, f.Read(inst.operands[1], type), f.Read(inst.operands[2], type));
  Value* c = Boolean(f, inst);
  Value* p = result;
  Value* q;
  if (result->getType()->isVectorTy()) {
    p = ir.CreateExtractElement(result, uint64_t{0});
    q = ir.CreateExtractElement(result, uint64_t{1});
  } else {
    q = ir.CreateNot(result);
  }
  f.Write(FunctionLowering::First(inst.operands[0]), Combine(f, inst, p, c), Type::kPred);
  f.Write(FunctionLowering::Second(inst.operands[0]), Combine(f, inst, q, c), Type::kPred);
}

// All ones or 1.0 when true.
void LowerSet(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Type source = inst.GetType(Slot::kStype);
  Type type = inst.GetType(Slot::kDtype);
  Value* result =
      Compare(f, inst, source, f.Read(inst.operands[1], source), f.Read(inst.operands[2], source));
  Value* c = Boolean(f, inst);
  if (c != nullptr && result->getType()->isVectorTy()) c = ir.CreateVectorSplat(2, c);
  result = Combine(f, inst, result, c);
  llvm::Type* llvm_type = f.TypeOf(type);
  Value* value;
  if (llvm_type->isFPOrFPVectorTy()) {
    value =
        ir.CreateSelect(result, llvm::ConstantFP::get(llvm_type, 1.0), llvm::ConstantFP::get(llvm_type, 0.0));
  } else if (result->getType()->isVectorTy()) {
    // A pair of halves compared into an integer: each half of the result is all ones or zero.
    value = f.ToBits(ir.CreateSExt(result, llvm::FixedVectorType::get(ir.getInt16Ty(), 2)));
  } else {
    value = ir.CreateSExt(result, llvm_type);
  }
  f.Write(inst.operands[0], value, type);
}

void LowerSelectPredicate(FunctionLowering& f, const ptx::Instruction& inst) {
  Type type = inst.GetType(Slot::kType);
  Value* c = f.Read(inst.operands[3], Type::kPred);
  Value* a = f.Read(inst.operands[1], type);
  f.Write(inst.operands[0], f.ir().CreateSelect(c, a, f.Read(inst.operands[2], type)), type);
}

// slct: a when c >= 0, b otherwise; -0 counts as 0, NaN selects b.
void LowerSelectSign(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Type type = inst.GetType(Slot::kDtype);
  Type sign_type = inst.GetType(Slot::kCtype);
  Value* c = FlushSource(f, inst, f.Read(inst.operands[3], sign_type), sign_type);
  Value* zero = llvm::Constant::getNullValue(c->getType());
  Value* first = sign_type == Type::kF32 ? ir.CreateFCmpOGE(c, zero) : ir.CreateICmpSGE(c, zero);
  Value* a = f.Read(inst.operands[1], type);
  f.Write(inst.operands[0], ir.CreateSelect(first, a, f.Read(inst.operands[2], type)), type);
}

}  // namespace tq::lower
