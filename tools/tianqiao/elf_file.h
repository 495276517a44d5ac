// What an ELF file asks the dynamic loader for. The file is mapped, never loaded, and may be hostile.
// Instances own the mapping; the views that they return end with them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/fatbin/elf.h"

namespace tq {

class ElfFile {
 public:
  // Nothing when `path` cannot be read or is no 64-bit little-endian ELF file.
  static std::optional<ElfFile> Open(const std::string& path);

  ElfFile(ElfFile&& other) noexcept;
  ElfFile& operator=(ElfFile&&) = delete;
  ~ElfFile();

  bool is_dynamic() const { return !section(".dynamic").empty(); }
  std::vector<std::string_view> needed_libraries() const;
  // Directories of DT_RPATH, which the loader searches before LD_LIBRARY_PATH. Empty where DT_RUNPATH
  // overrides it.
  std::vector<std::string_view> rpath() const;
  std::vector<std::string_view> runpath() const;
  // Names of the dynamic symbols that other libraries must provide.
  std::vector<std::string_view> undefined_symbols() const;
  // Empty when there is none of that name.
  std::span<const uint8_t> section(std::string_view name) const;

 private:
  ElfFile(std::span<const uint8_t> mapping, fatbin::Elf elf) : mapping_(mapping), elf_(std::move(elf)) {}
  std::string_view DynamicString(uint64_t offset) const;
  std::vector<std::string_view> DynamicStrings(int64_t tag) const;

  std::span<const uint8_t> mapping_;
  fatbin::Elf elf_;
};

}  // namespace tq
