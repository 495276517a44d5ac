#include "compiler/simt/vector/split_at_barriers.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "compiler/simt/intrinsics.h"
#include "compiler/simt/vector/warp_entry.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"

namespace tq::simt::vector {
namespace {

using llvm::Value;

constexpr uint64_t kFrameAlign = 64;
constexpr size_t kMaxShared = 16;  // members of one class: each pair is compared

class Splitter {
 public:
  Splitter(llvm::Function& warp, const FrameArguments& arguments)
      : warp_(warp), arguments_(arguments), layout_(warp.getDataLayout()) {}

  FrameSize Run() {
    llvm::BasicBlock* begin = &warp_.getEntryBlock();
    llvm::BasicBlock* entry = llvm::BasicBlock::Create(warp_.getContext(), "enter", &warp_, begin);
    MoveAnew(*begin, *entry);
    Cut();
    Number();
    FindLive();
    ShareSlots();
    MakeSame(*entry);
    const uint64_t local_bytes = MoveLocals(*begin, *entry);
    for (unsigned number : kept_) Store(number, *begin);
    for (unsigned number : kept_) Load(number, *begin);
    SetFrameApart();
    llvm::IRBuilder<> ir(entry);
    llvm::SwitchInst* table =
        ir.CreateSwitch(warp_.getArg(arguments_.state), begin, static_cast<unsigned>(resumes_.size()));
    for (const auto& [number, block] : llvm::enumerate(resumes_))
      table->addCase(ir.getInt32(static_cast<uint32_t>(number + 1)), block);
    return {llvm::alignTo(frame_bytes_, kFrameAlign), llvm::alignTo(local_bytes, kFrameAlign), same_bytes_};
  }

 private:
  struct Flow {
    llvm::BitVector uses, made, live_in, live_out;
  };

  void MoveAnew(llvm::BasicBlock& begin, llvm::BasicBlock& entry);
  void Cut();
  void Number();
  void FindLive();
  void ShareSlots();
  void MakeSame(llvm::BasicBlock& entry);
  bool IsSame(unsigned number) const {
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(values_[number]);
    return instruction != nullptr && instruction->getMetadata(kSameMark) != nullptr;
  }
  bool Interfere(unsigned a, unsigned b);
  bool IsLiveBehind(unsigned value, const llvm::Instruction& place);
  unsigned ClassOf(unsigned number) const;
  uint64_t MoveLocals(llvm::BasicBlock& begin, llvm::BasicBlock& entry);
  void Store(unsigned number, llvm::BasicBlock& begin);
  void Load(unsigned number, llvm::BasicBlock& begin);
  void SetFrameApart();
  llvm::Instruction* StoreTo(unsigned number, Value* value, llvm::BasicBlock::iterator place,
                             llvm::BasicBlock& block);

  // Of a parameter: where the warp begins.
  llvm::BasicBlock& HomeOf(unsigned number, llvm::BasicBlock& begin) const {
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(values_[number]);
    return instruction != nullptr ? *instruction->getParent() : begin;
  }
  llvm::Align AlignOf(llvm::Type* type) const {
    return type->isVectorTy() ? std::min(layout_.getPrefTypeAlign(type), llvm::Align(kFrameAlign))
                              : layout_.getABITypeAlign(type);
  }
  Value* At(llvm::IRBuilder<>& ir, unsigned argument, uint64_t offset) {
    return ir.CreateConstInBoundsGEP1_64(ir.getInt8Ty(), warp_.getArg(argument), offset);
  }
  Value* SlotOf(llvm::IRBuilder<>& ir, unsigned number) {
    const unsigned found = ClassOf(number);
    if (llvm::AllocaInst* variable = same_.lookup(found)) return variable;
    return At(ir, arguments_.frame, slots_[found]);
  }

