#include "compiler/simt/simplify.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt {
namespace {

using llvm::PHINode;
using llvm::Value;
using Phis = llvm::SmallSetVector<PHINode*, 16>;

// The float that a word is made from.
Value* FloatOf(Value* word) {
  auto* cast = llvm::dyn_cast<llvm::BitCastInst>(word);
  return cast != nullptr && cast->getSrcTy()->isFloatTy() ? cast->getOperand(0) : nullptr;
}

// Words that come from floats, from constants and from such phis alone: the greatest such set.
Phis FindPhis(llvm::Function& function) {
  Phis phis;
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    auto* phi = llvm::dyn_cast<PHINode>(&instruction);
    if (phi != nullptr && phi->getType()->isIntegerTy(32)) phis.insert(phi);
  }
  auto fits = [&](Value* input) {
    auto* phi = llvm::dyn_cast<PHINode>(input);
    return FloatOf(input) != nullptr || llvm::isa<llvm::ConstantInt, llvm::UndefValue>(input) ||
           (phi != nullptr && phis.contains(phi));
  };
  while (phis.remove_if([&](PHINode* phi) { return !llvm::all_of(phi->incoming_values(), fits); })) {
  }
  // Those that a float reaches, or that meet one of those.
  llvm::DenseSet<PHINode*> reached;
  auto reaches = [&](Value* input) {
    auto* phi = llvm::dyn_cast<PHINode>(input);
    return FloatOf(input) != nullptr || (phi != nullptr && reached.contains(phi));
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (PHINode* phi : phis) {
      if (!reached.contains(phi) && !llvm::any_of(phi->incoming_values(), reaches)) continue;
      changed |= reached.insert(phi).second;
      for (Value* input : phi->incoming_values()) {
        if (auto* other = llvm::dyn_cast<PHINode>(input)) changed |= reached.insert(other).second;
      }
    }
  }
  phis.remove_if([&](PHINode* phi) { return !reached.contains(phi); });
  return phis;
}

}  // namespace

bool RecoverFloats(llvm::Function& function) {
  const Phis phis = FindPhis(function);
  llvm::Type* type = llvm::Type::getFloatTy(function.getContext());
  llvm::DenseMap<Value*, PHINode*> made;
  for (PHINode* phi : phis) {
    llvm::IRBuilder<> ir(phi);
    made[phi] = ir.CreatePHI(type, phi->getNumIncomingValues(), phi->getName());
  }
  for (PHINode* phi : phis) {
    for (const auto& [input, from] : llvm::zip(phi->incoming_values(), phi->blocks())) {
      Value* number = FloatOf(input);
      if (number == nullptr && made.contains(input)) number = made[input];
      if (auto* constant = llvm::dyn_cast<llvm::Constant>(&*input))
        number = llvm::ConstantExpr::getBitCast(constant, type);
      made[phi]->addIncoming(number, from);
    }
  }
  for (PHINode* phi : phis) {
    Value* word = nullptr;
    for (llvm::Use& use : llvm::make_early_inc_range(phi->uses())) {
      auto* user = llvm::cast<llvm::Instruction>(use.getUser());
      if (made.contains(user)) continue;
      if (llvm::isa<llvm::BitCastInst>(user) && user->getType()->isFloatTy()) {
        user->replaceAllUsesWith(made[phi]);
        user->eraseFromParent();
        continue;
      }
      if (word == nullptr) {
        llvm::IRBuilder<> ir(phi->getParent(), phi->getParent()->getFirstInsertionPt());
        word = ir.CreateBitCast(made[phi], phi->getType());
      }
      use.set(word);
    }
  }
  for (PHINode* phi : phis) {
    phi->replaceAllUsesWith(llvm::PoisonValue::get(phi->getType()));
    phi->eraseFromParent();
  }
  return !phis.empty();
}

}  // namespace tq::simt
