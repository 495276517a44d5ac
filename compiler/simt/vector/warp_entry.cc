#include "compiler/simt/vector/warp_entry.h"

#include <cstddef>
#include <tuple>

#include "base/cpu_abi.h"
#include "compiler/simt/vector/split_at_barriers.h"
#include "llvm/ADT/STLFunctionalExtras.h"
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

  void OneAfterTheOther();
  void Rounds();
  void Fiber();

 private:
  struct Warp {
    Value* first;                                    // the linear number of lane 0's thread
    Value *x = nullptr, *y = nullptr, *z = nullptr;  // tid of lane 0, of a row
    bool is_row = false;
  };
  struct Loop {
    llvm::BasicBlock* head;
    llvm::PHINode* first;
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
  void ForEachWarp(llvm::function_ref<void(const Warp&)> run);
  Loop Open(Value* begin);
  void Close(const Loop& loop, Value* limit, llvm::BasicBlock* end);
  Value* RunWarp(const Warp& warp, const Turn* turn);
  void BuildOther(bool is_turn);
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
  llvm::Function* other_ = nullptr;
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

Entry::Loop Entry::Open(Value* begin) {
  llvm::BasicBlock* before = ir_.GetInsertBlock();
  const Loop loop = {NewBlock("warp"), nullptr};
  ir_.CreateBr(loop.head);
  ir_.SetInsertPoint(loop.head);
  llvm::PHINode* first = ir_.CreatePHI(ir_.getInt32Ty(), 2);
  first->addIncoming(begin, before);
  return {loop.head, first};
}

void Entry::Close(const Loop& loop, Value* limit, llvm::BasicBlock* end) {
  Value* next = ir_.CreateAdd(loop.first, Number(kLanes));
  loop.first->addIncoming(next, ir_.GetInsertBlock());
  ir_.CreateCondBr(ir_.CreateICmpULT(next, limit), loop.head, end);
  ir_.SetInsertPoint(end);
}

// The warps that are rows come first and have a loop of their own: what is the same for all of them is
// computed before it, which a call in the loop would forbid.
void Entry::ForEachWarp(llvm::function_ref<void(const Warp&)> run) {
  Value* whole = ir_.CreateAnd(total_, Number(~(kLanes - 1)));
  Value* of_rows = ir_.CreateSelect(has_rows_, whole, Number(0));
  llvm::BasicBlock* rows = NewBlock("rows");
  llvm::BasicBlock* rows_end = NewBlock("rows.end");
  llvm::BasicBlock* others = NewBlock("others");
  llvm::BasicBlock* others_end = NewBlock("others.end");
  ir_.CreateCondBr(ir_.CreateICmpNE(of_rows, Number(0)), rows, rows_end);

  ir_.SetInsertPoint(rows);
  const Loop loop = Open(Number(0));
  // 32 threads further in the row, or in the next one.
  llvm::PHINode *x, *y, *z;
  for (llvm::PHINode** phi : {&x, &y, &z}) {
    *phi = ir_.CreatePHI(ir_.getInt32Ty(), 2);
    (*phi)->addIncoming(Number(0), rows);
  }
  run({loop.first, x, y, z, /*is_row=*/true});
  Value* next_x = ir_.CreateAdd(x, Number(kLanes));
  Value* is_row_end = ir_.CreateICmpEQ(next_x, x_count_);
  Value* next_y = ir_.CreateAdd(y, ir_.CreateZExt(is_row_end, ir_.getInt32Ty()));
  Value* is_plane_end = ir_.CreateICmpEQ(next_y, y_count_);
  Value* next_z = ir_.CreateAdd(z, ir_.CreateZExt(is_plane_end, ir_.getInt32Ty()));
  x->addIncoming(ir_.CreateSelect(is_row_end, Number(0), next_x), ir_.GetInsertBlock());
  y->addIncoming(ir_.CreateSelect(is_plane_end, Number(0), next_y), ir_.GetInsertBlock());
  z->addIncoming(next_z, ir_.GetInsertBlock());
  Close(loop, of_rows, rows_end);

  ir_.CreateCondBr(ir_.CreateICmpULT(of_rows, total_), others, others_end);
  ir_.SetInsertPoint(others);
  const Loop rest = Open(of_rows);
  run({rest.first});
  Close(rest, total_, others_end);
}

Value* Entry::RunWarp(const Warp& warp, const Turn* turn) {
  SetField(offsetof(tq_cpu_thread, linear_tid), warp.first);
  auto call = [&](llvm::Function& function, llvm::SmallVector<Value*, 10> arguments) -> Value* {
    if (turn != nullptr)
      arguments.append({turn->frame, turn->locals, turn->state, turn->arrived, turn->counted});
    return ir_.CreateCall(&function, arguments);
  };
  if (warp.is_row) return call(*warps_.row, {thread_, warp.x, warp.y, warp.z, warp.first, Number(~0u)});
  if (other_ == nullptr) BuildOther(turn != nullptr);
  return call(*other_, {thread_, x_count_, y_count_, total_, warp.first});
}

// The warp that is no row, from the block's shape: not in the kernel itself, where LLVM would move what is
// the same for all of them to the beginning of every block.
void Entry::BuildOther(bool is_turn) {
  llvm::Type* i32 = ir_.getInt32Ty();
  llvm::Type* pointer = ir_.getPtrTy();
  llvm::SmallVector<llvm::Type*, 10> types = {pointer, i32, i32, i32, i32};
  if (is_turn) types.append({pointer, pointer, i32, pointer, pointer});
  other_ = llvm::Function::Create(llvm::FunctionType::get(warps_.any->getReturnType(), types, false),
                                  llvm::GlobalValue::InternalLinkage, entry_.getName() + ".other",
                                  *entry_.getParent());
  other_->setDSOLocal(true);
  other_->addFnAttrs(llvm::AttrBuilder(entry_.getContext(), warps_.any->getAttributes().getFnAttrs()));
  const llvm::IRBuilder<>::InsertPointGuard guard(ir_);
  const auto shape = std::tuple(x_count_, y_count_, total_);
  ir_.SetInsertPoint(llvm::BasicBlock::Create(entry_.getContext(), "entry", other_));
  ir_.SetCurrentDebugLocation(llvm::DebugLoc());
  std::tie(x_count_, y_count_, total_) = std::tuple(other_->getArg(1), other_->getArg(2), other_->getArg(3));
  Value* first = other_->getArg(4);
  const llvm::SmallVector<Value*, 3> tid = TidOfLanes(first);
  llvm::SmallVector<Value*, 12> arguments = {other_->getArg(0),    tid[0], tid[1], tid[2], first,
                                             LanesThatExist(first)};
  for (unsigned i = 5; i < other_->arg_size(); ++i) arguments.push_back(other_->getArg(i));
  Value* next = ir_.CreateCall(warps_.any, arguments);
  is_turn ? ir_.CreateRet(next) : ir_.CreateRetVoid();
  std::tie(x_count_, y_count_, total_) = shape;
}

void Entry::OneAfterTheOther() {
  BeginBlock();
  ForEachWarp([&](const Warp& warp) { RunWarp(warp, nullptr); });
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
  values->setMetadata(kFrameMark, llvm::MDNode::get(ir_.getContext(), {}));
  llvm::AllocaInst* locals = frames(warps_.local_bytes);
  llvm::AllocaInst* states = ir_.CreateAlloca(llvm::ArrayType::get(i32, kMaxWarps), nullptr, "states");
  states->setAlignment(llvm::Align(64));
  llvm::AllocaInst* counts = ir_.CreateAlloca(llvm::ArrayType::get(i64, 2), nullptr, "counts");
  llvm::AllocaInst* waiting = ir_.CreateAlloca(ir_.getInt1Ty(), nullptr, "waiting");  // a warp has not ended
  ir_.CreateMemSet(states, ir_.getInt8(0), kMaxWarps * sizeof(uint32_t), states->getAlign());
  ir_.CreateStore(llvm::Constant::getNullValue(counts->getAllocatedType()), counts);

  llvm::BasicBlock* before = ir_.GetInsertBlock();
  llvm::BasicBlock* round = NewBlock("round");
  llvm::BasicBlock* end = NewBlock("end");
  ir_.CreateBr(round);
  ir_.SetInsertPoint(round);
  llvm::PHINode* parity = ir_.CreatePHI(i64, 2, "parity");
  parity->addIncoming(ir_.getInt64(0), before);
  Value* arrived = ir_.CreateInBoundsGEP(i64, counts, parity);
  Value* counted = ir_.CreateInBoundsGEP(i64, counts, ir_.CreateXor(parity, ir_.getInt64(1)));
  ir_.CreateStore(ir_.getInt64(0), arrived);
  ir_.CreateStore(ir_.getFalse(), waiting);

  ForEachWarp([&](const Warp& warp) {
    llvm::BasicBlock* run = NewBlock("run");
    llvm::BasicBlock* ran = NewBlock("ran");
    Value* number = ir_.CreateLShr(warp.first, Number(5));
    Value* state_at = ir_.CreateInBoundsGEP(i32, states, number);
    Value* state = ir_.CreateLoad(i32, state_at, "state");
    ir_.CreateCondBr(ir_.CreateICmpEQ(state, Number(kEnded)), ran, run);
    ir_.SetInsertPoint(run);
    auto of_warp = [&](Value* all, uint64_t bytes) {
      return ir_.CreateInBoundsGEP(ir_.getInt8Ty(), all,
                                   ir_.CreateMul(ir_.CreateZExt(number, i64), ir_.getInt64(bytes), "",
                                                 /*HasNUW=*/true, /*HasNSW=*/true));
    };
    const Turn turn = {of_warp(values, warps_.value_bytes), of_warp(locals, warps_.local_bytes), state,
                       arrived, counted};
    Value* next = RunWarp(warp, &turn);
    ir_.CreateStore(next, state_at);
    Value* waits = ir_.CreateICmpNE(next, Number(kEnded));
    ir_.CreateStore(ir_.CreateOr(ir_.CreateLoad(ir_.getInt1Ty(), waiting), waits), waiting);
    ir_.CreateBr(ran);
    ir_.SetInsertPoint(ran);
  });

  Value* any = ir_.CreateLoad(ir_.getInt1Ty(), waiting);
  parity->addIncoming(ir_.CreateXor(parity, ir_.getInt64(1)), ir_.GetInsertBlock());
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
      return made.OneAfterTheOther();
    case Turns::kRounds:
      return made.Rounds();
    case Turns::kFibers:
      return made.Fiber();
  }
}

}  // namespace tq::simt::vector
