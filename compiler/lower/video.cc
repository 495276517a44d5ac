// PTX ISA, "Scalar Video Instructions" and "SIMD Video Instructions": selectors, merging and saturation
// become constants of one devicelib function each.
#include "compiler/devicelib/modes.h"
#include "compiler/lower/lowering.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Opcode;
using ptx::Operand;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;

struct Operation {
  Opcode scalar, pair, quad;
  uint32_t op;  // of tq_video_op
};
constexpr Operation kOperations[] = {
    {Opcode::kVadd, Opcode::kVadd2, Opcode::kVadd4, TQ_VADD},
    {Opcode::kVsub, Opcode::kVsub2, Opcode::kVsub4, TQ_VSUB},
    {Opcode::kVabsdiff, Opcode::kVabsdiff2, Opcode::kVabsdiff4, TQ_VABSDIFF},
    {Opcode::kVmin, Opcode::kVmin2, Opcode::kVmin4, TQ_VMIN},
    {Opcode::kVmax, Opcode::kVmax2, Opcode::kVmax4, TQ_VMAX},
    {Opcode::kVshl, Opcode::kVshl, Opcode::kVshl, TQ_VSHL},
    {Opcode::kVshr, Opcode::kVshr, Opcode::kVshr, TQ_VSHR},
    {Opcode::kVavrg2, Opcode::kVavrg2, Opcode::kVavrg4, TQ_VAVRG},
};

uint32_t OperationOf(Opcode opcode) {
  for (const Operation& operation : kOperations) {
    if (opcode == operation.scalar || opcode == operation.pair || opcode == operation.quad)
      return operation.op;
  }
  return TQ_VADD;  // the table names no other opcode
}

bool IsQuad(Opcode opcode) {
  if (opcode == Opcode::kVset4) return true;
  for (const Operation& operation : kOperations) {
    if (opcode == operation.quad && opcode != operation.scalar) return true;
  }
  return false;
}

struct Comparison {
  Suffix suffix;
  uint32_t op;  // of tq_compare
};
constexpr Comparison kComparisons[] = {{Suffix::kEq, TQ_EQ}, {Suffix::kNe, TQ_NE}, {Suffix::kLt, TQ_LT},
                                       {Suffix::kLe, TQ_LE}, {Suffix::kGt, TQ_GT}, {Suffix::kGe, TQ_GE}};

uint32_t ComparisonOf(Suffix suffix) {
  for (const Comparison& comparison : kComparisons) {
    if (comparison.suffix == suffix) return comparison.op;
  }
  return TQ_EQ;
}

uint32_t FlagsOf(const ptx::Instruction& inst) {
  uint32_t flags = 0;
  if (ptx::IsSigned(inst.GetType(Slot::kAtype))) flags |= TQ_VIDEO_A_SIGNED;
  if (ptx::IsSigned(inst.GetType(Slot::kBtype))) flags |= TQ_VIDEO_B_SIGNED;
  if (ptx::IsSigned(inst.GetType(Slot::kDtype))) flags |= TQ_VIDEO_D_SIGNED;
  if (inst.Has(Slot::kSat)) flags |= TQ_VIDEO_SAT;
  if (inst.Get(Slot::kMode) == Suffix::kWrap) flags |= TQ_VIDEO_WRAP;
  return flags;
}

// One byte or half of a register.
uint32_t SelectOf(const Operand& operand) {
  if (operand.selector.unit == 0) return TQ_WHOLE;
  return (operand.selector.unit == 'b' ? TQ_B0 : TQ_H0) + operand.selector.lanes[0];
}

uint32_t MergeOf(const ptx::Instruction& inst) {
  switch (inst.Get(Slot::kOp2)) {
    case Suffix::kAdd:
      return TQ_MERGE_ADD;
    case Suffix::kMin:
      return TQ_MERGE_MIN;
    case Suffix::kMax:
      return TQ_MERGE_MAX;
    default:
      break;
  }
  const ptx::Selector& selector = inst.operands[0].selector;
  if (selector.unit == 0) return TQ_MERGE_NONE;
  return (selector.unit == 'b' ? TQ_MERGE_B0 : TQ_MERGE_H0) + selector.lanes[0];
}

