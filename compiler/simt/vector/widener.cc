#include "compiler/simt/vector/widener.h"

#include "compiler/simt/vector/split_at_barriers.h"
#include "compiler/simt/vector/warp_entry.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"

namespace tq::simt::vector {

using llvm::Value;

// Blocks of more instructions are not written twice.
constexpr unsigned kMaxTwice = 96;

Widener::Widener(llvm::Function& from, llvm::Function& to, const LaneValues& lanes, const Schedule& schedule,
                 const Machine& machine)
    : from_(from),
      to_(to),
      module_(*to.getParent()),
      lanes_(lanes),
      schedule_(schedule),
      machine_(machine),
      splits_(to.arg_size() > kStateArgument),
      ir_(to.getContext()) {}

void Widener::Run() {
  FindCrossings();
  CreateBlocks();
  for (unsigned place = 0; place < schedule_.places().size(); ++place) EmitPlace(place);
  Promote();
}

// Values that are used in another block than their own, a use by a phi being one at the end of the block it
// comes from.
void Widener::FindCrossings() {
  for (const llvm::BasicBlock& block : from_) {
    for (const llvm::Instruction& instruction : block) {
      for (const llvm::Use& use : instruction.uses()) {
        auto* user = llvm::cast<llvm::Instruction>(use.getUser());
        auto* phi = llvm::dyn_cast<llvm::PHINode>(user);
        if ((phi != nullptr ? phi->getIncomingBlock(use) : user->getParent()) != &block) {
          crosses_.insert(&instruction);
        }
      }
      // What a conditional pattern is made from is needed again where it does not hold.
      if (lanes_.KindOf(instruction) == Kind::kPattern && lanes_.PatternOf(instruction).is_conditional) {
        for (const Value* operand : instruction.operands()) {
          if (llvm::isa<llvm::Instruction>(operand)) crosses_.insert(operand);
        }
      }
    }
  }
}

void Widener::CreateBlocks() {
  llvm::LLVMContext& context = to_.getContext();
  entry_ = llvm::BasicBlock::Create(context, "entry", &to_);
  const std::vector<Place>& places = schedule_.places();
  guards_.resize(places.size());
  bodies_.resize(places.size());
  for (unsigned i = 0; i < places.size(); ++i) {
    const Place& place = places[i];
    if (place.is_guarded) {
      guards_[i] = llvm::BasicBlock::Create(
          context, place.block->getName() + (place.is_bottom ? ".turn" : ".guard"), &to_);
    }
    if (!place.is_bottom) bodies_[i] = llvm::BasicBlock::Create(context, place.block->getName(), &to_);
  }
  ir_.SetInsertPoint(entry_);
  for (const llvm::BasicBlock& block : from_) {
    if (HasWaitSlot(block))
      waiting_[&block] = NewSlot(WideType(ir_.getInt1Ty()), block.getName() + ".waiting");
  }
  entry_mask_ = lanes_.shape() == WarpShape::kRow
                    ? static_cast<Value*>(AllLanes())
                    : ir_.CreateBitCast(to_.getArg(5), WideType(ir_.getInt1Ty()), "lanes");
  llvm::BranchInst* jump = ir_.CreateBr(bodies_[0]);
  ir_.SetInsertPoint(jump);
}

bool Widener::HasWaitSlot(const llvm::BasicBlock& block) const {
  const unsigned number = schedule_.PlaceOf(block);
  const Place& place = schedule_.places()[number];
  if (number == 0) return false;
  if (place.mask == number || place.is_guarded) return true;
  const unsigned bottom = schedule_.BottomOf(block);
  return bottom != 0 && schedule_.places()[bottom].is_guarded;
}

llvm::AllocaInst* Widener::NewSlot(llvm::Type* type, const llvm::Twine& name, llvm::Align align) {
  llvm::IRBuilder<> ir(entry_, entry_->begin());
  llvm::AllocaInst* slot = ir.CreateAlloca(type, nullptr, name);
  slot->setAlignment(align);
  return slot;
}

Widener::Slots& Widener::SlotsOf(const Value& value) {
  Slots& slots = slots_[&value];
  if (slots.scalar != nullptr || !slots.leaves.empty()) return slots;
  const Kind kind = lanes_.KindOf(value);
  if (kind != Kind::kVarying) slots.scalar = NewSlot(value.getType(), value.getName() + ".base");
  const bool is_conditional = kind == Kind::kPattern && lanes_.PatternOf(value).is_conditional;
  if (is_conditional) slots.valid = NewSlot(ir_.getInt1Ty(), value.getName() + ".valid");
  if (kind == Kind::kVarying || (is_conditional && llvm::isa<llvm::PHINode>(value))) {
    llvm::SmallVector<llvm::Type*, 4> types;
    LeafTypes(value.getType(), types);
    for (llvm::Type* type : types)
      slots.leaves.push_back(NewSlot(WideType(type), value.getName() + ".lanes"));
  }
  return slots;
}

// Loads stand at the head of the block, so that what they give can be used anywhere in it.
Value* Widener::LoadAtHead(llvm::AllocaInst* slot) {
  llvm::IRBuilder<> ir(head_->getTerminator());
  return ir.CreateLoad(slot->getAllocatedType(), slot);
}

void Widener::Keep(const llvm::Instruction& instruction) {
  if (!crosses_.contains(&instruction) || llvm::isa<llvm::PHINode>(instruction)) return;
  Slots& slots = SlotsOf(instruction);
  if (slots.scalar != nullptr) ir_.CreateStore(Scalar(&instruction), slots.scalar);
  if (slots.valid != nullptr) {
    Value* valid = Valid(&instruction);
    ir_.CreateStore(valid != nullptr ? valid : ir_.getTrue(), slots.valid);
  }
  for (size_t i = 0; i < slots.leaves.size(); ++i) ir_.CreateStore(Vector(&instruction)[i], slots.leaves[i]);
}

void Widener::EmitPlace(unsigned number) {
  const Place& place = schedule_.places()[number];
  if (place.is_guarded) {
    ir_.SetInsertPoint(guards_[number]);
    ir_.SetCurrentDebugLocation(llvm::DebugLoc());
    Value* waiting = ir_.CreateLoad(WideType(ir_.getInt1Ty()), waiting_[place.block]);
    Value* any = Any(waiting);
    llvm::BasicBlock* body = bodies_[schedule_.PlaceOf(*place.block)];
    const bool has_next = place.waiting.any();
    llvm::BasicBlock* next = has_next ? EntryOf(schedule_.Skip(number)) : nullptr;
    if (next != nullptr) {
      ir_.CreateCondBr(any, body, next);
    } else {
      ir_.CreateBr(body);
    }
  }
  if (!place.is_bottom) EmitBody(*place.block);
}

void Widener::EmitBody(const llvm::BasicBlock& block) {
  const unsigned number = schedule_.PlaceOf(block);
  const Place& place = schedule_.places()[number];
  block_ = &block;
  scalars_.clear();
  valid_.clear();
  leaves_.clear();
  factors_.clear();
  products_.clear();
  head_ = bodies_[number];
  llvm::BasicBlock* code = llvm::BasicBlock::Create(to_.getContext(), block.getName() + ".code", &to_);
  code->moveAfter(head_);
  llvm::BranchInst::Create(code, head_);
  ir_.SetInsertPoint(code);
  ir_.SetCurrentDebugLocation(llvm::DebugLoc());

  // The lanes of this run, for the blocks that have the same.
  if (place.mask == 0) {
    mask_ = entry_mask_;
  } else if (place.mask == number) {
    mask_ = LoadAtHead(waiting_[&block]);
    llvm::AllocaInst*& slot = masks_[number];
    if (slot == nullptr) slot = NewSlot(mask_->getType(), block.getName() + ".mask");
    ir_.CreateStore(mask_, slot);
  } else {
    llvm::AllocaInst*& slot = masks_[place.mask];
    if (slot == nullptr) slot = NewSlot(WideType(ir_.getInt1Ty()), "mask");
    mask_ = LoadAtHead(slot);
  }
  if (HasWaitSlot(block)) ir_.CreateStore(llvm::Constant::getNullValue(mask_->getType()), waiting_[&block]);

  for (const llvm::PHINode& phi : block.phis()) {
    Slots& slots = SlotsOf(phi);
    if (slots.scalar != nullptr) scalars_[&phi] = LoadAtHead(slots.scalar);
    if (slots.valid != nullptr) valid_[&phi] = LoadAtHead(slots.valid);
    Leaves leaves;
    for (llvm::AllocaInst* slot : slots.leaves) leaves.push_back(LoadAtHead(slot));
    if (!leaves.empty()) leaves_[&phi] = leaves;
  }
  // What lanes bring for the next turn must not meet what this turn still reads.
  for (const llvm::PHINode& phi : block.phis()) {
    if (!crosses_.contains(&phi)) continue;
    Slots& copy = copies_[&phi];
    Slots& slots = SlotsOf(phi);
    if (slots.scalar != nullptr) {
      if (copy.scalar == nullptr) copy.scalar = NewSlot(phi.getType(), phi.getName());
      ir_.CreateStore(scalars_[&phi], copy.scalar);
    }
    if (slots.valid != nullptr) {
      if (copy.valid == nullptr) copy.valid = NewSlot(ir_.getInt1Ty(), phi.getName());
      ir_.CreateStore(valid_[&phi], copy.valid);
    }
    for (size_t i = 0; i < slots.leaves.size(); ++i) {
      if (copy.leaves.size() <= i)
        copy.leaves.push_back(NewSlot(slots.leaves[i]->getAllocatedType(), phi.getName()));
      ir_.CreateStore(leaves_[&phi][i], copy.leaves[i]);
    }
  }
  if (mask_ != AllLanes() && PaysForAllLanes(block)) EmitForAllLanes(block);
  EmitInstructions(block);
}

void Widener::EmitInstructions(const llvm::BasicBlock& block) {
  for (const llvm::Instruction& instruction : block) {
    if (llvm::isa<llvm::PHINode>(instruction) || instruction.isTerminator()) continue;
    ir_.SetCurrentDebugLocation(instruction.getDebugLoc());
    Emit(instruction);
    Keep(instruction);
  }
  ir_.SetCurrentDebugLocation(block.getTerminator()->getDebugLoc());
  EmitTerminator(block);
}

// What runs with all lanes needs no masks: one look for all of a block's accesses (ForAllOrSome).
bool Widener::PaysForAllLanes(const llvm::BasicBlock& block) const {
  if (block.size() > kMaxTwice) return false;
  bool found = false;
  for (const llvm::Instruction& instruction : block) {
    if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
        call != nullptr && !call->doesNotAccessMemory())
      return false;
    if (instruction.isAtomic()) return false;
    const Value* pointer = llvm::getLoadStorePointerOperand(&instruction);
    found |= pointer != nullptr && HasPattern(pointer);
  }
  return found;
}

