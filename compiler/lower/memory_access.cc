// Addresses, and loads and stores through them (PTX ISA, "Using Addresses, Arrays, and Vectors").
#include "base/cpu_abi.h"
#include "base/status.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/module_lowering.h"
#include "compiler/lower/parameters.h"

namespace tq::lower {
namespace {

using ptx::Operand;
using ptx::Space;
using simt::Intrinsic;

unsigned AddressSpaceOf(Space space) {
  switch (space) {
    case Space::kGlobal:
      return simt::kGlobalAddress;
    case Space::kShared:
      return simt::kSharedAddress;
    case Space::kConst:
      return simt::kConstAddress;
    case Space::kLocal:
      return simt::kLocalAddress;
    default:  // parameters lie where generic addresses point
      return simt::kGenericAddress;
  }
}

uint64_t AlignmentOf(const ptx::Variable& variable) {
  if (variable.align_bytes != 0) return variable.align_bytes;
  return std::max<uint64_t>(1, uint64_t{ptx::SizeBytes(variable.type)} * variable.vector);
}

bool IsHandle(const ptx::Variable& variable) {
  return variable.type == ptx::Type::kTexref || variable.type == ptx::Type::kSamplerref ||
         variable.type == ptx::Type::kSurfref;
}

bool IsSlot(const ptx::Variable& variable) {
  return variable.space == Space::kLocal || variable.space == Space::kParam;
}

}  // namespace

llvm::Value* FunctionLowering::VariablePointer(const ptx::Variable& variable) {
  if (!IsSlot(variable)) return module_.VariableFor(variable);
  if (source_.is_kernel) {
    if (std::optional<uint64_t> offset = ParameterOffset(source_, variable)) {
      return ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), Tq(Intrinsic::kParams), *offset);
    }
  }
  llvm::Value*& slot = variables_[&variable];
  if (slot == nullptr) {
    llvm::Type* type = variable.space == Space::kParam && IsScalar(variable)
                           ? static_cast<llvm::Type*>(ScalarType(context(), variable))
                           : llvm::ArrayType::get(ir_.getInt8Ty(), variable.size_bytes);
    slot = NewSlot(type, AlignmentOf(variable), variable.name);
  }
  return slot;
}

llvm::Value* FunctionLowering::VariableAddress(const ptx::Variable& variable) {
  // What PTX calls the address of a texture, sampler or surface is its handle (base/texture_abi.h).
  if (IsHandle(variable)) {
    const Access access = {.align_bytes = sizeof(uint64_t), .is_invariant = true};
    return Load(VariablePointer(variable), ir_.getInt64Ty(), access);
  }
  llvm::Value* address = ir_.CreatePtrToInt(VariablePointer(variable), ir_.getInt64Ty());
  // Written so that RecoverPointers can take it apart again.
  return variable.space == Space::kLocal ? FromGeneric(address, Space::kLocal) : address;
}

llvm::Value* FunctionLowering::ToGeneric(llvm::Value* address, Space space) {
  if (space != Space::kShared && space != Space::kLocal) return address;
  llvm::Value* base = Tq(space == Space::kShared ? Intrinsic::kSharedBase : Intrinsic::kLocalBase);
  return ir_.CreateAdd(address, ir_.CreatePtrToInt(base, ir_.getInt64Ty()));
}

llvm::Value* FunctionLowering::FromGeneric(llvm::Value* address, Space space) {
  if (space != Space::kShared && space != Space::kLocal) return address;
  llvm::Value* base = Tq(space == Space::kShared ? Intrinsic::kSharedBase : Intrinsic::kLocalBase);
  return ir_.CreateSub(address, ir_.CreatePtrToInt(base, ir_.getInt64Ty()));
}

