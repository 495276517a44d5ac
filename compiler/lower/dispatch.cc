// From an instruction to its translation, as the table says (compiler/isa/instruction.td, "lower").
#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/lowering.h"
#include "isa/isa.h"
#include "llvm/IR/Intrinsics.h"

namespace tq::lower {

#define HANDLER(name) void Lower##name(FunctionLowering& f, const ptx::Instruction& inst);
#include "isa/lower_handlers.inc"
#undef HANDLER

namespace {

constexpr Handler kHandlers[] = {
#define HANDLER(name) Lower##name,
#include "isa/lower_handlers.inc"
#undef HANDLER
};

struct Operation {
  std::string_view name;
  llvm::Instruction::BinaryOps opcode;
};
constexpr Operation kOperations[] = {
    {"add", llvm::Instruction::Add},   {"sub", llvm::Instruction::Sub},   {"mul", llvm::Instruction::Mul},
    {"and", llvm::Instruction::And},   {"or", llvm::Instruction::Or},     {"xor", llvm::Instruction::Xor},
    {"fadd", llvm::Instruction::FAdd}, {"fsub", llvm::Instruction::FSub}, {"fmul", llvm::Instruction::FMul},
    {"fdiv", llvm::Instruction::FDiv},
};

// The values of the sources in order, with .ftz applied.
std::vector<llvm::Value*> Sources(FunctionLowering& f, const ptx::Instruction& inst, const ptx::Form& form) {
  std::vector<llvm::Value*> sources;
  for (size_t i = 0; i < form.operands.size() && i < inst.operands.size(); ++i) {
    const ptx::OperandSpec& spec = form.operands[i];
    if (spec.destination || inst.operands[i].kind == ptx::Operand::Kind::kNone) continue;
    if (spec.shape == ptx::OperandShape::kMemory) {
      ptx::Space space = MemorySpace(inst, i);
      llvm::Value* address = f.ToGeneric(f.Address(inst.operands[i], space), space);
      sources.push_back(f.ir().CreateIntToPtr(address, f.ir().getPtrTy()));
      continue;
    }
    ptx::Type type = spec.shape == ptx::OperandShape::kImmediate ? ptx::Type::kB64 : OperandType(inst, i);
    if (spec.vector_size != 0) {
      for (llvm::Value* element : f.ReadVector(inst.operands[i], type)) {
        sources.push_back(FlushSource(f, inst, element, type));
      }
      continue;
    }
    sources.push_back(FlushSource(f, inst, f.Read(inst.operands[i], type), type));
  }
  return sources;
}

// Where the result goes: the first operand, when it is a destination.
ptx::Type ResultType(const ptx::Instruction& inst, const ptx::Form& form) {
  return !form.operands.empty() && form.operands[0].destination ? OperandType(inst, 0) : ptx::Type::kNone;
}

llvm::Value* EmitOperation(FunctionLowering& f, std::string_view name,
                           const std::vector<llvm::Value*>& sources) {
  if (name == "fneg") return f.ir().CreateFNeg(sources[0]);
  for (const Operation& operation : kOperations) {
    if (operation.name == name) return f.ir().CreateBinOp(operation.opcode, sources[0], sources[1]);
  }
  return nullptr;
}

llvm::Value* EmitIntrinsic(FunctionLowering& f, std::string_view name, llvm::Type* result,
                           const std::vector<llvm::Value*>& sources) {
  llvm::Intrinsic::ID id = llvm::Intrinsic::lookupIntrinsicID(llvm::StringRef(name.data(), name.size()));
  return id == llvm::Intrinsic::not_intrinsic ? nullptr : f.Llvm(id, {result}, sources);
}

// C's side of the boundary: halves, packed types and predicates are unsigned integers.
llvm::Value* EmitCall(FunctionLowering& f, const ptx::Instruction& inst, ptx::Type result,
                      std::vector<llvm::Value*> sources) {
  auto& ir = f.ir();
  bool has_pointer = false;
  for (llvm::Value*& source : sources) {
    llvm::Type* type = source->getType();
    has_pointer |= type->isPointerTy();
    if (type->isIntegerTy(1)) source = ir.CreateZExt(source, ir.getInt32Ty());
    if (type->isVectorTy() || type->isHalfTy() || type->isBFloatTy()) source = f.ToBits(source);
  }
  std::string name = ptx::LowerName(inst);
  if (result == ptx::Type::kNone) return f.DevicelibWithMemory(name, ir.getVoidTy(), sources);
  llvm::Type* type = f.TypeOf(result);
  llvm::Type* c_type = type;
  if (result == ptx::Type::kPred) c_type = ir.getInt32Ty();
  if (type->isVectorTy() || type->isHalfTy() || type->isBFloatTy()) c_type = f.BitsOf(result);
  llvm::Value* value =
      has_pointer ? f.DevicelibWithMemory(name, c_type, sources) : f.Devicelib(name, c_type, sources);
  if (result == ptx::Type::kPred) return ir.CreateICmpNE(value, ir.getInt32(0));
  return ir.CreateBitCast(value, type);
}

}  // namespace

ptx::Type OperandType(const ptx::Instruction& inst, size_t index) {
  const ptx::OperandSpec& spec = ptx::GetForm(inst.form).operands[index];
  ptx::Type type = spec.type_slot != ptx::Slot::kNone ? inst.GetType(spec.type_slot) : spec.type;
  return spec.wide ? Widened(type) : type;
}

ptx::Type Widened(ptx::Type type) {
  switch (type) {
    case ptx::Type::kU16:
      return ptx::Type::kU32;
    case ptx::Type::kS16:
      return ptx::Type::kS32;
    case ptx::Type::kU32:
      return ptx::Type::kU64;
    case ptx::Type::kS32:
      return ptx::Type::kS64;
    default:
      return type;
  }
}

ptx::Space MemorySpace(const ptx::Instruction& inst, size_t index) {
  const ptx::OperandSpec& spec = ptx::GetForm(inst.form).operands[index];
  return spec.space_slot != ptx::Slot::kNone ? ptx::SpaceOf(inst.Get(spec.space_slot)) : spec.space;
}

void FunctionLowering::Lower(const ptx::Instruction& inst) {
  const ptx::Form& form = ptx::GetForm(inst.form);
  llvm::Value* value = nullptr;
  const ptx::Type result = ResultType(inst, form);
  names_cluster_ = std::ranges::count(inst.suffixes, ptx::Suffix::kSharedCluster) != 0;
  switch (form.lower_kind) {
    case ptx::LowerKind::kUnsupported:
      Unsupported(inst, "is not supported yet.");
      return;
    case ptx::LowerKind::kCustom:
      kHandlers[form.handler](*this, inst);
      return;
    case ptx::LowerKind::kOp:
      value = EmitOperation(*this, form.lower, Sources(*this, inst, form));
      break;
    case ptx::LowerKind::kIntrinsic:
      value = EmitIntrinsic(*this, form.lower, TypeOf(result), Sources(*this, inst, form));
      break;
    case ptx::LowerKind::kCall:
      value = EmitCall(*this, inst, result, Sources(*this, inst, form));
      break;
  }
  if (value == nullptr) {
    Unsupported(inst, "names an operation that lowering does not know.");
    return;
  }
  if (result != ptx::Type::kNone) {
    Write(inst.operands[0], FinishResult(*this, inst, value, result), result);
  }
}

}  // namespace tq::lower
