// PTX ISA, "Control Flow Instructions" without calls, and what ends or delays a thread.
#include "base/cpu_abi.h"
#include "compiler/lower/lowering.h"
#include "isa/isa.h"

namespace tq::lower {

using llvm::Value;
using ptx::Type;
using simt::Intrinsic;

void LowerBranch(FunctionLowering& f, const ptx::Instruction& inst) {
  f.ir().CreateBr(f.BlockOf(inst.operands[0].block));
  f.StartUnreachable();
}

// An index beyond the list is undefined in PTX; it ends the grid rather than run into what follows.
void LowerBranchIndexed(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Value* index = f.Read(inst.operands[0], Type::kU32);
  const std::vector<ptx::Block*>& targets = inst.operands[1].targets->blocks;
  llvm::BasicBlock* beyond = f.NewBlock("beyond");
  llvm::SwitchInst* table = ir.CreateSwitch(index, beyond, targets.size());
  for (size_t i = 0; i < targets.size(); ++i) {
    table->addCase(ir.getInt32(static_cast<uint32_t>(i)), f.BlockOf(targets[i]));
  }
  ir.SetInsertPoint(beyond);
  f.Tq(Intrinsic::kFault, {ir.getInt32(TQ_CPU_FAULT_INVALID_PC), ir.CreateZExt(index, ir.getInt64Ty())});
  ir.CreateUnreachable();
  f.StartUnreachable();
}

void LowerReturn(FunctionLowering& f, const ptx::Instruction&) { f.Return(); }

void LowerExit(FunctionLowering& f, const ptx::Instruction&) {
  f.Tq(Intrinsic::kExit);
  f.ir().CreateUnreachable();
  f.StartUnreachable();
}

void LowerTrap(FunctionLowering& f, const ptx::Instruction&) {
  f.Tq(Intrinsic::kFault, {f.ir().getInt32(TQ_CPU_FAULT_TRAP), f.ir().getInt64(0)});
  f.ir().CreateUnreachable();
  f.StartUnreachable();
}

void LowerSleep(FunctionLowering& f, const ptx::Instruction& inst) {
  f.Tq(Intrinsic::kYield, {f.Read(inst.operands[0], Type::kU32)});
}

// Advice to the hardware's register allocator and to profilers.
void LowerIgnore(FunctionLowering&, const ptx::Instruction&) {}

}  // namespace tq::lower
