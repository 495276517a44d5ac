#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/simt/intrinsics.h"
#include "compiler/simt/scalar_tier.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/ReplaceConstant.h"
#include "llvm/Transforms/Utils/LowerAtomic.h"

namespace tq::simt {
namespace {

using llvm::Value;

// A kernel's shared window is at most this large; PTX allows 227 KiB on the largest devices, we are generous.
constexpr uint64_t kMaxSharedBytes = 1 << 26;

class SpaceExpander {
 public:
  explicit SpaceExpander(llvm::Module& module) : module_(module), context_(module.getContext()) {
    llvm::MDBuilder metadata(context_);
    llvm::MDNode* domain = metadata.createAnonymousAliasScopeDomain("tq.spaces");
    shared_scope_ = llvm::MDNode::get(context_, metadata.createAnonymousAliasScope(domain, "shared"));
    global_scope_ = llvm::MDNode::get(context_, metadata.createAnonymousAliasScope(domain, "global"));
  }

  absl::Status LayOutShared(ScalarModule& result);
  void ReplaceSharedVariables();
  void ReplaceOtherVariables();
  void ExpandFunction(llvm::Function& function);
  void RemoveVariables();

 private:
  Value* Host(llvm::IRBuilder<>& ir, Value* pointer);
  Value* SharedOffset(llvm::IRBuilder<>& ir, llvm::GlobalVariable* variable);
  Value* Base(llvm::IRBuilder<>& ir, Intrinsic base) { return ir.CreateCall(Declare(base, module_)); }
  void ExpandAccess(llvm::Instruction& access, unsigned pointer_index);
  void ExpandPtrToInt(llvm::PtrToIntInst& cast);
  void NarrowScope(llvm::Instruction& instruction);

