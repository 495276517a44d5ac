#include "compiler/simt/vector/warp_entry.h"

#include <cstddef>

#include "base/cpu_abi.h"
#include "compiler/simt/vector/split_at_barriers.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt::vector {
namespace {

using llvm::Value;
constexpr unsigned kLanes = TQ_CPU_WARP_SIZE;
constexpr unsigned kMaxWarps = 1024 / kLanes;

class Entry {
 public:
  Entry(llvm::Function& entry, const WarpFunctions& warps)
      : entry_(entry), warps_(warps), ir_(llvm::BasicBlock::Create(entry.getContext(), "entry", &entry)) {
    if (llvm::DISubprogram* scope = entry.getSubprogram())
      ir_.SetCurrentDebugLocation(llvm::DILocation::get(entry.getContext(), scope->getLine(), 0, scope));
  }

  void Loop();
  void Rounds();
  void Fiber();

 private:
  // A loop over the warps of the block; x, y and z are of lane 0 of those that are rows.
  struct Warps {
    llvm::BasicBlock* head;
    llvm::PHINode *first, *x, *y, *z;
  };
  struct Turn {  // of a warp in a round
    Value *frame, *locals, *state, *arrived, *counted;
  };

  Value* At(Value* structure, size_t offset) {
    return ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), structure, offset);
  }
  Value* Field(Value* structure, llvm::Type* type, size_t offset) {
    llvm::LoadInst* load = ir_.CreateLoad(type, At(structure, offset));
    load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(ir_.getContext(), {}));
    return load;
  }
  void SetField(size_t offset, Value* value) { ir_.CreateStore(value, At(thread_, offset)); }
  Value* Number(uint32_t value) { return ir_.getInt32(value); }
  llvm::BasicBlock* NewBlock(const char* name) {
    return llvm::BasicBlock::Create(entry_.getContext(), name, &entry_);
  }
  void ReadShape(Value* block);
  void BeginBlock();
  void EndBlock();
  Warps Open();
  void Close(const Warps& warps, llvm::BasicBlock* end);
  Value* RunWarp(const Warps& warps, const Turn* turn);
  llvm::SmallVector<Value*, 3> TidOfLanes(Value* first);
  Value* LanesThatExist(Value* first);
  Value* Divide(Value* numbers, Value* by);

  llvm::Function& entry_;
  const WarpFunctions& warps_;
  llvm::IRBuilder<> ir_;
  Value* thread_ = nullptr;
  Value* x_count_ = nullptr;
  Value* y_count_ = nullptr;
  Value* total_ = nullptr;
  Value* has_rows_ = nullptr;
};

void Entry::ReadShape(Value* block) {
  llvm::Type* i32 = ir_.getInt32Ty();
  x_count_ = Field(block, i32, offsetof(tq_cpu_block, ntid.x));
  y_count_ = Field(block, i32, offsetof(tq_cpu_block, ntid.y));
  Value* z_count = Field(block, i32, offsetof(tq_cpu_block, ntid.z));
  total_ = ir_.CreateMul(ir_.CreateMul(x_count_, y_count_), z_count);
  has_rows_ = ir_.CreateOr(ir_.CreateICmpEQ(ir_.CreateAnd(x_count_, Number(kLanes - 1)), Number(0)),
                           ir_.CreateICmpEQ(x_count_, total_));
}

// Exact: a block has at most 1024 threads, and half a step keeps the quotient clear of integers.
Value* Entry::Divide(Value* numbers, Value* by) {
  llvm::Type* wide = llvm::FixedVectorType::get(ir_.getFloatTy(), kLanes);
  Value* half = llvm::ConstantFP::get(wide, 0.5);
  Value* quotient = ir_.CreateFDiv(ir_.CreateFAdd(ir_.CreateSIToFP(numbers, wide), half),
                                   ir_.CreateVectorSplat(kLanes, ir_.CreateSIToFP(by, ir_.getFloatTy())));
  return ir_.CreateFPToSI(quotient, numbers->getType());
}

