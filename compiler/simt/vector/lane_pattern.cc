#include "compiler/simt/vector/lane_pattern.h"

#include <algorithm>
#include <bit>

#include "compiler/simt/intrinsics.h"
#include "compiler/simt/vector/interleave_locals.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/GetElementPtrTypeIterator.h"
#include "llvm/Support/KnownBits.h"

namespace tq::simt::vector {
namespace {

constexpr uint64_t kMaxTid = 1023;
constexpr int kMaxRounds = 8;

using Result = std::unique_ptr<Pattern>;

unsigned WidthOf(const llvm::Value& value) {
  return value.getType()->isPointerTy() ? 64 : value.getType()->getIntegerBitWidth();
}

bool HasWidth(const llvm::Value& value) {
  return value.getType()->isPointerTy() ||
         (value.getType()->isIntegerTy() && value.getType()->getIntegerBitWidth() <= 64);
}

int64_t Wrap(uint64_t value, unsigned width) {
  return width == 64 ? static_cast<int64_t>(value)
                     : static_cast<int64_t>(value << (64 - width)) >> (64 - width);
}

uint64_t Mask(unsigned width) { return width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

// A limit that holds in so many bits, or none.
uint64_t Limit(bool overflows, uint64_t limit, unsigned width) {
  return overflows || limit > Mask(width) ? UINT64_MAX : limit;
}

uint64_t SumOfLimits(uint64_t a, uint64_t b, unsigned width) {
  if (a == UINT64_MAX || b == UINT64_MAX) return UINT64_MAX;
  uint64_t sum;
  const bool overflows = __builtin_add_overflow(a, b, &sum);
  return Limit(overflows, sum, width);
}

uint64_t ProductOfLimits(uint64_t a, uint64_t b, unsigned width) {
  if (a == UINT64_MAX || b == UINT64_MAX) return UINT64_MAX;
  uint64_t product;
  const bool overflows = __builtin_mul_overflow(a, b, &product);
  return Limit(overflows, product, width);
}

// Whether one is the same in all lanes and ends in zeros, and the other is made of those bits.
bool HaveNoBitInCommon(const Pattern& a, const Pattern& b) {
  auto holds = [](const Pattern& high, const Pattern& low) {
    return high.offsets == Offsets{} && high.zero_bits < 64 && low.limit >> high.zero_bits == 0;
  };
  return holds(a, b) || holds(b, a);
}

template <typename Map>
Offsets MapOffsets(const Offsets& offsets, unsigned width, Map map) {
  Offsets result;
  for (unsigned i = 0; i < kLanes; ++i) result[i] = Wrap(map(static_cast<uint64_t>(offsets[i])), width);
  return result;
}

// Whether base + offset is at most `most` without wrapping around, in each lane.
bool StaysBelow(const Pattern& pattern, uint64_t most) {
  const int64_t least = pattern.Least(), greatest = pattern.Greatest();
  // The base and the least offset make a number: a lane has it, or the base's zeros have room for the offset.
  const bool has_least =
      least == 0 || (least > 0 && (pattern.zero_bits >= 63 || least >> pattern.zero_bits == 0));
  return has_least && pattern.limit <= most && greatest <= static_cast<int64_t>(most / 2) &&
         pattern.limit <= most - static_cast<uint64_t>(greatest - least);
}

bool IsBelow(const Offsets& offsets, unsigned bits) {
  return std::all_of(offsets.begin(), offsets.end(), [bits](int64_t offset) {
    return offset >= 0 && (bits >= 63 || offset < (int64_t{1} << bits));
  });
}

}  // namespace

bool Pattern::IsUniform() const { return Least() == Greatest(); }
int64_t Pattern::Least() const { return *std::min_element(offsets.begin(), offsets.end()); }
int64_t Pattern::Greatest() const { return *std::max_element(offsets.begin(), offsets.end()); }

LaneValues::LaneValues(llvm::Function& function, const llvm::DominatorTree& dominators,
                       const llvm::LoopInfo& loops, WarpShape shape, EdgeTest carries_all)
    : loops_(loops), shape_(shape), carries_all_(std::move(carries_all)) {
  for (int round = 0; round < kMaxRounds; ++round) {
    uniformity_ = std::make_unique<Uniformity>(function, dominators,
                                               [this](const llvm::Value& value) { return Known(value); });
    FindPatterns(function);
    const size_t before = settled_.size();
    for (const auto& [value, pattern] : patterns_) {
      if (pattern != nullptr && pattern->IsUniform() && !pattern->is_conditional &&
          !llvm::isa<llvm::PHINode>(value) && !uniformity_->IsUniform(*value)) {
        settled_.insert(value);
      }
    }
    // Of collectives the first look knows no operand.
    if (round > 0 && settled_.size() == before) return;
  }
}

Kind LaneValues::KindOf(const llvm::Value& value) const {
  if (!llvm::isa<llvm::Instruction>(value) || uniformity_->IsUniform(value)) return Kind::kUniform;
  auto found = patterns_.find(&value);
  return found != patterns_.end() && found->second != nullptr ? Kind::kPattern : Kind::kVarying;
}

const Pattern& LaneValues::PatternOf(const llvm::Value& value) const {
  return *patterns_.find(&value)->second;
}

Uniform LaneValues::Known(const llvm::Value& value) const {
  if (settled_.contains(&value)) return Uniform::kAlways;
  if (llvm::isa<llvm::AtomicRMWInst, llvm::AtomicCmpXchgInst, llvm::AllocaInst>(value))
    return Uniform::kNever;
  auto* call = llvm::dyn_cast<llvm::CallInst>(&value);
  if (call == nullptr || call->getCalledFunction() == nullptr) return Uniform::kByOperands;
  const std::optional<Intrinsic> intrinsic = Identify(*call->getCalledFunction());
  if (!intrinsic) {
    // A function with memory of its own, or others', answers each lane for itself.
    const bool is_pure = call->doesNotAccessMemory() || call->getCalledFunction()->isIntrinsic();
    return is_pure ? Uniform::kByOperands : Uniform::kNever;
  }
  switch (*intrinsic) {
    case Intrinsic::kTidX:
    case Intrinsic::kLaneid:
    case Intrinsic::kMalloc:
    case Intrinsic::kVprintf:
    case Intrinsic::kShflUp:
    case Intrinsic::kShflDown:
    case Intrinsic::kShflBfly:
    case Intrinsic::kMatchAny:
    case Intrinsic::kElect:
      return Uniform::kNever;
    case Intrinsic::kTidY:
    case Intrinsic::kTidZ:
      return shape_ == WarpShape::kRow ? Uniform::kAlways : Uniform::kNever;
    case Intrinsic::kShflIdx: {
      // One lane's value for all, where the segment is the warp.
      auto* clamp = llvm::dyn_cast<llvm::ConstantInt>(call->getArgOperand(3));
      const bool whole = clamp != nullptr && (clamp->getZExtValue() & 0x1f1f) == 0x1f;
      if (!whole || uniformity_ == nullptr) return Uniform::kNever;
      return KindOf(*call->getArgOperand(0)) == Kind::kUniform &&
                     KindOf(*call->getArgOperand(2)) == Kind::kUniform
                 ? Uniform::kAlways
                 : Uniform::kNever;
    }
    case Intrinsic::kActivemask:
    case Intrinsic::kClock64:
    case Intrinsic::kGlobaltimer:
    case Intrinsic::kBarrierReduce:
      return Uniform::kAlways;
    default:
      break;
  }
  if (EffectOf(*intrinsic) == Effect::kMatrix || EffectOf(*intrinsic) == Effect::kMatrixMove)
    return Uniform::kNever;
  if (EffectOf(*intrinsic) == Effect::kWarp) {
    // Votes, reductions and match.all: one answer for all lanes of one mask.
    return uniformity_ != nullptr && KindOf(*call->getArgOperand(0)) == Kind::kUniform ? Uniform::kAlways
                                                                                       : Uniform::kNever;
  }
  return Uniform::kByOperands;
}

void LaneValues::FindPatterns(llvm::Function& function) {
  patterns_.clear();
  llvm::ReversePostOrderTraversal<llvm::Function*> order(&function);
  // From what a first look says down to what holds: phis begin with their first input.
  int round = 0;
  for (bool changed = true; changed;) {
    changed = false;
    ++round;
    for (llvm::BasicBlock* block : order) {
      for (llvm::Instruction& instruction : *block) {
        if (!HasWidth(instruction)) continue;
        auto known = patterns_.find(&instruction);
        if (known != patterns_.end() && known->second == nullptr) continue;
        if (uniformity_->IsUniform(instruction) && !settled_.contains(&instruction)) continue;
        Result next = round > kMaxRounds ? nullptr : Derive(instruction);
        if (known == patterns_.end()) {
          patterns_[&instruction] = std::move(next);
          changed = true;
          continue;
        }
        const Pattern& before = *known->second;
        if (next != nullptr && before.offsets == next->offsets &&
            before.is_conditional == next->is_conditional && before.zero_bits == next->zero_bits &&
            before.limit == next->limit) {
          continue;
        }
        if (next != nullptr && before.offsets != next->offsets) next = nullptr;
        // A bound that moves is none.
        if (next != nullptr && round > 2 && next->limit != before.limit) next->limit = UINT64_MAX;
        known->second = std::move(next);
        changed = true;
      }
    }
  }
}

Result LaneValues::OfOperand(const llvm::Value& value) const {
  if (!HasWidth(value)) return nullptr;
  auto found = patterns_.find(&value);
  if (found != patterns_.end()) return found->second ? std::make_unique<Pattern>(*found->second) : nullptr;
  auto* instruction = llvm::dyn_cast<llvm::Instruction>(&value);
  // Not looked at yet: around a loop.
  if (instruction != nullptr && !uniformity_->IsUniform(value)) return nullptr;
  auto pattern = std::make_unique<Pattern>();
  if (value.getType()->isIntegerTy()) {
    const llvm::DataLayout* layout = nullptr;
    if (instruction != nullptr) layout = &instruction->getDataLayout();
    if (auto* number = llvm::dyn_cast<llvm::ConstantInt>(&value)) {
      pattern->zero_bits = number->getValue().countr_zero();
      pattern->limit = number->getZExtValue();
    } else if (layout != nullptr) {
      const llvm::KnownBits bits = llvm::computeKnownBits(&value, *layout);
      pattern->zero_bits = bits.countMinTrailingZeros();
      if (bits.countMinLeadingZeros() > 0) pattern->limit = bits.getMaxValue().getZExtValue();
    }
  }
  return pattern;
}

Result LaneValues::Derive(const llvm::Instruction& instruction) const {
  if (auto* phi = llvm::dyn_cast<llvm::PHINode>(&instruction)) return DerivePhi(*phi);
  if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction)) return DeriveCall(*call);
  if (auto* step = llvm::dyn_cast<llvm::GetElementPtrInst>(&instruction)) return DeriveElement(*step);
  if (auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&instruction)) {
    // Each lane has its own copy.
    auto pattern = std::make_unique<Pattern>();
    if (!slot->getAllocationSize(slot->getDataLayout()) || slot->isArrayAllocation()) return nullptr;
    const uint64_t pitch = LanePitch(*slot);
    for (unsigned i = 0; i < kLanes; ++i) pattern->offsets[i] = static_cast<int64_t>(i * pitch);
    pattern->zero_bits = llvm::Log2(slot->getAlign());
    return pattern;
  }
  if (llvm::isa<llvm::CastInst>(instruction)) return DeriveCast(instruction);
  if (llvm::isa<llvm::FreezeInst>(instruction)) return OfOperand(*instruction.getOperand(0));
  if (llvm::isa<llvm::BinaryOperator>(instruction)) return DeriveBinary(instruction);
  if (auto* select = llvm::dyn_cast<llvm::SelectInst>(&instruction)) {
    if (KindOf(*select->getCondition()) != Kind::kUniform) return nullptr;
    Result a = OfOperand(*select->getTrueValue()), b = OfOperand(*select->getFalseValue());
    if (a == nullptr || b == nullptr || a->offsets != b->offsets) return nullptr;
    a->zero_bits = std::min(a->zero_bits, b->zero_bits);
    a->limit = std::max(a->limit, b->limit);
    a->is_conditional |= b->is_conditional;
    return a;
  }
  return nullptr;
}

