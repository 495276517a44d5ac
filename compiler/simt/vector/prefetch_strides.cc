#include "compiler/simt/vector/prefetch_strides.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Metadata.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"

namespace tq::simt::vector {
namespace {

using llvm::Value;

constexpr uint64_t kLineBytes = 64;
constexpr int64_t kLeastStep = 2048;  // below it processors see the pattern themselves
constexpr int64_t kMostStep = int64_t{1} << 30;
constexpr unsigned kMostWalks = 2;  // of one loop
// Vectors on their way at once, of all walks of a loop. Measured on Zen 5: a sum in steps of 64 KB reads 12
// GB/s without prefetches, 16 with 16 turns ahead, 22 with 64; a stencil of four walks is 5 % slower with
// any.
constexpr size_t kVectorsAhead = 64;

// A vector that goes through memory with a loop.
struct Walk {
  llvm::LoadInst* load;
  const llvm::Loop* loop;
};

bool IsShared(const llvm::Instruction& access) {
  const llvm::MDNode* scopes = access.getMetadata(llvm::LLVMContext::MD_alias_scope);
  if (scopes == nullptr || scopes->getNumOperands() == 0) return false;
  auto* scope = llvm::dyn_cast<llvm::MDNode>(scopes->getOperand(0));
  return scope != nullptr && llvm::AliasScopeNode(scope).getName() == "shared";
}

bool MayWalk(const llvm::LoadInst& load) {
  const uint64_t bytes = load.getDataLayout().getTypeStoreSize(load.getType()).getKnownMinValue();
  return load.isSimple() && load.getType()->isVectorTy() && bytes >= kLineBytes && !IsShared(load);
}

// Loads at constant distances to each other walk together: the first of them stands for all.
llvm::SmallVector<Walk, 16> FindWalks(llvm::Function& warp, const llvm::LoopInfo& loops) {
  llvm::SmallVector<Walk, 16> walks;
  llvm::DenseMap<const llvm::Loop*, llvm::DenseSet<const Value*>> known;
  for (llvm::BasicBlock& block : warp) {
    const llvm::Loop* loop = loops.getLoopFor(&block);
    if (loop == nullptr) continue;
    for (llvm::Instruction& instruction : block) {
      auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
      if (load == nullptr || !MayWalk(*load)) continue;
      llvm::APInt offset(64, 0);
      const Value* base = load->getPointerOperand()->stripAndAccumulateConstantOffsets(
          load->getDataLayout(), offset, /*AllowNonInbounds=*/true);
      if (loop->isLoopInvariant(base)) continue;  // as are the frames of lanes
      llvm::DenseSet<const Value*>& bases = known[loop];
      if (bases.insert(base).second) walks.push_back({load, loop});
    }
  }
  llvm::erase_if(walks, [&](const Walk& walk) { return known[walk.loop].size() > kMostWalks; });
  return walks;
}

// Where the load was in the last turn is kept in `slot`. A step that is short, or none yet, leads to the
// place that is being read.
void Prefetch(llvm::LoadInst& load, uint64_t turns, llvm::AllocaInst* slot) {
  llvm::IRBuilder<> ir(&load);
  Value* pointer = load.getPointerOperand();
  Value* address = ir.CreatePtrToInt(pointer, ir.getInt64Ty());
  Value* step = ir.CreateSub(address, ir.CreateLoad(ir.getInt64Ty(), slot), "step");
  ir.CreateStore(address, slot);
  Value* length = ir.CreateBinaryIntrinsic(llvm::Intrinsic::abs, step, ir.getFalse());
  Value* is_wide = ir.CreateICmpULT(ir.CreateSub(length, ir.getInt64(kLeastStep)), ir.getInt64(kMostStep));
  Value* distance = ir.CreateSelect(is_wide, ir.CreateMul(step, ir.getInt64(turns)), ir.getInt64(0));
  const uint64_t bytes = load.getDataLayout().getTypeStoreSize(load.getType()).getFixedValue();
  for (uint64_t line = 0; line < bytes; line += kLineBytes) {
    Value* place = ir.CreateGEP(ir.getInt8Ty(), pointer, ir.CreateAdd(distance, ir.getInt64(line)));
    // For reading, into the second cache: more such reads may be on their way at once than into the first.
    ir.CreateIntrinsic(llvm::Intrinsic::prefetch, {place->getType()},
                       {place, ir.getInt32(0), ir.getInt32(2), ir.getInt32(1)});
  }
}

}  // namespace

void PrefetchStrides(llvm::Function& warp) {
  llvm::DominatorTree dominators(warp);
  const llvm::LoopInfo loops(dominators);
  llvm::BasicBlock& entry = warp.getEntryBlock();
  llvm::SmallVector<llvm::AllocaInst*, 16> slots;
  const llvm::SmallVector<Walk, 16> walks = FindWalks(warp, loops);
  for (const Walk& walk : walks) {
    llvm::IRBuilder<> ir(&entry, entry.begin());
    llvm::AllocaInst* slot = ir.CreateAlloca(ir.getInt64Ty());
    llvm::BasicBlock* before = walk.loop->getLoopPreheader();
    ir.SetInsertPoint(before != nullptr ? before->getTerminator() : entry.getTerminator());
    ir.CreateStore(ir.getInt64(0), slot);
    const auto of_loop = llvm::count_if(walks, [&](const Walk& other) { return other.loop == walk.loop; });
    Prefetch(*walk.load, kVectorsAhead / static_cast<size_t>(of_loop), slot);
    slots.push_back(slot);
  }
  llvm::PromoteMemToReg(slots, dominators);
}

}  // namespace tq::simt::vector
