#include "compiler/simt/promote_registers.h"

#include <utility>
#include <vector>

#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"

namespace tq::simt {
namespace {

using llvm::AllocaInst;
using llvm::LoadInst;
using llvm::StoreInst;

struct Slot {
  llvm::SmallVector<LoadInst*, 8> loads;
  llvm::SmallVector<StoreInst*, 4> stores;
};

// False when anything but plain loads and stores of the whole uses it.
bool Collect(AllocaInst& alloca, Slot& slot) {
  for (llvm::User* user : alloca.users()) {
    if (auto* load = llvm::dyn_cast<LoadInst>(user)) {
      if (!load->isSimple() || load->getType() != alloca.getAllocatedType()) return false;
      slot.loads.push_back(load);
    } else if (auto* store = llvm::dyn_cast<StoreInst>(user)) {
      if (!store->isSimple() || store->getValueOperand() == &alloca ||
          store->getValueOperand()->getType() != alloca.getAllocatedType()) {
        return false;
      }
      slot.stores.push_back(store);
    } else {
      return false;
    }
  }
  return true;
}

// Lowering clears every slot at the function's entry, for programs that read what they never wrote. Removes
// that store where another one is the only one and stands before each load. Returns the one that is left.
StoreInst* OnlyStore(Slot& slot, llvm::DominatorTree& dominators) {
  if (slot.stores.empty() || slot.stores.size() > 2) return nullptr;
  // A store of the entry block before the other one: users are listed in no order that is promised.
  if (slot.stores.size() == 2 && dominators.dominates(slot.stores[1], slot.stores[0]))
    std::swap(slot.stores[0], slot.stores[1]);
  StoreInst* store = slot.stores.back();
  for (LoadInst* load : slot.loads) {
    if (!dominators.dominates(store, load)) return nullptr;
  }
  if (slot.stores.size() == 2) {
    // What the first one wrote is seen by nobody: every load is behind the second.
    slot.stores[0]->eraseFromParent();
    slot.stores.erase(slot.stores.begin());
  }
  return store;
}

void Replace(AllocaInst& alloca, Slot& slot, StoreInst* store) {
  for (LoadInst* load : slot.loads) {
    llvm::Value* value = store->getValueOperand();
    // Unreachable code may store what it loads: the slot then holds nothing.
    load->replaceAllUsesWith(value == load ? llvm::PoisonValue::get(load->getType()) : value);
    load->eraseFromParent();
  }
  store->eraseFromParent();
  alloca.eraseFromParent();
}

}  // namespace

bool PromoteRegisters(llvm::Function& function, llvm::DominatorTree& dominators) {
  llvm::SmallVector<AllocaInst*, 64> allocas;
  for (llvm::Instruction& instruction : function.getEntryBlock()) {
    auto* alloca = llvm::dyn_cast<AllocaInst>(&instruction);
    if (alloca != nullptr && alloca->getAllocatedType()->isSingleValueType()) allocas.push_back(alloca);
  }
  bool changed = false;
  std::vector<AllocaInst*> rest;
  for (AllocaInst* alloca : allocas) {
    Slot slot;
    if (!Collect(*alloca, slot)) continue;
    changed = true;
    if (StoreInst* store = OnlyStore(slot, dominators)) {
      Replace(*alloca, slot, store);
    } else {
      rest.push_back(alloca);
    }
  }
  if (!rest.empty()) llvm::PromoteMemToReg(rest, dominators);
  return changed;
}

}  // namespace tq::simt
