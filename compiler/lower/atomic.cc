// PTX ISA, "Parallel Synchronization and Communication Instructions: atom, red". Integers and f64 are LLVM's
// atomicrmw and cmpxchg; the other floats and 128 bits are devicelib functions.
#include "absl/strings/str_cat.h"
#include "compiler/devicelib/modes.h"
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/mbarrier.h"
#include "compiler/lower/reduction.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::AtomicOrdering;
using llvm::AtomicRMWInst;
using llvm::Value;
using ptx::Slot;
using ptx::Space;
using ptx::Suffix;
using ptx::Type;
using simt::Intrinsic;

struct Operation {
  Suffix suffix;
  AtomicRMWInst::BinOp of_signed, of_unsigned;
  uint32_t reduction;  // of tq_reduction
};
constexpr Operation kOperations[] = {
    {Suffix::kAdd, AtomicRMWInst::Add, AtomicRMWInst::Add, TQ_ADD},
    {Suffix::kMin, AtomicRMWInst::Min, AtomicRMWInst::UMin, TQ_MIN},
    {Suffix::kMax, AtomicRMWInst::Max, AtomicRMWInst::UMax, TQ_MAX},
    {Suffix::kAnd, AtomicRMWInst::And, AtomicRMWInst::And, TQ_AND},
    {Suffix::kOr, AtomicRMWInst::Or, AtomicRMWInst::Or, TQ_OR},
    {Suffix::kXor, AtomicRMWInst::Xor, AtomicRMWInst::Xor, TQ_XOR},
    {Suffix::kExch, AtomicRMWInst::Xchg, AtomicRMWInst::Xchg, TQ_EXCH},
    {Suffix::kInc, AtomicRMWInst::UIncWrap, AtomicRMWInst::UIncWrap, TQ_INC},
    {Suffix::kDec, AtomicRMWInst::UDecWrap, AtomicRMWInst::UDecWrap, TQ_DEC},
};

const Operation& OperationOf(const ptx::Instruction& inst) {
  for (const Operation& operation : kOperations) {
    if (operation.suffix == inst.Get(Slot::kOp)) return operation;
  }
  return kOperations[0];  // the table's slots hold no other suffix
}

AtomicOrdering OrderingOf(const ptx::Instruction& inst) {
  switch (inst.Get(Slot::kSem)) {
    case Suffix::kAcquire:
      return AtomicOrdering::Acquire;
    case Suffix::kRelease:
      return AtomicOrdering::Release;
    case Suffix::kAcqRel:
      return AtomicOrdering::AcquireRelease;
    default:
      return AtomicOrdering::Monotonic;
  }
}

std::string_view ScopeOf(const ptx::Instruction& inst) {
  switch (inst.Get(Slot::kScope)) {
    case Suffix::kCta:
      return simt::kBlockScope;
    case Suffix::kCluster:
      return simt::kClusterScope;
    case Suffix::kGpu:
    case Suffix::kNone:
      return simt::kDeviceScope;
    default:
      return simt::kSystemScope;
  }
}

// A location and how to update it; `pointer` is in the operand's space.
struct Location {
  Location(FunctionLowering& f, const ptx::Instruction& inst, size_t memory, uint64_t size_bytes)
      : space(MemorySpace(inst, memory)), pointer(f.Pointer(inst.operands[memory], space, size_bytes)) {
    address = f.ToGeneric(f.Address(inst.operands[memory], space), space);
  }

  Value* Host(FunctionLowering& f, uint64_t offset_bytes) const {
    Value* at = f.ir().CreateAdd(address, f.ir().getInt64(offset_bytes));
    return f.ir().CreateIntToPtr(at, f.ir().getPtrTy());
  }

  Space space;
  Value* pointer;
  Value* address;  // generic
};

// One's own shared memory is touched by one OS thread; a cluster's may be touched by several.
uint32_t PlainFlag(const ptx::Instruction& inst, Space space) {
  return space == Space::kShared && inst.Get(Slot::kSpace) != Suffix::kSharedCluster ? TQ_PLAIN : 0;
}

