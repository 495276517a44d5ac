// PTX ISA, "Control Flow Instructions: call", and the system calls of CUDA's device runtime, which PTX
// declares as extern functions. The convention is in module_lowering.h.
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/cpu_abi.h"
#include "compiler/index/system_calls.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/module_lowering.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Operand;
using ptx::Space;
using ptx::Type;
using simt::Intrinsic;

// Extern functions that the device itself provides (CUDA C++ Programming Guide, "C++ Language Extensions").
struct SystemCall {
  std::string_view name;
  Intrinsic intrinsic;
};
constexpr SystemCall kSystemCalls[] = {
    {ptx::kVprintfName, Intrinsic::kVprintf},
    {ptx::kMallocName, Intrinsic::kMalloc},
    {ptx::kFreeName, Intrinsic::kFree},
    {ptx::kAssertFailName, Intrinsic::kAssertFail},
};

const SystemCall* FindSystemCall(const ptx::Function& function) {
  if (function.has_body) return nullptr;
  for (const SystemCall& call : kSystemCalls) {
    if (call.name == function.name) return &call;
  }
  return nullptr;
}

const std::vector<Operand>& ListOf(const Operand& operand) {
  static const std::vector<Operand> none;
  return operand.kind == Operand::Kind::kVector ? operand.elements : none;
}

// A vector of registers goes through memory, as `.param` arrays do.
bool IsRegisterVector(const ptx::Variable& parameter) {
  return parameter.space == Space::kReg && parameter.vector > 1;
}

bool IsParameterSlot(const Operand& operand) {
  return operand.variable != nullptr && operand.variable->space == Space::kParam &&
         operand.kind == Operand::Kind::kAddressOf;
}

}  // namespace

// One argument as the callee's parameter wants it.
llvm::Value* FunctionLowering::Argument(const ptx::Instruction& inst, const Operand& operand,
                                        const ptx::Variable& parameter) {
  const bool is_scalar = IsScalar(parameter);
  if (IsParameterSlot(operand)) {
    if (operand.variable->size_bytes < parameter.size_bytes) {
      Invalid(inst, absl::StrCat("passes ", operand.variable->size_bytes, " bytes for parameter `",
                                 parameter.name, "` of ", parameter.size_bytes, "."));
    }
    Value* slot = VariablePointer(*operand.variable);
    return is_scalar ? ir_.CreateLoad(ScalarType(context(), parameter), slot) : slot;
  }
  if (IsRegisterVector(parameter)) return VectorArgument(inst, operand, parameter);
  if (!is_scalar) {
    Invalid(inst, absl::StrCat("passes a value for the array parameter `", parameter.name, "`."));
    return llvm::PoisonValue::get(ir_.getPtrTy());
  }
  return ToBits(Read(operand, parameter.type));
}

llvm::Value* FunctionLowering::VectorArgument(const ptx::Instruction& inst, const Operand& operand,
                                              const ptx::Variable& parameter) {
  const std::vector<Value*> values = ReadVector(operand, parameter.type);
  if (values.size() != parameter.vector) {
    Invalid(inst, absl::StrCat("passes ", values.size(), " values for parameter `", parameter.name, "` of ",
                               parameter.vector, "."));
    return llvm::PoisonValue::get(ir_.getPtrTy());
  }
  llvm::ArrayType* type = llvm::ArrayType::get(BitsOf(parameter.type), parameter.vector);
  Value* slot = NewSlot(type, 16, parameter.name);
  for (size_t i = 0; i < values.size(); ++i)
    ir_.CreateStore(ToBits(values[i]), ir_.CreateConstInBoundsGEP2_64(type, slot, 0, i));
  return slot;
}

void FunctionLowering::Result(const Operand& operand, llvm::Value* value, const ptx::Variable& result) {
  if (IsParameterSlot(operand)) {
    ir_.CreateStore(value, VariablePointer(*operand.variable));
  } else {
    Write(operand, FromBits(value, result.type), result.type);
  }
}

