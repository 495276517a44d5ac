// ptxas: checks PTX and packs it into an object that stands where a cubin would: nvcc and Triton take it for
// one, and libcuda compiles what is in it when it is launched (runtime/fatbin/ptx_object.h).
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "compiler/ir/diagnostics.h"
#include "compiler/ir/verifier.h"
#include "compiler/isa/form.h"
#include "compiler/parse/parser.h"
#include "runtime/fatbin/choose.h"
#include "runtime/fatbin/ptx_object.h"
#include "runtime/fatbin/write.h"
#include "tools/ptxas/options.h"
#include "tools/ptxas/statistics.h"

namespace tq::ptxas {
namespace {

constexpr int kFailed = 255;

// The lines that Triton, CMake and others look for: "release MAJOR.MINOR".
constexpr char kVersion[] =
    "ptxas: Tianqiao PTX assembler\nCuda compilation tools, release 13.0, V13.0.0\nBuild "
    "tianqiao_" TIANQIAO_VERSION "\n";

int Fatal(const std::string& message) {
  std::fprintf(stderr, "ptxas fatal   : %s\n", message.c_str());
  return kFailed;
}

class Assembler {
 public:
  Assembler(const Options& options, std::string name, std::string text)
      : options_(options), name_(std::move(name)), text_(std::move(text)) {}

  int Run() {
    const bool is_virtual = options_.arch.starts_with("compute_");
    const auto arch = fatbin::ParseArch(options_.arch);
    if (!arch.ok())
      return Fatal(absl::StrCat("Value '", options_.arch, "' is not defined for option 'gpu-name'"));
    module_ = ptx::Parse(text_, diagnostics_);
    if (module_->version_major == 0) {
      std::fprintf(stderr, "ptxas %s, line 1; fatal   : Missing .version directive at start of file '%s'\n",
                   name_.c_str(), name_.c_str());
      return Fatal("Ptx assembly aborted due to errors");
    }
    const fatbin::Arch target = {module_->target_sm, module_->target_variant};
    if (!fatbin::RunsOn(target, *arch) && !is_virtual)
      return Fatal(absl::StrCat("SM version specified by .target is higher than default SM version assumed (",
                                fatbin::ToString(target), ", ", options_.arch, ")"));
    ptx::Verify(*module_, diagnostics_);
    FindUnsupported();
    Warn();
    Report();
    if (diagnostics_.HasErrors() || (options_.warnings_are_errors && warnings_ != 0))
      return Fatal("Ptx assembly aborted due to errors");
    for (const std::string& entry : options_.entries) {
      const ptx::Function* function = module_->FindFunction(entry);
      if (function == nullptr || !function->is_kernel)
        return Fatal(absl::StrCat("Entry function '", entry, "' not found"));
    }
    if (options_.verbose) PrintStatistics();
    return is_virtual ? 0 : Write(*arch);
  }

 private:
  // Valid, and not compiled yet: said now, and not when the kernel is launched.
  void FindUnsupported() {
    for (const ptx::Function& function : module_->functions) {
      for (const ptx::Block& block : function.blocks) {
        for (const ptx::Instruction& instruction : block.instructions) {
          const ptx::Form& form = ptx::GetForm(instruction.form);
          if (form.lower_kind == ptx::LowerKind::kUnsupported)
            diagnostics_.Error(instruction.location,
                               absl::StrCat("Instruction '", std::string(form.syntax), "' is not supported"));
        }
      }
    }
  }

  void Warn() {
    for (const ptx::Function& function : module_->functions) {
      if (!function.has_body) continue;
      const Statistics statistics = Measure(function);
      if (options_.warn_of_doubles && statistics.uses_doubles)
        diagnostics_.Warning(function.location, absl::StrCat("Double is used in '", function.name, "'"));
      if (options_.warn_of_local_memory && statistics.stack_bytes != 0)
        diagnostics_.Warning(function.location,
                             absl::StrCat("Local memory used for '", function.name,
                                          "', size of stack frame: ", statistics.stack_bytes, " bytes"));
    }
  }