// The block once more, for when no lane is off.
void Widener::EmitForAllLanes(const llvm::BasicBlock& block) {
  llvm::LLVMContext& context = to_.getContext();
  llvm::BasicBlock* all = llvm::BasicBlock::Create(context, block.getName() + ".all", &to_);
  llvm::BasicBlock* some = llvm::BasicBlock::Create(context, block.getName() + ".some", &to_);
  ir_.CreateCondBr(ir_.CreateICmpEQ(Bits(mask_), ir_.getInt32(~0u)), all, some, Likely());
  Value* mask = mask_;
  const auto scalars = scalars_, valid = valid_;
  const auto leaves = leaves_;
  mask_ = AllLanes();
  ir_.SetInsertPoint(all);
  EmitInstructions(block);
  mask_ = mask;
  scalars_ = scalars;
  valid_ = valid;
  leaves_ = leaves;
  ir_.SetInsertPoint(some);
  ir_.SetCurrentDebugLocation(llvm::DebugLoc());
}

llvm::BasicBlock* Widener::EntryOf(const Step& step) {
  const Place& place = schedule_.places()[step.place];
  if (!step.is_certain) return guards_[step.place];
  return place.is_bottom ? bodies_[schedule_.PlaceOf(*place.block)] : bodies_[step.place];
}

