#include "compiler/lower/module_lowering.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "compiler/index/host_calls.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/parameters.h"
#include "compiler/simt/intrinsics.h"
#include "llvm/BinaryFormat/Dwarf.h"

namespace tq::lower {

std::string SymbolOf(const ptx::Function& function) { return absl::StrCat("ptx.", function.name); }

bool IsScalar(const ptx::Variable& variable) { return variable.dims.empty() && variable.vector == 1; }

llvm::IntegerType* ScalarType(llvm::LLVMContext& context, const ptx::Variable& variable) {
  if (variable.type == ptx::Type::kPred) return llvm::Type::getInt1Ty(context);
  return llvm::IntegerType::get(context, std::max(8u, ptx::SizeBits(variable.type)));
}

Signature Signature::Of(const ptx::Function& function) {
  return {{function.results.begin(), function.results.end()},
          {function.parameters.begin(), function.parameters.end()}};
}

Signature Signature::Of(const ptx::Prototype& prototype) {
  Signature signature;
  for (const ptx::Variable& result : prototype.results) signature.results.push_back(&result);
  for (const ptx::Variable& parameter : prototype.parameters) signature.parameters.push_back(&parameter);
  return signature;
}

llvm::FunctionType* Signature::Type(llvm::LLVMContext& context) const {
  llvm::Type* pointer = llvm::PointerType::get(context, 0);
  llvm::Type* result = llvm::Type::getVoidTy(context);
  std::vector<llvm::Type*> arguments = {pointer};
  if (ReturnsThroughPointers()) {
    arguments.insert(arguments.end(), results.size(), pointer);
  } else if (!results.empty()) {
    result = ScalarType(context, *results[0]);
  }
  for (const ptx::Variable* parameter : parameters) {
    arguments.push_back(IsScalar(*parameter) ? ScalarType(context, *parameter) : pointer);
  }
  return llvm::FunctionType::get(result, arguments, /*isVarArg=*/false);
}

ModuleLowering::ModuleLowering(const ptx::Module& source, llvm::Module& target)
    : source_(source), target_(target), debug_(target), file_(debug_.createFile("kernel.ptx", "")) {
  for (const ptx::Variable& variable : source.variables)
    counts_on_lockstep_ |= variable.name == "__nvptx_uni";
  target.addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
  debug_.createCompileUnit(llvm::DISourceLanguageName(llvm::dwarf::DW_LANG_C), file_, "tianqiao",
                           /*isOptimized=*/true, "", 0, "", llvm::DICompileUnit::LineTablesOnly);
}

absl::Status ModuleLowering::Run(std::span<const ptx::Function* const> roots) {
  for (const ptx::Function* root : roots) FunctionFor(*root)->setLinkage(llvm::GlobalValue::ExternalLinkage);
  while (!pending_.empty()) {
    const ptx::Function& function = *pending_.front();
    pending_.pop_front();
    FunctionLowering lowering(*this, function, functions_[&function]);
    RETURN_IF_ERROR(lowering.Run());
  }
  debug_.finalize();
  return absl::OkStatus();
}

llvm::Function* ModuleLowering::FunctionFor(const ptx::Function& function) {
  llvm::Function*& declared = functions_[&function];
  if (declared != nullptr) return declared;
  llvm::LLVMContext& context = target_.getContext();
  llvm::Type* pointer = llvm::PointerType::get(context, 0);
  llvm::FunctionType* type = function.is_kernel ? llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                                                                          {pointer}, /*isVarArg=*/false)
                                                : Signature::Of(function).Type(context);
  declared = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, SymbolOf(function), target_);
  declared->setDoesNotThrow();
  declared->addParamAttr(0, llvm::Attribute::NoUndef);
  declared->setDSOLocal(true);
  if (function.is_kernel)
    declared->addFnAttr(simt::kKernelAttribute, std::to_string(ParameterBytes(function)));
  if (!function.has_body) {
    // Stays a declaration until a call of it is lowered; that call reports it.
    declared->setLinkage(llvm::GlobalValue::ExternalLinkage);
    return declared;
  }
  declared->setSubprogram(Describe(function, declared->getName()));
  pending_.push_back(&function);
  return declared;
}

llvm::GlobalVariable* ModuleLowering::HandleFor(const ptx::Function& kernel) {
  const std::string name = absl::StrCat(std::string(ptx::kKernelHandlePrefix), kernel.name);
  if (llvm::GlobalVariable* declared = target_.getNamedGlobal(name)) return declared;
  return new llvm::GlobalVariable(target_, llvm::Type::getInt8Ty(target_.getContext()), /*isConstant=*/false,
                                  llvm::GlobalValue::ExternalLinkage, nullptr, name, nullptr,
                                  llvm::GlobalValue::NotThreadLocal, simt::kGlobalAddress,
                                  /*isExternallyInitialized=*/true);
}

llvm::GlobalVariable* ModuleLowering::VariableFor(const ptx::Variable& variable) {
  llvm::GlobalVariable*& declared = variables_[&variable];
  if (declared != nullptr) return declared;
  llvm::LLVMContext& context = target_.getContext();
  llvm::Type* type = llvm::ArrayType::get(llvm::Type::getInt8Ty(context), variable.size_bytes);
  const bool is_shared = variable.space == ptx::Space::kShared;
  unsigned space = is_shared                              ? simt::kSharedAddress
                   : variable.space == ptx::Space::kConst ? simt::kConstAddress
                                                          : simt::kGlobalAddress;
  // Shared variables belong to the kernel; an unsized one is the dynamic part. All others live in the
  // device's memory, bound by name when the code is loaded.
  const bool is_defined = is_shared && variable.size_bytes != 0;
  declared = new llvm::GlobalVariable(
      target_, type, /*isConstant=*/false,
      is_defined ? llvm::GlobalValue::InternalLinkage : llvm::GlobalValue::ExternalLinkage,
      is_defined ? llvm::UndefValue::get(type) : nullptr, variable.name, nullptr,
      llvm::GlobalValue::NotThreadLocal, space, /*isExternallyInitialized=*/true);
  uint64_t natural = std::max<uint64_t>(1, uint64_t{ptx::SizeBytes(variable.type)} * variable.vector);
  uint64_t align = variable.align_bytes != 0 ? variable.align_bytes : natural;
  declared->setAlignment(llvm::Align(llvm::PowerOf2Ceil(std::min<uint64_t>(align, 1 << 16))));
  return declared;
}

llvm::DISubprogram* ModuleLowering::Describe(const ptx::Function& function, llvm::StringRef symbol) {
  llvm::DISubroutineType* type = debug_.createSubroutineType(debug_.getOrCreateTypeArray({}));
  return debug_.createFunction(file_, function.name, symbol, file_, function.location.line, type,
                               function.location.line, llvm::DINode::FlagZero,
                               llvm::DISubprogram::SPFlagDefinition);
}

}  // namespace tq::lower
