#include "compiler/simt/thread_rounds.h"

#include <algorithm>

#include "compiler/simt/block_uniformity.h"
#include "compiler/simt/intrinsics.h"
#include "compiler/simt/vector/split_at_barriers.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/Local.h"

namespace tq::simt {
namespace {

constexpr vector::FrameArguments kArguments = {.frame = 1, .locals = 2, .state = 3, .before = 4, .behind = 5};
// Of a thread, in a block of 1024: more than that lies better on the stacks of fibers.
constexpr uint64_t kMaxLocalBytes = 256;

std::optional<Intrinsic> IntrinsicOf(const llvm::Instruction& instruction) {
  auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
  if (call == nullptr || call->getCalledFunction() == nullptr) return std::nullopt;
  return Identify(*call->getCalledFunction());
}

bool FitsIntoFrame(const llvm::Function& kernel) {
  uint64_t bytes = 0;
  for (const llvm::Instruction& instruction : llvm::instructions(kernel)) {
    auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&instruction);
    if (slot == nullptr) continue;
    if (!slot->isStaticAlloca()) return false;
    bytes += slot->getAllocationSize(kernel.getDataLayout())->getFixedValue();
  }
  return bytes <= kMaxLocalBytes;
}

// The kernel's blocks in a function of another type.
llvm::Function* MoveBody(llvm::Function& kernel) {
  llvm::LLVMContext& context = kernel.getContext();
  llvm::Type* i32 = llvm::Type::getInt32Ty(context);
  llvm::Type* pointer = llvm::PointerType::get(context, 0);
  llvm::Function* thread = llvm::Function::Create(
      llvm::FunctionType::get(i32, {pointer, pointer, pointer, i32, pointer, pointer}, false),
      kernel.getLinkage(), "", *kernel.getParent());
  thread->copyAttributesFrom(&kernel);
  thread->setSubprogram(kernel.getSubprogram());
  kernel.setSubprogram(nullptr);
  thread->splice(thread->begin(), &kernel);
  kernel.getArg(0)->replaceAllUsesWith(thread->getArg(0));
  kernel.replaceAllUsesWith(thread);
  thread->takeName(&kernel);
  kernel.eraseFromParent();
  return thread;
}

void EndAt(llvm::Instruction& place) {
  llvm::BasicBlock* block = place.getParent();
  if (!llvm::isa<llvm::ReturnInst>(place)) llvm::changeToUnreachable(&place);
  block->getTerminator()->eraseFromParent();
  llvm::LLVMContext& context = block->getContext();
  llvm::ReturnInst::Create(context, llvm::ConstantInt::get(llvm::Type::getInt32Ty(context), vector::kEnded),
                           block);
}

// Ends and barriers as the splitter knows them. Returns the barriers.
llvm::SmallVector<llvm::CallInst*, 8> MarkEnds(llvm::Function& thread) {
  llvm::FunctionCallee mark = thread.getParent()->getOrInsertFunction(
      vector::kBarrierMark, llvm::FunctionType::get(llvm::Type::getVoidTy(thread.getContext()), false));
  llvm::SmallVector<llvm::CallInst*, 8> barriers;
  llvm::SmallVector<llvm::Instruction*, 8> ends;
  for (llvm::Instruction& instruction : llvm::make_early_inc_range(llvm::instructions(thread))) {
    const std::optional<Intrinsic> intrinsic = IntrinsicOf(instruction);
    if (llvm::isa<llvm::ReturnInst>(instruction) || intrinsic == Intrinsic::kExit)
      ends.push_back(&instruction);
    if (auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&instruction))
      slot->setMetadata(vector::kStaysMark, llvm::MDNode::get(thread.getContext(), {}));
    if (intrinsic != Intrinsic::kBarrier) continue;
    barriers.push_back(llvm::CallInst::Create(mark, "", instruction.getIterator()));
    instruction.eraseFromParent();
  }
  for (llvm::Instruction* end : ends) EndAt(*end);
  return barriers;
}

// Arithmetic of the device library on integers: about as cheap as a load.
bool IsIntegerArithmetic(const llvm::CallInst& call) {
  const auto is_integer = [](const llvm::Type* type) { return type->isIntegerTy(); };
  return call.getCalledFunction() != nullptr && call.getCalledFunction()->getName().starts_with("tq_") &&
         call.doesNotAccessMemory() && call.doesNotThrow() && call.hasFnAttr(llvm::Attribute::WillReturn) &&
         is_integer(call.getType()) && llvm::all_of(call.args(), [&](const llvm::Use& argument) {
           return is_integer(argument->getType());
         });
}