// Which part of {a, b} each part of the result is made of, as 4-bit digits, the lowest part in the lowest
// digit.
uint32_t DigitsOf(const Operand& operand, uint32_t otherwise) {
  if (operand.selector.unit == 0) return otherwise;
  uint32_t digits = 0;
  for (int i = 0; i < operand.selector.count; ++i) digits = digits << 4 | operand.selector.lanes[i];
  return digits;
}

uint32_t PartsOf(const Operand& operand, uint32_t all) {
  if (operand.selector.unit == 0) return all;
  uint32_t parts = 0;
  for (int i = 0; i < operand.selector.count; ++i) parts |= 1u << operand.selector.lanes[i];
  return parts;
}

Value* ReadWord(FunctionLowering& f, const ptx::Instruction& inst, size_t index) {
  if (index >= inst.operands.size() || inst.operands[index].kind == Operand::Kind::kNone)
    return f.ir().getInt32(0);
  Operand word = inst.operands[index];
  word.negated = false;  // vmad's sign is an argument
  return f.Read(word, Type::kB32);
}

// vmad d, {-}a, {-}b, {-}c: the product or c may be negated, not both.
void MultiplyAdd(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  uint32_t negate = inst.Has(Slot::kPo) ? 3 : 0;
  if (inst.operands[1].negated != inst.operands[2].negated) negate = 1;
  if (inst.operands[3].negated) negate = 2;
  const Suffix scale = inst.Get(Slot::kScale);
  const uint32_t shift = scale == Suffix::kShr7 ? 7 : scale == Suffix::kShr15 ? 15 : 0;
  Value* result =
      f.Devicelib("tq_video_mad", ir.getInt32Ty(),
                  {ReadWord(f, inst, 1), ReadWord(f, inst, 2), ReadWord(f, inst, 3),
                   ir.getInt32(SelectOf(inst.operands[1])), ir.getInt32(SelectOf(inst.operands[2])),
                   ir.getInt32(negate), ir.getInt32(shift), ir.getInt32(FlagsOf(inst))});
  f.Write(inst.operands[0], result, Type::kB32);
}

}  // namespace

void LowerVideo(FunctionLowering& f, const ptx::Instruction& inst) {
  if (inst.opcode == Opcode::kVmad) {
    MultiplyAdd(f, inst);
    return;
  }
  auto& ir = f.ir();
  const bool is_set = inst.opcode == Opcode::kVset;
  const uint32_t op = is_set ? ComparisonOf(inst.Get(Slot::kCmp)) : OperationOf(inst.opcode);
  Value* result =
      f.Devicelib(is_set ? "tq_video_set" : "tq_video", ir.getInt32Ty(),
                  {ReadWord(f, inst, 1), ReadWord(f, inst, 2), ReadWord(f, inst, 3), ir.getInt32(op),
                   ir.getInt32(SelectOf(inst.operands[1])), ir.getInt32(SelectOf(inst.operands[2])),
                   ir.getInt32(MergeOf(inst)), ir.getInt32(FlagsOf(inst))});
  f.Write(inst.operands[0], result, Type::kB32);
}

void LowerSimdVideo(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const bool is_set = inst.opcode == Opcode::kVset2 || inst.opcode == Opcode::kVset4,
             is_quad = IsQuad(inst.opcode);
  const uint32_t op = is_set ? ComparisonOf(inst.Get(Slot::kCmp)) : OperationOf(inst.opcode);
  const char* name =
      is_quad ? (is_set ? "tq_video_set4" : "tq_video4") : (is_set ? "tq_video_set2" : "tq_video2");
  Value* result =
      f.Devicelib(name, ir.getInt32Ty(),
                  {ReadWord(f, inst, 1), ReadWord(f, inst, 2), ReadWord(f, inst, 3), ir.getInt32(op),
                   ir.getInt32(DigitsOf(inst.operands[1], is_quad ? 0x3210 : 0x10)),
                   ir.getInt32(DigitsOf(inst.operands[2], is_quad ? 0x7654 : 0x32)),
                   ir.getInt32(PartsOf(inst.operands[0], is_quad ? 15 : 3)),
                   ir.getInt32(inst.Has(Slot::kAdd) ? 1 : 0), ir.getInt32(FlagsOf(inst))});
  f.Write(inst.operands[0], result, Type::kB32);
}

}  // namespace tq::lower
