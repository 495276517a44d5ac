#include "runtime/core/linker.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "api/resolve.h"
#include "base/status.h"
#include "runtime/core/code.h"
#include "runtime/core/error.h"
#include "runtime/fatbin/archive.h"
#include "runtime/fatbin/read.h"
#include "runtime/fatbin/scan.h"
#include "runtime/fatbin/write.h"

namespace tq::core {
namespace {

// Behind the image: an archive that is passed on without its size ends where no member header stands.
constexpr size_t kTailBytes = 64;

std::string_view AsText(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, text.find('\0'));
}

}  // namespace

absl::StatusOr<std::vector<uint8_t>> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return CudaError(CUDA_ERROR_FILE_NOT_FOUND,
                     absl::StrCat(path, " cannot be opened (", std::strerror(errno), ")"));
  }
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

absl::Status Linker::AddPtx(std::string_view text, std::string_view name) {
  auto image = fatbin::PtxImage(text, fatbin::Codec::kLz4);
  if (!image.ok()) return CudaError(CUDA_ERROR_INVALID_PTX, std::string(image.status().message()));
  image->arch = {};  // given by the caller for this device: no choice is left
  std::string options = request_.options().Spell("");
  absl::StrAppend(&options, " -O", request_.options().optimization_level);
  image->options = options;
  image->name = name;
  // Wrong PTX is the input's fault, so it is said here and not when the sum is loaded.
  const auto index = ptx::ModuleIndex::Build(text);
  if (!index.ok()) return CudaError(CUDA_ERROR_INVALID_PTX, std::string(index.status().message()));
  ASSIGN_OR_RETURN(std::vector<uint8_t> bytes, fatbin::WriteFatbin(std::span(&*image, 1)));
  members_.emplace_back(absl::StrCat("unit", members_.size()), std::move(bytes));
  return absl::OkStatus();
}

absl::Status Linker::Add(CUjitInputType type, std::span<const uint8_t> bytes, std::string_view name) {
  if (type < CU_JIT_INPUT_CUBIN || type >= CU_JIT_NUM_INPUT_TYPES) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("there is no input of that type (", static_cast<int>(type), ")"));
  }
  if (type == CU_JIT_INPUT_PTX) return AddPtx(AsText(bytes), name);
  if (type == CU_JIT_INPUT_NVVM) return Unsupported("linking NVVM bitcode");
  // Fat binaries, and host objects and libraries with fat binaries in them.
  absl::Status first;
  const absl::Status scanned = fatbin::ScanBytes(bytes, [&](const fatbin::FoundUnit& found) {
    if (!first.ok()) return;
    const auto image = fatbin::Choose(*found.unit, DeviceArch());
    if (!image.ok()) {
      first = CudaError(CUDA_ERROR_NO_BINARY_FOR_GPU, std::string(image.status().message()));
      return;
    }
    fatbin::Text text(**image, fatbin::Text::Storage::kBorrow);
    const auto held = text.Acquire();
    first = held.ok() ? AddPtx(**held, (*image)->name)
                      : CudaError(CUDA_ERROR_INVALID_IMAGE, std::string(held.status().message()));
  });
  if (!scanned.ok()) return CudaError(CUDA_ERROR_INVALID_IMAGE, std::string(scanned.message()));
  return first;
}

absl::Status Linker::AddFile(CUjitInputType type, const std::string& path) {
  ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, ReadFile(path));
  return Add(type, bytes, path.substr(path.rfind('/') + 1));
}

absl::StatusOr<std::span<const uint8_t>> Linker::Complete() {
  if (members_.empty()) return CudaError(CUDA_ERROR_INVALID_VALUE, "nothing was added to the linker");
  image_ = fatbin::WriteArchive(members_);
  const size_t size_bytes = image_.size();
  image_.resize(size_bytes + kTailBytes);
  return std::span<const uint8_t>(image_).first(size_bytes);
}

Linker* Resolve(CUlinkState handle) { return FromHandle<Linker>(handle); }

}  // namespace tq::core