llvm::SmallVector<Value*, 3> Entry::TidOfLanes(Value* first) {
  llvm::SmallVector<llvm::Constant*, kLanes> lane_numbers;
  for (unsigned i = 0; i < kLanes; ++i) lane_numbers.push_back(ir_.getInt32(i));
  Value* linear =
      ir_.CreateAdd(ir_.CreateVectorSplat(kLanes, first), llvm::ConstantVector::get(lane_numbers));
  Value* lines = Divide(linear, x_count_);
  Value* x = ir_.CreateSub(linear, ir_.CreateMul(lines, ir_.CreateVectorSplat(kLanes, x_count_)));
  Value* z = Divide(lines, y_count_);
  Value* y = ir_.CreateSub(lines, ir_.CreateMul(z, ir_.CreateVectorSplat(kLanes, y_count_)));
  return {x, y, z};
}

Value* Entry::LanesThatExist(Value* first) {
  Value* left = ir_.CreateSub(total_, first);
  Value* some = ir_.CreateNot(ir_.CreateShl(Number(~0u), ir_.CreateAnd(left, Number(kLanes - 1))));
  return ir_.CreateSelect(ir_.CreateICmpUGE(left, Number(kLanes)), Number(~0u), some);
}

// The thread's structure: complete for lane 0 of each warp only where a service asks (lane_loop.cc). A fault
// of the machine names the first thread of its warp, by linear_tid.
void Entry::BeginBlock() {
  Value* block = entry_.getArg(0);
  thread_ = ir_.CreateAlloca(llvm::ArrayType::get(ir_.getInt64Ty(), (sizeof(tq_cpu_thread) + 7) / 8), nullptr,
                             "thread");
  SetField(offsetof(tq_cpu_thread, block), block);
  SetField(offsetof(tq_cpu_thread, local_base),
           Field(block, ir_.getPtrTy(), offsetof(tq_cpu_block, local_base)));
  SetField(offsetof(tq_cpu_thread, local_size_bytes),
           Field(block, ir_.getInt64Ty(), offsetof(tq_cpu_block, local_size_bytes)));
  SetField(offsetof(tq_cpu_thread, fiber), llvm::ConstantPointerNull::get(ir_.getPtrTy()));
  ir_.CreateStore(thread_, At(block, offsetof(tq_cpu_block, thread)));
  ReadShape(block);
}

void Entry::EndBlock() {
  ir_.CreateStore(llvm::ConstantPointerNull::get(ir_.getPtrTy()),
                  At(entry_.getArg(0), offsetof(tq_cpu_block, thread)));
  ir_.CreateRetVoid();
}

Entry::Warps Entry::Open() {
  llvm::BasicBlock* before = ir_.GetInsertBlock();
  Warps warps = {NewBlock("warp"), nullptr, nullptr, nullptr, nullptr};
  ir_.CreateBr(warps.head);
  ir_.SetInsertPoint(warps.head);
  for (llvm::PHINode** phi : {&warps.first, &warps.x, &warps.y, &warps.z}) {
    *phi = ir_.CreatePHI(ir_.getInt32Ty(), 2);
    (*phi)->addIncoming(Number(0), before);
  }
  return warps;
}

// Steps to the next warp: 32 threads further in the row, or in the next one.
void Entry::Close(const Warps& warps, llvm::BasicBlock* end) {
  Value* next = ir_.CreateAdd(warps.first, Number(kLanes));
  Value* x = ir_.CreateAdd(warps.x, Number(kLanes));
  Value* is_row_end = ir_.CreateICmpEQ(x, x_count_);
  Value* y = ir_.CreateAdd(warps.y, ir_.CreateZExt(is_row_end, ir_.getInt32Ty()));
  Value* is_plane_end = ir_.CreateICmpEQ(y, y_count_);
  Value* z = ir_.CreateAdd(warps.z, ir_.CreateZExt(is_plane_end, ir_.getInt32Ty()));
  warps.first->addIncoming(next, ir_.GetInsertBlock());
  warps.x->addIncoming(ir_.CreateSelect(is_row_end, Number(0), x), ir_.GetInsertBlock());
  warps.y->addIncoming(ir_.CreateSelect(is_plane_end, Number(0), y), ir_.GetInsertBlock());
  warps.z->addIncoming(z, ir_.GetInsertBlock());
  ir_.CreateCondBr(ir_.CreateICmpULT(next, total_), warps.head, end);
}

