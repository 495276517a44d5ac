#include "compiler/simt/vector/warp_entry.h"

#include <cstddef>

#include "base/cpu_abi.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt::vector {
namespace {

using llvm::Value;
constexpr unsigned kLanes = TQ_CPU_WARP_SIZE;

class Entry {
 public:
  Entry(llvm::Function& entry, llvm::Function& row, llvm::Function& any)
      : entry_(entry),
        row_(row),
        any_(any),
        ir_(llvm::BasicBlock::Create(entry.getContext(), "entry", &entry)) {
    if (llvm::DISubprogram* scope = entry.getSubprogram())
      ir_.SetCurrentDebugLocation(llvm::DILocation::get(entry.getContext(), scope->getLine(), 0, scope));
  }

  void Loop();
  void Fiber();

 private:
  Value* Field(Value* structure, llvm::Type* type, size_t offset) {
    return ir_.CreateLoad(type, ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), structure, offset));
  }
  void SetField(size_t offset, Value* value) {
    ir_.CreateStore(value, ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), thread_, offset));
  }
  void ReadShape(Value* block);
  void RunWarp(Value* first);
  Value* Divide(Value* numbers, Value* by);

  llvm::Function& entry_;
  llvm::Function& row_;
  llvm::Function& any_;
  llvm::IRBuilder<> ir_;
  Value* thread_ = nullptr;
  Value* x_count_ = nullptr;
  Value* y_count_ = nullptr;
  Value* total_ = nullptr;
};

void Entry::ReadShape(Value* block) {
  llvm::Type* i32 = ir_.getInt32Ty();
  x_count_ = Field(block, i32, offsetof(tq_cpu_block, ntid.x));
  y_count_ = Field(block, i32, offsetof(tq_cpu_block, ntid.y));
  Value* z_count = Field(block, i32, offsetof(tq_cpu_block, ntid.z));
  total_ = ir_.CreateMul(ir_.CreateMul(x_count_, y_count_), z_count);
}

// Exact: a block has at most 1024 threads, and half a step keeps the quotient clear of integers.
Value* Entry::Divide(Value* numbers, Value* by) {
  llvm::Type* wide = llvm::FixedVectorType::get(ir_.getFloatTy(), kLanes);
  Value* half = llvm::ConstantFP::get(wide, 0.5);
  Value* quotient = ir_.CreateFDiv(ir_.CreateFAdd(ir_.CreateSIToFP(numbers, wide), half),
                                   ir_.CreateVectorSplat(kLanes, ir_.CreateSIToFP(by, ir_.getFloatTy())));
  return ir_.CreateFPToSI(quotient, numbers->getType());
}

void Entry::RunWarp(Value* first) {
  llvm::LLVMContext& context = entry_.getContext();
  auto number = [this](uint32_t value) { return ir_.getInt32(value); };
  Value* x = ir_.CreateURem(first, x_count_);
  Value* line = ir_.CreateUDiv(first, x_count_);
  Value* y = ir_.CreateURem(line, y_count_);
  Value* z = ir_.CreateUDiv(line, y_count_);
  SetField(offsetof(tq_cpu_thread, tid.x), x);
  SetField(offsetof(tq_cpu_thread, tid.y), y);
  SetField(offsetof(tq_cpu_thread, tid.z), z);
  SetField(offsetof(tq_cpu_thread, linear_tid), first);
  SetField(offsetof(tq_cpu_thread, lane), number(0));
  SetField(offsetof(tq_cpu_thread, warp), ir_.CreateLShr(first, number(5)));
  Value* is_row = ir_.CreateAnd(ir_.CreateICmpEQ(ir_.CreateAnd(x, number(kLanes - 1)), number(0)),
                                ir_.CreateICmpULE(ir_.CreateAdd(x, number(kLanes)), x_count_));
  llvm::BasicBlock* row = llvm::BasicBlock::Create(context, "row", &entry_);
  llvm::BasicBlock* any = llvm::BasicBlock::Create(context, "any", &entry_);
  llvm::BasicBlock* done = llvm::BasicBlock::Create(context, "done", &entry_);
  ir_.CreateCondBr(is_row, row, any);
  ir_.SetInsertPoint(row);
  ir_.CreateCall(&row_, {thread_, x, y, z, first, number(~0u)});
  ir_.CreateBr(done);
  ir_.SetInsertPoint(any);
  llvm::SmallVector<llvm::Constant*, kLanes> lane_numbers;
  for (unsigned i = 0; i < kLanes; ++i) lane_numbers.push_back(ir_.getInt32(i));
  Value* linear =
      ir_.CreateAdd(ir_.CreateVectorSplat(kLanes, first), llvm::ConstantVector::get(lane_numbers));
  Value* lines = Divide(linear, x_count_);
  Value* xs = ir_.CreateSub(linear, ir_.CreateMul(lines, ir_.CreateVectorSplat(kLanes, x_count_)));
  Value* zs = Divide(lines, y_count_);
  Value* ys = ir_.CreateSub(lines, ir_.CreateMul(zs, ir_.CreateVectorSplat(kLanes, y_count_)));
  Value* exists = ir_.CreateICmpULT(linear, ir_.CreateVectorSplat(kLanes, total_));
  ir_.CreateCall(&any_, {thread_, xs, ys, zs, first, ir_.CreateBitCast(exists, ir_.getInt32Ty())});
  ir_.CreateBr(done);
  ir_.SetInsertPoint(done);
}

