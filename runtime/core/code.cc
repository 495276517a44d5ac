#include "runtime/core/code.h"

#include <cstdio>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "base/knobs.h"
#include "base/status.h"
#include "runtime/core/error.h"

namespace tq::core {
namespace {

// PTX ISA 9 came with CUDA 13. Later minor versions are tried: what they add fails kernel by kernel.
constexpr int kNewestMajorVersion = 9;

absl::string_view Show(std::string_view text) { return {text.data(), text.size()}; }

// runtime/fatbin says with canonical codes what CUDA has codes of its own for.
absl::Status FromImage(const absl::Status& status) {
  const std::string message(status.message());
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return CudaError(CUDA_ERROR_INVALID_IMAGE, message);
    case absl::StatusCode::kNotFound:
      return CudaError(CUDA_ERROR_NO_BINARY_FOR_GPU, message);
    default:
      return status;
  }
}

absl::Status CheckVersion(const ptx::ModuleIndex& index) {
  const std::string version(index.version());
  int major = 0, minor = 0;
  if (std::sscanf(version.c_str(), "%d.%d", &major, &minor) != 2 || major < 1) {
    return CudaError(CUDA_ERROR_INVALID_PTX,
                     absl::StrCat("the .version of the PTX is no version (", version, ")"));
  }
  if (major > kNewestMajorVersion) {
    return CudaError(
        CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
        absl::StrCat("the PTX is of a later ISA than ", kNewestMajorVersion, ".x (", version, ")"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Code::Unit> MakeUnit(const fatbin::Image& image, fatbin::Text::Storage storage) {
  auto text = std::make_unique<fatbin::Text>(image, storage);
  const auto held = text->Acquire();
  if (!held.ok()) return FromImage(held.status());
  auto index = ptx::ModuleIndex::Build(**held);
  if (!index.ok()) return CudaError(CUDA_ERROR_INVALID_PTX, std::string(index.status().message()));
  RETURN_IF_ERROR(CheckVersion(*index));
  std::string options(image.options);
  std::map<std::string, uint64_t, std::less<>> symbols = TakeSymbols(options);
  return Code::Unit{*std::move(index), std::move(text), std::move(options), std::move(symbols)};
}

}  // namespace

fatbin::Arch DeviceArch() {
  static const fatbin::Arch arch = [] {
    int major = 0, minor = 0;
    std::sscanf(Knobs().compute_capability.c_str(), "%d.%d", &major, &minor);
    return fatbin::Arch{static_cast<uint32_t>(10 * major + minor), 0};
  }();
  return arch;
}

absl::StatusOr<std::shared_ptr<const Code>> Code::Load(const fatbin::Container& container,
                                                       fatbin::Text::Storage storage,
                                                       const JitOptions& options) {
  auto code = std::make_shared<Code>();
  code->options_ = options;
  absl::Status missing = CudaError(CUDA_ERROR_NO_BINARY_FOR_GPU, "the image holds nothing");
  for (const fatbin::Unit& unit : container.units) {
    const auto image = fatbin::Choose(unit, DeviceArch());
    if (!image.ok()) {
      missing = FromImage(image.status());
      continue;
    }
    code->is_text_ = (*image)->arch.sm == 0;
    ASSIGN_OR_RETURN(Unit made, MakeUnit(**image, storage));
    code->options_.symbols.merge(made.symbols);
    code->units_.push_back(std::move(made));
  }
  if (code->units_.empty()) return missing;

  std::unordered_set<std::string_view> names;
  for (size_t unit = 0; unit < code->units_.size(); ++unit) {
    for (const ptx::Statement* kernel : code->units_[unit].index.Kernels()) {
      if (names.insert(kernel->name).second) code->kernels_.push_back({unit, kernel});
    }
  }
  return std::shared_ptr<const Code>(std::move(code));
}

absl::StatusOr<KernelLocation> Code::FindKernel(std::string_view name) const {
  for (size_t unit = 0; unit < units_.size(); ++unit) {
    const ptx::Statement* const statement = units_[unit].index.FindDefinition(name);
    if (statement != nullptr && statement->kind == ptx::StatementKind::kKernel)
      return KernelLocation{unit, statement};
  }
  return CudaError(CUDA_ERROR_NOT_FOUND, absl::StrCat("there is no kernel named ", Show(name)));
}

}  // namespace tq::core
