// PTX ISA, "Parallel Synchronization and Communication Instructions: mbarrier". The object's layout is that
// of compiler/devicelib/mbarrier.c.
#include "compiler/lower/mbarrier.h"

#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/named_operand.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Slot;
using ptx::Type;
using simt::Intrinsic;

// `op d, [a], n` or `op [a], n`, where n may be left out for 1.
void Arrive(FunctionLowering& f, const ptx::Instruction& inst, std::string_view function) {
  const bool has_result = ptx::GetForm(inst.form).operands[0].destination;
  const size_t memory = has_result ? 1 : 0, amount = memory + 1;
  Value* barrier = MbarrierPointer(f, inst, memory);
  const bool has_amount =
      amount < inst.operands.size() && inst.operands[amount].kind != ptx::Operand::Kind::kNone;
  Value* n = has_amount ? f.Read(inst.operands[amount], Type::kU32) : f.ir().getInt32(1);
  Value* token = f.DevicelibWithMemory(function, f.ir().getInt64Ty(), {barrier, n});
  if (has_result) f.Write(inst.operands[0], token, Type::kB64);
}

Value* LayoutOf(FunctionLowering& f, const ptx::Instruction& inst) {
  return f.ir().getInt32(inst.Get(Slot::kLayout) == ptx::Suffix::kLayoutV1 ? 1 : 0);
}

// Both waits return; when the phase is still open, other threads get a turn in between, so that a loop around
// the wait makes progress. No operation here makes a report: both phases end together, and reports are zero.
void Wait(FunctionLowering& f, const ptx::Instruction& inst, std::string_view function, Value* which) {
  auto& ir = f.ir();
  Value* barrier = MbarrierPointer(f, inst, IndexOf(inst, "a"));
  auto test = [&] {
    Value* done = f.DevicelibWithMemory(function, ir.getInt32Ty(), {barrier, which});
    return ir.CreateICmpNE(done, ir.getInt32(0));
  };
  Value* first = test();
  f.If(ir.CreateNot(first), [&] { f.Tq(Intrinsic::kYield, {ir.getInt32(0)}); });
  Value* done = ir.CreateOr(first, test());
  if (const size_t value = IndexOf(inst, "d"); IsGiven(inst, value))
    f.Write(inst.operands[value], ir.getInt8(0), Type::kB8);
  const ptx::Operand& result = inst.operands[0];
  if (result.kind != ptx::Operand::Kind::kPair) return f.Write(result, done, Type::kPred);
  f.Write(result.elements[0], done, Type::kPred);
  f.Write(result.elements[1], ir.getFalse(), Type::kPred);
}

}  // namespace

Value* MbarrierPointer(FunctionLowering& f, const ptx::Instruction& inst, size_t index) {
  const ptx::Space space = MemorySpace(inst, index);
  Value* address = f.ToGeneric(f.Address(inst.operands[index], space), space);
  return f.PointerFromAddress(address, ptx::Space::kGeneric, 8);
}

void CompleteTransaction(FunctionLowering& f, const ptx::Instruction& inst, size_t index, Value* bytes) {
  f.DevicelibWithMemory("tq_mbarrier_complete_tx", f.ir().getVoidTy(),
                        {MbarrierPointer(f, inst, index), bytes});
}

void LowerMbarrierInit(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* barrier = MbarrierPointer(f, inst, 0);
  f.DevicelibWithMemory("tq_mbarrier_init", f.ir().getVoidTy(),
                        {barrier, f.Read(inst.operands[1], Type::kU32), LayoutOf(f, inst)});
}

void LowerMbarrierCheckLayout(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* is_it = f.DevicelibWithMemory("tq_mbarrier_check_layout", f.ir().getInt32Ty(),
                                       {MbarrierPointer(f, inst, 1), LayoutOf(f, inst)});
  f.Write(inst.operands[0], f.ir().CreateICmpNE(is_it, f.ir().getInt32(0)), Type::kPred);
}

// The memory may be used for other things afterwards; nothing refers to it.
void LowerMbarrierInvalidate(FunctionLowering& f, const ptx::Instruction& inst) {
  MbarrierPointer(f, inst, 0);
}

void LowerMbarrierExpect(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* barrier = MbarrierPointer(f, inst, 0);
  Value* bytes = f.Read(inst.operands[1], Type::kU32);
  f.DevicelibWithMemory("tq_mbarrier_expect_tx", f.ir().getVoidTy(), {barrier, bytes});
}

void LowerMbarrierComplete(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* barrier = MbarrierPointer(f, inst, 0);
  Value* bytes = f.Read(inst.operands[1], Type::kU32);
  f.DevicelibWithMemory("tq_mbarrier_complete_tx", f.ir().getVoidTy(), {barrier, bytes});
}

void LowerMbarrierArrive(FunctionLowering& f, const ptx::Instruction& inst) {
  Arrive(f, inst, "tq_mbarrier_arrive");
}

void LowerMbarrierArriveDrop(FunctionLowering& f, const ptx::Instruction& inst) {
  Arrive(f, inst, "tq_mbarrier_arrive_drop");
}

void LowerMbarrierArriveExpect(FunctionLowering& f, const ptx::Instruction& inst) {
  Arrive(f, inst, "tq_mbarrier_arrive_expect_tx");
}

void LowerMbarrierArriveDropExpect(FunctionLowering& f, const ptx::Instruction& inst) {
  Arrive(f, inst, "tq_mbarrier_arrive_drop_expect_tx");
}

void LowerMbarrierWait(FunctionLowering& f, const ptx::Instruction& inst) {
  Wait(f, inst, "tq_mbarrier_test_wait", f.Read(inst.operands[IndexOf(inst, "state")], Type::kB64));
}

void LowerMbarrierWaitParity(FunctionLowering& f, const ptx::Instruction& inst) {
  Wait(f, inst, "tq_mbarrier_test_wait_parity", f.Read(inst.operands[IndexOf(inst, "parity")], Type::kU32));
}

void LowerMbarrierPendingCount(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* token = f.Read(inst.operands[1], Type::kB64);
  f.Write(inst.operands[0], f.Devicelib("tq_mbarrier_pending_count", f.ir().getInt32Ty(), {token}),
          Type::kU32);
}

}  // namespace tq::lower