void Widener::EmitStep(unsigned from, llvm::ArrayRef<unsigned> targets) {
  ir_.CreateBr(EntryOf(schedule_.Next(from, targets)));
}

Value* Widener::EdgeLanes(const llvm::Instruction& terminator, unsigned successor) {
  if (auto* branch = llvm::dyn_cast<llvm::BranchInst>(&terminator)) {
    Value* condition = Vector1(branch->getCondition());
    return And(Mask(), successor == 0 ? condition : ir_.CreateNot(condition));
  }
  auto* table = llvm::cast<llvm::SwitchInst>(&terminator);
  Value* value = Vector1(table->getCondition());
  Value* lanes = nullptr;
  for (const auto& branch : table->cases()) {
    const bool wanted = branch.getSuccessorIndex() == successor;
    if (!wanted && successor != 0) continue;
    Value* equal = ir_.CreateICmpEQ(value, Vector1(branch.getCaseValue()));
    lanes = lanes == nullptr ? equal : ir_.CreateOr(lanes, equal);
  }
  if (successor == 0) return lanes == nullptr ? Mask() : And(Mask(), ir_.CreateNot(lanes));
  return And(Mask(), lanes);
}

void Widener::AddLanes(const llvm::BasicBlock& from, const llvm::BasicBlock& to, Value* lanes) {
  if (!HasWaitSlot(to)) return;
  llvm::AllocaInst* slot = waiting_[&to];
  // Behind a loop that lanes leave in different turns, those of earlier turns wait already.
  if (to.getSinglePredecessor() != nullptr && !schedule_.LeavesDivergingLoop(from, to)) {
    ir_.CreateStore(lanes, slot);
    return;
  }
  Value* before = ir_.CreateLoad(lanes->getType(), slot);
  ir_.CreateStore(ir_.CreateOr(before, lanes), slot);
}

