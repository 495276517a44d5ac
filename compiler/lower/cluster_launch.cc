// PTX ISA, "clusterlaunchcontrol". A request to cancel a block that has not started is always refused, as PTX
// allows: each block of the grid runs by itself. The answer is 16 bytes of zeros; one that granted a block
// would hold its %ctaid in the first 12 bytes and a one in the last word.
#include "compiler/lower/cluster_blocks.h"
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/mbarrier.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;
using simt::Intrinsic;

constexpr uint32_t kAnswerBytes = 16;
constexpr unsigned kGrantedBit = 96;

Value* Word(FunctionLowering& f, Value* answer, unsigned index) {
  return f.ir().CreateTrunc(f.ir().CreateLShr(answer, 32 * index), f.ir().getInt32Ty());
}

}  // namespace

void LowerTryCancelLaunch(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const ptx::Space space = MemorySpace(inst, 0);
  Value* address = f.ToGeneric(f.Address(inst.operands[0], space), space);
  Value* answer = f.PointerFromAddress(address, ptx::Space::kGeneric, kAnswerBytes);
  Value* barrier = MbarrierPointer(f, inst, 1);
  const auto refuse = [&](Value* distance) {
    Access access;
    access.align_bytes = kAnswerBytes;
    f.Store(ir.CreatePtrAdd(answer, distance), ir.getIntN(128, 0), access);
    f.DevicelibWithMemory("tq_mbarrier_complete_tx", ir.getVoidTy(),
                          {ir.CreatePtrAdd(barrier, distance), ir.getInt32(kAnswerBytes)});
  };
  if (!inst.Has(Slot::kMulticastClusterAll)) {
    refuse(ir.getInt64(0));
    return;
  }
  Value* blocks =
      ir.CreateMul(ir.CreateMul(f.Tq(Intrinsic::kClusterNctaidX), f.Tq(Intrinsic::kClusterNctaidY)),
                   f.Tq(Intrinsic::kClusterNctaidZ));
  Value* all = ir.CreateSub(ir.CreateShl(ir.getInt32(1), blocks), ir.getInt32(1));
  ForEachBlock(f, all, address, refuse);
}

void LowerQueryCancelled(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* answer = f.Read(inst.operands[1], Type::kB128);
  f.Write(inst.operands[0], f.ir().CreateTrunc(f.ir().CreateLShr(answer, kGrantedBit), f.ir().getInt1Ty()),
          Type::kPred);
}

void LowerQueryFirstBlock(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* answer = f.Read(inst.operands[1], Type::kB128);
  switch (inst.Get(Slot::kDim)) {
    case Suffix::kGetFirstCtaidX:
      return f.Write(inst.operands[0], Word(f, answer, 0), Type::kB32);
    case Suffix::kGetFirstCtaidY:
      return f.Write(inst.operands[0], Word(f, answer, 1), Type::kB32);
    case Suffix::kGetFirstCtaidZ:
      return f.Write(inst.operands[0], Word(f, answer, 2), Type::kB32);
    default:
      // The fourth element is undefined in PTX.
      return f.WriteVector(inst.operands[0],
                           {Word(f, answer, 0), Word(f, answer, 1), Word(f, answer, 2), f.ir().getInt32(0)},
                           Type::kB32);
  }
}

}  // namespace tq::lower
