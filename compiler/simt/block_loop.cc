// A kernel in which no thread waits for another runs its block as a loop over the threads:
//
//   void K(tq_cpu_block* block) {
//     tq_cpu_thread thread = {block, ..., block->local_base, ...};
//     for (z) for (y) for (x) { thread.tid = {x, y, z}; ...; body(&thread); }
//   }
//
// The body is inlined and the structure mostly dissolves: tids become induction variables, and what does not
// depend on them moves out of the loops.
#include <cstddef>

#include "base/cpu_abi.h"
#include "compiler/simt/scalar_tier.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

namespace tq::simt {
namespace {

// Calls that end the thread get a copy of its structure, made on the way there: the one that the loop steps
// then never leaves the function, and dissolves into registers.
void CopyForCallsThatEnd(llvm::Function& kernel) {
  llvm::Value* thread = kernel.getArg(0);
  llvm::Value* copy = nullptr;
  for (llvm::User* user : llvm::make_early_inc_range(thread->users())) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(user);
    if (call == nullptr || !call->doesNotReturn()) continue;
    llvm::IRBuilder<> ir(&kernel.getEntryBlock(), kernel.getEntryBlock().begin());
    llvm::Type* words = llvm::ArrayType::get(ir.getInt64Ty(), (sizeof(tq_cpu_thread) + 7) / 8);
    if (copy == nullptr) copy = ir.CreateAlloca(words, nullptr, "thread.copy");
    ir.SetInsertPoint(call);
    ir.CreateMemCpy(copy, llvm::Align(8), thread, llvm::Align(8), sizeof(tq_cpu_thread));
    call->replaceUsesOfWith(thread, copy);
  }
}

class BlockLoop {
 public:
  BlockLoop(llvm::Function& wrapper, llvm::Function& body)
      : wrapper_(wrapper),
        body_(body),
        ir_(llvm::BasicBlock::Create(wrapper.getContext(), "entry", &wrapper)) {}

  void Build(const ScalarOptions& options);

 private:
  struct Loop {
    llvm::BasicBlock* header;
    llvm::BasicBlock* exit;
    llvm::PHINode* index;
  };

  llvm::Value* At(llvm::Value* structure, size_t offset) {
    return ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), structure, offset);
  }
  llvm::Value* BlockField(llvm::Type* type, size_t offset) {
    llvm::LoadInst* load = ir_.CreateLoad(type, At(wrapper_.getArg(0), offset));
    load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(ir_.getContext(), {}));
    return load;
  }
  void SetThreadField(size_t offset, llvm::Value* value) { ir_.CreateStore(value, At(thread_, offset)); }

  // What a fault of the machine looks at. Apart from the structure that threads work with, which dissolves.
  void NameThread(llvm::Value* linear) {
    ir_.CreateStore(linear, At(named_, offsetof(tq_cpu_thread, linear_tid)), /*isVolatile=*/true);
  }

  void KeepIndex(size_t offset, llvm::Value* index);
  Loop Open(const char* name);
  void Close(const Loop& loop, llvm::Value* count);

  llvm::Function& wrapper_;
  llvm::Function& body_;
  llvm::IRBuilder<> ir_;
  llvm::Value* thread_ = nullptr;
  llvm::Value* named_ = nullptr;
};

// Atomic, because whoever looks at it interrupts the thread. Not volatile: LLVM moves nothing over that.
void BlockLoop::KeepIndex(size_t offset, llvm::Value* index) {
  llvm::StoreInst* store = ir_.CreateStore(index, At(wrapper_.getArg(0), offset));
  store->setAtomic(llvm::AtomicOrdering::Monotonic, llvm::SyncScope::SingleThread);
}

// Counts from 0; a dimension of a block is at least 1.
BlockLoop::Loop BlockLoop::Open(const char* name) {
  llvm::BasicBlock* before = ir_.GetInsertBlock();
  llvm::BasicBlock* header = llvm::BasicBlock::Create(ir_.getContext(), name, &wrapper_);
  llvm::BasicBlock* exit = llvm::BasicBlock::Create(ir_.getContext(), "done", &wrapper_);
  ir_.CreateBr(header);
  ir_.SetInsertPoint(header);
  llvm::PHINode* index = ir_.CreatePHI(ir_.getInt32Ty(), 2, name);
  index->addIncoming(ir_.getInt32(0), before);
  return {header, exit, index};
}

void BlockLoop::Close(const Loop& loop, llvm::Value* count) {
  llvm::Value* next = ir_.CreateAdd(loop.index, ir_.getInt32(1), "", /*HasNUW=*/true, /*HasNSW=*/true);
  loop.index->addIncoming(next, ir_.GetInsertBlock());
  ir_.CreateCondBr(ir_.CreateICmpULT(next, count), loop.header, loop.exit);
  loop.exit->moveAfter(ir_.GetInsertBlock());
  ir_.SetInsertPoint(loop.exit);
}