  llvm::Module& module_;
  llvm::LLVMContext& context_;
  llvm::MDNode* shared_scope_;
  llvm::MDNode* global_scope_;
  llvm::DenseMap<llvm::GlobalVariable*, uint64_t> shared_offsets_;
};

absl::Status SpaceExpander::LayOutShared(ScalarModule& result) {
  const llvm::DataLayout& layout = module_.getDataLayout();
  std::vector<llvm::GlobalVariable*> variables;
  for (llvm::GlobalVariable& variable : module_.globals()) {
    if (variable.getAddressSpace() == kSharedAddress) variables.push_back(&variable);
  }
  uint64_t end = 0;
  for (llvm::GlobalVariable* variable : variables) {
    uint64_t align = variable->getAlign().valueOrOne().value();
    result.shared_align_bytes = std::max(result.shared_align_bytes, align);
    if (variable->isDeclaration()) continue;  // .extern: the dynamic part
    end = llvm::alignTo(end, align);
    shared_offsets_[variable] = end;
    end += layout.getTypeAllocSize(variable->getValueType());
    if (end > kMaxSharedBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("Shared variables take more than ", kMaxSharedBytes, " bytes."));
    }
  }
  result.static_shared_bytes = end;
  return absl::OkStatus();
}

// Wherever the name of a variable stands, be it an operand of a phi or an element of a vector, there stands
// its offset.
void SpaceExpander::ReplaceSharedVariables() {
  llvm::SmallVector<llvm::Constant*, 4> dynamic;
  for (llvm::GlobalVariable& variable : module_.globals()) {
    if (variable.getAddressSpace() != kSharedAddress) continue;
    const auto found = shared_offsets_.find(&variable);
    if (found == shared_offsets_.end()) {
      dynamic.push_back(&variable);
      continue;
    }
    llvm::Constant* offset = llvm::ConstantInt::get(llvm::Type::getInt64Ty(context_), found->second);
    variable.replaceAllUsesWith(llvm::ConstantExpr::getIntToPtr(offset, variable.getType()));
  }
  llvm::convertUsersOfConstantsToInstructions(dynamic);
  for (llvm::Constant* variable : dynamic) {
    for (llvm::Use& use : llvm::make_early_inc_range(variable->uses())) {
      auto* user = llvm::cast<llvm::Instruction>(use.getUser());
      auto* phi = llvm::dyn_cast<llvm::PHINode>(user);
      llvm::IRBuilder<> ir(phi != nullptr ? phi->getIncomingBlock(use)->getTerminator() : user);
      Value* offset = SharedOffset(ir, llvm::cast<llvm::GlobalVariable>(variable));
      Value* pointer = ir.CreateIntToPtr(offset, variable->getType());
      if (phi == nullptr) {
        use.set(pointer);
        continue;
      }
      // A block may come before a phi more than once, and must then bring the same value each time.
      for (unsigned i = 0; i < phi->getNumIncomingValues(); ++i) {
        const bool is_same = phi->getIncomingBlock(i) == phi->getIncomingBlock(use);
        if (is_same && phi->getIncomingValue(i) == variable) phi->setIncomingValue(i, pointer);
      }
    }
  }
}

// A variable of the module is the same one on the host, in the one space that there is. Where its name stands
// in no access, as in a phi, that is what stands there too.
void SpaceExpander::ReplaceOtherVariables() {
  llvm::SmallVector<llvm::Constant*, 16> hosts;
  llvm::SmallVector<llvm::GlobalVariable*, 16> variables;
  for (llvm::GlobalVariable& variable : module_.globals()) {
    const unsigned space = variable.getAddressSpace();
    if (space != kGenericAddress && space != kSharedAddress) variables.push_back(&variable);
  }
  for (llvm::GlobalVariable* variable : variables) {
    auto* host = new llvm::GlobalVariable(
        module_, variable->getValueType(), variable->isConstant(), variable->getLinkage(), nullptr, "",
        nullptr, llvm::GlobalValue::NotThreadLocal, kGenericAddress, variable->isExternallyInitialized());
    host->takeName(variable);
    host->setAlignment(variable->getAlign());
    variable->replaceAllUsesWith(llvm::ConstantExpr::getAddrSpaceCast(host, variable->getType()));
    hosts.push_back(host);
  }
  llvm::convertUsersOfConstantsToInstructions(hosts);
}

Value* SpaceExpander::SharedOffset(llvm::IRBuilder<>& ir, llvm::GlobalVariable* variable) {
  auto found = shared_offsets_.find(variable);
  if (found != shared_offsets_.end()) return ir.getInt64(found->second);
  return ir.CreateZExt(Base(ir, Intrinsic::kDynamicSharedOffset), ir.getInt64Ty());
}

Value* SpaceExpander::Host(llvm::IRBuilder<>& ir, Value* pointer) {
  unsigned space = pointer->getType()->getPointerAddressSpace();
  if (space == kGenericAddress) return pointer;
  if (auto* cast = llvm::dyn_cast<llvm::AddrSpaceCastInst>(pointer)) {
    if (llvm::isa<llvm::GlobalVariable>(cast->getPointerOperand())) return cast->getPointerOperand();
  }
  if (auto* step = llvm::dyn_cast<llvm::GetElementPtrInst>(pointer)) {
    llvm::SmallVector<Value*, 4> indices(step->indices());
    return ir.CreateGEP(step->getSourceElementType(), Host(ir, step->getPointerOperand()), indices);
  }
  Value* integer = nullptr;
  if (auto* cast = llvm::dyn_cast<llvm::IntToPtrInst>(pointer)) {
    integer = cast->getOperand(0);
  } else if (llvm::isa<llvm::ConstantPointerNull>(pointer)) {
    integer = ir.getInt64(0);
  } else {
    // Only these forms are made by lowering; anything else came from an optimisation and holds an address all
    // the same.
    integer = ir.CreatePtrToInt(pointer, ir.getInt64Ty());
  }
  integer = ir.CreateZExtOrTrunc(integer, ir.getInt64Ty());
  if (space == kSharedAddress || space == kLocalAddress) {
    Value* base = Base(ir, space == kSharedAddress ? Intrinsic::kSharedBase : Intrinsic::kLocalBase);
    return ir.CreateGEP(ir.getInt8Ty(), base, integer);
  }
  return ir.CreateIntToPtr(integer, ir.getPtrTy());
}

// A block stays on one OS thread and its threads switch at calls only: within its scope, compilers alone
// reorder.
void SpaceExpander::NarrowScope(llvm::Instruction& instruction) {
  const llvm::SyncScope::ID block = context_.getOrInsertSyncScopeID(kBlockScope);
  auto narrowed = [&](llvm::SyncScope::ID scope) {
    return scope == block ? llvm::SyncScope::SingleThread : llvm::SyncScope::System;
  };
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) {
    if (load->isAtomic()) load->setSyncScopeID(llvm::SyncScope::System);
  } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) {
    if (store->isAtomic()) store->setSyncScopeID(llvm::SyncScope::System);
  } else if (auto* fence = llvm::dyn_cast<llvm::FenceInst>(&instruction)) {
    fence->setSyncScopeID(narrowed(fence->getSyncScopeID()));
  } else if (auto* atomic = llvm::dyn_cast<llvm::AtomicRMWInst>(&instruction)) {
    atomic->setSyncScopeID(llvm::SyncScope::System);
  } else if (auto* exchange = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(&instruction)) {
    exchange->setSyncScopeID(llvm::SyncScope::System);
  }
}

