#include "compiler/targets/devicelib_link.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "compiler/devicelib/library.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Intrinsics.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/MemoryBuffer.h"

namespace tq::targets {
namespace {

// Whether a list "+a,+b,-c" turns the feature on; "" is one that every machine has.
bool HasFeature(std::string_view features, std::string_view name) {
  if (name.empty()) return true;
  std::string list = absl::StrCat(",", std::string(features), ",");
  return absl::StrContains(list, absl::StrCat(",+", std::string(name), ","));
}

bool IsRiscv(const llvm::Module& module) { return module.getTargetTriple().isRISCV(); }

bool IsHalf(const llvm::Type* type) {
  return type->getScalarType()->isHalfTy() || type->getScalarType()->isBFloatTy();
}

// Whether there are numbers of 16 bits.
bool UsesHalf(const llvm::Module& module) {
  for (const llvm::Function& function : module) {
    for (const llvm::BasicBlock& block : function) {
      for (const llvm::Instruction& instruction : block) {
        if (IsHalf(instruction.getType())) return true;
        for (const llvm::Value* operand : instruction.operands()) {
          if (IsHalf(operand->getType())) return true;
        }
      }
    }
  }
  return false;
}

bool UsesIntrinsic(const llvm::Module& module, std::string_view call) {
  // fmaf and fma stand for llvm.fma, floorf for llvm.floor, and so on.
  std::string base(call);
  if (base.back() == 'f') base.pop_back();
  for (const llvm::Function& function : module) {
    if (function.getName().starts_with("llvm." + base)) return true;
  }
  return false;
}

// Names that the code generator will call though nothing in the IR does yet.
std::vector<std::string> RuntimeCalls(const llvm::Module& module, std::string_view features) {
  std::vector<std::string> calls;
  for (const devicelib::RuntimeCall& call : devicelib::kRuntimeCalls) {
    if (HasFeature(features, IsRiscv(module) ? call.riscv_feature : call.x86_feature)) continue;
    const bool is_half = call.name.starts_with("__");
    if (is_half ? UsesHalf(module) : UsesIntrinsic(module, call.name)) calls.emplace_back(call.name);
  }
  return calls;
}

// Links what the module declares and the library defines, and the functions named.
absl::Status LinkNeeded(llvm::Module& module, const std::vector<std::string>& names = {}) {
  std::string_view bitcode =
      devicelib::Bitcode(IsRiscv(module) ? devicelib::Machine::kRiscv : devicelib::Machine::kNative);
  llvm::MemoryBufferRef buffer(llvm::StringRef(bitcode.data(), bitcode.size()), "devicelib");
  llvm::Expected<std::unique_ptr<llvm::Module>> library =
      llvm::getLazyBitcodeModule(buffer, module.getContext());
  if (!library) return absl::InternalError(llvm::toString(library.takeError()));
  (*library)->setTargetTriple(module.getTargetTriple());
  (*library)->setDataLayout(module.getDataLayout());
  for (const std::string& name : names) {
    if (const llvm::Function* function = (*library)->getFunction(name)) {
      module.getOrInsertFunction(name, function->getFunctionType());
    }
  }
  if (llvm::Linker::linkModules(module, std::move(*library), llvm::Linker::LinkOnlyNeeded)) {
    return absl::InternalError("The device library cannot be linked.");
  }
  return absl::OkStatus();
}

// llvm.fmuladd says that either way of rounding will do, and LLVM takes one for constants and the other for
// code. Every value has to be the same wherever it is computed: one way for the whole module.
void ResolveMulAdd(llvm::Module& module, bool fused) {
  for (llvm::Function& function : llvm::make_early_inc_range(module)) {
    if (function.getIntrinsicID() != llvm::Intrinsic::fmuladd) continue;
    for (llvm::User* user : llvm::make_early_inc_range(function.users())) {
      auto* call = llvm::cast<llvm::CallInst>(user);
      llvm::IRBuilder<> ir(call);
      llvm::Value *a = call->getArgOperand(0), *b = call->getArgOperand(1), *c = call->getArgOperand(2);
      call->replaceAllUsesWith(fused ? ir.CreateIntrinsic(llvm::Intrinsic::fma, {call->getType()}, {a, b, c})
                                     : ir.CreateFAdd(ir.CreateFMul(a, b), c));
      call->eraseFromParent();
    }
    function.eraseFromParent();
  }
}

}  // namespace

absl::Status LinkDevicelib(llvm::Module& module, std::string_view features) {
  std::set<std::string> own;
  for (const llvm::Function& function : module) {
    if (!function.isDeclaration()) own.insert(function.getName().str());
  }
  RETURN_IF_ERROR(LinkNeeded(module));
  ResolveMulAdd(module, IsRiscv(module) || HasFeature(features, "fma"));
  // Only now: the library's own functions need some of them too.
  const std::vector<std::string> runtime_calls = RuntimeCalls(module, features);
  if (!runtime_calls.empty()) RETURN_IF_ERROR(LinkNeeded(module, runtime_calls));
  const std::set<std::string> kept(runtime_calls.begin(), runtime_calls.end());
  for (llvm::Function& function : module) {
    llvm::StringRef name = function.getName();
    if (function.isDeclaration()) {
      if (name.starts_with("tq_") && !function.use_empty()) {
        return absl::InternalError(absl::StrCat("The device library has no function ", name.str(), "."));
      }
    } else if (!own.contains(name.str())) {
      // What the code generator calls by name must keep it; nothing outside sees it either way.
      if (!kept.contains(name.str())) function.setLinkage(llvm::GlobalValue::InternalLinkage);
      function.setDSOLocal(true);
      function.setDoesNotThrow();
    }
  }
  return absl::OkStatus();
}

}  // namespace tq::targets