bool IsSameWhenever(const llvm::Instruction& instruction) {
  if (const std::optional<Intrinsic> intrinsic = IntrinsicOf(instruction))
    return EffectOf(*intrinsic) == Effect::kConstant;
  if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      call != nullptr && IsIntegerArithmetic(*call))
    return true;
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) {
    // Parameters, which are all there.
    const llvm::Value* from = llvm::getUnderlyingObject(load->getPointerOperand());
    auto* base = llvm::dyn_cast<llvm::Instruction>(from);
    return load->hasMetadata(llvm::LLVMContext::MD_invariant_load) && base != nullptr &&
           IntrinsicOf(*base) == Intrinsic::kParams;
  }
  return !llvm::isa<llvm::PHINode, llvm::AllocaInst>(instruction) && !instruction.mayReadOrWriteMemory() &&
         !instruction.isTerminator() && llvm::isSafeToSpeculativelyExecute(&instruction);
}

// What depends on nothing but registers and parameters of the thread is computed anew in each round instead
// of kept: most of it then is the same for all threads, or a step further for each.
void ComputeAnew(llvm::Function& thread, llvm::ArrayRef<llvm::CallInst*> barriers) {
  const llvm::DominatorTree tree(thread);
  llvm::MDNode* const mark = llvm::MDNode::get(thread.getContext(), {});
  llvm::SmallVector<llvm::Instruction*, 32> anew;
  for (llvm::BasicBlock* block : llvm::depth_first(&thread)) {
    const bool leads_to_barrier = llvm::any_of(
        barriers, [&](const llvm::CallInst* barrier) { return tree.dominates(block, barrier->getParent()); });
    if (!leads_to_barrier) continue;
    for (llvm::Instruction& instruction : *block) {
      if (!IsSameWhenever(instruction)) continue;
      const bool has_all = llvm::all_of(instruction.operands(), [](const llvm::Use& operand) {
        auto* value = llvm::dyn_cast<llvm::Instruction>(operand);
        return value == nullptr || value->getMetadata(vector::kAnewMark) != nullptr;
      });
      if (!has_all) continue;
      instruction.setMetadata(vector::kAnewMark, mark);
      anew.push_back(&instruction);
    }
  }
  llvm::BasicBlock& begin = thread.getEntryBlock();
  llvm::Instruction* last = nullptr;
  for (llvm::Instruction* instruction : anew) {
    if (last != nullptr) {
      instruction->moveAfter(last);
    } else if (auto place = begin.getFirstNonPHIOrDbgOrAlloca(); &*place != instruction) {
      instruction->moveBefore(begin, place);
    }
    last = instruction;
  }
}

bool IsAnew(const llvm::Value& value) {
  auto* instruction = llvm::dyn_cast<llvm::Instruction>(&value);
  return instruction == nullptr || instruction->getMetadata(vector::kAnewMark) != nullptr;
}

// phi [start, ...], [phi + step, ...], where the start differs from thread to thread and the step does not:
// what was added is a variable of its own, the same for all, and the sum is made where it is wanted.
void SplitInduction(llvm::PHINode& phi, const llvm::Loop& loop, const BlockUniformity& uniformity) {
  using namespace llvm::PatternMatch;
  llvm::BasicBlock* latch = loop.getLoopLatch();
  if (!phi.getType()->isIntegerTy() || phi.getNumIncomingValues() != 2 || latch == nullptr) return;
  const unsigned back = phi.getIncomingBlock(0) == latch ? 0 : 1;
  llvm::Value* start = phi.getIncomingValue(1 - back);
  llvm::Value* step = nullptr;
  if (!match(phi.getIncomingValue(back), m_c_Add(m_Specific(&phi), m_Value(step)))) return;
  if (uniformity.IsSame(phi) || !IsAnew(*start) || !IsAnew(*step) || !uniformity.IsSame(*step)) return;
  llvm::IRBuilder<> ir(&phi);
  llvm::PHINode* added = ir.CreatePHI(phi.getType(), 2, "added");
  ir.SetInsertPoint(latch->getTerminator());
  llvm::Value* next = ir.CreateAdd(added, step);
  added->addIncoming(llvm::Constant::getNullValue(phi.getType()), phi.getIncomingBlock(1 - back));
  added->addIncoming(next, latch);
  llvm::MDNode* const mark = llvm::MDNode::get(phi.getContext(), {});
  added->setMetadata(vector::kSameMark, mark);
  llvm::cast<llvm::Instruction>(next)->setMetadata(vector::kSameMark, mark);
  for (llvm::Use& use : llvm::make_early_inc_range(phi.uses())) {
    auto* user = llvm::cast<llvm::Instruction>(use.getUser());
    if (user == &phi) continue;
    if (auto* other = llvm::dyn_cast<llvm::PHINode>(user))
      user = other->getIncomingBlock(use)->getTerminator();
    ir.SetInsertPoint(user);
    use.set(ir.CreateAdd(start, added));
  }
  phi.eraseFromParent();
}