  llvm::Function& warp_;
  const FrameArguments arguments_;
  const llvm::DataLayout& layout_;
  std::vector<llvm::BasicBlock*> resumes_;                             // by state - 1
  llvm::DenseMap<const llvm::BasicBlock*, llvm::BasicBlock*> behind_;  // of blocks that end at a barrier
  std::vector<Value*> values_;
  llvm::DenseMap<const Value*, unsigned> numbers_;
  llvm::DenseMap<const llvm::BasicBlock*, Flow> flows_;
  std::vector<unsigned> kept_;                           // values that are used behind a barrier before them
  std::vector<unsigned> class_of_;                       // of values that share a slot: one of them
  std::vector<llvm::SmallVector<unsigned, 2>> members_;  // of a class
  llvm::DenseMap<unsigned, uint64_t> slots_;             // of a class: where in the frame
  llvm::DenseMap<const llvm::BasicBlock*, llvm::Instruction*> edges_;  // the first store for a phi at its end
  llvm::DenseMap<unsigned, llvm::AllocaInst*> same_;  // of a class that is the same for all: its variable
  uint64_t frame_bytes_ = 0, same_bytes_ = 0;
};

// The set of lanes that exist is a parameter, only cast.
void Splitter::MoveAnew(llvm::BasicBlock& begin, llvm::BasicBlock& entry) {
  for (llvm::Instruction& instruction : llvm::make_early_inc_range(begin)) {
    const bool is_cast =
        llvm::isa<llvm::BitCastInst>(instruction) && llvm::isa<llvm::Argument>(instruction.getOperand(0));
    if (is_cast || instruction.getMetadata(kAnewMark) != nullptr) instruction.moveBefore(entry, entry.end());
  }
}

void Splitter::Cut() {
  llvm::SmallVector<llvm::CallInst*, 8> marks;
  for (llvm::Instruction& instruction : llvm::instructions(warp_)) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    const llvm::Function* callee = call != nullptr ? call->getCalledFunction() : nullptr;
    if (callee != nullptr && callee->getName() == kBarrierMark) marks.push_back(call);
  }
  for (llvm::CallInst* mark : marks) {
    llvm::BasicBlock* before = mark->getParent();
    llvm::BasicBlock* behind = before->splitBasicBlock(std::next(mark->getIterator()), "behind");
    resumes_.push_back(behind);
    before->getTerminator()->eraseFromParent();
    llvm::ReturnInst::Create(
        warp_.getContext(),
        llvm::ConstantInt::get(warp_.getReturnType(), static_cast<uint64_t>(resumes_.size())), before);
    mark->eraseFromParent();
    behind_[before] = behind;
  }
}

void Splitter::Number() {
  auto add = [&](Value& value) {
    numbers_[&value] = static_cast<unsigned>(values_.size());
    values_.push_back(&value);
  };
  // What is not a vector the loop over the warps knows.
  for (llvm::Argument& argument : warp_.args()) {
    if (argument.getType()->isVectorTy()) add(argument);
  }
  for (llvm::Instruction& instruction : llvm::instructions(warp_)) {
    const bool is_everywhere = instruction.getParent() == &warp_.getEntryBlock();
    if (!instruction.getType()->isVoidTy() && !llvm::isa<llvm::AllocaInst>(instruction) && !is_everywhere)
      add(instruction);
  }
}

void Splitter::FindLive() {
  const auto count = static_cast<unsigned>(values_.size());
  for (llvm::BasicBlock& block : warp_) {
    Flow& flow = flows_[&block];
    for (llvm::BitVector* set : {&flow.uses, &flow.made, &flow.live_in, &flow.live_out}) set->resize(count);
  }
  for (llvm::BasicBlock& block : warp_) {
    Flow& flow = flows_[&block];
    for (llvm::Instruction& instruction : block) {
      auto* phi = llvm::dyn_cast<llvm::PHINode>(&instruction);
      for (const llvm::Use& use : instruction.operands()) {
        auto found = numbers_.find(use.get());
        if (found == numbers_.end()) continue;
        if (phi != nullptr) {
          // A use at the end of the block it comes from.
          flows_[phi->getIncomingBlock(use)].live_out.set(found->second);
        } else if (!flow.made.test(found->second)) {
          flow.uses.set(found->second);
        }
      }
      auto found = numbers_.find(&instruction);
      if (found != numbers_.end()) flow.made.set(found->second);
    }
  }
  auto update = [](Flow& flow) {
    llvm::BitVector live = flow.live_out;
    live.reset(flow.made);
    live |= flow.uses;
    const bool changed = live != flow.live_in;
    flow.live_in = std::move(live);
    return changed;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (llvm::BasicBlock& block : llvm::reverse(warp_)) {
      Flow& flow = flows_[&block];
      for (llvm::BasicBlock* next : llvm::successors(&block)) flow.live_out |= flows_[next].live_in;
      if (llvm::BasicBlock* next = behind_.lookup(&block)) flow.live_out |= flows_[next].live_in;
      changed |= update(flow);
    }
  }
  llvm::BitVector kept(count);
  for (llvm::BasicBlock* block : resumes_) kept |= flows_[block].live_in;
  for (unsigned number : kept.set_bits()) kept_.push_back(number);
}

// Whether a value is wanted behind an instruction; its own result is.
bool Splitter::IsLiveBehind(unsigned value, const llvm::Instruction& place) {
  const llvm::BasicBlock& block = *place.getParent();
  const Flow& flow = flows_[&block];
  auto* made = llvm::dyn_cast<llvm::Instruction>(values_[value]);
  const bool is_made_here = made != nullptr && made->getParent() == &block;
  if (is_made_here && made != &place && !made->comesBefore(&place)) return false;
  if (!is_made_here && !flow.live_in.test(value)) return false;
  if (flow.live_out.test(value)) return true;
  return llvm::any_of(values_[value]->users(), [&](const llvm::User* user) {
    auto* at = llvm::cast<llvm::Instruction>(user);
    return at->getParent() == &block && !llvm::isa<llvm::PHINode>(at) && place.comesBefore(at);
  });
}

bool Splitter::Interfere(unsigned a, unsigned b) {
  for (const auto& [one, other] : {std::pair(a, b), std::pair(b, a)}) {
    auto* made = llvm::dyn_cast<llvm::Instruction>(values_[one]);
    if (made == nullptr) return true;
    // Phis of one block are made together, at its beginning.
    const llvm::Instruction* place = made;
    if (llvm::isa<llvm::PHINode>(made)) {
      auto* phi = llvm::dyn_cast<llvm::PHINode>(values_[other]);
      if (phi != nullptr && phi->getParent() == made->getParent()) return true;
    }
    if (IsLiveBehind(other, *place)) return true;
  }
  return false;
}

unsigned Splitter::ClassOf(unsigned number) const { return class_of_[number]; }

// A phi and what comes to it are mostly one variable: then nothing is copied on the way.
void Splitter::ShareSlots() {
  class_of_.resize(values_.size());
  members_.resize(values_.size());
  llvm::BitVector kept(static_cast<unsigned>(values_.size()));
  for (unsigned number : kept_) {
    class_of_[number] = number;
    members_[number] = {number};
    kept.set(number);
  }
  for (unsigned number : kept_) {
    auto* phi = llvm::dyn_cast<llvm::PHINode>(values_[number]);
    if (phi == nullptr) continue;
    for (const Value* input : phi->incoming_values()) {
      auto found = numbers_.find(input);
      if (found == numbers_.end() || !kept.test(found->second)) continue;
      const unsigned a = ClassOf(number), b = ClassOf(found->second);
      if (a == b || IsSame(a) != IsSame(b) || members_[a].size() + members_[b].size() > kMaxShared) continue;
      const bool interfere = llvm::any_of(members_[a], [&](unsigned one) {
        return llvm::any_of(members_[b], [&](unsigned other) { return Interfere(one, other); });
      });
      if (interfere) continue;
      for (unsigned member : members_[b]) class_of_[member] = a;
      members_[a].append(members_[b]);
      members_[b].clear();
    }
  }
  for (unsigned number : kept_) {
    if (ClassOf(number) != number) continue;
    if (IsSame(number)) continue;
    llvm::Type* type = values_[number]->getType();
    frame_bytes_ = llvm::alignTo(frame_bytes_, AlignOf(type));
    slots_[number] = frame_bytes_;
    frame_bytes_ += layout_.getTypeAllocSize(type).getFixedValue();
  }
}

// Variables of all: in registers within a round, and in memory between two, where the next one is not to see
// what this one makes of them.
void Splitter::MakeSame(llvm::BasicBlock& entry) {
  for (unsigned number : kept_) {
    if (ClassOf(number) != number || !IsSame(number)) continue;
    llvm::Type* type = values_[number]->getType();
    same_bytes_ = llvm::alignTo(same_bytes_, AlignOf(type));
    const uint64_t offset = same_bytes_;
    same_bytes_ += layout_.getTypeAllocSize(type).getFixedValue();
    llvm::IRBuilder<> ir(&entry, entry.begin());
    llvm::AllocaInst* variable = ir.CreateAlloca(type, nullptr, "same");
    same_[number] = variable;
    ir.CreateStore(ir.CreateAlignedLoad(type, At(ir, arguments_.before, offset), AlignOf(type)), variable);
    for (llvm::BasicBlock& block : warp_) {
      auto* end = &block != &entry ? llvm::dyn_cast<llvm::ReturnInst>(block.getTerminator()) : nullptr;
      if (end == nullptr) continue;
      ir.SetInsertPoint(end);
      ir.CreateAlignedStore(ir.CreateLoad(type, variable), At(ir, arguments_.behind, offset), AlignOf(type));
    }
  }
}

// Local variables of lanes live as long as the warp; all other slots serve one instruction each.
uint64_t Splitter::MoveLocals(llvm::BasicBlock& begin, llvm::BasicBlock& entry) {
  llvm::IRBuilder<> ir(&entry);
  uint64_t bytes = 0;
  for (llvm::Instruction& instruction : llvm::make_early_inc_range(begin)) {
    auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&instruction);
    if (slot == nullptr) continue;
    if (slot->getMetadata(kStaysMark) == nullptr) {
      slot->moveBefore(entry, entry.end());
      continue;
    }
    bytes = llvm::alignTo(bytes, std::min(slot->getAlign(), llvm::Align(kFrameAlign)));
    slot->replaceAllUsesWith(At(ir, arguments_.locals, bytes));
    bytes += layout_.getTypeAllocSize(slot->getAllocatedType()).getFixedValue();
    slot->eraseFromParent();
  }
  return bytes;
}

