#include "compiler/simt/vector/gather_bound.h"

#include "compiler/simt/intrinsics.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

namespace tq::simt::vector {
namespace {

// So many other instructions of 32 lanes take as long as a gather. Measured on Zen 5: a gather of 32 lanes
// takes 10 ns, an operation on as many floats 0.5 ns; half of the lanes are off in a loop that they leave one
// by one, and a mispredicted branch for each thread is what the other way costs.
constexpr unsigned kWorkOfGather = 8;

struct Body {
  bool diverges = false;
  bool has_known_reads = false;  // rows of memory, or one place for all lanes
  bool has_other_accesses = false;
  unsigned gathers = 0;
  unsigned work = 0;
};

Body Look(const llvm::Loop& loop, const LaneValues& lanes) {
  Body body;
  for (const llvm::BasicBlock* block : loop.blocks()) {
    body.diverges |= loop.isLoopExiting(block) && lanes.Diverges(*block);
    for (const llvm::Instruction& instruction : *block) {
      if (llvm::isa<llvm::PHINode, llvm::CastInst, llvm::GetElementPtrInst, llvm::DbgInfoIntrinsic>(
              instruction) ||
          instruction.isTerminator()) {
        continue;
      }
      // Ends of threads that fault go on within the loop (prepare.h).
      auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      if (call != nullptr && call->doesNotReturn()) continue;
      auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
      if (load == nullptr) {
        body.has_other_accesses |= instruction.mayWriteToMemory();
        if (lanes.KindOf(instruction) == Kind::kVarying) ++body.work;
      } else if (!load->isSimple()) {
        body.has_other_accesses = true;
      } else if (lanes.KindOf(*load->getPointerOperand()) == Kind::kVarying) {
        ++body.gathers;
      } else if (!loop.isLoopInvariant(load->getPointerOperand())) {
        body.has_known_reads = true;
      }
    }
  }
  return body;
}

}  // namespace

bool IsBoundByGathers(const llvm::LoopInfo& loops, const LaneValues& lanes) {
  bool found = false;
  for (const llvm::Loop* loop : loops.getLoopsInPreorder()) {
    if (!loop->isInnermost()) continue;
    const Body body = Look(*loop, lanes);
    if (body.has_known_reads || body.has_other_accesses) return false;
    if (body.gathers == 0) {
      if (body.work > 0) return false;  // a loop that vectors are good for
      continue;
    }
    if (!body.diverges || body.work > kWorkOfGather * body.gathers) return false;
    found = true;
  }
  return found;
}

}  // namespace tq::simt::vector