void SpaceExpander::ExpandAccess(llvm::Instruction& access, unsigned pointer_index) {
  Value* pointer = access.getOperand(pointer_index);
  const unsigned space = pointer->getType()->getPointerAddressSpace();
  if (space == kGenericAddress) return;
  llvm::IRBuilder<> ir(&access);
  access.setOperand(pointer_index, Host(ir, pointer));
  if (space == kSharedAddress || space == kGlobalAddress || space == kConstAddress) {
    const bool is_shared = space == kSharedAddress;
    access.setMetadata(llvm::LLVMContext::MD_alias_scope, is_shared ? shared_scope_ : global_scope_);
    access.setMetadata(llvm::LLVMContext::MD_noalias, is_shared ? global_scope_ : shared_scope_);
  }
  if (space != kSharedAddress) return;
  if (llvm::isa<llvm::AtomicRMWInst, llvm::AtomicCmpXchgInst>(access))
    access.setMetadata(kSharedMark, llvm::MDNode::get(context_, {}));
}

void SpaceExpander::ExpandPtrToInt(llvm::PtrToIntInst& cast) {
  Value* pointer = cast.getPointerOperand();
  const unsigned space = pointer->getType()->getPointerAddressSpace();
  // In the shared window the address is the offset, which the pointer holds.
  if (space == kGenericAddress || space == kSharedAddress) return;
  llvm::IRBuilder<> ir(&cast);
  Value* integer = ir.CreatePtrToInt(Host(ir, pointer), ir.getInt64Ty());
  cast.replaceAllUsesWith(ir.CreateZExtOrTrunc(integer, cast.getType()));
  cast.eraseFromParent();
}

void SpaceExpander::ExpandFunction(llvm::Function& function) {
  std::vector<llvm::Instruction*> work;
  for (llvm::Instruction& instruction : llvm::instructions(function)) work.push_back(&instruction);
  for (llvm::Instruction* instruction : work) {
    NarrowScope(*instruction);
    if (auto* cast = llvm::dyn_cast<llvm::PtrToIntInst>(instruction)) {
      ExpandPtrToInt(*cast);
    } else if (llvm::isa<llvm::LoadInst, llvm::AtomicRMWInst, llvm::AtomicCmpXchgInst>(instruction)) {
      ExpandAccess(*instruction, 0);
    } else if (llvm::isa<llvm::StoreInst>(instruction)) {
      ExpandAccess(*instruction, llvm::StoreInst::getPointerOperandIndex());
    } else if (auto* cast = llvm::dyn_cast<llvm::AddrSpaceCastInst>(instruction)) {
      llvm::IRBuilder<> ir(cast);
      if (cast->getType()->getPointerAddressSpace() != kGenericAddress) continue;
      cast->replaceAllUsesWith(Host(ir, cast->getPointerOperand()));
    }
  }
}

void SpaceExpander::RemoveVariables() {
  for (llvm::GlobalVariable& variable : llvm::make_early_inc_range(module_.globals())) {
    if (variable.getAddressSpace() != kGenericAddress && variable.use_empty()) variable.eraseFromParent();
  }
}

void EraseDeadPointers(llvm::Function& function) {
  for (bool changed = true; changed;) {
    changed = false;
    for (llvm::Instruction& instruction : llvm::make_early_inc_range(llvm::instructions(function))) {
      bool is_pointer =
          llvm::isa<llvm::IntToPtrInst, llvm::GetElementPtrInst, llvm::AddrSpaceCastInst>(instruction);
      if (is_pointer && instruction.use_empty()) {
        instruction.eraseFromParent();
        changed = true;
      }
    }
  }
}

}  // namespace

absl::Status ExpandAddressSpaces(llvm::Module& module, ScalarModule& result) {
  SpaceExpander expander(module);
  absl::Status laid_out = expander.LayOutShared(result);
  if (!laid_out.ok()) return laid_out;
  expander.ReplaceSharedVariables();
  expander.ReplaceOtherVariables();
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    expander.ExpandFunction(function);
    EraseDeadPointers(function);
  }
  expander.RemoveVariables();
  return absl::OkStatus();
}

void LowerSharedAtomics(llvm::Module& module) {
  std::vector<llvm::Instruction*> atomics;
  for (llvm::Function& function : module) {
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      if (instruction.getMetadata(kSharedMark) != nullptr) atomics.push_back(&instruction);
    }
  }
  for (llvm::Instruction* instruction : atomics) {
    if (auto* atomic = llvm::dyn_cast<llvm::AtomicRMWInst>(instruction)) {
      llvm::lowerAtomicRMWInst(atomic);
    } else {
      llvm::lowerAtomicCmpXchgInst(llvm::cast<llvm::AtomicCmpXchgInst>(instruction));
    }
  }
}

}  // namespace tq::simt