llvm::Instruction* Splitter::StoreTo(unsigned number, Value* value, llvm::BasicBlock::iterator place,
                                     llvm::BasicBlock& block) {
  llvm::IRBuilder<> ir(&block, place);
  return ir.CreateAlignedStore(value, SlotOf(ir, number), AlignOf(value->getType()));
}

// The slot always has the value of its class that is live.
void Splitter::Store(unsigned number, llvm::BasicBlock& begin) {
  Value* value = values_[number];
  llvm::BasicBlock& home = HomeOf(number, begin);
  auto* phi = llvm::dyn_cast<llvm::PHINode>(value);
  if (phi == nullptr) {
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    StoreTo(number, value,
            instruction != nullptr ? std::next(instruction->getIterator()) : home.getFirstInsertionPt(),
            home);
    return;
  }
  auto is_there = [&](const Value* input) {
    auto found = numbers_.find(input);
    return found != numbers_.end() && llvm::is_contained(members_[ClassOf(number)], found->second);
  };
  const bool can_store_on_edges =
      llvm::all_of(llvm::zip(phi->incoming_values(), phi->blocks()), [&](const auto& edge) {
        const auto& [input, from] = edge;
        return is_there(input) || from->getSingleSuccessor() != nullptr;
      });
  if (!can_store_on_edges) {
    StoreTo(number, value, home.getFirstInsertionPt(), home);
    return;
  }
  for (unsigned i = 0; i < phi->getNumIncomingValues(); ++i) {
    Value* input = phi->getIncomingValue(i);
    llvm::BasicBlock* from = phi->getIncomingBlock(i);
    if (is_there(input) || llvm::isa<llvm::UndefValue>(input)) continue;
    llvm::Instruction* store = StoreTo(number, input, from->getTerminator()->getIterator(), *from);
    edges_.try_emplace(from, store);
  }
}

