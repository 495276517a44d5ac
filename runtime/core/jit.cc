#include "runtime/core/jit.h"

#include <dlfcn.h>

#include <ctime>
#include <deque>
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

// Kernels of more PTX than this take the vector tier long enough that a user sees the first launch wait, and
// of more than that the scalar tier too, unless it leaves out LLVM's optimiser
// (docs/decisions/0020-tiers-by-size.md).
constexpr size_t kMaxTextForVector = 24 << 10;
constexpr size_t kMaxTextForOptimizer = 256 << 10;

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

// ---- Tiers ----

enum class TierChoice : uint8_t { kScalar, kVector, kAuto };

struct TierName {
  std::string_view name;
  TierChoice choice;
};
constexpr TierName kTierNames[] = {
    {"scalar", TierChoice::kScalar}, {"vector", TierChoice::kVector}, {"auto", TierChoice::kAuto}};

TierChoice ChosenTier() {
  static const TierChoice chosen = [] {
    for (const TierName& tier : kTierNames) {
      if (tier.name == Knobs().tier) return tier.choice;
    }
    Log(LogLevel::kWarn, "TIANQIAO_TIER names no tier (%s): auto is taken", Knobs().tier.c_str());
    return TierChoice::kAuto;
  }();
  return chosen;
}

// A request that can outlive whoever made it.
class Request {
 public:
  Request(const CompileJob& job, const hal_target& target, const char* tier)
      : symbols_(job.symbols.begin(), job.symbols.end()),
        target_(target),
        options_(absl::StrCat(job.options, job.options.empty() ? "" : " ", tier)),
        level_(job.optimization_level),
        chunks_(job.chunks.begin(), job.chunks.end()) {
    for (const std::string& symbol : symbols_) names_.push_back(symbol.c_str());
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // Until then the text is the job's.
  void KeepText() {
    for (tq_ptx_chunk& chunk : chunks_) chunk.text = texts_.emplace_back(chunk.text, chunk.size_bytes).data();
  }

  tq_compile_request Get() const {
    tq_compile_request request = {};
    request.size = sizeof(request);
    request.chunks = chunks_.data();
    request.chunk_count = chunks_.size();
    request.symbols = names_.data();
    request.symbol_count = names_.size();
    request.target = target_.target;
    request.features = target_.features;
    request.options = options_.c_str();
    request.optimization_level = level_;
    return request;
  }
  CacheKey Key() const { return KeyOf(Get(), TQ_COMPILER_VERSION); }
  absl::StatusOr<KernelCache::Code> Compile() const {
    return KernelCache::Default().Get(Key(), [&] { return Run(Get(), symbols_[0]); });
  }

 private:
  const std::vector<std::string> symbols_;
  const hal_target target_;
  const std::string options_;
  const unsigned level_;
  std::vector<const char*> names_;
  std::vector<tq_ptx_chunk> chunks_;
  std::deque<std::string> texts_;
};

constexpr char kScalarOption[] = "--tier=scalar", kVectorOption[] = "--tier=vector";
constexpr char kUnoptimizedOptions[] = "--tier=scalar -O0";

}  // namespace

absl::StatusOr<CompiledCode> Compile(const CompileJob& job, const Device& device) {
  TQ_CHECK(!job.symbols.empty());
  const std::vector<hal_target> targets = device.hal().Targets();
  if (targets.empty()) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                     absl::StrCat("device ", device.ordinal(), " (", device.name(), ") takes no code"));
  }
  size_t text_bytes = 0;
  for (const tq_ptx_chunk& chunk : job.chunks) text_bytes += chunk.size_bytes;
  const TierChoice choice = job.optimization_level == 0 ? TierChoice::kScalar : ChosenTier();
  CompiledCode result;
  if (choice == TierChoice::kScalar) {
    ASSIGN_OR_RETURN(result.code, Request(job, targets[0], kScalarOption).Compile());
    return result;
  }
  const auto vector = std::make_shared<Request>(job, targets[0], kVectorOption);
  if (choice == TierChoice::kVector || !job.is_kernel || text_bytes <= kMaxTextForVector) {
    ASSIGN_OR_RETURN(result.code, vector->Compile());
    return result;
  }
  result.code = KernelCache::Default().Find(vector->Key());
  if (result.code != nullptr) return result;
  const bool is_giant = text_bytes > kMaxTextForOptimizer;
  ASSIGN_OR_RETURN(result.code,
                   Request(job, targets[0], is_giant ? kUnoptimizedOptions : kScalarOption).Compile());
  vector->KeepText();
  result.better = BackgroundCompile::Start([vector] { return vector->Compile(); });
  return result;
}

}  // namespace tq::core
