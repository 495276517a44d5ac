#include "compiler/targets/machine_target.h"

#include "compiler/targets/code_generator.h"
#include "compiler/targets/middle_end.h"

namespace tq::targets {

void MachineTarget::Prepare(llvm::Module& module) const {
  module.setTargetTriple(machine_->getTargetTriple());
  module.setDataLayout(machine_->createDataLayout());
  module.setPICLevel(llvm::PICLevel::SmallPIC);
}

void MachineTarget::SetFunctionAttributes(llvm::Module& module) const {
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    function.removeFnAttr("tune-cpu");
    function.addFnAttr("target-cpu", cpu_);
    function.addFnAttr("target-features", features_);
    // A frame larger than a page must meet the guard page of its fiber's stack, not step over it.
    function.addFnAttr("probe-stack", "inline-asm");
  }
}

void MachineTarget::Optimize(llvm::Module& module, const EmitOptions& options) {
  RunMiddleEnd(module, *machine_, options);
}

absl::StatusOr<std::vector<uint8_t>> MachineTarget::Emit(llvm::Module& module, const EmitOptions& options) {
  return GenerateObject(module, *machine_, options);
}

}  // namespace tq::targets
