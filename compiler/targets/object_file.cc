#include "compiler/targets/object_file.h"

#include <map>
#include <memory>

#include "llvm/DebugInfo/DWARF/DWARFContext.h"
#include "llvm/ObjCopy/CommonConfig.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ObjectFile.h"

namespace tq::targets {
namespace {

llvm::MemoryBufferRef BufferOf(std::span<const uint8_t> object) {
  return {llvm::StringRef(reinterpret_cast<const char*>(object.data()), object.size()), "kernel"};
}

absl::Status ToStatus(llvm::Error error) { return absl::InternalError(llvm::toString(std::move(error))); }

}  // namespace

absl::StatusOr<std::vector<LineEntry>> ReadLineTable(std::span<const uint8_t> object) {
  llvm::Expected<std::unique_ptr<llvm::object::ObjectFile>> file =
      llvm::object::ObjectFile::createObjectFile(BufferOf(object));
  if (!file) return ToStatus(file.takeError());
  std::unique_ptr<llvm::DWARFContext> dwarf = llvm::DWARFContext::create(**file);
  // Of rows at one address the last holds. Line 0 is code of no line: the compiler's own, counted to what
  // stands before it.
  std::map<uint64_t, uint32_t> lines;
  for (const std::unique_ptr<llvm::DWARFUnit>& unit : dwarf->compile_units()) {
    const llvm::DWARFDebugLine::LineTable* table = dwarf->getLineTableForUnit(unit.get());
    if (table == nullptr) continue;
    for (const llvm::DWARFDebugLine::Row& row : table->Rows) {
      if (!row.EndSequence && row.Line != 0) lines[row.Address.Address] = row.Line;
    }
  }
  std::vector<LineEntry> changes;
  for (const auto& [pc_offset, line] : lines) {
    if (changes.empty() || changes.back().line != line) changes.push_back({pc_offset, line});
  }
  return changes;
}

absl::StatusOr<std::vector<uint8_t>> StripDebugSections(std::span<const uint8_t> object) {
  llvm::Expected<std::unique_ptr<llvm::object::Binary>> binary = llvm::object::createBinary(BufferOf(object));
  if (!binary) return ToStatus(binary.takeError());
  llvm::objcopy::ConfigManager config;
  config.Common.StripDebug = true;
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  if (llvm::Error error = llvm::objcopy::executeObjcopyOnBinary(config, **binary, stream)) {
    return ToStatus(std::move(error));
  }
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

}  // namespace tq::targets
