// PTX ISA, "Parallel Synchronization and Communication Instructions": barriers, fences, griddepcontrol. A
// block's threads share an OS thread, so that .aligned and the scopes below .cta change nothing.
#include "base/cpu_abi.h"
#include "compiler/lower/lowering.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;
using simt::Intrinsic;

// 0: all threads of the block.
Value* ThreadCount(FunctionLowering& f, const ptx::Instruction& inst, size_t index) {
  if (index >= inst.operands.size() || inst.operands[index].kind == ptx::Operand::Kind::kNone) {
    return f.ir().getInt32(0);
  }
  return f.Read(inst.operands[index], Type::kU32);
}

std::string_view ScopeOf(const ptx::Instruction& inst) {
  const Suffix scope = inst.Has(Slot::kScope) ? inst.Get(Slot::kScope) : inst.Get(Slot::kLevel);
  switch (scope) {
    case Suffix::kCta:
      return simt::kBlockScope;
    case Suffix::kCluster:
      return simt::kClusterScope;
    case Suffix::kGpu:
    case Suffix::kGl:
      return simt::kDeviceScope;
    default:
      return simt::kSystemScope;
  }
}

}  // namespace

void LowerBarrier(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* id = f.Read(inst.operands[0], Type::kU32);
  f.Tq(Intrinsic::kBarrier, {id, ThreadCount(f, inst, 1)});
}

void LowerBarrierArrive(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* id = f.Read(inst.operands[0], Type::kU32);
  f.Tq(Intrinsic::kBarrierArrive, {id, ThreadCount(f, inst, 1)});
}

void LowerBarrierReduce(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const Suffix op = inst.Get(Slot::kOp);
  const uint32_t service_op = op == Suffix::kAnd  ? TQ_CPU_BARRIER_AND
                              : op == Suffix::kOr ? TQ_CPU_BARRIER_OR
                                                  : TQ_CPU_BARRIER_POPC;
  Value* id = f.Read(inst.operands[1], Type::kU32);
  Value* predicate = ir.CreateZExt(f.Read(inst.operands[3], Type::kPred), ir.getInt32Ty());
  Value* result =
      f.Tq(Intrinsic::kBarrierReduce, {id, ThreadCount(f, inst, 2), ir.getInt32(service_op), predicate});
  if (service_op == TQ_CPU_BARRIER_POPC) {
    f.Write(inst.operands[0], result, Type::kU32);
  } else {
    f.Write(inst.operands[0], ir.CreateICmpNE(result, ir.getInt32(0)), Type::kPred);
  }
}

void LowerClusterArrive(FunctionLowering& f, const ptx::Instruction&) { f.Tq(Intrinsic::kClusterArrive); }

void LowerClusterWait(FunctionLowering& f, const ptx::Instruction&) { f.Tq(Intrinsic::kClusterWait); }

// membar is fence.sc; a fence without .sem is .acq_rel, and so are the proxy fences, as there is one proxy.
void LowerFence(FunctionLowering& f, const ptx::Instruction& inst) {
  const bool sequential = inst.opcode == ptx::Opcode::kMembar || inst.Get(Slot::kSem) == Suffix::kSc;
  f.ir().CreateFence(
      sequential ? llvm::AtomicOrdering::SequentiallyConsistent : llvm::AtomicOrdering::AcquireRelease,
      f.Scope(ScopeOf(inst)));
}

// A grid starts when the one before it has ended: there is nothing to wait for, and nothing to launch
// earlier.
void LowerGridDependency(FunctionLowering&, const ptx::Instruction&) {}

}  // namespace tq::lower