Result LaneValues::DeriveBinary(const llvm::Instruction& instruction) const {
  Result a = OfOperand(*instruction.getOperand(0)), b = OfOperand(*instruction.getOperand(1));
  if (a == nullptr || b == nullptr) return nullptr;
  const unsigned width = WidthOf(instruction);
  auto result = std::make_unique<Pattern>();
  result->is_conditional = a->is_conditional || b->is_conditional;
  auto* number = llvm::dyn_cast<llvm::ConstantInt>(instruction.getOperand(1));
  const uint64_t constant = number != nullptr ? number->getZExtValue() : 0;
  switch (instruction.getOpcode()) {
    case llvm::Instruction::Or:
      if (!llvm::cast<llvm::PossiblyDisjointInst>(instruction).isDisjoint() && !HaveNoBitInCommon(*a, *b)) {
        // Bits that the base has not, and no lane brings to it.
        if (number == nullptr || !IsBelow(a->offsets, a->zero_bits)) return nullptr;
        if (a->zero_bits < 64 && constant >> a->zero_bits != 0) return nullptr;
        result->offsets = MapOffsets(a->offsets, width, [&](uint64_t offset) { return offset | constant; });
        result->zero_bits = a->zero_bits;
        result->limit = SumOfLimits(a->limit, constant, width);
        return result;
      }
      [[fallthrough]];
    case llvm::Instruction::Add:
      for (unsigned i = 0; i < kLanes; ++i) {
        result->offsets[i] =
            Wrap(static_cast<uint64_t>(a->offsets[i]) + static_cast<uint64_t>(b->offsets[i]), width);
      }
      result->zero_bits = std::min(a->zero_bits, b->zero_bits);
      result->limit = SumOfLimits(a->limit, b->limit, width);
      return result;
    case llvm::Instruction::Sub:
      for (unsigned i = 0; i < kLanes; ++i) {
        result->offsets[i] =
            Wrap(static_cast<uint64_t>(a->offsets[i]) - static_cast<uint64_t>(b->offsets[i]), width);
      }
      result->zero_bits = std::min(a->zero_bits, b->zero_bits);
      return result;
    case llvm::Instruction::Mul:
      if (number == nullptr) return nullptr;
      result->offsets = MapOffsets(a->offsets, width, [&](uint64_t offset) { return offset * constant; });
      result->zero_bits = std::min(width, a->zero_bits + number->getValue().countr_zero());
      result->limit = ProductOfLimits(a->limit, constant, width);
      return result;
    case llvm::Instruction::Shl:
      if (number == nullptr || constant >= width) return nullptr;
      result->offsets = MapOffsets(a->offsets, width, [&](uint64_t offset) { return offset << constant; });
      result->zero_bits = std::min(width, a->zero_bits + static_cast<unsigned>(constant));
      result->limit = ProductOfLimits(a->limit, uint64_t{1} << constant, width);
      return result;
    case llvm::Instruction::And: {
      if (number == nullptr) return nullptr;
      const unsigned low = static_cast<unsigned>(std::countr_one(constant));
      if (number->getValue().isMask() && low <= a->zero_bits) {
        // The base has no bits there: the offsets are all.
        result->offsets = MapOffsets(a->offsets, 64, [&](uint64_t offset) { return offset & constant; });
        result->zero_bits = width;
        result->limit = constant;
        return result;
      }
      if (IsBelow(a->offsets, a->zero_bits)) {
        // Base and offsets have no bit in common: each is masked by itself.
        result->offsets = MapOffsets(a->offsets, width, [&](uint64_t offset) { return offset & constant; });
        const uint64_t of_base = a->zero_bits < 64 ? constant >> a->zero_bits << a->zero_bits : 0;
        result->zero_bits = of_base == 0 ? width : static_cast<unsigned>(std::countr_zero(of_base));
        result->limit = std::min(a->limit, constant);
        return result;
      }
      const uint64_t cleared = ~constant & Mask(width);
      if (llvm::isMask_64(cleared) && static_cast<unsigned>(std::countr_one(cleared)) <= a->zero_bits) {
        result->offsets = MapOffsets(a->offsets, width, [&](uint64_t offset) { return offset & ~cleared; });
        result->zero_bits = a->zero_bits;
        result->limit = a->limit;
        return result;
      }
      return nullptr;
    }
    case llvm::Instruction::Xor:
      if (number == nullptr || !IsBelow(a->offsets, a->zero_bits)) return nullptr;
      if (a->zero_bits < 64 && constant >> a->zero_bits != 0) return nullptr;
      result->offsets = MapOffsets(a->offsets, width, [&](uint64_t offset) { return offset ^ constant; });
      result->zero_bits = a->zero_bits;
      result->limit = SumOfLimits(a->limit, constant, width);
      return result;
    case llvm::Instruction::LShr:
      // Exact where the base is cut at a bit boundary and no lane wraps around.
      if (number == nullptr || constant >= width || constant > a->zero_bits || !StaysBelow(*a, Mask(width))) {
        return nullptr;
      }
      result->offsets = MapOffsets(a->offsets, 64, [&](uint64_t offset) { return offset >> constant; });
      result->zero_bits = a->zero_bits - static_cast<unsigned>(constant);
      result->limit = a->limit >> constant;
      return result;
    default:
      return nullptr;
  }
}

