#include "tools/tianqiao/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "runtime/fatbin/format.h"

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

std::span<const uint8_t> MapFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  struct stat info = {};
  void* base = MAP_FAILED;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    base = mmap(nullptr, info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  close(fd);
  if (base == MAP_FAILED) return {};
  return {static_cast<const uint8_t*>(base), static_cast<size_t>(info.st_size)};
}

void Unmap(std::span<const uint8_t> mapping) {
  if (!mapping.empty()) munmap(const_cast<uint8_t*>(mapping.data()), mapping.size());
}

}  // namespace

std::optional<ElfFile> ElfFile::Open(const std::string& path) {
  const std::span<const uint8_t> mapping = MapFile(path);
  absl::StatusOr<fatbin::Elf> elf = fatbin::Elf::Read(mapping);
  if (!elf.ok()) {
    Unmap(mapping);
    return std::nullopt;
  }
  return ElfFile(mapping, *std::move(elf));
}

ElfFile::ElfFile(ElfFile&& other) noexcept
    : mapping_(std::exchange(other.mapping_, {})), elf_(std::move(other.elf_)) {}

ElfFile::~ElfFile() { Unmap(mapping_); }

std::span<const uint8_t> ElfFile::section(std::string_view name) const {
  for (const fatbin::ElfSection& section : elf_.sections()) {
    if (section.name == name) return section.bytes;
  }
  return {};
}

std::string_view ElfFile::DynamicString(uint64_t offset) const {
  const std::span<const uint8_t> strings = section(".dynstr");
  if (offset >= strings.size()) return {};
  const char* text = reinterpret_cast<const char*>(strings.data() + offset);
  return {text, strnlen(text, strings.size() - offset)};
}

std::vector<std::string_view> ElfFile::DynamicStrings(int64_t tag) const {
  std::vector<std::string_view> found;
  const std::span<const uint8_t> entries = section(".dynamic");
  Elf64_Dyn entry;
  for (uint64_t at = 0; fatbin::LoadRecord(entries, at, entry) && entry.d_tag != DT_NULL;
       at += sizeof entry) {
    if (entry.d_tag == tag) found.push_back(DynamicString(entry.d_un.d_val));
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

std::vector<std::string_view> ElfFile::undefined_symbols() const {
  std::vector<std::string_view> names;
  const std::span<const uint8_t> symbols = section(".dynsym");
  Elf64_Sym symbol;
  for (uint64_t at = 0; fatbin::LoadRecord(symbols, at, symbol); at += sizeof symbol) {
    if (symbol.st_shndx == SHN_UNDEF && symbol.st_name != 0) names.push_back(DynamicString(symbol.st_name));
  }
  return names;
}

}  // namespace tq
