// PTX ISA, "Data Movement and Conversion Instructions: Asynchronous copy". Copies are done where they are
// issued: commit and wait have nothing left to do.
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/mbarrier.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Operand;
using ptx::Slot;
using ptx::Space;
using ptx::Type;

bool IsGiven(const ptx::Instruction& inst, size_t index) {
  return index < inst.operands.size() && inst.operands[index].kind != Operand::Kind::kNone;
}

Value* HostPointer(FunctionLowering& f, const ptx::Instruction& inst, size_t index, uint64_t align_bytes) {
  const Space space = MemorySpace(inst, index);
  Value* address = f.ToGeneric(f.Address(inst.operands[index], space), space);
  return f.PointerFromAddress(address, Space::kGeneric, align_bytes);
}

// The index of the operand of that name in the form, which the instruction gives or leaves out.
size_t IndexOf(const ptx::Instruction& inst, std::string_view name) {
  const auto operands = ptx::GetForm(inst.form).operands;
  for (size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].name == name) return i;
  }
  return operands.size();
}

void CompleteTransaction(FunctionLowering& f, const ptx::Instruction& inst, size_t barrier, Value* bytes) {
  f.DevicelibWithMemory("tq_mbarrier_complete_tx", f.ir().getVoidTy(),
                        {MbarrierPointer(f, inst, barrier), bytes});
}

}  // namespace

// [d], [s], size {, srcsize | , ignore}: bytes from srcsize on are zero; with `ignore` all are.
void LowerCopyAsync(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const uint64_t size = inst.operands[2].bits;
  if (size != 4 && size != 8 && size != 16) {
    f.Invalid(inst, "copies 4, 8 or 16 bytes.");
    return;
  }
  const size_t source_size = IndexOf(inst, "srcsize"), ignore = IndexOf(inst, "ignore");
  if (!IsGiven(inst, source_size) && !IsGiven(inst, ignore)) {
    llvm::Type* type = llvm::FixedVectorType::get(ir.getInt32Ty(), static_cast<unsigned>(size / 4));
    Access access;
    access.align_bytes = size;
    access.space = MemorySpace(inst, 1);
    Value* source = f.Pointer(inst.operands[1], access.space, size);
    Value* value = f.Load(source, type, access);
    access.space = MemorySpace(inst, 0);
    f.Store(f.Pointer(inst.operands[0], access.space, size), value, access);
    return;
  }
  Value* all = ir.getInt32(static_cast<uint32_t>(size));
  Value* count = IsGiven(inst, source_size)
                     ? f.Read(inst.operands[source_size], Type::kU32)
                     : ir.CreateSelect(f.Read(inst.operands[ignore], Type::kPred), ir.getInt32(0), all);
  Value* destination = HostPointer(f, inst, 0, size);
  f.DevicelibWithMemory("tq_cp_async", ir.getVoidTy(),
                        {destination, HostPointer(f, inst, 1, size), all, count});
}

void LowerCopyAsyncCommit(FunctionLowering&, const ptx::Instruction&) {}

void LowerCopyAsyncWait(FunctionLowering&, const ptx::Instruction&) {}

// The arrival happens at once, as the copies before it are done. Without .noinc the arrival is first added to
// the phase's count, which leaves the object as it was.
void LowerCopyAsyncArrive(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* barrier = MbarrierPointer(f, inst, 0);
  if (!inst.Has(Slot::kNoinc)) return;
  f.DevicelibWithMemory("tq_mbarrier_arrive", f.ir().getInt64Ty(), {barrier, f.ir().getInt32(1)});
}

void LowerCopyBulk(FunctionLowering& f, const ptx::Instruction& inst) {
  if (inst.Has(Slot::kMulticastCluster) || inst.Has(Slot::kCpMask)) {
    f.Unsupported(inst, "is not supported with a mask of blocks or bytes.");
    return;
  }
  Value* bytes = f.Read(inst.operands[2], Type::kU32);
  Value* destination = HostPointer(f, inst, 0, 16);
  f.DevicelibWithMemory("tq_cp_async_bulk", f.ir().getVoidTy(),
                        {destination, HostPointer(f, inst, 1, 16), bytes});
  const size_t barrier = IndexOf(inst, "mbar");
  if (IsGiven(inst, barrier)) CompleteTransaction(f, inst, barrier, bytes);
}

void LowerCopyBulkCommit(FunctionLowering&, const ptx::Instruction&) {}

void LowerCopyBulkWait(FunctionLowering&, const ptx::Instruction&) {}

// st.async: a store that reports its bytes to an mbarrier.
void LowerStoreAsync(FunctionLowering& f, const ptx::Instruction& inst) {
  const Type type = inst.GetType(Slot::kType);
  const uint64_t element_bytes = ptx::SizeBytes(type);
  const std::vector<Value*> values = f.ReadVector(inst.operands[1], type);
  Access access;
  access.space = MemorySpace(inst, 0);
  access.align_bytes = element_bytes;
  Value* pointer = f.Pointer(inst.operands[0], access.space, element_bytes * values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    f.Store(f.ir().CreatePtrAdd(pointer, f.ir().getInt64(i * element_bytes)), values[i], access);
  }
  CompleteTransaction(f, inst, 2, f.ir().getInt32(static_cast<uint32_t>(element_bytes * values.size())));
}

}  // namespace tq::lower