Value* Entry::RunWarp(const Warps& warps, const Turn* turn) {
  SetField(offsetof(tq_cpu_thread, linear_tid), warps.first);
  llvm::BasicBlock* row = NewBlock("row");
  llvm::BasicBlock* any = NewBlock("any");
  llvm::BasicBlock* ran = NewBlock("ran");
  Value* last = ir_.CreateAdd(warps.first, Number(kLanes));
  ir_.CreateCondBr(ir_.CreateAnd(has_rows_, ir_.CreateICmpULE(last, total_)), row, any);
  auto call = [&](llvm::Function& warp, llvm::SmallVector<Value*, 10> arguments) -> Value* {
    if (turn != nullptr)
      arguments.append({turn->frame, turn->locals, turn->state, turn->arrived, turn->counted});
    return ir_.CreateCall(&warp, arguments);
  };
  ir_.SetInsertPoint(row);
  Value* next_of_row = call(*warps_.row, {thread_, warps.x, warps.y, warps.z, warps.first, Number(~0u)});
  ir_.CreateBr(ran);
  ir_.SetInsertPoint(any);
  const llvm::SmallVector<Value*, 3> tid = TidOfLanes(warps.first);
  Value* next_of_any =
      call(*warps_.any, {thread_, tid[0], tid[1], tid[2], warps.first, LanesThatExist(warps.first)});
  ir_.CreateBr(ran);
  ir_.SetInsertPoint(ran);
  if (turn == nullptr) return nullptr;
  llvm::PHINode* next = ir_.CreatePHI(ir_.getInt32Ty(), 2);
  next->addIncoming(next_of_row, row);
  next->addIncoming(next_of_any, any);
  return next;
}

void Entry::Loop() {
  BeginBlock();
  llvm::BasicBlock* end = NewBlock("end");
  const Warps warps = Open();
  RunWarp(warps, nullptr);
  Close(warps, end);
  ir_.SetInsertPoint(end);
  EndBlock();
}

void Entry::Rounds() {
  BeginBlock();
  llvm::Type* i32 = ir_.getInt32Ty();
  llvm::Type* i64 = ir_.getInt64Ty();
  auto frames = [&](uint64_t bytes) {
    llvm::AllocaInst* made =
        ir_.CreateAlloca(llvm::ArrayType::get(ir_.getInt8Ty(), bytes * kMaxWarps), nullptr, "frames");
    made->setAlignment(llvm::Align(64));
    return made;
  };
  llvm::AllocaInst* values = frames(warps_.value_bytes);
  llvm::AllocaInst* locals = frames(warps_.local_bytes);
  llvm::AllocaInst* states = ir_.CreateAlloca(llvm::ArrayType::get(i32, kMaxWarps), nullptr, "states");
  states->setAlignment(llvm::Align(64));
  llvm::AllocaInst* counts = ir_.CreateAlloca(llvm::ArrayType::get(i64, 2), nullptr, "counts");
  ir_.CreateStore(llvm::Constant::getNullValue(states->getAllocatedType()), states);
  ir_.CreateStore(llvm::Constant::getNullValue(counts->getAllocatedType()), counts);

  llvm::BasicBlock* before = ir_.GetInsertBlock();
  llvm::BasicBlock* round = NewBlock("round");
  llvm::BasicBlock* run = NewBlock("run");
  llvm::BasicBlock* ran = NewBlock("skip");
  llvm::BasicBlock* turned = NewBlock("turned");
  llvm::BasicBlock* end = NewBlock("end");
  ir_.CreateBr(round);
  ir_.SetInsertPoint(round);
  llvm::PHINode* parity = ir_.CreatePHI(i64, 2, "parity");
  parity->addIncoming(ir_.getInt64(0), before);
  Value* arrived = ir_.CreateInBoundsGEP(i64, counts, parity);
  Value* counted = ir_.CreateInBoundsGEP(i64, counts, ir_.CreateXor(parity, ir_.getInt64(1)));
  ir_.CreateStore(ir_.getInt64(0), arrived);

  const Warps warps = Open();
  llvm::PHINode* waiting = ir_.CreatePHI(ir_.getInt1Ty(), 2, "waiting");
  waiting->addIncoming(ir_.getFalse(), round);
  Value* number = ir_.CreateLShr(warps.first, Number(5));
  Value* state_at = ir_.CreateInBoundsGEP(i32, states, number);
  Value* state = ir_.CreateLoad(i32, state_at, "state");
  ir_.CreateCondBr(ir_.CreateICmpEQ(state, Number(kEnded)), ran, run);
  ir_.SetInsertPoint(run);
  auto of_warp = [&](Value* all, uint64_t bytes) {
    return ir_.CreateInBoundsGEP(ir_.getInt8Ty(), all,
                                 ir_.CreateMul(ir_.CreateZExt(number, i64), ir_.getInt64(bytes), "",
                                               /*HasNUW=*/true, /*HasNSW=*/true));
  };
  const Turn turn = {of_warp(values, warps_.value_bytes), of_warp(locals, warps_.local_bytes), state, arrived,
                     counted};
  Value* next = RunWarp(warps, &turn);
  ir_.CreateStore(next, state_at);
  Value* waits = ir_.CreateOr(waiting, ir_.CreateICmpNE(next, Number(kEnded)));
  llvm::BasicBlock* run_end = ir_.GetInsertBlock();
  ir_.CreateBr(ran);
  ir_.SetInsertPoint(ran);
  llvm::PHINode* any = ir_.CreatePHI(ir_.getInt1Ty(), 2);
  any->addIncoming(waits, run_end);
  any->addIncoming(waiting, warps.head);
  waiting->addIncoming(any, ran);
  Close(warps, turned);

  ir_.SetInsertPoint(turned);
  parity->addIncoming(ir_.CreateXor(parity, ir_.getInt64(1)), turned);
  ir_.CreateCondBr(any, round, end);
  ir_.SetInsertPoint(end);
  EndBlock();
}