Result LaneValues::DeriveCast(const llvm::Instruction& cast) const {
  Result a = OfOperand(*cast.getOperand(0));
  if (a == nullptr) return nullptr;
  const unsigned from = WidthOf(*cast.getOperand(0)), to = WidthOf(cast);
  switch (cast.getOpcode()) {
    case llvm::Instruction::IntToPtr:
    case llvm::Instruction::PtrToInt:
      return from == to ? std::move(a) : nullptr;
    case llvm::Instruction::Trunc:
      a->offsets = MapOffsets(a->offsets, to, [](uint64_t offset) { return offset; });
      a->zero_bits = std::min(a->zero_bits, to);
      if (a->limit > Mask(to)) a->limit = UINT64_MAX;
      return a;
    case llvm::Instruction::ZExt:
      a->is_conditional |= !StaysBelow(*a, Mask(from));
      return a;
    case llvm::Instruction::SExt:
      a->is_conditional |= !StaysBelow(*a, Mask(from) / 2);
      if (a->limit > Mask(from) / 2) a->limit = UINT64_MAX;
      return a;
    default:
      return nullptr;
  }
}

// Lanes that come to a block over different edges, or in different turns of a loop, have different bases.
bool LaneValues::TakesOneEdge(const llvm::BasicBlock& block) const {
  const llvm::Loop* loop = loops_.getLoopFor(&block);
  if (loop != nullptr && loop->getHeader() == &block) return true;
  for (const llvm::BasicBlock* from : llvm::predecessors(&block)) {
    if (block.getSinglePredecessor() == nullptr && (!carries_all_ || !carries_all_(*from, block)))
      return false;
    for (const llvm::Loop* left = loops_.getLoopFor(from); left != nullptr && !left->contains(&block);
         left = left->getParentLoop()) {
      for (const llvm::BasicBlock* inside : left->blocks()) {
        if (Diverges(*inside)) return false;
      }
    }
  }
  return true;
}