// Uses that a barrier may have come before take the value from its slot, each where it stands.
void Splitter::Load(unsigned number, llvm::BasicBlock& begin) {
  Value* value = values_[number];
  llvm::BasicBlock& home = HomeOf(number, begin);
  llvm::SmallPtrSet<llvm::BasicBlock*, 16> lost;  // where the register is
  llvm::SmallVector<llvm::BasicBlock*, 16> work;
  auto lose = [&](llvm::BasicBlock* block) {
    if (block != &home && flows_[block].live_in.test(number) && lost.insert(block).second)
      work.push_back(block);
  };
  for (llvm::BasicBlock* block : resumes_) lose(block);
  while (!work.empty()) {
    for (llvm::BasicBlock* next : llvm::successors(work.pop_back_val())) lose(next);
  }
  llvm::DenseMap<llvm::BasicBlock*, llvm::SmallVector<llvm::Use*, 4>> uses;
  for (llvm::Use& use : value->uses()) {
    auto* user = llvm::cast<llvm::Instruction>(use.getUser());
    auto* phi = llvm::dyn_cast<llvm::PHINode>(user);
    llvm::BasicBlock* block = phi != nullptr ? phi->getIncomingBlock(use) : user->getParent();
    if (lost.contains(block)) uses[block].push_back(&use);
  }
  for (auto& [block, here] : uses) {
    // The phis behind the block are made together: what they are made from is read before the first is
    // written.
    auto edge = edges_.find(block);
    llvm::Instruction* first = edge != edges_.end() ? edge->second : block->getTerminator();
    for (const llvm::Use* use : here) {
      auto* user = llvm::cast<llvm::Instruction>(use->getUser());
      if (!llvm::isa<llvm::PHINode>(user) && user->comesBefore(first)) first = user;
    }
    llvm::IRBuilder<> ir(first);
    Value* load = ir.CreateAlignedLoad(value->getType(), SlotOf(ir, number), AlignOf(value->getType()),
                                       value->getName());
    for (llvm::Use* use : here) use->set(load);
  }
}