// f32 sums flush subnormals in global memory, unless .noftz says not to, and keep them in shared memory; a
// generic address is told apart here.
Value* SumFlags(FunctionLowering& f, const ptx::Instruction& inst, const Location& location) {
  auto& ir = f.ir();
  if (location.space == Space::kShared) return ir.getInt32(PlainFlag(inst, location.space));
  if (inst.Has(Slot::kNoftz)) return ir.getInt32(0);
  if (location.space != Space::kGeneric) return ir.getInt32(TQ_FTZ);
  Value* base = ir.CreatePtrToInt(f.Tq(Intrinsic::kSharedBase), ir.getInt64Ty());
  Value* size = ir.CreateZExt(f.Tq(Intrinsic::kSharedSize), ir.getInt64Ty());
  Value* in_shared = ir.CreateICmpULT(ir.CreateSub(location.address, base), size);
  return ir.CreateSelect(in_shared, ir.getInt32(0), ir.getInt32(TQ_FTZ));
}

Value* UpdateHalf(FunctionLowering& f, const ptx::Instruction& inst, const Location& location,
                  uint64_t offset, Type type, Value* value) {
  auto& ir = f.ir();
  const bool is_pair = ptx::IsPacked(type);
  const bool is_bfloat = type == Type::kBF16 || type == Type::kBF16x2;
  Value* bits = f.ToBits(value);
  Value* old = f.DevicelibWithMemory(
      is_pair ? "tq_atom_half2" : "tq_atom_half", bits->getType(),
      {location.Host(f, offset), bits, ir.getInt32(OperationOf(inst).reduction),
       ir.getInt32(is_bfloat ? TQ_BF16 : TQ_F16), ir.getInt32(PlainFlag(inst, location.space))});
  return f.FromBits(old, type);
}

// A variable for what the 128-bit functions pass through memory.
Value* Temporary(FunctionLowering& f, Value* value) {
  llvm::BasicBlock& entry = f.ir().GetInsertBlock()->getParent()->getEntryBlock();
  llvm::IRBuilder<> at_entry(&entry, entry.begin());
  llvm::AllocaInst* slot = at_entry.CreateAlloca(f.ir().getInt128Ty());
  slot->setAlignment(llvm::Align(16));
  if (value != nullptr) f.ir().CreateStore(value, slot);
  return slot;
}

// Returns the value before the update.
Value* Update(FunctionLowering& f, const ptx::Instruction& inst, const Location& location, uint64_t offset,
              Type type, Value* value) {
  auto& ir = f.ir();
  switch (type) {
    case Type::kF16:
    case Type::kF16x2:
    case Type::kBF16:
    case Type::kBF16x2:
      return UpdateHalf(f, inst, location, offset, type, value);
    case Type::kF32: {
      Value* old =
          f.DevicelibWithMemory("tq_atom_add_f32", ir.getInt32Ty(),
                                {location.Host(f, offset), f.ToBits(value), SumFlags(f, inst, location)});
      return f.FromBits(old, type);
    }
    case Type::kB128: {
      Value* old = Temporary(f, nullptr);
      f.DevicelibWithMemory("tq_atom_exch_b128", ir.getVoidTy(),
                            {location.Host(f, offset), Temporary(f, value), old});
      return ir.CreateLoad(ir.getInt128Ty(), old);
    }
    default: {
      const Operation& operation = OperationOf(inst);
      const AtomicRMWInst::BinOp op = type == Type::kF64    ? AtomicRMWInst::FAdd
                                      : ptx::IsSigned(type) ? operation.of_signed
                                                            : operation.of_unsigned;
      return ir.CreateAtomicRMW(op, location.pointer, value, llvm::Align(ptx::SizeBytes(type)),
                                OrderingOf(inst), f.Scope(ScopeOf(inst)));
    }
  }
}