Result LaneValues::DerivePhi(const llvm::PHINode& phi) const {
  Result result;
  for (unsigned i = 0; i < phi.getNumIncomingValues(); ++i) {
    const llvm::Value& input = *phi.getIncomingValue(i);
    if (llvm::isa<llvm::UndefValue>(input)) continue;
    auto found = patterns_.find(&input);
    const bool is_open =
        llvm::isa<llvm::Instruction>(input) && found == patterns_.end() && !uniformity_->IsUniform(input);
    if (is_open) continue;  // around a loop, not looked at yet
    Result next = OfOperand(input);
    if (next == nullptr) return nullptr;
    if (result == nullptr) {
      result = std::move(next);
      continue;
    }
    if (result->offsets != next->offsets) return nullptr;
    result->zero_bits = std::min(result->zero_bits, next->zero_bits);
    result->limit = std::max(result->limit, next->limit);
    result->is_conditional |= next->is_conditional;
  }
  if (result == nullptr || !TakesOneEdge(*phi.getParent())) return nullptr;
  return result;
}

Result LaneValues::DeriveCall(const llvm::CallInst& call) const {
  if (call.getCalledFunction() == nullptr) return nullptr;
  const std::optional<Intrinsic> intrinsic = Identify(*call.getCalledFunction());
  if (!intrinsic) return nullptr;
  const bool is_tid = *intrinsic == Intrinsic::kTidX && shape_ == WarpShape::kRow;
  if (!is_tid && *intrinsic != Intrinsic::kLaneid) return nullptr;
  auto pattern = std::make_unique<Pattern>();
  for (unsigned i = 0; i < kLanes; ++i) pattern->offsets[i] = i;
  pattern->zero_bits = is_tid ? static_cast<unsigned>(std::countr_zero(kLanes)) : 32;
  pattern->limit = is_tid ? kMaxTid : kLanes - 1;
  return pattern;
}

