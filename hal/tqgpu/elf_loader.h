// Reads RISC-V ELF relocatables (ET_REL), the payload of code objects, and places them at an address on the
// card: an image that only has to be copied there. Pure: neither maps nor runs anything. The input is hostile
// until proven otherwise: it may come from a damaged cache. Every offset, index and count is checked.
//
// An image has two parts, each a whole number of pages: code and constants (read, execute), then data (read,
// write). Linker relaxation is not needed and not done. Undefined functions are reached over stubs where they
// lie too far away, variables by a table of addresses (GOT) in the constants.
#pragma once

#include <elf.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"

namespace tq::hal::tqgpu {

// An image at its address.
struct CodeImage {
  uint64_t base = 0;
  std::vector<uint8_t> bytes;
  uint64_t writable_offset = 0;  // up to here read and execute, from here read and write
  uint64_t code_end = 0;         // address behind the last instruction, stubs included
  uint64_t text_begin = 0;       // section .text, what LineRecord::pc_offset counts from
  uint64_t text_size_bytes = 0;
  std::unordered_map<std::string, uint64_t> symbols;  // global ones: addresses

  bool ContainsCode(uint64_t address) const { return address >= base && address < code_end; }
  // 0 when the file does not define it.
  uint64_t Symbol(const std::string& name) const;
};

class RelocatableCode {
 public:
  // The address of an undefined symbol, or nothing.
  using Resolver = std::function<std::optional<uint64_t>(const std::string& name)>;

  static constexpr uint64_t kPageBytes = 4096;

  // Copies what it needs. InvalidArgument says what is wrong with the file.
  static absl::StatusOr<RelocatableCode> Read(std::span<const uint8_t> elf);

  // What an image needs; the same at every address.
  uint64_t size_bytes() const { return size_bytes_; }
  uint64_t writable_offset() const { return writable_offset_; }

  // `base` is a multiple of kPageBytes. InvalidArgument names the symbol that nobody defines, or says which
  // reference cannot be made.
  absl::StatusOr<CodeImage> Place(uint64_t base, const Resolver& resolve) const;

 private:
  friend class CodePlacer;
  enum class Part { kCode, kConstant, kData };
  struct Section {
    Elf64_Shdr header = {};
    uint64_t offset = 0;  // in the image, where it is loaded
    bool IsLoaded() const { return (header.sh_flags & SHF_ALLOC) != 0 && header.sh_size != 0; }
    Part PartOf() const;
  };
  struct Symbol {
    Elf64_Sym entry = {};
    std::string name;
    bool needs_slot = false, needs_stub = false;
    uint64_t slot = 0, stub = 0;  // offsets in the image
    bool IsUndefined() const { return entry.st_shndx == SHN_UNDEF; }
  };
  struct Relocation {
    size_t section;   // that it changes
    uint64_t offset;  // in that section
    uint32_t type;
    uint32_t symbol;
    int64_t addend;
  };

  RelocatableCode() = default;
  absl::StatusOr<std::string> ReadName(const Section& strings, uint64_t offset) const;
  absl::Status ReadSections();
  absl::Status ReadSymbols();
  absl::Status ReadRelocations();
  absl::Status ReadRelocation(size_t section, const Elf64_Rela& entry);
  absl::Status LayOut();

  std::vector<uint8_t> file_;
  std::vector<Section> sections_;
  std::vector<Symbol> symbols_;
  std::vector<Relocation> relocations_;
  size_t text_section_ = 0;
  uint64_t code_size_bytes_ = 0, writable_offset_ = 0, size_bytes_ = 0;
};

}  // namespace tq::hal::tqgpu
