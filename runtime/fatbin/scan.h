// Finds all device code in a file: executables and shared objects, objects and archives of them, and the bare
// forms that read.h knows. Serves `tianqiao doctor`; the file is mapped, so a library of half a gigabyte
// costs the pages that hold the headers.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "runtime/fatbin/image.h"

namespace tq::fatbin {

struct FoundUnit {
  uint64_t offset_bytes = 0;   // in the file
  std::string_view member;     // of the archive; "" outside one
  const Unit* unit = nullptr;  // valid during the call
};
using UnitVisitor = std::function<void(const FoundUnit&)>;

// Calls `visit` for every unit, in the order of the file. Something that looks like a fat binary and is
// damaged is reported through the log and skipped. NotFound: no such file; InvalidArgument: nothing of this
// kind in it.
absl::Status ScanFile(const std::string& path, const UnitVisitor& visit);
absl::Status ScanBytes(std::span<const uint8_t> bytes, const UnitVisitor& visit);

}  // namespace tq::fatbin