Result LaneValues::DeriveElement(const llvm::GetElementPtrInst& step) const {
  Result result = OfOperand(*step.getPointerOperand());
  if (result == nullptr) return nullptr;
  result->limit = UINT64_MAX;
  const llvm::DataLayout& layout = step.getDataLayout();
  for (auto it = llvm::gep_type_begin(step), end = llvm::gep_type_end(step); it != end; ++it) {
    if (it.isStruct()) continue;
    const llvm::Value& index = *it.getOperand();
    const uint64_t stride = it.getSequentialElementStride(layout).getFixedValue();
    Result pattern = OfOperand(index);
    if (pattern == nullptr) return nullptr;
    // An index is extended with its sign.
    if (WidthOf(index) != 64 && !llvm::isa<llvm::ConstantInt>(index) && !pattern->IsUniform()) return nullptr;
    for (unsigned i = 0; i < kLanes; ++i) {
      result->offsets[i] += static_cast<int64_t>(static_cast<uint64_t>(pattern->offsets[i]) * stride);
    }
    result->zero_bits =
        std::min(result->zero_bits, pattern->zero_bits + static_cast<unsigned>(std::countr_zero(stride)));
    result->is_conditional |= pattern->is_conditional;
  }
  if (step.hasAllConstantIndices()) result->zero_bits = 0;
  return result;
}

}  // namespace tq::simt::vector
