// RISC-V, 64 bits, for the domestic GPU: position-independent ELF relocatables that hal/tqgpu places anywhere
// in a process's address space on the card. The base is RV64GC with doubles in registers (lp64d); the feature
// string adds to it. Vectors only with the vector extension in it ("+v,+zvl512b" for registers of 512 bits at
// least): the emulated card's are slower than its scalars.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/targets/code_generator.h"
#include "compiler/targets/machine_target.h"
#include "compiler/targets/scalar_loops.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

namespace tq::targets {
namespace {

constexpr char kTriple[] = "riscv64-unknown-unknown-elf";
constexpr char kCpu[] = "generic-rv64";
constexpr char kAbi[] = "lp64d";
// Linker relaxation moves code after the line table was written; our loader does none.
constexpr char kBase[] = "+64bit,+m,+a,+f,+d,+c,+zicsr,+zifencei,-relax";

void Initialize() {
  LLVMInitializeRISCVTargetInfo();
  LLVMInitializeRISCVTarget();
  LLVMInitializeRISCVTargetMC();
  LLVMInitializeRISCVAsmPrinter();
  LLVMInitializeRISCVAsmParser();  // for the inline assembly of the device library
}

std::unique_ptr<llvm::TargetMachine> CreateMachine(const std::string& features) {
  static const llvm::Target* const target = RegisterTarget(kTriple, Initialize);
  llvm::TargetOptions options = MachineOptions();
  options.MCOptions.ABIName = kAbi;
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(llvm::Triple(kTriple), kCpu, features, options, llvm::Reloc::PIC_,
                                  llvm::CodeModel::Medium, llvm::CodeGenOptLevel::Default));
}

std::string AllFeatures(std::string_view features) {
  return features.empty() ? kBase : absl::StrCat(kBase, ",", std::string(features));
}

class RiscvTarget : public MachineTarget {
 public:
  explicit RiscvTarget(const std::string& features)
      : MachineTarget(kCpu, features, CreateMachine(features)) {}

  void Prepare(llvm::Module& module) const override {
    MachineTarget::Prepare(module);
    module.addModuleFlag(llvm::Module::Error, "target-abi", llvm::MDString::get(module.getContext(), kAbi));
  }

  // The card has no fault handler that could find out.
  bool KeepsLoopThread() const override { return true; }

  bool HasVectorTier() const override { return absl::StrContains(absl::StrCat(features(), ","), ",+v,"); }

  // A switch of fibers is a hundred instructions.
  bool CutsAtBarriers() const override { return true; }

  void Optimize(llvm::Module& module, const EmitOptions& options) override {
    MachineTarget::Optimize(module, options);
    if (options.level >= 2) OptimizeScalarLoops(module, machine());
  }
};

}  // namespace

std::unique_ptr<Target> CreateRiscvTarget(std::string_view features) {
  return std::make_unique<RiscvTarget>(AllFeatures(features));
}

}  // namespace tq::targets
