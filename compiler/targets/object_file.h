// What is taken from an ELF relocatable after LLVM has written it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace tq::targets {

// Code from `pc_offset` in .text on comes from this line of the compiled text.
struct LineEntry {
  uint64_t pc_offset = 0;
  uint32_t line = 0;
};

// The DWARF line table, ascending, one entry for each change of line.
absl::StatusOr<std::vector<LineEntry>> ReadLineTable(std::span<const uint8_t> object);

// The object without its debug sections.
absl::StatusOr<std::vector<uint8_t>> StripDebugSections(std::span<const uint8_t> object);

}  // namespace tq::targets
