#include "compiler/simt/vector/merge_stores.h"

#include <algorithm>
#include <utility>

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/PatternMatch.h"

namespace tq::simt::vector {
namespace {

using llvm::StoreInst;
using llvm::Value;

// A pointer as a sum of a value and a number.
std::pair<const Value*, int64_t> SplitOffset(const Value* pointer) {
  if (auto* cast = llvm::dyn_cast<llvm::IntToPtrInst>(pointer)) pointer = cast->getOperand(0);
  int64_t offset = 0;
  const Value* rest;
  const llvm::APInt* number;
  while (llvm::PatternMatch::match(pointer, llvm::PatternMatch::m_Add(llvm::PatternMatch::m_Value(rest),
                                                                      llvm::PatternMatch::m_APInt(number)))) {
    if (number->getBitWidth() > 64) break;
    offset =
        static_cast<int64_t>(static_cast<uint64_t>(offset) + static_cast<uint64_t>(number->getSExtValue()));
    pointer = rest;
  }
  return {pointer, offset};
}

// Stores between which nothing touches memory.
class Group {
 public:
  explicit Group(const LaneValues& lanes) : lanes_(lanes) {}

  void Add(StoreInst& store);
  void Flush();

 private:
  struct Member {
    int64_t offset;
    StoreInst* store;
  };
  unsigned CountOfRun() const;

  const LaneValues& lanes_;
  const Value* base_ = nullptr;
  uint64_t size_ = 0;
  llvm::SmallVector<Member, 8> members_;
};

void Group::Add(StoreInst& store) {
  llvm::Type* type = store.getValueOperand()->getType();
  const uint64_t size = store.getDataLayout().getTypeStoreSize(type).getFixedValue();
  const bool fits = store.isSimple() && (type->isIntegerTy() || type->isFloatTy() || type->isDoubleTy()) &&
                    (size == 4 || size == 8) && lanes_.KindOf(*store.getPointerOperand()) == Kind::kPattern;
  const auto [base, offset] = SplitOffset(store.getPointerOperand());
  if (!fits || base != base_ || size != size_ ||
      llvm::any_of(members_, [offset = offset](const Member& member) { return member.offset == offset; })) {
    Flush();
  }
  if (!fits) return;
  base_ = base;
  size_ = size;
  members_.push_back({offset, &store});
}

// How many elements of a lane come before the next lane's; 0: another pattern.
unsigned Group::CountOfRun() const {
  const Offsets& offsets = lanes_.PatternOf(*members_[0].store->getPointerOperand()).offsets;
  const int64_t stride = offsets[1] - offsets[0];
  for (unsigned i = 1; i < kLanes; ++i) {
    if (offsets[i] - offsets[i - 1] != stride) return 0;
  }
  if (stride != static_cast<int64_t>(2 * size_) && stride != static_cast<int64_t>(4 * size_)) return 0;
  return static_cast<unsigned>(stride / static_cast<int64_t>(size_));
}

void Group::Flush() {
  const unsigned count = members_.size() > 1 ? CountOfRun() : 0;
  if (count != 0 && members_.size() == count) {
    StoreInst* last = members_.back().store;
    std::sort(members_.begin(), members_.end(),
              [](const Member& a, const Member& b) { return a.offset < b.offset; });
    bool is_run = true;
    for (unsigned i = 1; i < count; ++i)
      is_run &= members_[i].offset - members_[i - 1].offset == static_cast<int64_t>(size_);
    if (is_run) {
      llvm::IRBuilder<> ir(last);
      llvm::Type* word = ir.getIntNTy(static_cast<unsigned>(8 * size_));
      Value* all = llvm::PoisonValue::get(llvm::FixedVectorType::get(word, count));
      for (unsigned i = 0; i < count; ++i) {
        Value* element = ir.CreateBitCast(members_[i].store->getValueOperand(), word);
        all = ir.CreateInsertElement(all, element, uint64_t{i});
      }
      StoreInst* first = members_[0].store;
      ir.CreateAlignedStore(all, first->getPointerOperand(), first->getAlign())
          ->copyMetadata(*first, {llvm::LLVMContext::MD_alias_scope, llvm::LLVMContext::MD_noalias});
      for (const Member& member : members_) member.store->eraseFromParent();
    }
  }
  members_.clear();
  base_ = nullptr;
}

}  // namespace

void MergeStores(llvm::Function& code, const LaneValues& lanes) {
  Group group(lanes);
  for (llvm::BasicBlock& block : code) {
    for (llvm::Instruction& instruction : llvm::make_early_inc_range(block)) {
      if (auto* store = llvm::dyn_cast<StoreInst>(&instruction)) {
        group.Add(*store);
      } else if (instruction.mayReadOrWriteMemory()) {
        group.Flush();
      }
    }
    group.Flush();
  }
}

}  // namespace tq::simt::vector
