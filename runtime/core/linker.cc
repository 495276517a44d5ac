#include "runtime/core/linker.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "api/resolve.h"
#include "base/status.h"
#include "compiler/index/check_link.h"
#include "compiler/index/system_calls.h"
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

absl::Status Linker::AddPtx(std::string_view text, std::string_view name, bool is_of_library) {
  // Wrong PTX is the input's fault, so it is said here and not when the sum is loaded.
  const auto image = fatbin::PtxImage(text, fatbin::Codec::kStored);
  if (!image.ok()) return CudaError(CUDA_ERROR_INVALID_PTX, std::string(image.status().message()));
  auto index = ptx::ModuleIndex::Build(text);
  if (!index.ok()) return CudaError(CUDA_ERROR_INVALID_PTX, std::string(index.status().message()));
  std::string known = name.empty() ? absl::StrCat("input ", members_.size() + 1) : std::string(name);
  members_.push_back({std::move(known), std::string(text),
                      std::make_unique<const ptx::ModuleIndex>(*std::move(index)), is_of_library});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<uint8_t>> Linker::Pack(const Member& member) const {
  ASSIGN_OR_RETURN(fatbin::Image image, fatbin::PtxImage(member.text, fatbin::Codec::kLz4));
  image.arch = {};  // given by the caller for this device: no choice is left
  const std::string options =
      absl::StrCat(request_.options().Spell(""), " -O", request_.options().optimization_level,
                   SpellSymbols(request_.options()));
  image.options = options;
  image.name = member.name;
  return fatbin::WriteFatbin(std::span(&image, 1));
}

absl::Status Linker::Add(CUjitInputType type, std::span<const uint8_t> bytes, std::string_view name) {
  if (type < CU_JIT_INPUT_CUBIN || type >= CU_JIT_NUM_INPUT_TYPES) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("there is no input of that type (", static_cast<int>(type), ")"));
  }
  if (type == CU_JIT_INPUT_PTX) return AddPtx(AsText(bytes), name, false);
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
    const std::string_view known = found.member.empty() ? name : found.member;
    first = held.ok() ? AddPtx(**held, known, type == CU_JIT_INPUT_LIBRARY)
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
  std::vector<ptx::NamedUnit> units;
  for (const Member& member : members_) {
    units.push_back({{member.index.get(), member.text}, member.name, member.is_of_library});
  }
  std::vector<ptx::NamedUnit> chosen;
  std::vector<std::pair<std::string, std::vector<uint8_t>>> packed;
  for (const size_t unit : ptx::ChooseUnits(units)) {
    chosen.push_back(units[unit]);
    ASSIGN_OR_RETURN(std::vector<uint8_t> bytes, Pack(members_[unit]));
    packed.emplace_back(absl::StrCat("unit", packed.size()), std::move(bytes));
  }
  if (chosen.empty())
    return CudaError(CUDA_ERROR_INVALID_VALUE, "there are libraries alone, and nothing needs them");
  ptx::NameSet outside;
  for (const auto& [name, address] : request_.options().symbols) outside.insert(name);
  if (std::string errors = ptx::CheckLink(chosen, outside, ptx::IsSystemCall); !errors.empty()) {
    errors.pop_back();
    return CudaError(CUDA_ERROR_INVALID_IMAGE, errors);
  }
  image_ = fatbin::WriteArchive(packed);
  const size_t size_bytes = image_.size();
  image_.resize(size_bytes + kTailBytes);
  return std::span<const uint8_t>(image_).first(size_bytes);
}

Linker* Resolve(CUlinkState handle) { return FromHandle<Linker>(handle); }

}  // namespace tq::core
