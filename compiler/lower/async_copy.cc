// PTX ISA, "Data Movement and Conversion Instructions: Asynchronous copy". Copies are done where they are
// issued: commit and wait have nothing left to do.
#include "compiler/lower/cluster_blocks.h"
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/mbarrier.h"
#include "compiler/lower/named_operand.h"
#include "compiler/lower/reduction.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Operand;
using ptx::Slot;
using ptx::Space;
using ptx::Type;

Value* HostPointer(FunctionLowering& f, const ptx::Instruction& inst, size_t index, uint64_t align_bytes) {
  const Space space = MemorySpace(inst, index);
  Value* address = f.ToGeneric(f.Address(inst.operands[index], space), space);
  return f.PointerFromAddress(address, Space::kGeneric, align_bytes);
}

Value* Displaced(FunctionLowering& f, Value* pointer, Value* distance) {
  return f.ir().CreatePtrAdd(pointer, distance);
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
  auto& ir = f.ir();
  Value* bytes = f.Read(inst.operands[2], Type::kU32);
  Value* destination = HostPointer(f, inst, 0, 16);
  Value* source = HostPointer(f, inst, 1, 16);
  const size_t barrier = IndexOf(inst, "mbar"), blocks = IndexOf(inst, "ctaMask");
  const size_t mask = IndexOf(inst, "byteMask"), ignored = IndexOf(inst, "ignoreLeft");
  if (IsGiven(inst, mask)) {
    f.DevicelibWithMemory("tq_cp_async_bulk_masked", ir.getVoidTy(),
                          {destination, source, bytes,
                           ir.CreateZExt(f.Read(inst.operands[mask], Type::kB16), ir.getInt32Ty())});
  } else if (IsGiven(inst, ignored)) {
    f.DevicelibWithMemory("tq_cp_async_bulk_within", ir.getVoidTy(),
                          {destination, source, bytes, f.Read(inst.operands[ignored], Type::kU32),
                           f.Read(inst.operands[ignored + 1], Type::kU32)});
  } else if (IsGiven(inst, blocks)) {
    Value* object = MbarrierPointer(f, inst, barrier);
    Value* chosen = ir.CreateZExt(f.Read(inst.operands[blocks], Type::kB16), ir.getInt32Ty());
    ForEachBlock(f, chosen, ir.CreatePtrToInt(destination, ir.getInt64Ty()), [&](Value* distance) {
      f.DevicelibWithMemory("tq_cp_async_bulk", ir.getVoidTy(),
                            {Displaced(f, destination, distance), source, bytes});
      f.DevicelibWithMemory("tq_mbarrier_complete_tx", ir.getVoidTy(),
                            {Displaced(f, object, distance), bytes});
    });
    return;
  } else {
    f.DevicelibWithMemory("tq_cp_async_bulk", ir.getVoidTy(), {destination, source, bytes});
  }
  if (IsGiven(inst, barrier)) CompleteTransaction(f, inst, barrier, bytes);
}

// cp.reduce.async.bulk: element by element, each atomic with relaxed semantics.
void LowerReduceBulk(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* bytes = f.Read(inst.operands[2], Type::kU32);
  Value* destination = HostPointer(f, inst, 0, 16);
  ReduceArray(f, inst, destination, HostPointer(f, inst, 1, 16), bytes);
  const size_t barrier = IndexOf(inst, "mbar");
  if (IsGiven(inst, barrier)) CompleteTransaction(f, inst, barrier, bytes);
}

void LowerCopyBulkCommit(FunctionLowering&, const ptx::Instruction&) {}

void LowerCopyBulkWait(FunctionLowering&, const ptx::Instruction&) {}

// st.async: a store that reports its bytes to an mbarrier, or one with release semantics.
void LowerStoreAsync(FunctionLowering& f, const ptx::Instruction& inst) {
  const Type type = inst.GetType(Slot::kType);
  const uint64_t element_bytes = ptx::SizeBytes(type);
  const std::vector<Value*> values = f.ReadVector(inst.operands[1], type);
  const size_t barrier = IndexOf(inst, "mbar");
  Access access;
  access.space = MemorySpace(inst, 0);
  access.align_bytes = element_bytes;
  if (!IsGiven(inst, barrier)) access.ordering = llvm::AtomicOrdering::Release;
  Value* pointer = f.Pointer(inst.operands[0], access.space, element_bytes * values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    f.Store(f.ir().CreatePtrAdd(pointer, f.ir().getInt64(i * element_bytes)), values[i], access);
  }
  if (!IsGiven(inst, barrier)) return;
  CompleteTransaction(f, inst, barrier,
                      f.ir().getInt32(static_cast<uint32_t>(element_bytes * values.size())));
}

}  // namespace tq::lower
