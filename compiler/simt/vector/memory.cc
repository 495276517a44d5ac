// Loads and stores: the cheapest form that the addresses of the lanes allow.
#include "compiler/simt/scalar_tier.h"
#include "compiler/simt/vector/interleave_locals.h"
#include "compiler/simt/vector/split_at_barriers.h"
#include "compiler/simt/vector/widener.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Support/Alignment.h"

namespace tq::simt::vector {
namespace {

using llvm::Value;

bool IsConsecutive(const Pattern& pattern, uint64_t size) {
  for (unsigned i = 1; i < kLanes; ++i) {
    if (pattern.offsets[i] - pattern.offsets[0] != static_cast<int64_t>(i * size)) return false;
  }
  return true;
}

// A volatile or ordered access is one machine access for each lane, of its own size.
template <typename Access>
bool IsOrdered(const Access& access) {
  return access.isVolatile() || access.isAtomic();
}

}  // namespace

bool Widener::IsFull() const { return mask_ == AllLanes(); }

Value* Widener::CopyAliases(const llvm::Instruction& from, Value* to) {
  static constexpr unsigned kKinds[] = {llvm::LLVMContext::MD_alias_scope, llvm::LLVMContext::MD_noalias};
  auto* instruction = llvm::dyn_cast<llvm::Instruction>(to);
  if (instruction != nullptr) instruction->copyMetadata(from, kKinds);
  return to;
}

// All lanes' vectors behind each other, unless something wraps.
bool Widener::MayBeRun(const Value* pointer, uint64_t lane_bytes) const {
  return IsFull() && HasPattern(pointer) && IsConsecutive(lanes_.PatternOf(*pointer), lane_bytes);
}

// Where lane 0's consecutive run begins.
Value* Widener::FirstAddress(const Value* pointer, const Pattern& pattern) {
  return ir_.CreateGEP(ir_.getInt8Ty(), Scalar(pointer),
                       ir_.getInt64(static_cast<uint64_t>(pattern.offsets[0])));
}

void Widener::EmitLoad(const llvm::LoadInst& load) {
  if (IsUniform(&load) && IsUniform(load.getPointerOperand())) return EmitUniform(load);
  if (IsUniform(load.getPointerOperand())) {
    // One access for all lanes, of a place that they may not all see alike: an ordered one.
    llvm::Instruction* clone = load.clone();
    clone->setOperand(0, Scalar(load.getPointerOperand()));
    ir_.Insert(clone);
    Leaves leaves;
    for (Value* leaf : SplitScalar(clone)) leaves.push_back(Splat(leaf));
    SetLeaves(&load, std::move(leaves));
    return;
  }
  llvm::SmallVector<llvm::Type*, 4> types;
  LeafTypes(load.getType(), types);
  const bool is_simple = llvm::all_of(types, [&](llvm::Type* type) {
    const unsigned bits = type->isPointerTy() ? 64 : type->getScalarSizeInBits();
    return bits >= 8 && bits <= 64 && llvm::isPowerOf2_32(bits) && type == types[0];
  });
  if (IsOrdered(load) || !is_simple) return LoopOverLanes(load);
  const Value* pointer = load.getPointerOperand();
  const uint64_t size = module_.getDataLayout().getTypeStoreSize(types[0]).getFixedValue();
  const unsigned piece_lanes = LanesOfPiece(pointer, size * types.size());
  const bool has_pieces = piece_lanes > 0 && piece_lanes < kLanes && !MayBeRun(pointer, size * types.size());
  if (has_pieces) return SetLeaves(&load, LoadPieces(load, types, piece_lanes));
  if (!HasPattern(pointer)) {
    Leaves leaves = GatherLanes(load);
    if (leaves.empty()) return LoopOverLanes(load);
    SetLeaves(&load, std::move(leaves));
    return;
  }
  const Pattern& pattern = lanes_.PatternOf(*pointer);
  const bool is_run = IsConsecutive(pattern, size * types.size()) && (types.size() == 1 || IsFull());
  const bool is_shuffled =
      !is_run && types.size() == 1 && (IsFull() || machine_.avx512) && CanLoadShuffled(pattern, size);
  if (!is_run && !is_shuffled) {
    const bool can_gather = !pattern.is_conditional || machine_.avx512;
    Leaves leaves = can_gather ? GatherLanes(load) : Leaves{};
    if (leaves.empty()) return LoopOverLanes(load);
    SetLeaves(&load, std::move(leaves));
    return;
  }
  auto load_known = [&]() -> Leaves {
    if (is_run) return LoadRun(load, pattern);
    auto shuffled = [&] { return LoadShuffled(load, pattern, size); };
    if (IsFull()) return {shuffled()};
    return {ForAllOrSome(shuffled, [&] {
      const Detour detour(*this);
      return GatherLanes(load)[0];
    })};
  };
  Value* valid = Valid(pointer);
  if (valid == nullptr) return SetLeaves(&load, load_known());
  // The run may be none: then each lane for itself.
  llvm::LLVMContext& context = to_.getContext();
  llvm::BasicBlock* run = llvm::BasicBlock::Create(context, "run", &to_);
  llvm::BasicBlock* apart = llvm::BasicBlock::Create(context, "apart", &to_);
  llvm::BasicBlock* joined = llvm::BasicBlock::Create(context, "loaded", &to_);
  ir_.CreateCondBr(valid, run, apart, Likely());
  ir_.SetInsertPoint(run);
  const Leaves fast = load_known();
  llvm::BasicBlock* run_end = ir_.GetInsertBlock();
  ir_.CreateBr(joined);
  ir_.SetInsertPoint(apart);
  Leaves slow;
  {
    const Detour detour(*this);
    LoopOverLanes(load);
    slow = leaves_[&load];
  }
  llvm::BasicBlock* apart_end = ir_.GetInsertBlock();
  ir_.CreateBr(joined);
  ir_.SetInsertPoint(joined);
  Leaves leaves;
  for (size_t i = 0; i < fast.size(); ++i) {
    llvm::PHINode* phi = ir_.CreatePHI(fast[i]->getType(), 2);
    phi->addIncoming(fast[i], run_end);
    phi->addIncoming(slow[i], apart_end);
    leaves.push_back(phi);
  }
  SetLeaves(&load, std::move(leaves));
}

llvm::MDNode* Widener::Likely() {
  return llvm::MDNode::get(to_.getContext(), {llvm::MDString::get(to_.getContext(), "branch_weights"),
                                              llvm::ConstantAsMetadata::get(ir_.getInt32(1 << 20)),
                                              llvm::ConstantAsMetadata::get(ir_.getInt32(1))});
}

// Lanes that follow each other in memory: one vector, or one that is taken apart for values of several
// scalars.
Leaves Widener::LoadRun(const llvm::LoadInst& load, const Pattern& pattern) {
  llvm::SmallVector<llvm::Type*, 4> types;
  LeafTypes(load.getType(), types);
  const auto count = static_cast<unsigned>(types.size());
  Value* pointer = FirstAddress(load.getPointerOperand(), pattern);
  llvm::Type* whole = llvm::FixedVectorType::get(types[0], kLanes * count);
  auto unmasked = [&] {
    Value* made = ir_.CreateAlignedLoad(whole, pointer, load.getAlign());
    CopyAliases(load, made);
    return made;
  };
  Value* all = IsFull() ? unmasked() : ForAllOrSome(unmasked, [&] {
    Value* made =
        ir_.CreateMaskedLoad(whole, pointer, load.getAlign(), Mask(), llvm::PoisonValue::get(whole));
    CopyAliases(load, made);
    return made;
  });
  if (count == 1) return {all};
  Leaves leaves;
  for (unsigned leaf = 0; leaf < count; ++leaf) {
    llvm::SmallVector<int, kLanes> mask;
    for (unsigned i = 0; i < kLanes; ++i) mask.push_back(static_cast<int>(i * count + leaf));
    leaves.push_back(ir_.CreateShuffleVector(all, mask));
  }
  return leaves;
}

Value* Widener::LeafPointers(const Value* pointer, uint64_t offset) {
  Value* pointers = Vector1(pointer);
  return offset == 0 ? pointers : ir_.CreateGEP(ir_.getInt8Ty(), pointers, ir_.getInt64(offset));
}

Leaves Widener::GatherLanes(const llvm::LoadInst& load) {
  if (!machine_.avx512) return {};
  llvm::SmallVector<llvm::Type*, 4> types;
  LeafTypes(load.getType(), types);
  const uint64_t size = module_.getDataLayout().getTypeStoreSize(types[0]).getFixedValue();
  const unsigned bits = static_cast<unsigned>(size) * 8;
  Leaves leaves;
  for (size_t i = 0; i < types.size(); ++i) {
    Value* pointers = LeafPointers(load.getPointerOperand(), i * size);
    const llvm::Align align = llvm::commonAlignment(load.getAlign(), i * size);
    Value* made;
    if (bits >= 32) {
      made = ir_.CreateMaskedGather(WideType(types[i]), pointers, align, Mask());
      CopyAliases(load, made);
    } else {
      // The aligned word around it, which lies in the same page.
      Value* addresses = ir_.CreatePtrToInt(pointers, WideType(ir_.getInt64Ty()));
      Value* words = ir_.CreateIntToPtr(ir_.CreateAnd(addresses, Splat(ir_.getInt64(~uint64_t{3}))),
                                        pointers->getType());
      made = ir_.CreateMaskedGather(WideType(ir_.getInt32Ty()), words, llvm::Align(4), Mask());
      Value* shift = ir_.CreateShl(ir_.CreateAnd(ir_.CreateTrunc(addresses, WideType(ir_.getInt32Ty())),
                                                 Splat(ir_.getInt32(bits == 8 ? 3 : 2))),
                                   Splat(ir_.getInt32(3)));
      made = ir_.CreateTrunc(ir_.CreateLShr(made, shift), WideType(ir_.getIntNTy(bits)));
      made = ir_.CreateBitCast(made, WideType(types[i]));
    }
    leaves.push_back(made);
  }
  return leaves;
}

void Widener::EmitStore(const llvm::StoreInst& store) {
  const Value* pointer = store.getPointerOperand();
  const Value* value = store.getValueOperand();
  if (IsUniform(pointer)) {
    if (IsUniform(value)) return EmitUniform(store);
    // The highest lane comes last.
    Value* lane =
        ir_.CreateSub(ir_.getInt32(kLanes - 1),
                      ir_.CreateBinaryIntrinsic(llvm::Intrinsic::ctlz, Bits(Mask()), ir_.getTrue()));
    Leaves leaves;
    for (Value* leaf : Vector(value)) leaves.push_back(ir_.CreateExtractElement(leaf, lane));
    auto* clone = llvm::cast<llvm::StoreInst>(store.clone());
    clone->setOperand(0, JoinScalar(value->getType(), leaves));
    clone->setOperand(llvm::StoreInst::getPointerOperandIndex(), Scalar(pointer));
    ir_.Insert(clone);
    return;
  }
  llvm::SmallVector<llvm::Type*, 4> types;
  LeafTypes(value->getType(), types);
  const bool is_simple = llvm::all_of(types, [&](llvm::Type* type) {
    const unsigned bits = type->isPointerTy() ? 64 : type->getScalarSizeInBits();
    return bits >= 8 && bits <= 64 && llvm::isPowerOf2_32(bits) && type == types[0];
  });
  if (IsOrdered(store) || !is_simple) return LoopOverLanes(store);
  const uint64_t size = module_.getDataLayout().getTypeStoreSize(types[0]).getFixedValue();
  const unsigned piece_lanes = LanesOfPiece(pointer, size * types.size());
  const bool has_pieces = piece_lanes > 0 && piece_lanes < kLanes && !MayBeRun(pointer, size * types.size());
  if (has_pieces) return StorePieces(store, piece_lanes);
  const Pattern* pattern = HasPattern(pointer) ? &lanes_.PatternOf(*pointer) : nullptr;
  const bool is_run =
      pattern != nullptr && IsConsecutive(*pattern, size * types.size()) && (types.size() == 1 || IsFull());
  const bool is_runs =
      !is_run && pattern != nullptr && types.size() == 1 && IsFull() && CanStoreRuns(*pattern, size);
  if (!is_run && !is_runs) return ScatterLanes(store);
  auto store_known = [&] { is_run ? StoreRun(store, *pattern) : StoreRuns(store, *pattern, size); };
  Value* valid = Valid(pointer);
  if (valid == nullptr) return store_known();
  const Leaves before = Vector(value);  // for both ways
  static_cast<void>(before);
  llvm::LLVMContext& context = to_.getContext();
  llvm::BasicBlock* run = llvm::BasicBlock::Create(context, "run", &to_);
  llvm::BasicBlock* apart = llvm::BasicBlock::Create(context, "apart", &to_);
  llvm::BasicBlock* joined = llvm::BasicBlock::Create(context, "stored", &to_);
  ir_.CreateCondBr(valid, run, apart, Likely());
  ir_.SetInsertPoint(run);
  store_known();
  ir_.CreateBr(joined);
  ir_.SetInsertPoint(apart);
  {
    const Detour detour(*this);
    LoopOverLanes(store);
  }
  ir_.CreateBr(joined);
  ir_.SetInsertPoint(joined);
}

// Scattered lanes are written in order, the highest last.
void Widener::ScatterLanes(const llvm::StoreInst& store) {
  const Leaves leaves = Vector(store.getValueOperand());
  const uint64_t size =
      module_.getDataLayout().getTypeStoreSize(leaves[0]->getType()->getScalarType()).getFixedValue();
  if (!machine_.avx512 || size < 4) return LoopOverLanes(store);
  for (size_t i = 0; i < leaves.size(); ++i) {
    CopyAliases(store, ir_.CreateMaskedScatter(leaves[i], LeafPointers(store.getPointerOperand(), i * size),
                                               llvm::commonAlignment(store.getAlign(), i * size), Mask()));
  }
}

void Widener::StoreRun(const llvm::StoreInst& store, const Pattern& pattern) {
  Leaves leaves = Vector(store.getValueOperand());
  Value* pointer = FirstAddress(store.getPointerOperand(), pattern);
  Value* all = leaves[0];
  const auto count = static_cast<unsigned>(leaves.size());
  if (count > 1) {
    // All leaves behind each other (padded to equal halves), then lane by lane.
    llvm::SmallVector<Value*, 4> parts(leaves.begin(), leaves.end());
    while (!llvm::isPowerOf2_64(parts.size())) parts.push_back(llvm::PoisonValue::get(parts[0]->getType()));
    while (parts.size() > 1) {
      llvm::SmallVector<Value*, 4> halves;
      for (size_t i = 0; i < parts.size(); i += 2) {
        llvm::SmallVector<int, 64> mask;
        const unsigned width = llvm::cast<llvm::FixedVectorType>(parts[i]->getType())->getNumElements();
        for (unsigned j = 0; j < 2 * width; ++j) mask.push_back(static_cast<int>(j));
        halves.push_back(ir_.CreateShuffleVector(parts[i], parts[i + 1], mask));
      }
      parts = halves;
    }
    llvm::SmallVector<int, 128> mask;
    for (unsigned i = 0; i < kLanes * count; ++i)
      mask.push_back(static_cast<int>(i % count * kLanes + i / count));
    all = ir_.CreateShuffleVector(parts[0], mask);
  }
  auto unmasked = [&]() -> Value* {
    CopyAliases(store, ir_.CreateAlignedStore(all, pointer, store.getAlign()));
    return nullptr;
  };
  if (IsFull()) {
    unmasked();
    return;
  }
  ForAllOrSome(unmasked, [&]() -> Value* {
    CopyAliases(store, ir_.CreateMaskedStore(all, pointer, store.getAlign(), Mask()));
    return nullptr;
  });
}

// An access without a mask where no lane is off: on some processors a masked one waits until those before it
// have ended.
Value* Widener::ForAllOrSome(llvm::function_ref<Value*()> unmasked, llvm::function_ref<Value*()> masked) {
  llvm::LLVMContext& context = to_.getContext();
  llvm::BasicBlock* all = llvm::BasicBlock::Create(context, "all", &to_);
  llvm::BasicBlock* some = llvm::BasicBlock::Create(context, "some", &to_);
  llvm::BasicBlock* joined = llvm::BasicBlock::Create(context, "accessed", &to_);
  ir_.CreateCondBr(ir_.CreateICmpEQ(Bits(Mask()), ir_.getInt32(~0u)), all, some, Likely());
  ir_.SetInsertPoint(all);
  Value* of_all = unmasked();
  ir_.CreateBr(joined);
  ir_.SetInsertPoint(some);
  Value* of_some = masked();
  ir_.CreateBr(joined);
  ir_.SetInsertPoint(joined);
  if (of_all == nullptr) return nullptr;
  llvm::PHINode* made = ir_.CreatePHI(of_all->getType(), 2);
  made->addIncoming(of_all, all);
  made->addIncoming(of_some, some);
  return made;
}

// Of the copies of all lanes.
static uint64_t BytesOfLanes(const llvm::AllocaInst& slot) {
  const uint64_t bytes = slot.getAllocationSize(slot.getDataLayout())->getFixedValue();
  return std::max(LanePitch(slot), bytes) * kLanes;
}

// One copy for each lane: addresses of local variables may go anywhere.
void Widener::EmitAlloca(const llvm::AllocaInst& slot) {
  llvm::AllocaInst* wide = NewSlot(llvm::ArrayType::get(ir_.getInt8Ty(), BytesOfLanes(slot)), slot.getName(),
                                   std::max(slot.getAlign(), llvm::Align(16)));
  wide->setMetadata(kStaysMark, llvm::MDNode::get(to_.getContext(), {}));
  SetScalar(&slot, wide);
}

// A variable is filled as a whole at the beginning, for all lanes at once: those that are off have theirs.
bool Widener::EmitFill(const llvm::MemSetInst& fill) {
  auto* slot = llvm::dyn_cast<llvm::AllocaInst>(fill.getDest());
  auto* length = llvm::dyn_cast<llvm::ConstantInt>(fill.getLength());
  if (slot == nullptr || length == nullptr || block_ != &from_.getEntryBlock() ||
      !IsUniform(fill.getValue()) ||
      length->getZExtValue() != slot->getAllocationSize(module_.getDataLayout())->getFixedValue()) {
    return false;
  }
  ir_.CreateMemSetInline(Scalar(slot), slot->getAlign(), Scalar(fill.getValue()),
                         ir_.getInt64(BytesOfLanes(*slot)));
  return true;
}

// All lanes add to one place and nobody asks what was there: once, for all.
bool Widener::EmitUniformAtomic(const llvm::AtomicRMWInst& atomic) {
  if (!atomic.use_empty() || !IsUniform(atomic.getPointerOperand()) || !atomic.getType()->isIntegerTy())
    return false;
  const llvm::AtomicRMWInst::BinOp operation = atomic.getOperation();
  const bool is_sum = operation == llvm::AtomicRMWInst::Add || operation == llvm::AtomicRMWInst::Sub;
  if (!is_sum) return false;
  Value* values = Vector1(atomic.getValOperand());
  Value* zero = llvm::Constant::getNullValue(values->getType());
  Value* sum = ir_.CreateAddReduce(ir_.CreateSelect(Mask(), values, zero));
  llvm::Instruction* clone = atomic.clone();
  clone->setOperand(0, Scalar(atomic.getPointerOperand()));
  clone->setOperand(1, sum);
  ir_.Insert(clone);
  return true;
}

// In shared memory, where an atomic operation is three plain instructions, a loop costs as much again. Faults
// are those of the warp's first lane, as they are of gathers.
bool Widener::EmitSharedAtomic(const llvm::AtomicRMWInst& atomic) {
  if (!atomic.use_empty() || atomic.getMetadata(kSharedMark) == nullptr) return false;
  const Value* value = atomic.getValOperand();
  Value* addresses = Vector1(atomic.getPointerOperand());
  Value* values = IsUniform(value) ? nullptr : Vector1(value);
  Value* scalar = IsUniform(value) ? Scalar(value) : nullptr;
  auto for_all = [&]() -> Value* {
    llvm::AllocaInst* places = Spill(addresses);
    llvm::AllocaInst* operands = values != nullptr ? Spill(values) : nullptr;
    for (unsigned i = 0; i < kLanes; ++i) {
      auto* clone = llvm::cast<llvm::AtomicRMWInst>(atomic.clone());
      clone->setOperand(0, LaneOf(places, ir_.getPtrTy(), ir_.getInt64(i)));
      clone->setOperand(1,
                        operands != nullptr ? LaneOf(operands, value->getType(), ir_.getInt64(i)) : scalar);
      ir_.Insert(clone);
    }
    return nullptr;
  };
  if (IsFull()) {
    for_all();
    return true;
  }
  ForAllOrSome(for_all, [&]() -> Value* {
    const Detour detour(*this);
    LoopOverLanes(atomic);
    return nullptr;
  });
  return true;
}

}  // namespace tq::simt::vector
