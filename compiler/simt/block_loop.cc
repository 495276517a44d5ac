// A kernel in which no thread waits for another runs its block as a loop over the threads:
//
//   void K(tq_cpu_block* block) {
//     tq_cpu_thread thread = {block, ..., block->local_base, ...};
//     for (z) for (y) for (x) { thread.tid = {x, y, z}; ...; body(&thread); }
//   }
//
// The body is inlined and the structure mostly dissolves: tids become induction variables, and what does not
// depend on them moves out of the loops.
//
// Where threads wait for the block, there are such loops for each part between barriers (thread_rounds.h):
// one for when all threads are at the same barrier, and one for all parts, when they are not.
#include <cstddef>

#include "base/cpu_abi.h"
#include "compiler/simt/scalar_tier.h"
#include "compiler/simt/vector/split_at_barriers.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"

namespace tq::simt {
namespace {

// Stores which thread a loop steps.
constexpr char kIndexMark[] = "tq.index";
constexpr uint64_t kMaxThreads = 1024;
// Instructions of a thread, times its states: beyond, a copy for each state is longer than it is fast.
constexpr uint64_t kMaxCopied = 6000;

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
  BlockLoop(llvm::Function& wrapper, llvm::Function& body, const ScalarOptions& options)
      : wrapper_(wrapper),
        body_(body),
        options_(options),
        ir_(llvm::BasicBlock::Create(wrapper.getContext(), "entry", &wrapper)) {}

  void Build();
  void BuildRounds(const ThreadRounds& rounds);

 private:
  struct Loop {
    llvm::BasicBlock* header;
    llvm::BasicBlock* exit;
    llvm::PHINode* index;
  };

  // What threads keep from round to round. `to`: where they go on, or in `all` and `any` the bits of that;
  // `before` and `behind` hold what is the same for all.
  struct Frames {
    llvm::Value *values, *locals, *states, *all, *any, *before, *behind;
  };

  llvm::Value* At(llvm::Value* structure, size_t offset) {
    return ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), structure, offset);
  }
  llvm::Value* BlockField(llvm::Type* type, size_t offset) {
    llvm::LoadInst* load = ir_.CreateLoad(type, At(wrapper_.getArg(0), offset));
    load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(ir_.getContext(), {}));
    return load;
  }
  llvm::BasicBlock* NewBlock(const char* name) {
    return llvm::BasicBlock::Create(ir_.getContext(), name, &wrapper_);
  }
  void SetThreadField(size_t offset, llvm::Value* value) { ir_.CreateStore(value, At(thread_, offset)); }

  // What a fault of the machine looks at. Apart from the structure that threads work with, which dissolves.
  void NameThread(llvm::Value* linear) {
    ir_.CreateStore(linear, At(named_, offsetof(tq_cpu_thread, linear_tid)), /*isVolatile=*/true);
  }

  void BeginBlock();
  void EndBlock();
  void ForEachThread(llvm::function_ref<void(llvm::Value* index)> run);
  llvm::Value* CallBody(llvm::ArrayRef<llvm::Value*> arguments);
  void KeepIndex(size_t offset, llvm::Value* index);
  Loop Open(const char* name);
  void Close(const Loop& loop, llvm::Value* count);
  Frames MakeFrames(const ThreadRounds& rounds);
  llvm::Value* RunFrom(llvm::Value* state, llvm::Value* index, const ThreadRounds& rounds,
                       const Frames& frames);
  void EndRound(const ThreadRounds& rounds, const Frames& frames);
  void RunTogether(uint32_t state, const ThreadRounds& rounds, const Frames& frames,
                   llvm::ArrayRef<llvm::BasicBlock*> together, llvm::BasicBlock* apart,
                   llvm::BasicBlock* end);
  void RunApart(const ThreadRounds& rounds, const Frames& frames, llvm::BasicBlock* end);

  llvm::Function& wrapper_;
  llvm::Function& body_;
  const ScalarOptions& options_;
  llvm::IRBuilder<> ir_;
  llvm::Value* thread_ = nullptr;
  llvm::Value* named_ = nullptr;
  llvm::Value *x_count_ = nullptr, *y_count_ = nullptr, *z_count_ = nullptr;
};

