#include <optional>

#include "compiler/simt/intrinsics.h"
#include "compiler/simt/simplify.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PatternMatch.h"

namespace tq::simt {
namespace {

using llvm::Value;

constexpr int kMaxTerms = 16;

// value = sum of terms (each added or subtracted) + constant.
struct Sum {
  struct Term {
    Value* value;
    bool negative;
  };
  llvm::SmallVector<Term, 8> terms;
  int64_t constant = 0;
};

bool Flatten(Value* value, bool negative, Sum& sum) {
  using namespace llvm::PatternMatch;
  if (sum.terms.size() > kMaxTerms) return false;
  Value* left;
  Value* right;
  const llvm::APInt* number;
  if (match(value, m_APInt(number))) {
    uint64_t bits = number->getZExtValue();
    sum.constant = static_cast<int64_t>(static_cast<uint64_t>(sum.constant) + (negative ? -bits : bits));
    return true;
  }
  if (match(value, m_Add(m_Value(left), m_Value(right)))) {
    return Flatten(left, negative, sum) && Flatten(right, negative, sum);
  }
  if (match(value, m_Sub(m_Value(left), m_Value(right)))) {
    return Flatten(left, negative, sum) && Flatten(right, !negative, sum);
  }
  sum.terms.push_back({value, negative});
  return true;
}

// The pointer that a term is the address of.
Value* PointerOf(Value* term) {
  auto* cast = llvm::dyn_cast<llvm::PtrToIntInst>(term);
  return cast ? cast->getPointerOperand() : nullptr;
}

std::optional<Intrinsic> BaseOf(Value* term) {
  auto* call = llvm::dyn_cast_or_null<llvm::CallInst>(PointerOf(term));
  if (call == nullptr || call->getCalledFunction() == nullptr) return std::nullopt;
  return Identify(*call->getCalledFunction());
}

// Takes one term `+-base` out of the sum, when it is there.
bool Remove(Sum& sum, Intrinsic base, bool negative) {
  for (auto* term = sum.terms.begin(); term != sum.terms.end(); ++term) {
    if (term->negative == negative && BaseOf(term->value) == base) {
      sum.terms.erase(term);
      return true;
    }
  }
  return false;
}

Value* TakeAlloca(Sum& sum) {
  for (auto* term = sum.terms.begin(); term != sum.terms.end(); ++term) {
    Value* pointer = PointerOf(term->value);
    if (pointer == nullptr || term->negative) continue;
    if (!llvm::isa<llvm::AllocaInst>(llvm::getUnderlyingObject(pointer))) continue;
    sum.terms.erase(term);
    return pointer;
  }
  return nullptr;
}

Value* Rebuild(llvm::IRBuilder<>& ir, const Sum& sum) {
  Value* total = ir.getInt64(static_cast<uint64_t>(sum.constant));
  for (const Sum::Term& term : sum.terms) {
    total = term.negative ? ir.CreateSub(total, term.value) : ir.CreateAdd(total, term.value);
  }
  return total;
}

// A better pointer for the address `integer` of a space, or nullptr.
Value* Recover(llvm::IRBuilder<>& ir, Value* integer, unsigned space) {
  Sum sum;
  if (!integer->getType()->isIntegerTy(64) || !Flatten(integer, false, sum)) return nullptr;
  if (space == kLocalAddress) {
    // In this window tq.local.base is added by the access itself.
    if (!Remove(sum, Intrinsic::kLocalBase, /*negative=*/true)) return nullptr;
  } else if (space == kGenericAddress) {
    // cvta.local added what the address of the variable had subtracted.
    while (Remove(sum, Intrinsic::kLocalBase, true)) {
      if (!Remove(sum, Intrinsic::kLocalBase, false)) return nullptr;
    }
    if (Remove(sum, Intrinsic::kSharedBase, false)) {
      return ir.CreateIntToPtr(Rebuild(ir, sum), ir.getPtrTy(kSharedAddress));
    }
  } else {
    return nullptr;
  }
  Value* pointer = TakeAlloca(sum);
  if (pointer == nullptr) return nullptr;
  return ir.CreateGEP(ir.getInt8Ty(), pointer, Rebuild(ir, sum));
}

// The alignment that base/cpu_abi.h gives the windows of shared and local memory.
constexpr uint64_t kWindowAlign = 16;

bool IsMultiple(Value* term, uint64_t align) {
  const std::optional<Intrinsic> base = BaseOf(term);
  if (base == Intrinsic::kLocalBase || base == Intrinsic::kSharedBase) return align <= kWindowAlign;
  auto* slot = llvm::dyn_cast_or_null<llvm::AllocaInst>(PointerOf(term));
  return slot != nullptr && slot->getAlign().value() >= align;
}

// `address & (align - 1)`, an alignment check: what is a multiple of the alignment is left out, so that the
// check of a variable's own address does not keep the variable in memory.
Value* ReduceCheck(llvm::IRBuilder<>& ir, Value* address, uint64_t mask) {
  Sum sum;
  if (!llvm::isMask_64(mask) || !address->getType()->isIntegerTy(64) || !Flatten(address, false, sum))
    return nullptr;
  const size_t before = sum.terms.size();
  llvm::erase_if(sum.terms, [&](const Sum::Term& term) { return IsMultiple(term.value, mask + 1); });
  return sum.terms.size() == before ? nullptr : Rebuild(ir, sum);
}

// A loop that steps through a local variable by an address of its own, `phi(start, phi + step)`: becomes
// start
// + phi(0, phi + step), whose start says which variable it is.
bool SplitInduction(llvm::PHINode& phi) {
  if (!phi.getType()->isIntegerTy(64) || phi.getNumIncomingValues() != 2) return false;
  for (unsigned i = 0; i < 2; ++i) {
    auto* start = llvm::dyn_cast<llvm::Instruction>(phi.getIncomingValue(i));
    auto* next = llvm::dyn_cast<llvm::BinaryOperator>(phi.getIncomingValue(1 - i));
    if (start == nullptr || start == &phi || next == nullptr || next->getOpcode() != llvm::Instruction::Add ||
        next->getOperand(0) != &phi || !llvm::isa<llvm::ConstantInt>(next->getOperand(1))) {
      continue;
    }
    Sum sum;
    if (!Flatten(start, false, sum) || TakeAlloca(sum) == nullptr) continue;
    llvm::IRBuilder<> ir(&phi);
    llvm::PHINode* way = ir.CreatePHI(phi.getType(), 2, phi.getName());
    llvm::BasicBlock& block = *phi.getParent();
    ir.SetInsertPoint(&block, block.getFirstInsertionPt());
    Value* address = ir.CreateAdd(start, way);
    ir.SetInsertPoint(next);
    way->addIncoming(ir.getInt64(0), phi.getIncomingBlock(i));
    way->addIncoming(ir.CreateAdd(way, next->getOperand(1)), phi.getIncomingBlock(1 - i));
    ir.SetInsertPoint(next);
    Value* next_address = ir.CreateAdd(start, way->getIncomingValue(1));
    next->replaceAllUsesWith(next_address);
    phi.replaceAllUsesWith(address);
    next->eraseFromParent();
    phi.eraseFromParent();
    return true;
  }
  return false;
}

}  // namespace

bool RecoverPointers(llvm::Function& function) {
  bool changed = false;
  for (llvm::BasicBlock& block : function) {
    for (llvm::PHINode& phi : llvm::make_early_inc_range(block.phis())) changed |= SplitInduction(phi);
  }
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& instruction : llvm::make_early_inc_range(block)) {
      Value* address;
      const llvm::APInt* mask;
      if (llvm::PatternMatch::match(&instruction,
                                    llvm::PatternMatch::m_And(llvm::PatternMatch::m_Value(address),
                                                              llvm::PatternMatch::m_APInt(mask))) &&
          mask->getBitWidth() == 64) {
        llvm::IRBuilder<> ir(&instruction);
        if (Value* reduced = ReduceCheck(ir, address, mask->getZExtValue())) {
          instruction.setOperand(0, reduced);
          changed = true;
        }
        continue;
      }
      if (!llvm::isa<llvm::LoadInst, llvm::StoreInst, llvm::AtomicRMWInst, llvm::AtomicCmpXchgInst>(
              instruction)) {
        continue;
      }
      unsigned index =
          llvm::isa<llvm::StoreInst>(instruction) ? llvm::StoreInst::getPointerOperandIndex() : 0;
      auto* cast = llvm::dyn_cast<llvm::IntToPtrInst>(instruction.getOperand(index));
      if (cast == nullptr) continue;
      llvm::IRBuilder<> ir(&instruction);
      Value* better = Recover(ir, cast->getOperand(0), cast->getType()->getPointerAddressSpace());
      if (better == nullptr) continue;
      instruction.setOperand(index, better);
      if (cast->use_empty()) cast->eraseFromParent();
      changed = true;
    }
  }
  return changed;
}

}  // namespace tq::simt
