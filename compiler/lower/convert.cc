// PTX ISA, "Data Movement and Conversion Instructions: cvt", between integers and the floats that have
// arithmetic. The packed and the small formats are devicelib functions named in the table.
#include <string>

#include "absl/strings/str_cat.h"
#include "compiler/devicelib/modes.h"
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/lowering.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;

struct Rounding {
  Suffix suffix;
  uint32_t mode;
  bool to_integer;
};
constexpr Rounding kRoundings[] = {
    {Suffix::kRn, TQ_RN, false}, {Suffix::kRz, TQ_RZ, false}, {Suffix::kRm, TQ_RM, false},
    {Suffix::kRp, TQ_RP, false}, {Suffix::kRni, TQ_RN, true}, {Suffix::kRzi, TQ_RZ, true},
    {Suffix::kRmi, TQ_RM, true}, {Suffix::kRpi, TQ_RP, true},
};

Rounding RoundingOf(const ptx::Instruction& inst, uint32_t otherwise) {
  for (const Rounding& rounding : kRoundings) {
    if (rounding.suffix == inst.Get(Slot::kRnd)) return rounding;
  }
  return {Suffix::kNone, otherwise, false};
}

// The devicelib function that converts: tq_cvt_f16_s64 and the like.
std::string FunctionName(Type to, std::string_view from) {
  return std::string("tq_cvt_").append(ptx::Spelling(to)).append("_").append(from);
}

bool IsHalf(Type type) { return type == Type::kF16 || type == Type::kBF16; }

// An operand as f32 or f64: halves widen exactly.
Value* ReadFloat(FunctionLowering& f, const ptx::Instruction& inst, Type type) {
  if (IsHalf(type)) {
    Value* bits = f.Read(inst.operands[1], Type::kB16);
    return f.Devicelib(type == Type::kF16 ? "tq_cvt_f32_f16" : "tq_cvt_f32_bf16", f.ir().getFloatTy(),
                       {bits});
  }
  return FlushSource(f, inst, f.Read(inst.operands[1], type), type);
}

void WriteFloat(FunctionLowering& f, const ptx::Instruction& inst, Value* value, Type type) {
  if (inst.Has(Slot::kSat)) {
    value = f.Devicelib(type == Type::kF32 ? "tq_sat_f32" : "tq_sat_f64", value->getType(), {value});
  }
  f.Write(inst.operands[0], FinishResult(f, inst, value, type), type);
}

// `from` is "f32", "s64" and the like.
void WriteHalf(FunctionLowering& f, const ptx::Instruction& inst, Value* value, std::string_view from,
               Type type, uint32_t mode) {
  auto& ir = f.ir();
  const std::string name = FunctionName(type, from);
  Value* flags = ir.getInt32(inst.Has(Slot::kSat) ? TQ_SAT : 0);
  f.Write(inst.operands[0], f.Devicelib(name, ir.getInt16Ty(), {value, ir.getInt32(mode), flags}),
          Type::kB16);
}

Value* Extended(FunctionLowering& f, Value* value, Type type) {
  return f.ir().CreateIntCast(value, f.ir().getInt64Ty(), ptx::IsSigned(type));
}

}  // namespace

void LowerConvertInteger(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const Type to = inst.GetType(Slot::kDtype), from = inst.GetType(Slot::kAtype);
  Value* value = Extended(f, f.Read(inst.operands[1], from), from);
  if (inst.Has(Slot::kSat)) {
    const uint32_t bits = ptx::SizeBits(to);
    const bool to_signed = ptx::IsSigned(to);
    const uint64_t high = ~uint64_t{0} >> (64 - bits + (to_signed ? 1 : 0));
    if (!ptx::IsSigned(from)) {
      value = ir.CreateBinaryIntrinsic(llvm::Intrinsic::umin, value, ir.getInt64(high));
    } else {
      const int64_t low = to_signed ? -static_cast<int64_t>(high) - 1 : 0;
      value = ir.CreateBinaryIntrinsic(llvm::Intrinsic::smax, value, ir.getInt64(static_cast<uint64_t>(low)));
      if (static_cast<int64_t>(high) > 0) {
        value = ir.CreateBinaryIntrinsic(llvm::Intrinsic::smin, value, ir.getInt64(high));
      }
    }
  }
  f.Write(inst.operands[0], ir.CreateTrunc(value, f.TypeOf(to)), to);
}

