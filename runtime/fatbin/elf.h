// The little of ELF64 that is needed to recognise cubins, list their kernels and find device code in host
// files. Every offset is checked. Thread-safe; views point into the input.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/fatbin/image.h"

namespace tq::fatbin {

bool IsElf(std::span<const uint8_t> bytes);

// The size of the file image at `elf` as its header says: behind the section and program header tables and
// every section. For images that come without a size.
absl::StatusOr<uint64_t> ElfExtentAt(const void* elf);

struct ElfSection {
  std::string_view name;
  uint32_t type = 0;
  uint32_t link = 0;
  std::span<const uint8_t> bytes;  // empty for SHT_NOBITS
};

class Elf {
 public:
  // InvalidArgument when the tables are damaged. Bytes may follow the file.
  static absl::StatusOr<Elf> Read(std::span<const uint8_t> bytes);

  bool is_cubin() const;
  bool is_ptx_object() const;  // a cubin in form; see ptx_object.h
  // From e_flags, where cubin ABI 7 and 8 keep it in different bytes. They do not tell sm_90 from sm_90a.
  Arch cubin_arch() const;
  uint64_t extent_bytes() const { return extent_bytes_; }
  const std::vector<ElfSection>& sections() const { return sections_; }

  // Names of the kernels of a cubin: function symbols with the entry mark, or where the symbol table was
  // stripped, sections .text.NAME that have a .nv.info.NAME.
  std::vector<std::string_view> KernelNames() const;

 private:
  uint16_t machine_ = 0;
  uint8_t abi_version_ = 0;
  uint32_t flags_ = 0;
  uint64_t extent_bytes_ = 0;
  std::vector<ElfSection> sections_;
};

}  // namespace tq::fatbin
