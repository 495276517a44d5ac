// The frame of a lowered function: its slots, blocks, guards and ends.
#include "absl/strings/str_cat.h"
#include "base/cpu_abi.h"
#include "base/status.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/module_lowering.h"
#include "isa/isa.h"
#include "llvm/IR/MDBuilder.h"

namespace tq::lower {
namespace {

// Slots up to this size start as zero, so that what PTX leaves undefined is at least a value (LLVM may do
// anything with a branch on an undefined one). Larger ones are arrays, which LLVM reasons little about.
constexpr uint64_t kMaxZeroedBytes = 512;

}  // namespace

FunctionLowering::FunctionLowering(ModuleLowering& module, const ptx::Function& source,
                                   llvm::Function* target)
    : module_(module), source_(source), target_(target), ir_(target->getContext()) {}

absl::Status FunctionLowering::Run() {
  entry_ = llvm::BasicBlock::Create(context(), "entry", target_);
  for (const ptx::Block& block : source_.blocks) {
    blocks_[&block] = llvm::BasicBlock::Create(context(), block.label, target_);
  }
  llvm::BasicBlock* body = llvm::BasicBlock::Create(context(), "body", target_, entry_->getNextNode());
  ir_.SetInsertPoint(body);
  SetLocation(source_.location);
  registers_.resize(source_.registers.size());
  EnterParameters();
  for (const ptx::Block& block : source_.blocks) {
    ir_.CreateBr(blocks_[&block]);
    ir_.SetInsertPoint(blocks_[&block]);
    checked_alignment_.clear();
    for (const ptx::Instruction& inst : block.instructions) {
      SetLocation(inst.location);
      if (module_.CountsOnLockstep()) GatherLanes(inst);
      LowerGuarded(inst);
      if (failed()) return status_;
    }
  }
  Return();
  ir_.CreateUnreachable();
  // Slots were added to the entry while the body grew.
  ir_.SetInsertPoint(entry_);
  ir_.SetCurrentDebugLocation(llvm::DebugLoc());
  ir_.CreateBr(body);
  return status_;
}

void FunctionLowering::SetLocation(const ptx::Location& location) {
  // Line tables tell PTX lines; the way on from there to the program's source is in the PTX itself (.loc).
  ir_.SetCurrentDebugLocation(
      llvm::DILocation::get(context(), location.line, /*Column=*/0, target_->getSubprogram()));
}

llvm::AllocaInst* FunctionLowering::NewSlot(llvm::Type* type, uint64_t align_bytes, std::string_view name) {
  llvm::IRBuilder<> ir(entry_);
  llvm::AllocaInst* slot = ir.CreateAlloca(type, nullptr, llvm::StringRef(name.data(), name.size()));
  if (align_bytes > slot->getAlign().value())
    slot->setAlignment(llvm::Align(llvm::PowerOf2Ceil(align_bytes)));
  uint64_t size = target_->getDataLayout().getTypeAllocSize(type);
  if (size > kMaxZeroedBytes) return slot;
  if (type->isArrayTy()) {
    ir.CreateMemSet(slot, ir.getInt8(0), size, slot->getAlign());
  } else {
    ir.CreateStore(llvm::Constant::getNullValue(type), slot);
  }
  return slot;
}

void FunctionLowering::EnterParameters() {
  if (source_.is_kernel) return;
  Signature signature = Signature::Of(source_);
  llvm::Argument* argument = target_->arg_begin() + 1;
  if (signature.ReturnsThroughPointers()) {
    for (const ptx::Variable* result : signature.results) {
      // A register's value goes there at the end (Return).
      (result->space == ptx::Space::kReg ? result_pointers_ : variables_)[result] = argument++;
    }
  }
  for (const ptx::Variable* parameter : signature.parameters) {
    if (parameter->space == ptx::Space::kReg) {
      for (const ptx::Register& reg : source_.registers) {
        if (reg.name == parameter->name) {
          if (reg.vector > 1) {
            ir_.CreateMemCpy(Slot(reg), llvm::MaybeAlign(), argument, llvm::MaybeAlign(),
                             parameter->size_bytes);
          } else {
            ir_.CreateStore(FromBits(argument, reg.type), Slot(reg));
          }
          break;
        }
      }
    } else if (IsScalar(*parameter)) {
      ir_.CreateStore(argument, VariablePointer(*parameter));
    } else if (parameter->size_bytes == 0) {
      variables_[parameter] = argument;  // whatever the caller passes behind the others
    } else {
      // The callee's own copy: it may be written to (PTX ISA, "Device Function Parameters").
      ir_.CreateMemCpy(VariablePointer(*parameter), llvm::MaybeAlign(), argument, llvm::MaybeAlign(),
                       parameter->size_bytes);
    }
    ++argument;
  }
}

// The register that a `.reg` result is.
llvm::AllocaInst* FunctionLowering::ResultSlot(const ptx::Variable& result) {
  for (const ptx::Register& reg : source_.registers) {
    if (reg.name == result.name) return Slot(reg);
  }
  return nullptr;
}

void FunctionLowering::Return() {
  if (source_.is_kernel || target_->getReturnType()->isVoidTy()) {
    for (const auto& [result, pointer] : result_pointers_) {
      llvm::AllocaInst* slot = ResultSlot(*result);
      TQ_CHECK(slot != nullptr);
      if (result->vector > 1) {
        ir_.CreateMemCpy(pointer, llvm::MaybeAlign(), slot, llvm::MaybeAlign(), result->size_bytes);
      } else {
        ir_.CreateStore(ToBits(ir_.CreateLoad(slot->getAllocatedType(), slot)), pointer);
      }
    }
    ir_.CreateRetVoid();
    StartUnreachable();
    return;
  }
  const ptx::Variable& result = *source_.results[0];
  llvm::Value* value = nullptr;
  if (result.space == ptx::Space::kReg) {
    llvm::AllocaInst* slot = ResultSlot(result);
    TQ_CHECK(slot != nullptr);
    value = ToBits(ir_.CreateLoad(slot->getAllocatedType(), slot));
  } else {
    value = ir_.CreateLoad(target_->getReturnType(), VariablePointer(result));
  }
  TQ_CHECK(value != nullptr);
  ir_.CreateRet(value);
  StartUnreachable();
}

// Whatever lanes come to this access of shared or global memory go on together: all have then read what any
// of them, or another warp, writes next.
void FunctionLowering::GatherLanes(const ptx::Instruction& inst) {
  constexpr uint32_t kAccesses =
      static_cast<uint32_t>(ptx::Trait::kReadsMemory) | static_cast<uint32_t>(ptx::Trait::kWritesMemory);
  const ptx::Form& form = ptx::GetForm(inst.form);
  if ((form.traits & kAccesses) == 0 || form.Has(ptx::Trait::kCall)) return;
  const ptx::Space space = ptx::SpaceOf(inst.Get(ptx::Slot::kSpace));
  if (space == ptx::Space::kLocal || space == ptx::Space::kParam) return;
  Tq(simt::Intrinsic::kWarpsync, {ir_.getInt32(0)});
}

void FunctionLowering::LowerGuarded(const ptx::Instruction& inst) {
  if (inst.guard == nullptr) {
    Lower(inst);
    return;
  }
  llvm::Value* guard = ir_.CreateLoad(ir_.getInt1Ty(), Slot(*inst.guard));
  if (inst.guard_negated) guard = ir_.CreateNot(guard);
  // What holds before the guard holds under it; what it adds may not hold behind it.
  auto known = checked_alignment_;
  If(guard, [&] { Lower(inst); });
  for (auto it = known.begin(); it != known.end();) {
    it = checked_alignment_.contains(it->first) ? std::next(it) : known.erase(it);
  }
  checked_alignment_ = std::move(known);
}

llvm::BasicBlock* FunctionLowering::NewBlock(std::string_view name) {
  llvm::BasicBlock* here = ir_.GetInsertBlock();
  return llvm::BasicBlock::Create(context(), llvm::StringRef(name.data(), name.size()), target_,
                                  here->getNextNode());
}

llvm::BasicBlock* FunctionLowering::BlockOf(const ptx::Block* block) { return blocks_.at(block); }

void FunctionLowering::StartUnreachable() { ir_.SetInsertPoint(NewBlock("unreachable")); }

void FunctionLowering::FaultIf(llvm::Value* condition, uint32_t kind, llvm::Value* payload) {
  if (auto* known = llvm::dyn_cast<llvm::ConstantInt>(condition); known != nullptr && known->isZero()) return;
  llvm::BasicBlock* fault = NewBlock("fault");
  llvm::BasicBlock* next = NewBlock("next");
  llvm::MDBuilder metadata(context());
  ir_.CreateCondBr(condition, fault, next, metadata.createUnlikelyBranchWeights());
  ir_.SetInsertPoint(fault);
  Tq(simt::Intrinsic::kFault, {ir_.getInt32(kind), ir_.CreateZExtOrTrunc(payload, ir_.getInt64Ty())});
  ir_.CreateUnreachable();
  ir_.SetInsertPoint(next);
}

llvm::CallInst* FunctionLowering::Tq(simt::Intrinsic intrinsic, llvm::ArrayRef<llvm::Value*> arguments) {
  llvm::Function* callee = simt::Declare(intrinsic, module_.target());
  return ir_.CreateCall(callee, arguments);
}

llvm::CallInst* FunctionLowering::DevicelibWithMemory(std::string_view name, llvm::Type* result,
                                                      llvm::ArrayRef<llvm::Value*> arguments) {
  llvm::SmallVector<llvm::Type*, 6> types;
  for (llvm::Value* argument : arguments) types.push_back(argument->getType());
  llvm::FunctionType* type = llvm::FunctionType::get(result, types, /*isVarArg=*/false);
  llvm::Module& target = module_.target();
  llvm::Function* callee = target.getFunction(llvm::StringRef(name.data(), name.size()));
  if (callee == nullptr) {
    callee = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage,
                                    llvm::StringRef(name.data(), name.size()), target);
    callee->setDoesNotThrow();
  }
  llvm::CallInst* call = ir_.CreateCall(type, callee, arguments);
  call->setDoesNotThrow();
  // C's callee expects narrow integers extended to 32 bits (System V ABI as clang has it).
  for (unsigned i = 0; i < arguments.size(); ++i) {
    llvm::Type* argument = arguments[i]->getType();
    if (argument->isIntegerTy() && argument->getIntegerBitWidth() < 32) {
      call->addParamAttr(i, llvm::Attribute::ZExt);
    }
  }
  return call;
}

llvm::Value* FunctionLowering::Devicelib(std::string_view name, llvm::Type* result,
                                         llvm::ArrayRef<llvm::Value*> arguments) {
  llvm::CallInst* call = DevicelibWithMemory(name, result, arguments);
  call->setDoesNotAccessMemory();
  call->addFnAttr(llvm::Attribute::WillReturn);
  return call;
}

llvm::Value* FunctionLowering::Llvm(llvm::Intrinsic::ID id, llvm::ArrayRef<llvm::Type*> overloads,
                                    llvm::ArrayRef<llvm::Value*> arguments) {
  return ir_.CreateIntrinsic(id, overloads, arguments);
}

}  // namespace tq::lower