// A call for now, which orders nothing: loads of what the program has may leave the loop (ExpandIndexMarks).
void BlockLoop::KeepIndex(size_t offset, llvm::Value* index) {
  llvm::Module& module = *wrapper_.getParent();
  llvm::Function* mark = module.getFunction(kIndexMark);
  if (mark == nullptr) {
    mark = llvm::Function::Create(
        llvm::FunctionType::get(ir_.getVoidTy(), {ir_.getPtrTy(), ir_.getInt32Ty()}, false),
        llvm::GlobalValue::ExternalLinkage, kIndexMark, module);
    mark->setMemoryEffects(llvm::MemoryEffects::inaccessibleMemOnly(llvm::ModRefInfo::Mod));
    mark->setDoesNotThrow();
    mark->setWillReturn();
  }
  ir_.CreateCall(mark, {At(wrapper_.getArg(0), offset), index});
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

void BlockLoop::BeginBlock() {
  llvm::Type* i32 = ir_.getInt32Ty();
  llvm::Type* i64 = ir_.getInt64Ty();
  llvm::Type* pointer = ir_.getPtrTy();
  llvm::Type* structure = llvm::ArrayType::get(i64, (sizeof(tq_cpu_thread) + 7) / 8);
  thread_ = ir_.CreateAlloca(structure, nullptr, "thread");
  if (!options_.keeps_loop_thread) {
    named_ = ir_.CreateAlloca(structure, nullptr, "named");
    ir_.CreateStore(named_, At(wrapper_.getArg(0), offsetof(tq_cpu_block, thread)));
  }
  x_count_ = BlockField(i32, offsetof(tq_cpu_block, ntid.x));
  y_count_ = BlockField(i32, offsetof(tq_cpu_block, ntid.y));
  z_count_ = BlockField(i32, offsetof(tq_cpu_block, ntid.z));
  SetThreadField(offsetof(tq_cpu_thread, block), wrapper_.getArg(0));
  SetThreadField(offsetof(tq_cpu_thread, local_base),
                 BlockField(pointer, offsetof(tq_cpu_block, local_base)));
  SetThreadField(offsetof(tq_cpu_thread, local_size_bytes),
                 BlockField(i64, offsetof(tq_cpu_block, local_size_bytes)));
  SetThreadField(offsetof(tq_cpu_thread, fiber), llvm::ConstantPointerNull::get(ir_.getPtrTy()));
}

void BlockLoop::EndBlock() {
  if (named_ != nullptr) {
    ir_.CreateStore(llvm::ConstantPointerNull::get(ir_.getPtrTy()),
                    At(wrapper_.getArg(0), offsetof(tq_cpu_block, thread)));
  }
  ir_.CreateRetVoid();
}

// Names the first thread before each loop, too: what leaves a loop is done for it.
void BlockLoop::ForEachThread(llvm::function_ref<void(llvm::Value* index)> run) {
  llvm::Type* i64 = ir_.getInt64Ty();
  const auto name = [&](size_t offset, llvm::Value* index) {
    if (options_.keeps_loop_thread) KeepIndex(offset, index);
  };
  const auto widen = [&](llvm::Value* value) { return ir_.CreateZExt(value, i64); };
  const auto scale = [&](llvm::Value* value, llvm::Value* count) {
    return ir_.CreateMul(value, count, "", /*HasNUW=*/true, /*HasNSW=*/true);
  };
  const auto sum = [&](llvm::Value* a, llvm::Value* b) {
    return ir_.CreateAdd(a, b, "", /*HasNUW=*/true, /*HasNSW=*/true);
  };
  llvm::Value* x_count = widen(x_count_);
  llvm::Value* y_count = widen(y_count_);
  for (size_t offset : {offsetof(tq_cpu_block, loop_tid.z), offsetof(tq_cpu_block, loop_tid.y),
                        offsetof(tq_cpu_block, loop_tid.x)})
    name(offset, ir_.getInt32(0));
  Loop z = Open("z");
  name(offsetof(tq_cpu_block, loop_tid.z), z.index);
  name(offsetof(tq_cpu_block, loop_tid.y), ir_.getInt32(0));
  Loop y = Open("y");
  name(offsetof(tq_cpu_block, loop_tid.y), y.index);
  name(offsetof(tq_cpu_block, loop_tid.x), ir_.getInt32(0));
  llvm::Value* row = scale(sum(scale(widen(z.index), y_count), widen(y.index)), x_count);
  Loop x = Open("x");
  name(offsetof(tq_cpu_block, loop_tid.x), x.index);
  llvm::Value* index = sum(row, widen(x.index));
  llvm::Value* linear = ir_.CreateTrunc(index, ir_.getInt32Ty());
  SetThreadField(offsetof(tq_cpu_thread, tid.x), x.index);
  SetThreadField(offsetof(tq_cpu_thread, tid.y), y.index);
  SetThreadField(offsetof(tq_cpu_thread, tid.z), z.index);
  SetThreadField(offsetof(tq_cpu_thread, linear_tid), linear);
  if (named_ != nullptr) NameThread(linear);
  SetThreadField(offsetof(tq_cpu_thread, lane), ir_.CreateAnd(linear, TQ_CPU_WARP_SIZE - 1));
  SetThreadField(offsetof(tq_cpu_thread, warp), ir_.CreateUDiv(linear, ir_.getInt32(TQ_CPU_WARP_SIZE)));
  run(index);
  Close(x, x_count_);
  Close(y, y_count_);
  Close(z, z_count_);
}

llvm::Value* BlockLoop::CallBody(llvm::ArrayRef<llvm::Value*> arguments) {
  llvm::CallInst* call = ir_.CreateCall(&body_, arguments);
  if (llvm::DISubprogram* scope = wrapper_.getSubprogram()) {
    call->setDebugLoc(llvm::DILocation::get(ir_.getContext(), scope->getLine(), 0, scope));
  }
  return call;
}

void BlockLoop::Build() {
  BeginBlock();
  ForEachThread([&](llvm::Value*) { CallBody({thread_}); });
  EndBlock();
}

// ---- Rounds ----

BlockLoop::Frames BlockLoop::MakeFrames(const ThreadRounds& rounds) {
  const auto make = [&](llvm::Type* type, uint64_t count) {
    llvm::AllocaInst* made = ir_.CreateAlloca(llvm::ArrayType::get(type, count), nullptr, "frames");
    made->setAlignment(llvm::Align(64));
    return made;
  };
  llvm::Type* i8 = ir_.getInt8Ty();
  llvm::Type* i32 = ir_.getInt32Ty();
  return {make(i8, rounds.value_bytes * kMaxThreads),
          make(i8, rounds.local_bytes * kMaxThreads),
          make(i32, kMaxThreads),
          ir_.CreateAlloca(i32, nullptr, "all"),
          ir_.CreateAlloca(i32, nullptr, "any"),
          make(i8, rounds.same_bytes),
          make(i8, rounds.same_bytes)};
}

llvm::Value* BlockLoop::RunFrom(llvm::Value* state, llvm::Value* index, const ThreadRounds& rounds,
                                const Frames& frames) {
  const auto of_thread = [&](llvm::Value* all, uint64_t bytes) {
    return ir_.CreateInBoundsGEP(
        ir_.getInt8Ty(), all,
        ir_.CreateMul(index, ir_.getInt64(bytes), "", /*HasNUW=*/true, /*HasNSW=*/true));
  };
  return CallBody({thread_, of_thread(frames.values, rounds.value_bytes),
                   of_thread(frames.locals, rounds.local_bytes), state, frames.before, frames.behind});
}

void BlockLoop::EndRound(const ThreadRounds& rounds, const Frames& frames) {
  if (rounds.same_bytes != 0)
    ir_.CreateMemCpy(frames.before, llvm::Align(64), frames.behind, llvm::Align(64), rounds.same_bytes);
}

// A round in which all threads are in one state. Mostly they leave it for the same one.
void BlockLoop::RunTogether(uint32_t state, const ThreadRounds& rounds, const Frames& frames,
                            llvm::ArrayRef<llvm::BasicBlock*> together, llvm::BasicBlock* apart,
                            llvm::BasicBlock* end) {
  llvm::Type* i32 = ir_.getInt32Ty();
  const std::vector<uint32_t>& next = rounds.next[state];
  const auto block_of = [&](uint32_t to) { return to == vector::kEnded ? end : together[to]; };
  if (next.size() <= 1) {  // none: all fault
    ForEachThread([&](llvm::Value* index) { RunFrom(ir_.getInt32(state), index, rounds, frames); });
    EndRound(rounds, frames);
    ir_.CreateBr(next.empty() ? end : block_of(next[0]));
    return;
  }
  ir_.CreateStore(ir_.getInt32(~0u), frames.all);
  ir_.CreateStore(ir_.getInt32(0), frames.any);
  ForEachThread([&](llvm::Value* index) {
    llvm::Value* to = RunFrom(ir_.getInt32(state), index, rounds, frames);
    if (rounds.stays_together) {
      ir_.CreateStore(to, frames.all);
      return;
    }
    ir_.CreateStore(to, ir_.CreateInBoundsGEP(i32, frames.states, index));
    ir_.CreateStore(ir_.CreateAnd(ir_.CreateLoad(i32, frames.all), to), frames.all);
    ir_.CreateStore(ir_.CreateOr(ir_.CreateLoad(i32, frames.any), to), frames.any);
  });
  EndRound(rounds, frames);
  llvm::Value* to = ir_.CreateLoad(i32, frames.all);
  if (!rounds.stays_together) {
    llvm::BasicBlock* same = NewBlock("same");
    ir_.CreateCondBr(ir_.CreateICmpEQ(to, ir_.CreateLoad(i32, frames.any)), same, apart);
    ir_.SetInsertPoint(same);
  }
  llvm::SwitchInst* table = ir_.CreateSwitch(to, block_of(next[0]), static_cast<unsigned>(next.size()) - 1);
  for (uint32_t other : llvm::drop_begin(next)) table->addCase(ir_.getInt32(other), block_of(other));
}

void BlockLoop::RunApart(const ThreadRounds& rounds, const Frames& frames, llvm::BasicBlock* end) {
  llvm::Type* i32 = ir_.getInt32Ty();
  llvm::BasicBlock* round = ir_.GetInsertBlock();
  ir_.CreateStore(ir_.getInt32(vector::kEnded), frames.all);
  ForEachThread([&](llvm::Value* index) {
    llvm::Value* at = ir_.CreateInBoundsGEP(i32, frames.states, index);
    llvm::Value* state = ir_.CreateLoad(i32, at, "state");
    llvm::BasicBlock* run = NewBlock("run");
    llvm::BasicBlock* ran = NewBlock("ran");
    ir_.CreateCondBr(ir_.CreateICmpEQ(state, ir_.getInt32(vector::kEnded)), ran, run);
    ir_.SetInsertPoint(run);
    llvm::Value* to = RunFrom(state, index, rounds, frames);
    ir_.CreateStore(to, at);
    ir_.CreateStore(ir_.CreateAnd(ir_.CreateLoad(i32, frames.all), to), frames.all);
    ir_.CreateBr(ran);
    ir_.SetInsertPoint(ran);
  });
  EndRound(rounds, frames);
  ir_.CreateCondBr(ir_.CreateICmpEQ(ir_.CreateLoad(i32, frames.all), ir_.getInt32(vector::kEnded)), end,
                   round);
}

void BlockLoop::BuildRounds(const ThreadRounds& rounds) {
  BeginBlock();
  const Frames frames = MakeFrames(rounds);
  llvm::BasicBlock* apart = NewBlock("apart");
  llvm::BasicBlock* end = NewBlock("end");
  const auto states = static_cast<unsigned>(rounds.next.size());
  if (uint64_t{body_.getInstructionCount()} * states <= kMaxCopied) {
    llvm::SmallVector<llvm::BasicBlock*, 8> together;
    for (unsigned i = 0; i < states; ++i) together.push_back(NewBlock("together"));
    ir_.CreateBr(together[0]);
    for (unsigned i = 0; i < states; ++i) {
      ir_.SetInsertPoint(together[i]);
      RunTogether(i, rounds, frames, together, apart, end);
    }
  } else {
    ir_.CreateMemSet(frames.states, ir_.getInt8(0), ir_.getInt64(sizeof(uint32_t) * kMaxThreads),
                     llvm::Align(64));
    ir_.CreateBr(apart);
  }
  ir_.SetInsertPoint(apart);
  if (apart->use_empty()) {
    ir_.CreateUnreachable();
  } else {
    RunApart(rounds, frames, end);
  }
  ir_.SetInsertPoint(end);
  EndBlock();
}

// The function that the device calls, around the one of a thread.
llvm::Function* Wrap(llvm::Function& kernel) {
  llvm::Module& module = *kernel.getParent();
  llvm::LLVMContext& context = module.getContext();
  llvm::Type* pointer = llvm::PointerType::get(context, 0);
  llvm::Function* wrapper =
      llvm::Function::Create(llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer}, false),
                             kernel.getLinkage(), "", module);
  kernel.replaceAllUsesWith(wrapper);  // whose address may be a value of the program
  wrapper->takeName(&kernel);
  wrapper->copyAttributesFrom(&kernel);
  const llvm::AttributeList attributes = kernel.getAttributes();
  wrapper->setAttributes(
      llvm::AttributeList::get(context, attributes.getFnAttrs(), {}, {attributes.getParamAttrs(0)}));
  wrapper->addDereferenceableParamAttr(0, sizeof(tq_cpu_block));
  wrapper->addParamAttr(0, llvm::Attribute::getWithAlignment(context, llvm::Align(alignof(tq_cpu_block))));
  kernel.setName(wrapper->getName() + ".thread");
  kernel.setLinkage(llvm::GlobalValue::InternalLinkage);
  kernel.addFnAttr(llvm::Attribute::AlwaysInline);
  kernel.removeFnAttr(llvm::Attribute::NoInline);
  if (llvm::DISubprogram* scope = kernel.getSubprogram()) {
    // Both functions are the kernel as far as its lines go.
    wrapper->setSubprogram(llvm::DISubprogram::getDistinct(
        context, scope->getScope(), scope->getName(), wrapper->getName(), scope->getFile(), scope->getLine(),
        scope->getType(), scope->getScopeLine(), nullptr, 0, 0, scope->getFlags(), scope->getSPFlags(),
        scope->getUnit()));
  }
  CopyForCallsThatEnd(kernel);
  return wrapper;
}

}  // namespace