void Entry::Fiber() {
  // The device's structure stays what it is: a warp steps a copy from lane to lane.
  Value* own = entry_.getArg(0);
  thread_ = ir_.CreateAlloca(llvm::ArrayType::get(ir_.getInt64Ty(), (sizeof(tq_cpu_thread) + 7) / 8), nullptr,
                             "thread");
  ir_.CreateMemCpy(thread_, llvm::Align(8), own, llvm::Align(8), sizeof(tq_cpu_thread));
  llvm::Type* i32 = ir_.getInt32Ty();
  ReadShape(Field(own, ir_.getPtrTy(), offsetof(tq_cpu_thread, block)));
  Value* first = Field(own, i32, offsetof(tq_cpu_thread, linear_tid));
  llvm::BasicBlock* row = NewBlock("row");
  llvm::BasicBlock* any = NewBlock("any");
  llvm::BasicBlock* done = NewBlock("done");
  Value* is_whole = ir_.CreateICmpULE(ir_.CreateAdd(first, Number(kLanes)), total_);
  ir_.CreateCondBr(ir_.CreateAnd(has_rows_, is_whole), row, any);
  ir_.SetInsertPoint(row);
  ir_.CreateCall(warps_.row, {thread_, Field(own, i32, offsetof(tq_cpu_thread, tid.x)),
                              Field(own, i32, offsetof(tq_cpu_thread, tid.y)),
                              Field(own, i32, offsetof(tq_cpu_thread, tid.z)), first, Number(~0u)});
  ir_.CreateBr(done);
  ir_.SetInsertPoint(any);
  const llvm::SmallVector<Value*, 3> tid = TidOfLanes(first);
  ir_.CreateCall(warps_.any, {thread_, tid[0], tid[1], tid[2], first, LanesThatExist(first)});
  ir_.CreateBr(done);
  ir_.SetInsertPoint(done);
  ir_.CreateRetVoid();
}

}  // namespace

llvm::FunctionType* WarpSignature(llvm::LLVMContext& context, bool takes_vectors, Turns turns) {
  llvm::Type* i32 = llvm::Type::getInt32Ty(context);
  llvm::Type* pointer = llvm::PointerType::get(context, 0);
  llvm::Type* tid = takes_vectors ? llvm::FixedVectorType::get(i32, kLanes) : i32;
  llvm::SmallVector<llvm::Type*, 10> types = {pointer, tid, tid, tid, i32, i32};
  if (turns != Turns::kRounds) return llvm::FunctionType::get(llvm::Type::getVoidTy(context), types, false);
  types.append({pointer, pointer, i32, pointer, pointer});
  return llvm::FunctionType::get(i32, types, false);
}

void BuildEntry(llvm::Function& entry, const WarpFunctions& warps, Turns turns) {
  Entry made(entry, warps);
  switch (turns) {
    case Turns::kLoop:
      return made.Loop();
    case Turns::kRounds:
      return made.Rounds();
    case Turns::kFibers:
      return made.Fiber();
  }
}

}  // namespace tq::simt::vector