// Without a rounding the value is truncated, as in PTX 1.x. Out of range clamps with and without .sat.
void LowerConvertFloatToInteger(FunctionLowering& f, const ptx::Instruction& inst) {
  const Type to = inst.GetType(Slot::kDtype), from = inst.GetType(Slot::kAtype);
  Value* value = ReadFloat(f, inst, from);
  const std::string name = FunctionName(to, from == Type::kF64 ? "f64" : "f32");
  Value* mode = f.ir().getInt32(RoundingOf(inst, TQ_RZ).mode);
  f.Write(inst.operands[0], f.Devicelib(name, f.TypeOf(to), {value, mode}), to);
}

void LowerConvertIntegerToFloat(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const Type to = inst.GetType(Slot::kDtype), from = inst.GetType(Slot::kAtype);
  const bool is_signed = ptx::IsSigned(from);
  const uint32_t mode = RoundingOf(inst, TQ_RN).mode;
  Value* value = f.Read(inst.operands[1], from);
  const std::string_view wide = is_signed ? "s64" : "u64";
  if (IsHalf(to)) {
    WriteHalf(f, inst, Extended(f, value, from), wide, to, mode);
    return;
  }
  llvm::Type* type = f.TypeOf(to);
  if (mode == TQ_RN) {
    value = is_signed ? ir.CreateSIToFP(value, type) : ir.CreateUIToFP(value, type);
  } else {
    const std::string name = FunctionName(to, wide);
    value = f.Devicelib(name, type, {Extended(f, value, from), ir.getInt32(mode)});
  }
  WriteFloat(f, inst, value, to);
}

void LowerConvertFloat(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const Type to = inst.GetType(Slot::kDtype), from = inst.GetType(Slot::kAtype);
  const Rounding rounding = RoundingOf(inst, TQ_RN);
  Value* mode = ir.getInt32(rounding.mode);
  Value* value = ReadFloat(f, inst, from);
  const bool from_double = from == Type::kF64;
  if (rounding.to_integer) {
    value = f.Devicelib(from_double ? "tq_rint_f64" : "tq_rint_f32", value->getType(), {value, mode});
  }
  if (IsHalf(to)) {
    WriteHalf(f, inst, value, from_double ? "f64" : "f32", to, rounding.mode);
    return;
  }
  if (to == Type::kF64 && !from_double) {
    value = ir.CreateFPExt(value, ir.getDoubleTy());
  } else if (to == Type::kF32 && from_double) {
    value = rounding.mode == TQ_RN ? ir.CreateFPTrunc(value, ir.getFloatTy())
                                   : f.Devicelib("tq_cvt_f32_f64", ir.getFloatTy(), {value, mode});
  }
  WriteFloat(f, inst, value, to);
}

// Both values are scaled by a power of two of their own; without .scaled by one.
void LowerConvertScaled(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const Type to = inst.GetType(Slot::kDtype), from = inst.GetType(Slot::kAtype);
  const uint32_t flags = (inst.Has(Slot::kRelu) ? TQ_RELU : 0) |
                         (to == Type::kBF16x2 && inst.Has(Slot::kSatfinite) ? TQ_SATFINITE : 0);
  std::vector<Value*> arguments;
  for (size_t i = 1; i < (from == Type::kF32 ? 3 : 2); ++i) {
    Value* value = f.Read(inst.operands[i], from);
    arguments.push_back(from == Type::kF32 ? value : f.ToBits(value));
  }
  const bool is_scaled = inst.operands.size() > arguments.size() + 1;
  constexpr uint16_t kOnes = 0x7f7f;
  arguments.push_back(is_scaled ? f.Read(inst.operands.back(), Type::kB16) : ir.getInt16(kOnes));
  arguments.push_back(ir.getInt32(flags));
  std::string name = absl::StrCat("tq_to_", std::string(ptx::Spelling(to)));
  if (from != Type::kF32) absl::StrAppend(&name, "_", std::string(ptx::Spelling(from)));
  Value* result = f.Devicelib(name, f.BitsOf(to), arguments);
  f.Write(inst.operands[0], f.FromBits(result, to), to);
}

}  // namespace tq::lower
