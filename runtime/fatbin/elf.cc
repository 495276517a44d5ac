#include "runtime/fatbin/elf.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/fatbin/format.h"
#include "runtime/fatbin/ptx_object.h"

namespace tq::fatbin {
namespace {

constexpr uint16_t kMachineCuda = 190;     // EM_CUDA
constexpr uint8_t kSymbolIsKernel = 0x10;  // in st_other

absl::Status Invalid(const std::string& what) {
  return absl::InvalidArgumentError("the ELF file is damaged: " + what);
}

std::string_view NameAt(std::span<const uint8_t> strings, uint64_t offset) {
  if (offset >= strings.size()) return {};
  const auto tail = strings.subspan(offset);
  const std::string_view text(reinterpret_cast<const char*>(tail.data()), tail.size());
  const size_t end = text.find('\0');
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

// Table of `count` records of `record_size`; false when it leaves the file.
bool TableFits(uint64_t file_size, uint64_t offset, uint64_t count, uint64_t record_size) {
  return offset <= file_size && count * record_size <= file_size - offset;
}

}  // namespace

bool IsElf(std::span<const uint8_t> bytes) {
  return bytes.size() >= SELFMAG && std::memcmp(bytes.data(), ELFMAG, SELFMAG) == 0;
}

absl::StatusOr<uint64_t> ElfExtentAt(const void* elf) {
  Elf64_Ehdr header;
  std::memcpy(&header, elf, sizeof(header));
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return Invalid("it is not of the 64-bit class");
  constexpr uint64_t kLimit = uint64_t{1} << 40;
  uint64_t extent = sizeof(header);
  const uint64_t sections_end = header.e_shoff + uint64_t{header.e_shnum} * sizeof(Elf64_Shdr);
  const uint64_t segments_end = header.e_phoff + uint64_t{header.e_phnum} * sizeof(Elf64_Phdr);
  if (header.e_shoff > kLimit || header.e_phoff > kLimit) return Invalid("its tables are absurdly far away");
  if (header.e_shnum != 0 && header.e_shentsize != sizeof(Elf64_Shdr))
    return Invalid("its section size is wrong");
  if (header.e_phnum != 0) extent = std::max(extent, segments_end);
  if (header.e_shnum != 0) extent = std::max(extent, sections_end);
  for (uint16_t i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section;
    std::memcpy(&section, static_cast<const uint8_t*>(elf) + header.e_shoff + i * sizeof(section),
                sizeof(section));
    if (section.sh_type == SHT_NOBITS || section.sh_type == SHT_NULL) continue;
    if (section.sh_offset > kLimit || section.sh_size > kLimit) return Invalid("a section is absurdly large");
    extent = std::max(extent, section.sh_offset + section.sh_size);
  }
  return extent;
}

absl::StatusOr<Elf> Elf::Read(std::span<const uint8_t> bytes) {
  Elf64_Ehdr header;
  if (!IsElf(bytes) || !LoadRecord(bytes, 0, header)) return Invalid("its header is cut off");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return Invalid("it is not of the 64-bit little-endian class");
  }
  Elf elf;
  elf.machine_ = header.e_machine;
  elf.abi_version_ = header.e_ident[EI_ABIVERSION];
  elf.flags_ = header.e_flags;
  elf.extent_bytes_ = sizeof(header);
  if (header.e_phnum != 0) {
    if (!TableFits(bytes.size(), header.e_phoff, header.e_phnum, header.e_phentsize)) {
      return Invalid("its program headers are cut off");
    }
    elf.extent_bytes_ =
        std::max<uint64_t>(elf.extent_bytes_, header.e_phoff + uint64_t{header.e_phnum} * header.e_phentsize);
  }
  if (header.e_shoff == 0) return elf;
  if (header.e_shentsize != sizeof(Elf64_Shdr)) {
    return Invalid(absl::StrCat("its section headers have a wrong size (", header.e_shentsize, ")"));
  }
  // More than 65279 sections: the count is in section 0 (System V ABI, "Sections"); cuBLASLt's cubins get
  // there.
  Elf64_Shdr first;
  if (!LoadRecord(bytes, header.e_shoff, first)) return Invalid("its section headers are cut off");
  const uint64_t count = header.e_shnum != 0 ? header.e_shnum : first.sh_size;
  const uint64_t names_index = header.e_shstrndx != SHN_XINDEX ? header.e_shstrndx : first.sh_link;
  if (count > bytes.size() || !TableFits(bytes.size(), header.e_shoff, count, sizeof(Elf64_Shdr))) {
    return Invalid("its section headers are cut off");
  }
  elf.extent_bytes_ = std::max<uint64_t>(elf.extent_bytes_, header.e_shoff + count * sizeof(Elf64_Shdr));

  std::vector<uint32_t> name_offsets;
  elf.sections_.reserve(count);
  name_offsets.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    Elf64_Shdr section;
    LoadRecord(bytes, header.e_shoff + i * sizeof(section), section);
    ElfSection out;
    out.type = section.sh_type;
    out.link = section.sh_link;
    if (section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL) {
      if (section.sh_offset > bytes.size() || section.sh_size > bytes.size() - section.sh_offset) {
        return Invalid(absl::StrCat("section ", i, " leaves the file"));
      }
      out.bytes = bytes.subspan(section.sh_offset, section.sh_size);
      elf.extent_bytes_ = std::max(elf.extent_bytes_, section.sh_offset + section.sh_size);
    }
    name_offsets.push_back(section.sh_name);
    elf.sections_.push_back(out);
  }
  if (names_index < count) {
    const auto strings = elf.sections_[names_index].bytes;
    for (uint64_t i = 0; i < count; ++i) elf.sections_[i].name = NameAt(strings, name_offsets[i]);
  }
  return elf;
}

bool Elf::is_cubin() const { return machine_ == kMachineCuda; }

bool Elf::is_ptx_object() const { return is_cubin() && abi_version_ == kPtxObjectAbi; }

Arch Elf::cubin_arch() const {
  // ABI 7 (CUDA 12 and before): the low byte. ABI 8: the second.
  return {abi_version_ >= 8 ? flags_ >> 8 & 0xFF : flags_ & 0xFF, 0};
}

std::vector<std::string_view> Elf::KernelNames() const {
  std::vector<std::string_view> names;
  for (const ElfSection& section : sections_) {
    if (section.type != SHT_SYMTAB || section.link >= sections_.size()) continue;
    const auto strings = sections_[section.link].bytes;
    for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= section.bytes.size(); at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol;
      LoadRecord(section.bytes, at, symbol);
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || (symbol.st_other & kSymbolIsKernel) == 0) continue;
      if (symbol.st_shndx == SHN_UNDEF) continue;
      if (const std::string_view name = NameAt(strings, symbol.st_name); !name.empty()) names.push_back(name);
    }
  }
  if (!names.empty()) return names;
  constexpr std::string_view kText = ".text.", kInfo = ".nv.info.";
  std::set<std::string_view> described;
  for (const ElfSection& section : sections_) {
    if (section.name.starts_with(kInfo)) described.insert(section.name.substr(kInfo.size()));
  }
  for (const ElfSection& section : sections_) {
    if (!section.name.starts_with(kText)) continue;
    if (const std::string_view name = section.name.substr(kText.size()); described.contains(name)) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace tq::fatbin