// Whether the lanes of this edge are all that will read the phis of `to` next.
static bool IsOnlySource(const Schedule& schedule, const llvm::BasicBlock& from, const llvm::BasicBlock& to) {
  return to.getSinglePredecessor() != nullptr || schedule.IsHeader(to) || schedule.CarriesAll(from, to);
}

void Widener::PassPhis(const llvm::BasicBlock& from, const llvm::BasicBlock& to, Value* lanes) {
  // Exits of a loop that lanes leave in different turns collect what each brings. Where no lane waits yet,
  // whoever comes later puts his in.
  const bool replaces = (IsOnlySource(schedule_, from, to) && !schedule_.LeavesDivergingLoop(from, to)) ||
                        !schedule_.MayWait(from, to);
  struct Write {
    Value* value;
    llvm::AllocaInst* slot;
    bool is_vector;
  };
  llvm::SmallVector<Write, 8> writes;
  for (const llvm::PHINode& phi : to.phis()) {
    const Value* input = phi.getIncomingValueForBlock(&from);
    if (llvm::isa<llvm::UndefValue>(input)) continue;
    Slots& slots = SlotsOf(phi);
    if (slots.scalar != nullptr) {
      Value* scalar = Scalar(input);
      // Another pattern's base counts from its own offset of lane 0; equal patterns have equal ones.
      writes.push_back({scalar, slots.scalar, false});
    }
    if (slots.valid != nullptr) {
      Value* valid = HasPattern(input) ? Valid(input) : nullptr;
      writes.push_back({valid != nullptr ? valid : ir_.getTrue(), slots.valid, false});
    }
    if (slots.leaves.empty()) continue;
    Leaves leaves = Vector(input);
    for (size_t i = 0; i < leaves.size(); ++i) writes.push_back({leaves[i], slots.leaves[i], true});
  }
  for (Write& write : writes) {
    if (!write.is_vector || replaces) continue;
    Value* before = ir_.CreateLoad(write.value->getType(), write.slot);
    write.value = ir_.CreateSelect(lanes, write.value, before);
  }
  for (const Write& write : writes) ir_.CreateStore(write.value, write.slot);
}