void FunctionLowering::CallSystem(const ptx::Instruction& inst, Intrinsic intrinsic) {
  llvm::FunctionType* type = simt::Signature(intrinsic, context());
  const std::vector<Operand>& arguments = ListOf(inst.operands[ptx::kCallArguments]);
  const std::vector<Operand>& results = ListOf(inst.operands[ptx::kCallResults]);
  if (arguments.size() < type->getNumParams()) {
    Invalid(inst, absl::StrCat("passes ", arguments.size(), " arguments to a system call of ",
                               type->getNumParams(), "."));
    return;
  }
  std::vector<Value*> values;
  for (unsigned i = 0; i < type->getNumParams(); ++i) {
    llvm::Type* wanted = type->getParamType(i);
    llvm::Type* bits = wanted->isPointerTy() ? ir_.getInt64Ty() : wanted;
    Value* value = IsParameterSlot(arguments[i])
                       ? ir_.CreateLoad(bits, VariablePointer(*arguments[i].variable))
                       : Read(arguments[i], bits->isIntegerTy(32) ? Type::kB32 : Type::kB64);
    values.push_back(wanted->isPointerTy() ? ir_.CreateIntToPtr(value, wanted) : value);
  }
  Value* made = Tq(intrinsic, values);
  if (simt::EffectOf(intrinsic) == simt::Effect::kEnd) {
    ir_.CreateUnreachable();
    StartUnreachable();
    return;
  }
  if (results.empty() || made->getType()->isVoidTy()) return;
  Value* bits = ToBits(made);
  if (IsParameterSlot(results[0])) {
    ir_.CreateStore(bits, VariablePointer(*results[0].variable));
  } else {
    Write(results[0], bits, bits->getType()->isIntegerTy(32) ? Type::kB32 : Type::kB64);
  }
}

// The arguments lie side by side in memory, each at a multiple of 8 bytes.
void FunctionLowering::CallHost(const ptx::Instruction& inst, ptx::HostCall function) {
  const std::vector<Operand>& arguments = ListOf(inst.operands[ptx::kCallArguments]);
  const std::vector<Operand>& results = ListOf(inst.operands[ptx::kCallResults]);
  constexpr uint64_t kSlotBytes = 8;
  uint64_t size_bytes = 0;
  std::vector<uint64_t> offsets;
  for (const Operand& argument : arguments) {
    offsets.push_back(size_bytes);
    const uint64_t bytes = IsParameterSlot(argument) ? argument.variable->size_bytes : kSlotBytes;
    size_bytes += (std::max<uint64_t>(bytes, 1) + kSlotBytes - 1) & ~(kSlotBytes - 1);
  }
  Value* block =
      NewSlot(llvm::ArrayType::get(ir_.getInt64Ty(), std::max<uint64_t>(size_bytes / kSlotBytes, 1)),
              kSlotBytes, "arguments");
  for (size_t i = 0; i < arguments.size(); ++i) {
    Value* to = ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), block, offsets[i]);
    if (!IsParameterSlot(arguments[i])) {
      ir_.CreateStore(ir_.CreateZExtOrTrunc(ToBits(Read(arguments[i], Type::kB64)), ir_.getInt64Ty()), to);
      continue;
    }
    const ptx::Variable& variable = *arguments[i].variable;
    if (IsScalar(variable)) {
      Value* value = ir_.CreateLoad(ScalarType(context(), variable), VariablePointer(variable));
      ir_.CreateStore(ir_.CreateZExt(value, ir_.getInt64Ty()), to);
    } else {
      ir_.CreateMemCpy(to, llvm::Align(kSlotBytes), VariablePointer(variable), llvm::MaybeAlign(),
                       variable.size_bytes);
    }
  }
  Value* made = Tq(Intrinsic::kHostCall, {ir_.getInt32(static_cast<uint32_t>(function)), block});
  if (results.empty()) return;
  if (IsParameterSlot(results[0])) {
    const ptx::Variable& variable = *results[0].variable;
    ir_.CreateStore(ir_.CreateZExtOrTrunc(made, ScalarType(context(), variable)), VariablePointer(variable));
  } else {
    Write(results[0], made, Type::kB64);
  }
}

