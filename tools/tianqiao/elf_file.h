// What the command needs to know of an ELF file: what it asks the dynamic loader for. The file is mapped,
// never loaded, and may be hostile: every offset is checked. Instances are movable and own the mapping.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tq {

class ElfFile {
 public:
  // Nothing when `path` cannot be read or is no 64-bit little-endian ELF file.
  static std::optional<ElfFile> Open(const std::string& path);

  ElfFile(ElfFile&& other) noexcept;
  ElfFile& operator=(ElfFile&&) = delete;
  ~ElfFile();

  bool is_dynamic() const { return !dynamic_.empty(); }
  std::span<const uint8_t> bytes() const { return bytes_; }

  // DT_NEEDED, in order. Views into the mapping, as are all others.
  std::vector<std::string_view> needed_libraries() const;
  // DT_RPATH, which the loader searches before LD_LIBRARY_PATH. Empty where DT_RUNPATH overrides it.
  std::vector<std::string_view> rpath() const;
  std::vector<std::string_view> runpath() const;
  // Names of the dynamic symbols that other libraries must provide.
  std::vector<std::string_view> undefined_symbols() const;
  // Bytes of the section, empty when there is none of that name.
  std::span<const uint8_t> section(std::string_view name) const;

 private:
  struct Range {
    uint64_t offset, size_bytes;
  };
  explicit ElfFile(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool ReadHeaders();
  template <typename T>
  std::span<const T> TableAt(uint64_t offset, uint64_t count) const;
  std::string_view StringAt(Range strings, uint64_t offset) const;
  std::optional<uint64_t> OffsetOfAddress(uint64_t address) const;
  std::vector<std::string_view> DynamicStrings(int64_t tag) const;

  std::span<const uint8_t> bytes_;
  std::vector<std::pair<uint64_t, Range>> segments_;  // virtual address -> file range
  std::vector<std::pair<int64_t, uint64_t>> dynamic_;
  Range dynamic_strings_{0, 0};
};

}  // namespace tq