void BlockLoop::Build(const ScalarOptions& options) {
  llvm::Type* i32 = ir_.getInt32Ty();
  llvm::Type* i64 = ir_.getInt64Ty();
  llvm::Type* pointer = ir_.getPtrTy();
  llvm::Type* structure = llvm::ArrayType::get(i64, (sizeof(tq_cpu_thread) + 7) / 8);
  thread_ = ir_.CreateAlloca(structure, nullptr, "thread");
  if (!options.keeps_loop_thread) {
    named_ = ir_.CreateAlloca(structure, nullptr, "named");
    ir_.CreateStore(named_, At(wrapper_.getArg(0), offsetof(tq_cpu_block, thread)));
  }
  llvm::Value* x_count = BlockField(i32, offsetof(tq_cpu_block, ntid.x));
  llvm::Value* y_count = BlockField(i32, offsetof(tq_cpu_block, ntid.y));
  llvm::Value* z_count = BlockField(i32, offsetof(tq_cpu_block, ntid.z));
  SetThreadField(offsetof(tq_cpu_thread, block), wrapper_.getArg(0));
  SetThreadField(offsetof(tq_cpu_thread, local_base),
                 BlockField(pointer, offsetof(tq_cpu_block, local_base)));
  SetThreadField(offsetof(tq_cpu_thread, local_size_bytes),
                 BlockField(i64, offsetof(tq_cpu_block, local_size_bytes)));
  SetThreadField(offsetof(tq_cpu_thread, fiber), llvm::ConstantPointerNull::get(ir_.getPtrTy()));

  Loop z = Open("z");
  if (options.keeps_loop_thread) KeepIndex(offsetof(tq_cpu_block, loop_tid.z), z.index);
  Loop y = Open("y");
  if (options.keeps_loop_thread) KeepIndex(offsetof(tq_cpu_block, loop_tid.y), y.index);
  llvm::Value* row = ir_.CreateMul(ir_.CreateAdd(ir_.CreateMul(z.index, y_count), y.index), x_count);
  Loop x = Open("x");
  if (options.keeps_loop_thread) KeepIndex(offsetof(tq_cpu_block, loop_tid.x), x.index);
  llvm::Value* linear = ir_.CreateAdd(row, x.index);
  SetThreadField(offsetof(tq_cpu_thread, tid.x), x.index);
  SetThreadField(offsetof(tq_cpu_thread, tid.y), y.index);
  SetThreadField(offsetof(tq_cpu_thread, tid.z), z.index);
  SetThreadField(offsetof(tq_cpu_thread, linear_tid), linear);
  if (named_ != nullptr) NameThread(linear);
  SetThreadField(offsetof(tq_cpu_thread, lane), ir_.CreateAnd(linear, TQ_CPU_WARP_SIZE - 1));
  SetThreadField(offsetof(tq_cpu_thread, warp), ir_.CreateUDiv(linear, ir_.getInt32(TQ_CPU_WARP_SIZE)));
  llvm::CallInst* call = ir_.CreateCall(&body_, {thread_});
  if (llvm::DISubprogram* scope = wrapper_.getSubprogram()) {
    call->setDebugLoc(llvm::DILocation::get(ir_.getContext(), scope->getLine(), 0, scope));
  }
  Close(x, x_count);
  Close(y, y_count);
  Close(z, z_count);
  if (named_ != nullptr) {
    ir_.CreateStore(llvm::ConstantPointerNull::get(ir_.getPtrTy()),
                    At(wrapper_.getArg(0), offsetof(tq_cpu_block, thread)));
  }
  ir_.CreateRetVoid();
}

}  // namespace

void LoopOverBlock(llvm::Function& kernel, const ScalarOptions& options) {
  llvm::Module& module = *kernel.getParent();
  llvm::Function* wrapper = llvm::Function::Create(kernel.getFunctionType(), kernel.getLinkage(), "", module);
  wrapper->takeName(&kernel);
  wrapper->copyAttributesFrom(&kernel);
  kernel.setName(wrapper->getName() + ".thread");
  kernel.setLinkage(llvm::GlobalValue::InternalLinkage);
  wrapper->addDereferenceableParamAttr(0, sizeof(tq_cpu_block));
  wrapper->addParamAttr(
      0, llvm::Attribute::getWithAlignment(module.getContext(), llvm::Align(alignof(tq_cpu_block))));
  kernel.addFnAttr(llvm::Attribute::AlwaysInline);
  kernel.removeFnAttr(llvm::Attribute::NoInline);
  if (llvm::DISubprogram* scope = kernel.getSubprogram()) {
    // Both functions are the kernel as far as its lines go.
    wrapper->setSubprogram(llvm::DISubprogram::getDistinct(
        module.getContext(), scope->getScope(), scope->getName(), wrapper->getName(), scope->getFile(),
        scope->getLine(), scope->getType(), scope->getScopeLine(), nullptr, 0, 0, scope->getFlags(),
        scope->getSPFlags(), scope->getUnit()));
  }
  CopyForCallsThatEnd(kernel);
  BlockLoop(*wrapper, kernel).Build(options);
}

}  // namespace tq::simt