void LoopOverBlock(llvm::Function& kernel, const ScalarOptions& options) {
  BlockLoop(*Wrap(kernel), kernel, options).Build();
}

void ExpandIndexMarks(llvm::Module& module) {
  llvm::Function* mark = module.getFunction(kIndexMark);
  if (mark == nullptr) return;
  for (llvm::User* user : llvm::make_early_inc_range(mark->users())) {
    auto* call = llvm::cast<llvm::CallInst>(user);
    llvm::IRBuilder<> ir(call);
    llvm::StoreInst* store = ir.CreateStore(call->getArgOperand(1), call->getArgOperand(0));
    store->setAtomic(llvm::AtomicOrdering::Monotonic, llvm::SyncScope::SingleThread);
    call->eraseFromParent();
  }
  mark->eraseFromParent();
}

void LoopOverBlock(const ThreadRounds& rounds, const ScalarOptions& options) {
  BlockLoop(*Wrap(*rounds.thread), *rounds.thread, options).BuildRounds(rounds);
  // Here, because it is called more than once, but each time in a state of its own.
  while (!rounds.thread->use_empty()) {
    llvm::InlineFunctionInfo inlined;
    llvm::InlineFunction(*llvm::cast<llvm::CallInst>(rounds.thread->user_back()), inlined);
  }
  rounds.thread->eraseFromParent();
}

}  // namespace tq::simt
