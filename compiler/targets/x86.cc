// x86-64, System V: position-independent ELF relocatables that hal/cpu loads (docs/decisions, "Code objects
// are ELF relocatables").
#include <iterator>

#include "absl/strings/str_cat.h"
#include "compiler/targets/middle_end.h"
#include "compiler/targets/target.h"
#include "llvm/CodeGen/CodeGenTargetMachineImpl.h"
#include "llvm/CodeGen/MachineModuleInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetLoweringObjectFile.h"
#include "llvm/Target/TargetMachine.h"

namespace tq::targets {
namespace {

constexpr char kTriple[] = "x86_64-unknown-linux-gnu";
constexpr char kCpu[] = "x86-64";

// Settings of the code generator that LLVM has no interface for.
void SetCodeGeneratorOptions() {
  static constexpr const char* kOptions[] = {
      "tianqiao",
      // CodeGenPrepare looks at a function again from its start after each change, unless told that it is
      // huge: half of the code generation of a kernel of 1,000 blocks.
      "-cgpp-huge-func=256",
      // PTX has its loops reduced already; a second time costs 4 % and makes the code longer.
      "-disable-lsr",
  };
  llvm::cl::ParseCommandLineOptions(std::size(kOptions), kOptions, "", &llvm::nulls());
}

const llvm::Target* RegisterX86() {
  SetCodeGeneratorOptions();
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeX86AsmParser();  // for the inline assembly of the device library
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(llvm::Triple(kTriple), error);
  return target;
}

std::unique_ptr<llvm::TargetMachine> CreateMachine(const std::string& features, llvm::CodeGenOptLevel level) {
  static const llvm::Target* const target = RegisterX86();
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;  // mul + add is never one fma: PTX says which is which
  options.FunctionSections = false;                    // LineRecord counts from the start of the one .text
  options.DataSections = false;
  options.EmitAddrsig = false;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      llvm::Triple(kTriple), kCpu, features, options, llvm::Reloc::PIC_, llvm::CodeModel::Small, level));
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
    RunMiddleEnd(module, *machine_, options);
  }

  absl::StatusOr<std::vector<uint8_t>> Emit(llvm::Module& module, const EmitOptions& options) override {
    machine_->setOptLevel(options.level == 0   ? llvm::CodeGenOptLevel::None
                          : options.level == 1 ? llvm::CodeGenOptLevel::Less
                                               : llvm::CodeGenOptLevel::Default);
    machine_->setFastISel(options.level == 0);
    llvm::SmallVector<char, 0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    if (!AddPasses(passes, stream)) {
      return absl::InternalError("LLVM's x86 target cannot emit object files.");
    }
    passes.run(module);
    return std::vector<uint8_t>(bytes.begin(), bytes.end());
  }

 private:
  // What TargetMachine::addPassesToEmitFile does, without what a kernel has no use for.
  bool AddPasses(llvm::legacy::PassManager& passes, llvm::raw_pwrite_stream& stream) {
    // Every target of LLVM's code generator is one (CodeGenTargetMachineImpl.h).
    auto* machine = static_cast<llvm::CodeGenTargetMachineImpl*>(machine_.get());
    auto* modules = new llvm::MachineModuleInfoWrapperPass(machine);
    llvm::MCContext& context = modules->getMMI().getContext();
    machine->getObjFileLowering()->Initialize(context, *machine);
    llvm::TargetPassConfig* config = machine->createPassConfig(passes);
    passes.add(config);
    passes.add(modules);
    // Where variables live: kernels have line tables alone, and this is a seventh of all code generation.
    config->disablePass(&llvm::LiveDebugValuesID);
    // A tenth of code generation where there are thousands of blocks, for code that is not shorter.
    config->disablePass(&llvm::MachineSinkingLegacyID);
    if (config->addISelPasses()) return false;
    config->addMachinePasses();
    config->setInitialized();
    if (machine->addAsmPrinter(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile, context))
      return false;
    passes.add(llvm::createFreeMachineFunctionPass());
    return true;
  }

  const std::string features_;
  std::unique_ptr<llvm::TargetMachine> machine_;
};

}  // namespace

std::unique_ptr<Target> CreateX86Target(std::string_view features) {
  return std::make_unique<X86Target>(features);
}

}  // namespace tq::targets