void FunctionLowering::Call(const ptx::Instruction& inst) {
  const Operand& target = inst.operands[ptx::kCallTarget];
  Signature signature;
  Value* callee = nullptr;
  if (target.function != nullptr) {
    if (const SystemCall* system = FindSystemCall(*target.function)) {
      CallSystem(inst, system->intrinsic);
      return;
    }
    if (const std::optional<ptx::HostCall> call = ptx::FindHostCall(target.function->name)) {
      CallHost(inst, *call);
      return;
    }
    if (!target.function->has_body) {
      if (!failed()) {
        status_ = absl::FailedPreconditionError(
            absl::StrCat("ptx:", inst.location.line, ":", inst.location.column, ": error: `", source_.name,
                         "`: Unresolved extern function '", target.function->name, "'."));
      }
      return;
    }
    if (target.function->is_kernel) {
      Invalid(inst, "calls a kernel; kernels are launched.");
      return;
    }
    signature = Signature::Of(*target.function);
    callee = module_.FunctionFor(*target.function);
  } else {
    const Operand& kind = inst.operands[ptx::kCallPrototype];
    if (kind.prototype != nullptr) {
      signature = Signature::Of(*kind.prototype);
    } else if (kind.targets != nullptr && !kind.targets->functions.empty()) {
      signature = Signature::Of(*kind.targets->functions.front());
    } else {
      Invalid(inst, "calls through a pointer and names no function that it may lead to.");
      return;
    }
    Value* address = Read(target, Type::kB64);
    FaultIf(ir_.CreateICmpEQ(address, ir_.getInt64(0)), TQ_CPU_FAULT_INVALID_PC, address);
    callee = ir_.CreateIntToPtr(address, ir_.getPtrTy());
  }

  const std::vector<Operand>& arguments = ListOf(inst.operands[ptx::kCallArguments]);
  const std::vector<Operand>& results = ListOf(inst.operands[ptx::kCallResults]);
  if (arguments.size() != signature.parameters.size() || results.size() > signature.results.size()) {
    Invalid(inst, absl::StrCat("passes ", arguments.size(), " arguments for ", signature.parameters.size(),
                               " parameters and takes ", results.size(), " results of ",
                               signature.results.size(), "."));
    return;
  }
  std::vector<Value*> values = {target_->getArg(0)};
  std::vector<Value*> slots;  // of results that go through pointers
  if (signature.ReturnsThroughPointers()) {
    for (size_t i = 0; i < signature.results.size(); ++i) {
      const ptx::Variable& result = *signature.results[i];
      const bool has_slot = i < results.size() && IsParameterSlot(results[i]) &&
                            results[i].variable->size_bytes >= result.size_bytes;
      const uint64_t size_bytes =
          std::max<uint64_t>(result.size_bytes, ScalarType(context(), result)->getBitWidth() / 8);
      slots.push_back(has_slot ? VariablePointer(*results[i].variable)
                               : NewSlot(llvm::ArrayType::get(ir_.getInt8Ty(), size_bytes), 16, "result"));
      values.push_back(slots.back());
    }
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    values.push_back(Argument(inst, arguments[i], *signature.parameters[i]));
  }
  if (failed()) return;
  llvm::CallInst* call = ir_.CreateCall(signature.Type(context()), callee, values);
  call->setDoesNotThrow();
  if (!signature.ReturnsThroughPointers()) {
    if (!results.empty()) Result(results[0], call, *signature.results[0]);
    return;
  }
  for (size_t i = 0; i < results.size(); ++i) {
    const ptx::Variable& result = *signature.results[i];
    if (!IsParameterSlot(results[i]) && IsRegisterVector(result)) {
      std::vector<Value*> values;
      for (uint32_t element = 0; element < result.vector; ++element) {
        llvm::IntegerType* type = BitsOf(result.type);
        Value* bits = ir_.CreateLoad(type, ir_.CreateConstInBoundsGEP1_64(type, slots[i], element));
        values.push_back(FromBits(bits, result.type));
      }
      WriteVector(results[i], values, result.type);
      continue;
    }
    if (IsParameterSlot(results[i]) || !IsScalar(result)) continue;
    Result(results[i], ir_.CreateLoad(ScalarType(context(), result), slots[i]), result);
  }
}

void LowerCall(FunctionLowering& f, const ptx::Instruction& inst) { f.Call(inst); }

}  // namespace tq::lower
