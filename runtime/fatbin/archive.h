// Unix archives (`!<arch>`), as `nvcc -lib` and `ar` write them, with GNU's long names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tq::fatbin {

struct ArchiveMember {
  std::string name;
  std::span<const uint8_t> bytes;  // points into the archive; aligned to 2 only
};

bool IsArchive(std::span<const uint8_t> bytes);

// The members, without the symbol index. InvalidArgument when a header is damaged or a member is cut off.
absl::StatusOr<std::vector<ArchiveMember>> ReadArchive(std::span<const uint8_t> bytes);

// An archive of (name, contents) pairs.
std::vector<uint8_t> WriteArchive(const std::vector<std::pair<std::string, std::vector<uint8_t>>>& members);

// For images that come without a size: follows the member headers for as long as there are any.
uint64_t ArchiveExtentAt(const void* archive);

}  // namespace tq::fatbin
