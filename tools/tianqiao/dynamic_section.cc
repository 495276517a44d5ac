#include "tools/tianqiao/dynamic_section.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

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

// Copies the record at an offset; false when it does not fit.
template <typename T>
bool Load(std::span<const uint8_t> bytes, uint64_t offset, T& record) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return false;
  std::memcpy(&record, bytes.data() + offset, sizeof(T));
  return true;
}

}  // namespace

std::optional<DynamicSection> DynamicSection::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  struct stat info = {};
  void* base = MAP_FAILED;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    base = mmap(nullptr, info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  close(fd);
  if (base == MAP_FAILED) return std::nullopt;
  DynamicSection section({static_cast<const uint8_t*>(base), static_cast<size_t>(info.st_size)});
  if (!section.ReadHeaders()) return std::nullopt;
  return section;
}

DynamicSection::DynamicSection(DynamicSection&& other) noexcept
    : file_(std::exchange(other.file_, {})),
      segments_(std::move(other.segments_)),
      entries_(std::move(other.entries_)),
      strings_(other.strings_) {}

DynamicSection::~DynamicSection() {
  if (!file_.empty()) munmap(const_cast<uint8_t*>(file_.data()), file_.size());
}

std::span<const uint8_t> DynamicSection::BytesAt(uint64_t offset, uint64_t size_bytes) const {
  if (offset > file_.size() || size_bytes > file_.size() - offset) return {};
  return file_.subspan(offset, size_bytes);
}

bool DynamicSection::ReadHeaders() {
  Elf64_Ehdr header;
  if (!Load(file_, 0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return false;
  }
  std::span<const uint8_t> dynamic;
  for (int i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!Load(file_, header.e_phoff + i * sizeof segment, segment)) break;
    if (segment.p_type == PT_DYNAMIC) dynamic = BytesAt(segment.p_offset, segment.p_filesz);
    if (segment.p_type != PT_LOAD) continue;
    segments_.push_back({segment.p_vaddr, segment.p_offset, segment.p_filesz, (segment.p_flags & PF_W) != 0,
                         (segment.p_flags & PF_X) != 0});
  }

  Elf64_Dyn entry;
  for (uint64_t at = 0; Load(dynamic, at, entry) && entry.d_tag != DT_NULL; at += sizeof entry) {
    entries_.emplace_back(entry.d_tag, entry.d_un.d_val);
  }
  strings_ = BytesAtAddress(Value(DT_STRTAB));
  strings_ = strings_.first(std::min<uint64_t>(strings_.size(), Value(DT_STRSZ)));
  return true;
}

std::span<const uint8_t> DynamicSection::BytesAtAddress(uint64_t address) const {
  for (const Segment& segment : segments_) {
    const uint64_t distance = address - segment.address;  // wraps for a segment behind it
    if (distance >= segment.size_bytes) continue;
    const std::span<const uint8_t> bytes = BytesAt(segment.offset, segment.size_bytes);
    return distance < bytes.size() ? bytes.subspan(distance) : std::span<const uint8_t>();
  }
  return {};
}

uint64_t DynamicSection::Value(int64_t tag) const {
  for (const auto& [entry_tag, value] : entries_) {
    if (entry_tag == tag) return value;
  }
  return 0;
}

std::string_view DynamicSection::String(uint64_t offset) const {
  if (offset >= strings_.size()) return {};
  const char* text = reinterpret_cast<const char*>(strings_.data() + offset);
  return {text, strnlen(text, strings_.size() - offset)};
}

std::vector<std::string_view> DynamicSection::Strings(int64_t tag) const {
  std::vector<std::string_view> found;
  for (const auto& [entry_tag, offset] : entries_) {
    if (entry_tag == tag) found.push_back(String(offset));
  }
  return found;
}

std::vector<std::string_view> DynamicSection::needed_libraries() const { return Strings(DT_NEEDED); }
std::vector<std::string_view> DynamicSection::runpath() const { return SplitPath(Strings(DT_RUNPATH)); }
std::vector<std::string_view> DynamicSection::rpath() const {
  // ld.so(8): DT_RPATH is ignored where DT_RUNPATH exists.
  if (!Strings(DT_RUNPATH).empty()) return {};
  return SplitPath(Strings(DT_RPATH));
}

std::vector<std::string_view> DynamicSection::undefined_symbols() const {
  // The table does not say how long it is. DT_HASH counts all symbols in its second word; DT_GNU_HASH says in
  // its second word where the defined ones begin, and all undefined ones stand before that.
  uint64_t count = 0;
  const uint64_t hash_address = Value(DT_GNU_HASH) != 0 ? Value(DT_GNU_HASH) : Value(DT_HASH);
  uint32_t word = 0;
  if (Load(BytesAtAddress(hash_address), sizeof word, word)) count = word;

  std::vector<std::string_view> names;
  const std::span<const uint8_t> table = BytesAtAddress(Value(DT_SYMTAB));
  Elf64_Sym symbol;
  for (uint64_t i = 0; i < count && Load(table, i * sizeof symbol, symbol); ++i) {
    if (symbol.st_shndx == SHN_UNDEF && symbol.st_name != 0) names.push_back(String(symbol.st_name));
  }
  return names;
}

bool DynamicSection::ConstantsHold(std::string_view text) const {
  constexpr uint64_t kLimitBytes = 64 << 20;
  for (const Segment& segment : segments_) {
    if (segment.is_writable || segment.is_executable) continue;
    const std::span<const uint8_t> bytes = BytesAt(segment.offset, std::min(segment.size_bytes, kLimitBytes));
    if (bytes.empty()) continue;
    if (memmem(bytes.data(), bytes.size(), text.data(), text.size()) != nullptr) return true;
  }
  return false;
}

}  // namespace tq
