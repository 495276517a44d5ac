#include "tools/tianqiao/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace tq {
namespace {

std::vector<std::string_view> SplitPath(const std::vector<std::string_view>& lists) {
  std::vector<std::string_view> parts;
  for (std::string_view list : lists) {
    while (!list.empty()) {
      const size_t colon = list.find(':');
      if (colon != 0) parts.push_back(list.substr(0, colon));
      list = colon == std::string_view::npos ? std::string_view() : list.substr(colon + 1);
    }
  }
  return parts;
}

}  // namespace

std::optional<ElfFile> ElfFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  struct stat info = {};
  void* base = MAP_FAILED;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    base = mmap(nullptr, info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  close(fd);
  if (base == MAP_FAILED) return std::nullopt;
  ElfFile file({static_cast<const uint8_t*>(base), static_cast<size_t>(info.st_size)});
  if (!file.ReadHeaders()) return std::nullopt;
  return file;
}

ElfFile::ElfFile(ElfFile&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})),
      segments_(std::move(other.segments_)),
      dynamic_(std::move(other.dynamic_)),
      dynamic_strings_(other.dynamic_strings_) {}

ElfFile::~ElfFile() {
  if (!bytes_.empty()) munmap(const_cast<uint8_t*>(bytes_.data()), bytes_.size());
}

template <typename T>
std::span<const T> ElfFile::TableAt(uint64_t offset, uint64_t count) const {
  if (offset > bytes_.size() || offset % alignof(T) != 0) return {};
  if (count > (bytes_.size() - offset) / sizeof(T)) return {};
  return {reinterpret_cast<const T*>(bytes_.data() + offset), count};
}

std::string_view ElfFile::StringAt(Range strings, uint64_t offset) const {
  if (offset >= strings.size_bytes) return {};
  const auto text = TableAt<char>(strings.offset + offset, strings.size_bytes - offset);
  return {text.data(), strnlen(text.data(), text.size())};
}

std::optional<uint64_t> ElfFile::OffsetOfAddress(uint64_t address) const {
  for (const auto& [start, range] : segments_) {
    if (address >= start && address - start < range.size_bytes) return range.offset + (address - start);
  }
  return std::nullopt;
}

bool ElfFile::ReadHeaders() {
  const auto header = TableAt<Elf64_Ehdr>(0, 1);
  if (header.empty() || std::memcmp(header[0].e_ident, ELFMAG, SELFMAG) != 0 ||
      header[0].e_ident[EI_CLASS] != ELFCLASS64 || header[0].e_ident[EI_DATA] != ELFDATA2LSB) {
    return false;
  }
  const auto program_headers = TableAt<Elf64_Phdr>(header[0].e_phoff, header[0].e_phnum);
  for (const Elf64_Phdr& segment : program_headers) {
    if (segment.p_type == PT_LOAD)
      segments_.push_back({segment.p_vaddr, {segment.p_offset, segment.p_filesz}});
  }
  for (const Elf64_Phdr& segment : program_headers) {
    if (segment.p_type != PT_DYNAMIC) continue;
    for (const Elf64_Dyn& entry :
         TableAt<Elf64_Dyn>(segment.p_offset, segment.p_filesz / sizeof(Elf64_Dyn))) {
      if (entry.d_tag == DT_NULL) break;
      dynamic_.push_back({entry.d_tag, entry.d_un.d_val});
      if (entry.d_tag == DT_STRSZ) dynamic_strings_.size_bytes = entry.d_un.d_val;
      if (entry.d_tag == DT_STRTAB)
        dynamic_strings_.offset = OffsetOfAddress(entry.d_un.d_ptr).value_or(bytes_.size());
    }
  }
  if (TableAt<char>(dynamic_strings_.offset, dynamic_strings_.size_bytes).empty()) dynamic_strings_ = {0, 0};
  return true;
}

std::vector<std::string_view> ElfFile::DynamicStrings(int64_t tag) const {
  std::vector<std::string_view> found;
  for (const auto& [entry_tag, value] : dynamic_) {
    if (entry_tag == tag) found.push_back(StringAt(dynamic_strings_, value));
  }
  return found;
}

std::vector<std::string_view> ElfFile::needed_libraries() const { return DynamicStrings(DT_NEEDED); }
std::vector<std::string_view> ElfFile::runpath() const { return SplitPath(DynamicStrings(DT_RUNPATH)); }
std::vector<std::string_view> ElfFile::rpath() const {
  // ld.so(8): DT_RPATH is ignored where DT_RUNPATH exists.
  if (!DynamicStrings(DT_RUNPATH).empty()) return {};
  return SplitPath(DynamicStrings(DT_RPATH));
}

std::span<const uint8_t> ElfFile::section(std::string_view name) const {
  const Elf64_Ehdr& header = TableAt<Elf64_Ehdr>(0, 1)[0];
  const auto sections = TableAt<Elf64_Shdr>(header.e_shoff, header.e_shnum);
  if (header.e_shstrndx >= sections.size()) return {};
  const Elf64_Shdr& names = sections[header.e_shstrndx];
  if (TableAt<char>(names.sh_offset, names.sh_size).empty()) return {};
  for (const Elf64_Shdr& section : sections) {
    if (section.sh_type == SHT_NOBITS) continue;
    if (StringAt({names.sh_offset, names.sh_size}, section.sh_name) == name) {
      return TableAt<uint8_t>(section.sh_offset, section.sh_size);
    }
  }
  return {};
}

std::vector<std::string_view> ElfFile::undefined_symbols() const {
  std::vector<std::string_view> names;
  const auto symbols = section(".dynsym");
  if (symbols.empty()) return names;
  const uint64_t offset = symbols.data() - bytes_.data();
  for (const Elf64_Sym& symbol : TableAt<Elf64_Sym>(offset, symbols.size() / sizeof(Elf64_Sym))) {
    if (symbol.st_shndx == SHN_UNDEF && symbol.st_name != 0) {
      names.push_back(StringAt(dynamic_strings_, symbol.st_name));
    }
  }
  return names;
}

}  // namespace tq
