#include "tools/tianqiao/trial_compiler.h"

#include <dlfcn.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "compiler/index/extract.h"
#include "tools/tianqiao/installation.h"

namespace tq {
namespace {

// "ptx:12:3: error: WHAT\n..." gives WHAT: the same complaint about many kernels is counted as one.
std::string FirstError(std::string_view log) {
  static constexpr std::string_view kMark = "error: ";
  const size_t mark = log.find(kMark);
  if (mark != std::string_view::npos) log.remove_prefix(mark + kMark.size());
  return std::string(log.substr(0, log.find('\n')));
}

}  // namespace

absl::StatusOr<TrialCompiler> TrialCompiler::Load() {
  const std::string path = LibraryDirectory() + "/libtianqiao_compiler.so";
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return absl::NotFoundError(absl::StrCat("the compiler cannot be loaded: ", dlerror()));
  const auto entry = reinterpret_cast<tq_compiler_entry_fn>(dlsym(library, "tq_compiler_entry"));
  const tq_compiler* compiler = nullptr;
  if (entry == nullptr || entry(TQ_COMPILER_ABI, &compiler) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", path, "' is a compiler of another version than ", TQ_COMPILER_ABI));
  }
  return TrialCompiler(compiler);
}

absl::Status TrialCompiler::Compile(const ptx::ModuleIndex& index, std::string_view text,
                                    std::string_view kernel) const {
  ASSIGN_OR_RETURN(const ptx::Extract extract, ptx::ExtractSymbols(index, text, {&kernel, 1}));
  const std::string name(kernel);
  const char* const symbol = name.c_str();
  tq_compile_request request = {};
  request.size = sizeof request;
  request.chunks = extract.chunks.data();
  request.chunk_count = extract.chunks.size();
  request.symbols = &symbol;
  request.symbol_count = 1;
  request.target = "x86_64-cpu";
  request.features = "";
  request.options = "";
  request.optimization_level = 0;  // whether it compiles does not depend on how well
  tq_compile_result result = {};
  result.size = sizeof result;
  const tq_compile_status status = compiler_->compile(&request, &result);
  std::string error = status == TQ_COMPILE_OK ? "" : FirstError(result.log != nullptr ? result.log : "");
  compiler_->release(&result);
  if (status == TQ_COMPILE_OK) return absl::OkStatus();
  if (error.empty())
    error = absl::StrCat("the compiler gives status ", static_cast<int>(status), " and no reason");
  return absl::UnimplementedError(error);
}

}  // namespace tq
