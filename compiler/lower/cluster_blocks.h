// Instructions that write to several blocks of a cluster.
#pragma once

#include "compiler/lower/lowering.h"

namespace tq::lower {

// The same address in the shared memory of each block of the cluster whose bit stands in `mask`: `body` gets
// the distance from the block that `address`, a generic one, lies in.
template <typename Body>
void ForEachBlock(FunctionLowering& f, llvm::Value* mask, llvm::Value* address, Body body) {
  auto& ir = f.ir();
  const auto base_of = [&](llvm::Value* rank) {
    return ir.CreatePtrToInt(f.Tq(simt::Intrinsic::kClusterSharedBase, {rank}), ir.getInt64Ty());
  };
  llvm::Value* own = base_of(f.Tq(simt::Intrinsic::kClusterRankOf, {address}));
  llvm::BasicBlock* before = ir.GetInsertBlock();
  llvm::BasicBlock* head = f.NewBlock("block");
  ir.CreateBr(head);
  ir.SetInsertPoint(head);
  llvm::PHINode* rank = ir.CreatePHI(ir.getInt32Ty(), 2);
  llvm::PHINode* left = ir.CreatePHI(ir.getInt32Ty(), 2);
  rank->addIncoming(ir.getInt32(0), before);
  left->addIncoming(mask, before);
  llvm::BasicBlock* behind = f.NewBlock("behind");
  llvm::BasicBlock* look = f.NewBlock("look");
  ir.CreateCondBr(ir.CreateICmpEQ(left, ir.getInt32(0)), behind, look);
  ir.SetInsertPoint(look);
  f.If(ir.CreateTrunc(left, ir.getInt1Ty()), [&] { body(ir.CreateSub(base_of(rank), own)); });
  rank->addIncoming(ir.CreateAdd(rank, ir.getInt32(1)), ir.GetInsertBlock());
  left->addIncoming(ir.CreateLShr(left, 1), ir.GetInsertBlock());
  ir.CreateBr(head);
  ir.SetInsertPoint(behind);
}

}  // namespace tq::lower
