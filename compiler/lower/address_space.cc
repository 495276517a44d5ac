// PTX ISA, "Data Movement and Conversion Instructions": cvta, isspacep, mapa, getctarank; and the stack.
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/module_lowering.h"
#include "compiler/lower/parameters.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Slot;
using ptx::Space;
using ptx::Type;
using simt::Intrinsic;

Value* ReadAddress(FunctionLowering& f, const ptx::Operand& operand) {
  return f.Read(operand,
                operand.kind == ptx::Operand::Kind::kRegister && ptx::SizeBits(operand.reg->type) == 32
                    ? Type::kU32
                    : Type::kU64);
}

Value* As64(FunctionLowering& f, Value* address) { return f.ir().CreateZExt(address, f.ir().getInt64Ty()); }

Value* InWindow(FunctionLowering& f, Value* address, Value* base, Value* size_bytes) {
  auto& ir = f.ir();
  Value* offset = ir.CreateSub(address, ir.CreatePtrToInt(base, ir.getInt64Ty()));
  return ir.CreateICmpULT(offset, ir.CreateZExt(size_bytes, ir.getInt64Ty()));
}

Value* InShared(FunctionLowering& f, Value* address) {
  return InWindow(f, address, f.Tq(Intrinsic::kSharedBase), f.Tq(Intrinsic::kSharedSize));
}

Value* InLocal(FunctionLowering& f, Value* address) {
  return InWindow(f, address, f.Tq(Intrinsic::kLocalBase), f.Tq(Intrinsic::kLocalSize));
}

// In a variable of the constant space. Only the module's own are known; what the driver cuts out for a kernel
// has those that it, and all that it calls, can name.
Value* InConstant(FunctionLowering& f, Value* address) {
  auto& ir = f.ir();
  Value* result = ir.getFalse();
  for (const ptx::Variable& variable : f.module().source().variables) {
    if (variable.space != Space::kConst || variable.size_bytes == 0) continue;
    Value* offset =
        ir.CreateSub(address, ir.CreatePtrToInt(f.module().VariableFor(variable), ir.getInt64Ty()));
    result = ir.CreateOr(result, ir.CreateICmpULT(offset, ir.getInt64(variable.size_bytes)));
  }
  return result;
}

}  // namespace

void LowerConvertAddress(FunctionLowering& f, const ptx::Instruction& inst) {
  Space space = ptx::SpaceOf(inst.Get(Slot::kSpace));
  Value* address = As64(f, ReadAddress(f, inst.operands[1]));
  Value* converted = inst.Has(Slot::kTo) ? f.FromGeneric(address, space) : f.ToGeneric(address, space);
  f.Write(inst.operands[0], converted, Type::kU64);
}

// Constants and parameters lie in global memory here. A kernel's parameters are told apart by where its
// parameter block is, and count as global too (PTX ISA, isspacep: their window is within .global); constants
// do not.
void LowerIsSpace(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Value* address = As64(f, ReadAddress(f, inst.operands[1]));
  Value* result = ir.getFalse();
  switch (ptx::SpaceOf(inst.Get(Slot::kSpace))) {
    case Space::kShared:
      result = InShared(f, address);
      break;
    case Space::kLocal:
      result = InLocal(f, address);
      break;
    case Space::kGlobal:
      result = ir.CreateNot(
          ir.CreateOr(ir.CreateOr(InShared(f, address), InLocal(f, address)), InConstant(f, address)));
      break;
    case Space::kConst:
      result = InConstant(f, address);
      break;
    case Space::kParam:
      if (f.source().is_kernel) {
        const auto size = static_cast<uint32_t>(ParameterBytes(f.source()));
        result = InWindow(f, address, f.Tq(Intrinsic::kParams), ir.getInt32(size));
      }
      break;
    default:
      break;
  }
  f.Write(inst.operands[0], result, Type::kPred);
}

// The address, in the shared window of the block of rank b, of what `a` names in one's own.
void LowerMapAddress(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Value* address = As64(f, ReadAddress(f, inst.operands[1]));
  Value* rank = f.Read(inst.operands[2], Type::kU32);
  Value* own = ir.CreatePtrToInt(f.Tq(Intrinsic::kSharedBase), ir.getInt64Ty());
  Value* other = ir.CreatePtrToInt(f.Tq(Intrinsic::kClusterSharedBase, {rank}), ir.getInt64Ty());
  // Both generic and shared::cluster addresses move by the distance of the windows: an address of the shared
  // window is an offset from one's own base, wherever it points.
  f.Write(inst.operands[0], ir.CreateAdd(address, ir.CreateSub(other, own)), Type::kU64);
}

void LowerGetCtaRank(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* address = As64(f, ReadAddress(f, inst.operands[1]));
  // A shared::cluster address counts from one's own window, like every shared address.
  if (inst.Has(Slot::kSpace)) address = f.ToGeneric(address, Space::kShared);
  f.Write(inst.operands[0], f.Tq(Intrinsic::kClusterRankOf, {address}), Type::kU32);
}

// ---- PTX ISA, "Stack Manipulation Instructions" ----

void LowerStackSave(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* stack = f.Llvm(llvm::Intrinsic::stacksave, {f.ir().getPtrTy()}, {});
  Value* address = f.ir().CreatePtrToInt(stack, f.ir().getInt64Ty());
  f.Write(inst.operands[0], f.FromGeneric(address, Space::kLocal), Type::kU64);
}

void LowerStackRestore(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* address = f.ToGeneric(As64(f, ReadAddress(f, inst.operands[0])), Space::kLocal);
  f.Llvm(llvm::Intrinsic::stackrestore, {f.ir().getPtrTy()},
         {f.ir().CreateIntToPtr(address, f.ir().getPtrTy())});
}

void LowerStackAllocate(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Value* size = As64(f, f.Read(inst.operands[1], inst.GetType(Slot::kType)));
  llvm::AllocaInst* memory = ir.CreateAlloca(ir.getInt8Ty(), size);
  const bool has_alignment =
      inst.operands.size() > 2 && inst.operands[2].kind == ptx::Operand::Kind::kImmediate;
  uint64_t align = has_alignment ? inst.operands[2].bits : 8;
  if (align == 0 || (align & (align - 1)) != 0 || align > 4096) {
    f.Invalid(inst, "has an alignment that is no power of two up to 4096.");
    return;
  }
  memory->setAlignment(llvm::Align(align));
  f.Write(inst.operands[0], f.FromGeneric(ir.CreatePtrToInt(memory, ir.getInt64Ty()), Space::kLocal),
          Type::kU64);
}

}  // namespace tq::lower