void KeepTogether(llvm::Function& thread, llvm::ArrayRef<llvm::CallInst*> barriers,
                  const BlockUniformity& uniformity) {
  llvm::MDNode* const mark = llvm::MDNode::get(thread.getContext(), {});
  for (llvm::Instruction& instruction : llvm::instructions(thread)) {
    if (uniformity.IsSame(instruction)) instruction.setMetadata(vector::kSameMark, mark);
  }
  const llvm::DominatorTree tree(thread);
  const llvm::LoopInfo loops(tree);
  for (const llvm::Loop* loop : loops.getLoopsInPreorder()) {
    const bool has_barrier = llvm::any_of(
        barriers, [&](const llvm::CallInst* barrier) { return loop->contains(barrier->getParent()); });
    if (!has_barrier) continue;
    llvm::SmallVector<llvm::PHINode*, 4> phis;
    for (llvm::PHINode& phi : loop->getHeader()->phis()) phis.push_back(&phi);
    for (llvm::PHINode* phi : phis) SplitInduction(*phi, *loop, uniformity);
  }
}

std::vector<uint32_t> ReturnsFrom(llvm::BasicBlock& begin) {
  std::vector<uint32_t> found;
  for (llvm::BasicBlock* block : llvm::depth_first(&begin)) {
    auto* end = llvm::dyn_cast<llvm::ReturnInst>(block->getTerminator());
    if (end == nullptr) continue;
    const auto state =
        static_cast<uint32_t>(llvm::cast<llvm::ConstantInt>(end->getReturnValue())->getZExtValue());
    if (std::find(found.begin(), found.end(), state) == found.end()) found.push_back(state);
  }
  return found;
}

}  // namespace

bool CanRunInRounds(const llvm::Function& kernel, const std::map<const llvm::Function*, Progress>& progress) {
  const Progress& own = progress.at(&kernel);
  if (!own.waits_for_block || own.waits_for_warp || own.spins || own.exits_deep || own.indirect) return false;
  for (const llvm::Instruction& instruction : llvm::instructions(kernel)) {
    if (IntrinsicOf(instruction) == Intrinsic::kBarrierReduce) return false;
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    if (call == nullptr || call->getCalledFunction() == nullptr) continue;
    auto callee = progress.find(call->getCalledFunction());
    if (callee != progress.end() && callee->second.waits) return false;
  }
  return vector::CanSplit(kernel) && FitsIntoFrame(kernel);
}

ThreadRounds CutIntoRounds(llvm::Function& kernel) {
  ThreadRounds rounds;
  rounds.thread = MoveBody(kernel);
  const llvm::SmallVector<llvm::CallInst*, 8> barriers = MarkEnds(*rounds.thread);
  ComputeAnew(*rounds.thread, barriers);
  const BlockUniformity uniformity(*rounds.thread);
  rounds.stays_together = uniformity.StaysTogether();
  if (rounds.stays_together) KeepTogether(*rounds.thread, barriers, uniformity);
  const vector::FrameSize frame = vector::SplitAtBarriers(*rounds.thread, kArguments);
  rounds.value_bytes = frame.value_bytes;
  rounds.local_bytes = frame.local_bytes;
  rounds.same_bytes = frame.same_bytes;
  auto* table = llvm::cast<llvm::SwitchInst>(rounds.thread->getEntryBlock().getTerminator());
  rounds.next.push_back(ReturnsFrom(*table->getDefaultDest()));
  for (const auto& place : table->cases()) rounds.next.push_back(ReturnsFrom(*place.getCaseSuccessor()));
  return rounds;
}

}  // namespace tq::simt
