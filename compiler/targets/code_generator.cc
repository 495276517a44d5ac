#include "compiler/targets/code_generator.h"

#include <iterator>
#include <mutex>
#include <string>

#include "llvm/CodeGen/CodeGenTargetMachineImpl.h"
#include "llvm/CodeGen/MachineModuleInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetLoweringObjectFile.h"

namespace tq::targets {
namespace {

// What TargetMachine::addPassesToEmitFile does, without what a kernel has no use for.
bool AddPasses(llvm::legacy::PassManager& passes, llvm::CodeGenTargetMachineImpl& machine,
               llvm::raw_pwrite_stream& stream) {
  auto* modules = new llvm::MachineModuleInfoWrapperPass(&machine);
  llvm::MCContext& context = modules->getMMI().getContext();
  machine.getObjFileLowering()->Initialize(context, machine);
  llvm::TargetPassConfig* config = machine.createPassConfig(passes);
  passes.add(config);
  passes.add(modules);
  // Where variables live: kernels have line tables alone, and this is a seventh of all code generation.
  config->disablePass(&llvm::LiveDebugValuesID);
  // A tenth of code generation where there are thousands of blocks, for code that is not shorter.
  config->disablePass(&llvm::MachineSinkingLegacyID);
  if (config->addISelPasses()) return false;
  config->addMachinePasses();
  config->setInitialized();
  if (machine.addAsmPrinter(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile, context))
    return false;
  passes.add(llvm::createFreeMachineFunctionPass());
  return true;
}

// Settings of the process that LLVM has no other interface for.
bool SetCodeGeneratorOptions() {
  static constexpr const char* kOptions[] = {
      "tianqiao",
      // CodeGenPrepare looks at a function again from its start after each change, unless told that it is
      // huge: half of the code generation of a kernel of 1,000 blocks.
      "-cgpp-huge-func=256",
      // PTX has its loops reduced already; a second time costs 4 % and makes the code longer.
      "-disable-lsr",
  };
  return llvm::cl::ParseCommandLineOptions(std::size(kOptions), kOptions, "", &llvm::nulls());
}

}  // namespace

const llvm::Target* RegisterTarget(const char* triple, void (*initialize)()) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  [[maybe_unused]] static const bool has_options = SetCodeGeneratorOptions();
  initialize();
  std::string error;
  return llvm::TargetRegistry::lookupTarget(llvm::Triple(triple), error);
}

llvm::TargetOptions MachineOptions() {
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;  // mul + add is never one fma: PTX says which is which
  options.FunctionSections = false;                    // LineRecord counts from the start of the one .text
  options.DataSections = false;
  options.EmitAddrsig = false;
  return options;
}

absl::StatusOr<std::vector<uint8_t>> GenerateObject(llvm::Module& module, llvm::TargetMachine& machine,
                                                    const EmitOptions& options) {
  machine.setOptLevel(options.level == 0   ? llvm::CodeGenOptLevel::None
                      : options.level == 1 ? llvm::CodeGenOptLevel::Less
                                           : llvm::CodeGenOptLevel::Default);
  machine.setFastISel(options.level == 0);
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  // Every target of LLVM's code generator is one (CodeGenTargetMachineImpl.h).
  if (!AddPasses(passes, static_cast<llvm::CodeGenTargetMachineImpl&>(machine), stream)) {
    return absl::InternalError("LLVM's target cannot emit object files.");
  }
  passes.run(module);
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

}  // namespace tq::targets