// Nothing but this function's own loads and stores reaches the frame: so LLVM may move them past other
// accesses, above all the stores of a loop behind it.
void Splitter::SetFrameApart() {
  llvm::LLVMContext& context = warp_.getContext();
  llvm::MDBuilder build(context);
  llvm::MDNode* domain = build.createAnonymousAliasScopeDomain("frame");
  llvm::MDNode* frame = llvm::MDNode::get(context, {build.createAnonymousAliasScope(domain, "frame")});
  for (llvm::Instruction& instruction : llvm::instructions(warp_)) {
    const Value* pointer = llvm::getLoadStorePointerOperand(&instruction);
    auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
    const bool is_access = pointer != nullptr || (call != nullptr && call->onlyAccessesArgMemory());
    if (!is_access) continue;
    const bool is_of_frame =
        pointer != nullptr && llvm::getUnderlyingObject(pointer) == warp_.getArg(arguments_.frame);
    const unsigned kind = is_of_frame ? llvm::LLVMContext::MD_alias_scope : llvm::LLVMContext::MD_noalias;
    instruction.setMetadata(kind, llvm::MDNode::concatenate(instruction.getMetadata(kind), frame));
  }
}

}  // namespace

bool CanSplit(const llvm::Function& kernel) {
  const llvm::ConstantInt* barrier = nullptr;
  for (const llvm::Instruction& instruction : llvm::instructions(kernel)) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    if (call == nullptr || call->getCalledFunction() == nullptr) continue;
    const std::optional<Intrinsic> intrinsic = Identify(*call->getCalledFunction());
    if (!intrinsic) continue;
    if (*intrinsic == Intrinsic::kBarrier || *intrinsic == Intrinsic::kBarrierReduce) {
      auto* id = llvm::dyn_cast<llvm::ConstantInt>(call->getArgOperand(0));
      auto* count = llvm::dyn_cast<llvm::ConstantInt>(call->getArgOperand(1));
      if (id == nullptr || count == nullptr || !count->isZero()) return false;
      if (barrier != nullptr && barrier->getZExtValue() != id->getZExtValue()) return false;
      barrier = id;
    } else if (*intrinsic == Intrinsic::kYield || *intrinsic == Intrinsic::kBarrierArrive ||
               *intrinsic == Intrinsic::kClusterArrive || *intrinsic == Intrinsic::kClusterWait) {
      return false;
    }
  }
  return true;
}

FrameSize SplitAtBarriers(llvm::Function& warp, const FrameArguments& arguments) {
  return Splitter(warp, arguments).Run();
}

}  // namespace tq::simt::vector