void Widener::EmitTerminator(const llvm::BasicBlock& block) {
  const llvm::Instruction& terminator = *block.getTerminator();
  const unsigned number = schedule_.PlaceOf(block);
  const unsigned count = terminator.getNumSuccessors();
  if (count == 0) {
    if (splits_) {
      ir_.CreateRet(ir_.getInt32(kEnded));
    } else {
      ir_.CreateRetVoid();
    }
    return;
  }
  llvm::SmallVector<unsigned, 4> targets;
  for (const llvm::BasicBlock* next : llvm::successors(&block))
    targets.push_back(schedule_.Target(block, *next));
  if (!schedule_.places()[number].diverges) {
    llvm::SmallVector<llvm::BasicBlock*, 4> ways;
    llvm::BasicBlock* here = ir_.GetInsertBlock();
    Value* condition = nullptr;
    if (auto* branch = llvm::dyn_cast<llvm::BranchInst>(&terminator);
        branch != nullptr && branch->isConditional()) {
      condition = Scalar(branch->getCondition());
    } else if (auto* table = llvm::dyn_cast<llvm::SwitchInst>(&terminator)) {
      condition = Scalar(table->getCondition());
    }
    for (unsigned i = 0; i < count; ++i) {
      const llvm::BasicBlock* next = terminator.getSuccessor(i);
      llvm::BasicBlock* way = here;
      if (condition != nullptr) {
        way = llvm::BasicBlock::Create(to_.getContext(), block.getName() + ".to", &to_);
        way->moveAfter(here);
        ways.push_back(way);
      }
      ir_.SetInsertPoint(way);
      const Detour detour(*this);
      PassPhis(block, *next, Mask());
      AddLanes(block, *next, Mask());
      EmitStep(number, targets[i]);
    }
    if (condition == nullptr) return;
    ir_.SetInsertPoint(here);
    if (llvm::isa<llvm::BranchInst>(terminator)) {
      ir_.CreateCondBr(condition, ways[0], ways[1])->copyMetadata(terminator, {llvm::LLVMContext::MD_prof});
    } else {
      auto* table = llvm::cast<llvm::SwitchInst>(&terminator);
      llvm::SwitchInst* made = ir_.CreateSwitch(condition, ways[0], table->getNumCases());
      for (const auto& branch : table->cases())
        made->addCase(llvm::cast<llvm::ConstantInt>(Scalar(branch.getCaseValue())),
                      ways[branch.getSuccessorIndex()]);
    }
    return;
  }
  // Lanes of edges to the same block go there together.
  llvm::SmallVector<std::pair<const llvm::BasicBlock*, Value*>, 4> edges;
  for (unsigned i = 0; i < count; ++i) {
    const llvm::BasicBlock* next = terminator.getSuccessor(i);
    auto* same = llvm::find_if(edges, [next](const auto& edge) { return edge.first == next; });
    Value* lanes = EdgeLanes(terminator, i);
    if (same == edges.end()) {
      edges.push_back({next, lanes});
    } else {
      same->second = ir_.CreateOr(same->second, lanes);
    }
  }
  for (const auto& [next, lanes] : edges) PassPhis(block, *next, lanes);
  for (const auto& [next, lanes] : edges) AddLanes(block, *next, lanes);
  EmitStep(number, targets);
}

// Slots become registers.
void Widener::Promote() {
  llvm::SmallVector<llvm::AllocaInst*, 64> slots;
  for (llvm::Instruction& instruction : *entry_) {
    auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&instruction);
    if (slot != nullptr && llvm::isAllocaPromotable(slot)) slots.push_back(slot);
  }
  // Nobody waits anywhere at first.
  ir_.SetInsertPoint(entry_->getTerminator());
  for (const auto& [block, slot] : waiting_) {
    ir_.CreateStore(llvm::Constant::getNullValue(slot->getAllocatedType()), slot);
  }
  llvm::DominatorTree dominators(to_);
  llvm::PromoteMemToReg(slots, dominators);
}

// ---- Sets of lanes ----

llvm::Constant* Widener::AllLanes() const {
  return llvm::Constant::getAllOnesValue(WideType(llvm::Type::getInt1Ty(to_.getContext())));
}

llvm::Constant* Widener::LaneNumbers(unsigned width) const {
  llvm::SmallVector<llvm::Constant*, kLanes> numbers;
  llvm::Type* type = llvm::Type::getIntNTy(to_.getContext(), width);
  for (unsigned i = 0; i < kLanes; ++i) numbers.push_back(llvm::ConstantInt::get(type, i));
  return llvm::ConstantVector::get(numbers);
}

Value* Widener::Bits(Value* lanes) { return ir_.CreateBitCast(lanes, ir_.getInt32Ty()); }

Value* Widener::Any(Value* lanes) { return ir_.CreateICmpNE(Bits(lanes), ir_.getInt32(0)); }

Value* Widener::And(Value* lanes, Value* condition) {
  return ir_.CreateSelect(lanes, condition, llvm::Constant::getNullValue(lanes->getType()));
}

}  // namespace tq::simt::vector