void UpdateVector(FunctionLowering& f, const ptx::Instruction& inst, size_t memory, size_t source,
                  std::vector<Value*>* old) {
  const Type type = inst.GetType(Slot::kType);
  const uint64_t size_bytes = ptx::SizeBytes(type);
  const std::vector<Value*> values = f.ReadVector(inst.operands[source], type);
  const Location location(f, inst, memory, size_bytes * values.size());
  // Elements are atomic one by one (PTX ISA, "Atomicity of vector operations").
  for (size_t i = 0; i < values.size(); ++i) {
    Value* before = Update(f, inst, location, i * size_bytes, type, values[i]);
    if (old != nullptr) old->push_back(before);
  }
}

}  // namespace

void LowerAtomic(FunctionLowering& f, const ptx::Instruction& inst) {
  const Type type = inst.GetType(Slot::kType);
  Value* value = f.Read(inst.operands[2], type);
  const Location location(f, inst, 1, ptx::SizeBytes(type));
  f.Write(inst.operands[0], Update(f, inst, location, 0, type, value), type);
}

void LowerReduce(FunctionLowering& f, const ptx::Instruction& inst) {
  const Type type = inst.GetType(Slot::kType);
  Value* value = f.Read(inst.operands[1], type);
  const Location location(f, inst, 0, ptx::SizeBytes(type));
  Update(f, inst, location, 0, type, value);
}

void LowerAtomicVector(FunctionLowering& f, const ptx::Instruction& inst) {
  std::vector<Value*> old;
  UpdateVector(f, inst, 1, 2, &old);
  f.WriteVector(inst.operands[0], old, inst.GetType(Slot::kType));
}

void LowerReduceVector(FunctionLowering& f, const ptx::Instruction& inst) {
  UpdateVector(f, inst, 0, 1, nullptr);
}

// A multimem address names one copy (compiler/isa/data_movement.td).
void LowerMultimemReduce(FunctionLowering& f, const ptx::Instruction& inst) {
  UpdateVector(f, inst, 0, 1, nullptr);
}

// red.async: with an mbarrier it reports its bytes to it.
void LowerReduceAsync(FunctionLowering& f, const ptx::Instruction& inst) {
  LowerReduce(f, inst);
  if (inst.operands.size() < 3) return;
  const uint32_t size_bytes = ptx::SizeBytes(inst.GetType(Slot::kType));
  CompleteTransaction(f, inst, 2, f.ir().getInt32(size_bytes));
}

uint32_t ReductionOf(const ptx::Instruction& inst) { return OperationOf(inst).reduction; }

void ReduceArray(FunctionLowering& f, const ptx::Instruction& inst, Value* destination, Value* source,
                 Value* bytes) {
  const Type type = inst.GetType(Slot::kType);
  const std::string name = absl::StrCat("tq_reduce_array_", std::string(ptx::Spelling(type)));
  f.DevicelibWithMemory(name, f.ir().getVoidTy(),
                        {destination, source, bytes, f.ir().getInt32(OperationOf(inst).reduction)});
}

void LowerAtomicCompareSwap(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const Type type = inst.GetType(Slot::kType);
  Value* expected = f.Read(inst.operands[2], type);
  Value* desired = f.Read(inst.operands[3], type);
  const Location location(f, inst, 1, ptx::SizeBytes(type));
  if (type == Type::kB128) {
    Value* old = Temporary(f, nullptr);
    f.DevicelibWithMemory("tq_atom_cas_b128", ir.getVoidTy(),
                          {location.Host(f, 0), Temporary(f, expected), Temporary(f, desired), old});
    f.Write(inst.operands[0], ir.CreateLoad(ir.getInt128Ty(), old), type);
    return;
  }
  const AtomicOrdering ordering = OrderingOf(inst);
  llvm::AtomicCmpXchgInst* exchange = ir.CreateAtomicCmpXchg(
      location.pointer, expected, desired, llvm::Align(ptx::SizeBytes(type)), ordering,
      llvm::AtomicCmpXchgInst::getStrongestFailureOrdering(ordering), f.Scope(ScopeOf(inst)));
  f.Write(inst.operands[0], ir.CreateExtractValue(exchange, 0), type);
}

}  // namespace tq::lower
