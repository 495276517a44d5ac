#include "runtime/core/jit.h"

#include <dlfcn.h>

#include <ctime>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/knobs.h"
#include "base/log.h"
#include "base/status.h"
#include "compiler/api/compiler_version.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/progress.h"

namespace tq::core {
namespace {

constexpr char kLibrary[] = "libtianqiao_compiler.so";

// Beside the library that this code is in; for the programs of the build tree, which are in bin/ and tests/,
// in ../lib.
absl::StatusOr<const tq_compiler*> Open() {
  static const char anchor = 0;
  Dl_info info;
  std::string own = ".";
  if (dladdr(&anchor, &info) != 0 && info.dli_fname != nullptr) {
    own = info.dli_fname;
    const size_t slash = own.rfind('/');
    own = slash == std::string::npos ? "." : own.substr(0, slash);
  }
  std::vector<std::string> paths = {absl::StrCat(own, "/", kLibrary),
                                    absl::StrCat(own, "/../lib/", kLibrary)};
  if (!Knobs().compiler.empty()) paths = {Knobs().compiler};
  std::string errors;
  for (const std::string& path : paths) {
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      absl::StrAppend(&errors, errors.empty() ? "" : "; ", dlerror());
      continue;
    }
    const auto entry = reinterpret_cast<tq_compiler_entry_fn>(dlsym(library, "tq_compiler_entry"));
    const tq_compiler* compiler = nullptr;
    if (entry == nullptr || entry(TQ_COMPILER_ABI, &compiler) != 0 || compiler == nullptr) {
      return CudaError(CUDA_ERROR_JIT_COMPILER_NOT_FOUND,
                       absl::StrCat(path, " is no compiler of version ", TQ_COMPILER_ABI));
    }
    // A stale library beside a new libcuda would fill the cache with code under the wrong name.
    if (std::string_view(compiler->version) != TQ_COMPILER_VERSION) {
      Log(LogLevel::kWarn, "%s is of another build (%s) than this library (%s)", path.c_str(),
          compiler->version, TQ_COMPILER_VERSION);
    }
    return compiler;
  }
  return CudaError(CUDA_ERROR_JIT_COMPILER_NOT_FOUND,
                   absl::StrCat("the compiler cannot be loaded: ", errors));
}

absl::StatusOr<const tq_compiler*> GetCompiler() {
  static const auto* const compiler = new absl::StatusOr<const tq_compiler*>(Open());
  return *compiler;
}

struct Failure {
  tq_compile_status status;
  CUresult code;
  const char* meaning;
};
constexpr Failure kFailures[] = {
    {TQ_COMPILE_INVALID_PTX, CUDA_ERROR_INVALID_PTX, "its PTX is wrong"},
    {TQ_COMPILE_UNSUPPORTED, CUDA_ERROR_NOT_SUPPORTED, "its PTX needs something that is not supported yet"},
    {TQ_COMPILE_UNRESOLVED, CUDA_ERROR_INVALID_PTX, "it uses a function that nothing defines"},
    {TQ_COMPILE_NOT_FOUND, CUDA_ERROR_NOT_FOUND, "it is not in the text"},
    {TQ_COMPILE_INVALID_REQUEST, CUDA_ERROR_UNKNOWN, "the compiler does not know this device's target"},
    {TQ_COMPILE_OUT_OF_MEMORY, CUDA_ERROR_OUT_OF_MEMORY, "there is no memory for it"},
    {TQ_COMPILE_INTERNAL, CUDA_ERROR_UNKNOWN, "the compiler failed; this is a bug of ours"},
};

absl::Status ToError(tq_compile_status status, const std::string& symbol, std::string_view log) {
  const Failure* failure = &kFailures[std::size(kFailures) - 1];
  for (const Failure& candidate : kFailures) {
    if (candidate.status == status) failure = &candidate;
  }
  while (log.ends_with('\n')) log.remove_suffix(1);
  return CudaError(failure->code,
                   absl::StrCat("kernel ", symbol, " cannot be compiled: ", failure->meaning,
                                log.empty() ? "" : "\n", absl::string_view(log.data(), log.size())));
}

// Owns what the compiler gave back.
class Result {
 public:
  explicit Result(const tq_compiler& compiler) : compiler_(compiler) { result_.size = sizeof(result_); }
  ~Result() { compiler_.release(&result_); }
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;
  tq_compile_result* get() { return &result_; }
  std::string_view log() const { return result_.log != nullptr ? result_.log : ""; }

 private:
  const tq_compiler& compiler_;
  tq_compile_result result_ = {};
};

absl::StatusOr<std::vector<uint8_t>> Run(const tq_compile_request& request, const std::string& symbol) {
  ASSIGN_OR_RETURN(const tq_compiler* const compiler, GetCompiler());
  const CompileProgress progress(symbol);
  timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  Result result(*compiler);
  const tq_compile_status status = compiler->compile(&request, result.get());
  clock_gettime(CLOCK_MONOTONIC, &end);
  if (status != TQ_COMPILE_OK) return ToError(status, symbol, result.log());
  const long long elapsed_ms = (end.tv_sec - start.tv_sec) * 1000LL + (end.tv_nsec - start.tv_nsec) / 1000000;
  Log(LogLevel::kInfo, "compiled %s in %lld ms", symbol.c_str(), elapsed_ms);
  if (!result.log().empty()) Log(LogLevel::kInfo, "%s", result.get()->log);
  return std::vector<uint8_t>(result.get()->code, result.get()->code + result.get()->code_size_bytes);
}

}  // namespace

namespace {

// Part of the options, and with them of the name in the cache.
const char* TierOption() { return Knobs().tier == "scalar" ? "--tier=scalar" : "--tier=vector"; }

}  // namespace

absl::StatusOr<KernelCache::Code> Compile(const CompileJob& job, const Device& device) {
  TQ_CHECK(!job.symbols.empty());
  const std::vector<hal_target> targets = device.hal().Targets();
  if (targets.empty()) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                     absl::StrCat("device ", device.ordinal(), " (", device.name(), ") takes no code"));
  }
  std::vector<const char*> symbols;
  for (const std::string& symbol : job.symbols) symbols.push_back(symbol.c_str());
  tq_compile_request request = {};
  request.size = sizeof(request);
  request.chunks = job.chunks.data();
  request.chunk_count = job.chunks.size();
  request.symbols = symbols.data();
  request.symbol_count = symbols.size();
  request.target = targets[0].target;
  request.features = targets[0].features;
  const std::string options = absl::StrCat(job.options, job.options.empty() ? "" : " ", TierOption());
  request.options = options.c_str();
  request.optimization_level = job.optimization_level;
  return KernelCache::Default().Get(KeyOf(request, TQ_COMPILER_VERSION),
                                    [&] { return Run(request, job.symbols[0]); });
}

}  // namespace tq::core
