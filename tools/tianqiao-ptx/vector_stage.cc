#include "tools/tianqiao-ptx/vector_stage.h"

#include <iostream>
#include <vector>

#include "compiler/simt/intrinsics.h"
#include "compiler/simt/vector/print_stage.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

namespace tq::tools {
namespace {

// As lowering declares them.
void GiveAttributes(llvm::Module& module) {
  std::vector<llvm::Function*> functions;
  for (llvm::Function& function : module) {
    if (simt::Identify(function)) functions.push_back(&function);
  }
  for (llvm::Function* function : functions) {
    const simt::Intrinsic intrinsic = *simt::Identify(*function);
    function->setName("");
    llvm::Function* declared = simt::Declare(intrinsic, module);
    function->replaceAllUsesWith(declared);
    for (llvm::User* user : declared->users()) {
      if (auto* call = llvm::dyn_cast<llvm::CallInst>(user)) call->setAttributes(declared->getAttributes());
    }
    function->eraseFromParent();
  }
}

}  // namespace

int PrintVectorStage(const std::string& text, const VectorStageOptions& options) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  const std::unique_ptr<llvm::Module> module = llvm::parseAssemblyString(text, diagnostic, context);
  if (module == nullptr) {
    diagnostic.print("tianqiao-ptx", llvm::errs());
    return 1;
  }
  GiveAttributes(*module);
  simt::vector::Options tier;
  tier.is_on = true;
  tier.has_avx512 = options.features == "avx512";
  tier.has_avx2 = tier.has_fma = options.features != "sse2";
  const auto shape = options.is_any_shape ? simt::vector::WarpShape::kAny : simt::vector::WarpShape::kRow;
  const absl::StatusOr<std::string> printed = simt::vector::PrintStage(*module, options.stage, shape, tier);
  if (!printed.ok()) {
    std::cerr << printed.status().message() << "\n";
    return 1;
  }
  std::cout << *printed;
  if (!llvm::verifyModule(*module, &llvm::errs())) return 0;
  std::cerr << "The IR is broken behind the stage (" << options.stage << ").\n";
  return 1;
}

}  // namespace tq::tools