llvm::Value* FunctionLowering::Address(const Operand& memory, Space space) {
  llvm::Value* base;
  if (memory.variable != nullptr) {
    base = VariableAddress(*memory.variable);
    if (space == Space::kGeneric) base = ToGeneric(base, memory.variable->space);
  } else if (memory.reg != nullptr) {
    Operand reg = memory;
    reg.kind = Operand::Kind::kRegister;
    reg.addend = 0;
    const bool is_short = ptx::SizeBits(memory.reg->type) == 32;
    base = Read(reg, is_short ? ptx::Type::kB32 : ptx::Type::kB64);
    if (is_short && (space == Space::kShared || space == Space::kLocal)) {
      // Windows have addresses of 32 bits: a negative base comes back into the window by wrapping around.
      base = ir_.CreateAdd(base, ir_.getInt32(static_cast<uint32_t>(memory.addend)));
      // Windows of a cluster's other blocks may lie below one's own (hal/cpu/team.cc).
      return names_cluster_ ? ir_.CreateSExt(base, ir_.getInt64Ty()) : ir_.CreateZExt(base, ir_.getInt64Ty());
    }
    base = ir_.CreateZExt(base, ir_.getInt64Ty());
  } else {
    base = ir_.getInt64(memory.bits);
  }
  return memory.addend == 0 ? base : ir_.CreateAdd(base, ir_.getInt64(static_cast<uint64_t>(memory.addend)));
}

llvm::Value* FunctionLowering::Pointer(const Operand& memory, Space space, uint64_t align_bytes) {
  if (const ptx::Variable* variable = memory.variable) {
    llvm::Value* pointer = VariablePointer(*variable);
    if (memory.addend != 0)
      pointer = ir_.CreatePtrAdd(pointer, ir_.getInt64(static_cast<uint64_t>(memory.addend)));
    if (AlignmentOf(*variable) % align_bytes != 0 || memory.addend % static_cast<int64_t>(align_bytes) != 0) {
      llvm::Value* address = ir_.CreatePtrToInt(pointer, ir_.getInt64Ty());
      CheckAlignment(address, address, align_bytes);
    }
    return pointer;
  }
  if (memory.reg != nullptr && align_bytes > 1 && memory.addend % static_cast<int64_t>(align_bytes) == 0) {
    // One look at the register serves all accesses off it up to its next change.
    uint64_t& checked = checked_alignment_[memory.reg];
    if (checked >= align_bytes) return PointerFromAddress(Address(memory, space), space, 1);
    checked = align_bytes;
    Operand base = memory;
    base.addend = 0;
    CheckAlignment(Address(base, space), Address(memory, space), align_bytes);
    return PointerFromAddress(Address(memory, space), space, 1);
  }
  return PointerFromAddress(Address(memory, space), space, align_bytes);
}

void FunctionLowering::CheckAlignment(llvm::Value* address, llvm::Value* reported, uint64_t align_bytes) {
  llvm::Value* low = ir_.CreateAnd(address, ir_.getInt64(align_bytes - 1));
  FaultIf(ir_.CreateICmpNE(low, ir_.getInt64(0)), TQ_CPU_FAULT_MISALIGNED_ADDRESS, reported);
}

llvm::Value* FunctionLowering::PointerFromAddress(llvm::Value* address, Space space, uint64_t align_bytes) {
  if (align_bytes > 1) CheckAlignment(address, address, align_bytes);
  return ir_.CreateIntToPtr(address, ir_.getPtrTy(AddressSpaceOf(space)));
}

llvm::Value* FunctionLowering::Load(llvm::Value* pointer, llvm::Type* type, const Access& access) {
  if (access.ordering != llvm::AtomicOrdering::NotAtomic && type->isVectorTy()) {
    // LLVM's atomic accesses are of scalars: a pair of halves is one integer.
    llvm::Type* bits = ir_.getIntNTy(static_cast<unsigned>(type->getPrimitiveSizeInBits()));
    return ir_.CreateBitCast(Load(pointer, bits, access), type);
  }
  llvm::LoadInst* load = ir_.CreateAlignedLoad(
      type, pointer, llvm::Align(std::max<uint64_t>(1, access.align_bytes)), access.is_volatile);
  if (access.ordering != llvm::AtomicOrdering::NotAtomic)
    load->setAtomic(access.ordering, Scope(access.scope));
  if (access.is_invariant) {
    load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(context(), {}));
  }
  return load;
}

void FunctionLowering::Store(llvm::Value* pointer, llvm::Value* value, const Access& access) {
  if (access.ordering != llvm::AtomicOrdering::NotAtomic && value->getType()->isVectorTy()) {
    value = ToBits(value);
  }
  llvm::StoreInst* store = ir_.CreateAlignedStore(
      value, pointer, llvm::Align(std::max<uint64_t>(1, access.align_bytes)), access.is_volatile);
  if (access.ordering != llvm::AtomicOrdering::NotAtomic)
    store->setAtomic(access.ordering, Scope(access.scope));
}

}  // namespace tq::lower