void Entry::Loop() {
  llvm::LLVMContext& context = entry_.getContext();
  Value* block = entry_.getArg(0);
  thread_ = ir_.CreateAlloca(llvm::ArrayType::get(ir_.getInt64Ty(), (sizeof(tq_cpu_thread) + 7) / 8), nullptr,
                             "thread");
  SetField(offsetof(tq_cpu_thread, block), block);
  SetField(offsetof(tq_cpu_thread, local_base),
           Field(block, ir_.getPtrTy(), offsetof(tq_cpu_block, local_base)));
  SetField(offsetof(tq_cpu_thread, local_size_bytes),
           Field(block, ir_.getInt64Ty(), offsetof(tq_cpu_block, local_size_bytes)));
  SetField(offsetof(tq_cpu_thread, fiber), llvm::ConstantPointerNull::get(ir_.getPtrTy()));
  // A fault of the machine names the first thread of its warp.
  ir_.CreateStore(thread_,
                  ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), block, offsetof(tq_cpu_block, thread)));
  ReadShape(block);
  llvm::BasicBlock* before = ir_.GetInsertBlock();
  llvm::BasicBlock* warp = llvm::BasicBlock::Create(context, "warp", &entry_);
  llvm::BasicBlock* end = llvm::BasicBlock::Create(context, "end", &entry_);
  ir_.CreateBr(warp);
  ir_.SetInsertPoint(warp);
  llvm::PHINode* first = ir_.CreatePHI(ir_.getInt32Ty(), 2);
  first->addIncoming(ir_.getInt32(0), before);
  RunWarp(first);
  Value* next = ir_.CreateAdd(first, ir_.getInt32(kLanes));
  first->addIncoming(next, ir_.GetInsertBlock());
  ir_.CreateCondBr(ir_.CreateICmpULT(next, total_), warp, end);
  ir_.SetInsertPoint(end);
  ir_.CreateStore(llvm::ConstantPointerNull::get(ir_.getPtrTy()),
                  ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), block, offsetof(tq_cpu_block, thread)));
  ir_.CreateRetVoid();
}

void Entry::Fiber() {
  // The device's structure stays what it is: a warp steps a copy from lane to lane.
  Value* own = entry_.getArg(0);
  thread_ = ir_.CreateAlloca(llvm::ArrayType::get(ir_.getInt64Ty(), (sizeof(tq_cpu_thread) + 7) / 8), nullptr,
                             "thread");
  ir_.CreateMemCpy(thread_, llvm::Align(8), own, llvm::Align(8), sizeof(tq_cpu_thread));
  ReadShape(Field(own, ir_.getPtrTy(), offsetof(tq_cpu_thread, block)));
  RunWarp(Field(own, ir_.getInt32Ty(), offsetof(tq_cpu_thread, linear_tid)));
  ir_.CreateRetVoid();
}

}  // namespace

llvm::FunctionType* WarpSignature(llvm::LLVMContext& context, bool takes_vectors) {
  llvm::Type* i32 = llvm::Type::getInt32Ty(context);
  llvm::Type* tid = takes_vectors ? llvm::FixedVectorType::get(i32, kLanes) : i32;
  return llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                                 {llvm::PointerType::get(context, 0), tid, tid, tid, i32, i32}, false);
}

void BuildEntry(llvm::Function& entry, llvm::Function& row, llvm::Function& any, bool is_fiber) {
  Entry made(entry, row, any);
  if (is_fiber) {
    made.Fiber();
  } else {
    made.Loop();
  }
}

}  // namespace tq::simt::vector