  void Report() {
    for (const ptx::Diagnostic& diagnostic : diagnostics_.list()) {
      const bool is_error = diagnostic.severity == ptx::Severity::kError;
      if (!is_error && options_.disable_warnings) continue;
      warnings_ += !is_error;
      std::fprintf(stderr, "ptxas %s, line %u; %s : %s\n", name_.c_str(), diagnostic.location.line,
                   is_error ? "error  " : "warning", diagnostic.text.c_str());
    }
  }

  void PrintStatistics() const {
    std::fprintf(stderr, "ptxas info    : %llu bytes gmem\n",
                 static_cast<unsigned long long>(GlobalBytes(*module_)));
    for (const ptx::Function& function : module_->functions) {
      if (!function.has_body) continue;
      const Statistics statistics = Measure(function);
      const auto stack = static_cast<unsigned long long>(statistics.stack_bytes);
      if (function.is_kernel)
        std::fprintf(stderr, "ptxas info    : Compiling entry function '%s' for '%s'\n",
                     function.name.c_str(), options_.arch.c_str());
      std::fprintf(stderr,
                   "ptxas info    : Function properties for %s\n    %llu bytes stack frame, 0 bytes spill "
                   "stores, 0 bytes spill loads\n",
                   function.name.c_str(), stack);
      if (!function.is_kernel) continue;
      std::string line =
          absl::StrCat("Used ", statistics.registers, " registers, used ", statistics.barriers, " barriers");
      if (stack != 0) absl::StrAppend(&line, ", ", stack, " bytes cumulative stack size");
      if (statistics.shared_bytes != 0) absl::StrAppend(&line, ", ", statistics.shared_bytes, " bytes smem");
      std::fprintf(stderr, "ptxas info    : %s\n", line.c_str());
    }
  }

  int Write(fatbin::Arch arch) const {
    fatbin::PtxObject object = {.ptx = text_, .options = options_.for_compiler, .arch = arch};
    for (const ptx::Function& function : module_->functions) {
      if (function.is_kernel && function.has_body) object.kernels.push_back(function.name);
    }
    const std::vector<uint8_t> bytes = fatbin::WritePtxObject(object);
    std::ofstream out(options_.output, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    out.close();
    return out ? 0 : Fatal(absl::StrCat("Output file '", options_.output, "' could not be written"));
  }

  const Options& options_;
  const std::string name_, text_;
  ptx::Diagnostics diagnostics_;
  std::unique_ptr<ptx::Module> module_;
  size_t warnings_ = 0;
};

int Run(const std::vector<std::string>& arguments) {
  const absl::StatusOr<Options> options = ParseOptions(arguments);
  if (!options.ok()) return Fatal(std::string(options.status().message()));
  if (options->help) {
    std::fputs(Help().c_str(), stdout);
    return 0;
  }
  if (options->version) {
    std::fputs(kVersion, stdout);
    return 0;
  }
  const size_t inputs = options->inputs.size() + options->texts.size();
  if (inputs == 0) return Fatal("No input files specified");
  if (inputs > 1) return Fatal("Several input files in one command are not supported");
  if (!options->texts.empty()) return Assembler(*options, "<string>", options->texts[0]).Run();
  std::ifstream in(options->inputs[0], std::ios::binary);
  if (!in) {
    Fatal(absl::StrCat("Input file '", options->inputs[0], "' could not be opened"));
    return Fatal("Ptx assembly aborted due to errors");
  }
  return Assembler(*options, options->inputs[0], {std::istreambuf_iterator<char>(in), {}}).Run();
}

}  // namespace
}  // namespace tq::ptxas

int main(int argc, char** argv) { return tq::ptxas::Run({argv + 1, argv + argc}); }
