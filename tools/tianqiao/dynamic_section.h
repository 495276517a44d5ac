// What a program asks of the dynamic loader, read the way the loader reads it: by program headers and the
// dynamic section. The file is mapped, never loaded, and may be hostile: every offset is checked. Instances
// own the mapping; the views that they return end with them.
//
// Stands apart from runtime/fatbin/elf.h, which reads sections: `tianqiao run` is in front of every program,
// and links nothing that takes a millisecond to load.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tq {

class DynamicSection {
 public:
  // Nothing when `path` cannot be read or is no 64-bit little-endian ELF file.
  static std::optional<DynamicSection> Open(const std::string& path);

  DynamicSection(DynamicSection&& other) noexcept;
  DynamicSection& operator=(DynamicSection&&) = delete;
  ~DynamicSection();

  // False for a program that is linked statically: the loader takes no part in it.
  bool exists() const { return !entries_.empty(); }
  std::vector<std::string_view> needed_libraries() const;
  // Directories of DT_RPATH, which the loader searches before LD_LIBRARY_PATH. Empty where DT_RUNPATH
  // overrides it.
  std::vector<std::string_view> rpath() const;
  std::vector<std::string_view> runpath() const;

  // Names of the dynamic symbols that other libraries must provide.
  std::vector<std::string_view> undefined_symbols() const;

  // Whether the program's constants hold the text. Looks at the first 64 MiB of read-only data.
  bool ConstantsHold(std::string_view text) const;

 private:
  struct Segment {
    uint64_t address, offset, size_bytes;
    bool is_writable, is_executable;
  };
  explicit DynamicSection(std::span<const uint8_t> file) : file_(file) {}
  bool ReadHeaders();
  std::span<const uint8_t> BytesAt(uint64_t offset, uint64_t size_bytes) const;
  // From an address on to the end of its segment.
  std::span<const uint8_t> BytesAtAddress(uint64_t address) const;
  std::string_view String(uint64_t offset) const;
  std::vector<std::string_view> Strings(int64_t tag) const;
  uint64_t Value(int64_t tag) const;  // 0: not there

  std::span<const uint8_t> file_;
  std::vector<Segment> segments_;
  std::vector<std::pair<int64_t, uint64_t>> entries_;  // tag, value
  std::span<const uint8_t> strings_;
};

}  // namespace tq
