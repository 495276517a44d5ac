#include "hal/cpu/elf_loader.h"

#include <elf.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tq::hal::cpu {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kMaxImageBytes = uint64_t{1} << 30;  // everything within reach of 32-bit displacements
constexpr uint64_t kStubBytes = 8;

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
#endif

template <typename... Parts>
absl::Status Bad(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat("The ELF payload is damaged: ", parts...));
}

uint64_t AlignUp(uint64_t value, uint64_t align) { return (value + align - 1) & ~(align - 1); }

}  // namespace

class ElfLoader {
 public:
  ElfLoader(std::span<const uint8_t> file, const CodeImage::Resolver& resolve)
      : file_(file), resolve_(resolve) {}

  absl::StatusOr<std::unique_ptr<CodeImage>> Load() {
    RETURN_IF_ERROR(ReadSections());
    RETURN_IF_ERROR(ReadSymbols());
    RETURN_IF_ERROR(ReadRelocations());
    RETURN_IF_ERROR(PlaceSections());
    RETURN_IF_ERROR(PlaceSymbols());
    for (const Relocation& relocation : relocations_) RETURN_IF_ERROR(Apply(relocation));
    RETURN_IF_ERROR(Seal());
    return std::move(image_);
  }

 private:
  struct Section {
    Elf64_Shdr header;
    uint64_t address = 0;  // 0: not loaded
    bool IsLoaded() const { return (header.sh_flags & SHF_ALLOC) != 0 && header.sh_size != 0; }
  };
  struct Symbol {
    Elf64_Sym entry;
    std::string name;
    uint64_t address = 0;
    bool is_known = false;
    bool needs_slot = false, needs_stub = false;
    uint64_t slot = 0, stub = 0;  // addresses
  };
  struct Relocation {
    size_t section;  // that it changes
    Elf64_Rela entry;
  };
  enum class Part { kCode, kConstant, kData };

  static Part PartOf(const Elf64_Shdr& header) {
    if ((header.sh_flags & SHF_EXECINSTR) != 0) return Part::kCode;
    return (header.sh_flags & SHF_WRITE) != 0 ? Part::kData : Part::kConstant;
  }

  // Bytes [offset, offset + size) of the file, or null.
  const uint8_t* Bytes(uint64_t offset, uint64_t size) const {
    return offset <= file_.size() && size <= file_.size() - offset ? file_.data() + offset : nullptr;
  }

  template <typename T>
  bool ReadAt(uint64_t offset, T* out) const {
    const uint8_t* bytes = Bytes(offset, sizeof(T));
    if (bytes != nullptr) std::memcpy(out, bytes, sizeof(T));
    return bytes != nullptr;
  }

  absl::StatusOr<std::string> ReadName(const Section& strings, uint64_t offset) const {
    if (strings.header.sh_type != SHT_STRTAB || offset >= strings.header.sh_size) {
      return Bad("a name lies outside its table (offset ", offset, ").");
    }
    const auto* begin = reinterpret_cast<const char*>(file_.data() + strings.header.sh_offset);
    const uint64_t limit = strings.header.sh_size - offset;
    const size_t length = strnlen(begin + offset, limit);
    if (length == limit) return Bad("a name has no end (offset ", offset, ").");
    return std::string(begin + offset, length);
  }

  absl::Status ReadSections();
  absl::Status ReadSymbols();
  absl::Status ReadRelocations();
  absl::Status PlaceSections();
  absl::Status PlaceSymbols();
  absl::Status Apply(const Relocation& relocation);
  absl::Status Seal();

  const std::span<const uint8_t> file_;
  const CodeImage::Resolver& resolve_;
  std::vector<Section> sections_;
  std::vector<Symbol> symbols_;
  std::vector<Relocation> relocations_;
  size_t text_section_ = 0;
  bool needs_low_addresses_ = false;
  uint64_t constant_begin_ = 0, data_begin_ = 0, slots_begin_ = 0;
  std::unique_ptr<CodeImage> image_;
};

absl::Status ElfLoader::ReadSections() {
  Elf64_Ehdr header;
  if (!ReadAt(0, &header)) return Bad("it is shorter than an ELF header (", file_.size(), " bytes).");
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return Bad("it is not a 64-bit little-endian ELF file.");
  }
  if (header.e_type != ET_REL) return Bad("it is not relocatable (type ", header.e_type, ").");
  if (header.e_machine != kMachine) return Bad("it is for another machine (", header.e_machine, ").");
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum == 0) {
    return Bad("its section table has no entries of the right size (", header.e_shentsize, ").");
  }
  for (uint32_t i = 0; i < header.e_shnum; ++i) {
    Section section = {};
    if (!ReadAt(header.e_shoff + uint64_t{i} * sizeof(Elf64_Shdr), &section.header) ||
        header.e_shoff > file_.size()) {
      return Bad("its section table lies outside the file.");
    }
    const Elf64_Shdr& shdr = section.header;
    if (shdr.sh_type != SHT_NOBITS && shdr.sh_type != SHT_NULL &&
        Bytes(shdr.sh_offset, shdr.sh_size) == nullptr) {
      return Bad("section ", i, " lies outside the file.");
    }
    if (section.IsLoaded()) {
      if ((shdr.sh_flags & SHF_TLS) != 0) return Bad("it has thread-local data, which kernels cannot have.");
      if ((shdr.sh_addralign & (shdr.sh_addralign - 1)) != 0 || shdr.sh_addralign > kPage ||
          shdr.sh_size > kMaxImageBytes) {
        return Bad("section ", i, " has an impossible size or alignment (", shdr.sh_size, ", ",
                   shdr.sh_addralign, ").");
      }
    }
    sections_.push_back(section);
  }
  if (header.e_shstrndx >= sections_.size()) return Bad("it names no section name table.");
  for (size_t i = 1; i < sections_.size(); ++i) {
    ASSIGN_OR_RETURN(const std::string name,
                     ReadName(sections_[header.e_shstrndx], sections_[i].header.sh_name));
    if (name == ".text" && PartOf(sections_[i].header) == Part::kCode) text_section_ = i;
  }
  return absl::OkStatus();
}

absl::Status ElfLoader::ReadSymbols() {
  for (const Section& section : sections_) {
    if (section.header.sh_type != SHT_SYMTAB) continue;
    if (!symbols_.empty()) return Bad("it has two symbol tables.");
    if (section.header.sh_entsize != sizeof(Elf64_Sym) || section.header.sh_link >= sections_.size()) {
      return Bad("its symbol table is malformed.");
    }
    const Section& strings = sections_[section.header.sh_link];
    const uint64_t count = section.header.sh_size / sizeof(Elf64_Sym);
    for (uint64_t i = 0; i < count; ++i) {
      Symbol symbol;
      ReadAt(section.header.sh_offset + i * sizeof(Elf64_Sym), &symbol.entry);
      ASSIGN_OR_RETURN(symbol.name, ReadName(strings, symbol.entry.st_name));
      const uint16_t index = symbol.entry.st_shndx;
      if (index == SHN_COMMON) return Bad("symbol (", symbol.name, ") is common.");
      if (index < SHN_LORESERVE && index >= sections_.size()) {
        return Bad("symbol (", symbol.name, ") is in a section that does not exist.");
      }
      if (index != SHN_UNDEF && index < SHN_LORESERVE &&
          symbol.entry.st_value > sections_[index].header.sh_size) {
        return Bad("symbol (", symbol.name, ") lies outside its section.");
      }
      symbols_.push_back(std::move(symbol));
    }
  }
  return absl::OkStatus();
}

absl::Status ElfLoader::ReadRelocations() {
  for (const Section& section : sections_) {
    if (section.header.sh_type == SHT_REL) return Bad("it has relocations without addends.");
    if (section.header.sh_type != SHT_RELA) continue;
    const size_t target = section.header.sh_info;
    if (target >= sections_.size()) return Bad("relocations are for a section that does not exist.");
    if (!sections_[target].IsLoaded()) continue;
    if (sections_[target].header.sh_type == SHT_NOBITS)
      return Bad("relocations are for a section without bytes.");
    if (section.header.sh_entsize != sizeof(Elf64_Rela)) return Bad("a relocation table is malformed.");
    const uint64_t count = section.header.sh_size / sizeof(Elf64_Rela);
    for (uint64_t i = 0; i < count; ++i) {
      Relocation relocation = {.section = target, .entry = {}};
      ReadAt(section.header.sh_offset + i * sizeof(Elf64_Rela), &relocation.entry);
      const uint64_t symbol = ELF64_R_SYM(relocation.entry.r_info);
      if (symbol >= symbols_.size())
        return Bad("a relocation names a symbol that does not exist (", symbol, ").");
      switch (ELF64_R_TYPE(relocation.entry.r_info)) {
        case R_X86_64_GOT32:
        case R_X86_64_GOTPCREL:
        case R_X86_64_GOTPCRELX:
        case R_X86_64_REX_GOTPCRELX:
        case R_X86_64_GOT64:
        case R_X86_64_GOTPCREL64:
          symbols_[symbol].needs_slot = true;
          break;
        case R_X86_64_PLT32:
          if (symbols_[symbol].entry.st_shndx == SHN_UNDEF) {
            symbols_[symbol].needs_slot = symbols_[symbol].needs_stub = true;
          }
          break;
        case R_X86_64_32:
        case R_X86_64_32S:
          needs_low_addresses_ = true;
          break;
        default:
          break;
      }
      relocations_.push_back(relocation);
    }
  }
  return absl::OkStatus();
}

absl::Status ElfLoader::PlaceSections() {
  uint64_t size = 0;
  const auto place = [&](Part part) -> absl::Status {
    for (Section& section : sections_) {
      if (!section.IsLoaded() || PartOf(section.header) != part) continue;
      size = AlignUp(size, std::max<uint64_t>(section.header.sh_addralign, 1));
      section.address = size;  // relative for now
      size += section.header.sh_size;
      if (size > kMaxImageBytes) return Bad("its sections are too large together.");
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(place(Part::kCode));
  size = AlignUp(size, 16);
  for (Symbol& symbol : symbols_) {
    if (!symbol.needs_stub) continue;
    symbol.stub = size;
    size += kStubBytes;
  }
  size = constant_begin_ = AlignUp(size, kPage);
  RETURN_IF_ERROR(place(Part::kConstant));
  slots_begin_ = size = AlignUp(size, 8);
  for (Symbol& symbol : symbols_) {
    if (!symbol.needs_slot) continue;
    symbol.slot = size;
    size += 8;
  }
  size = data_begin_ = AlignUp(size, kPage);
  RETURN_IF_ERROR(place(Part::kData));
  size = AlignUp(std::max(size, kPage), kPage);
  if (size > kMaxImageBytes) return Bad("its sections are too large together.");

  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#if defined(MAP_32BIT)
  if (needs_low_addresses_) flags |= MAP_32BIT;
#endif
  void* place_at = mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (place_at == MAP_FAILED) {
    return absl::ResourceExhaustedError(
        absl::StrCat("There is no memory for a code image (", size, " bytes)."));
  }
  image_.reset(new CodeImage);
  const uint64_t base = reinterpret_cast<uint64_t>(place_at);
  image_->base_ = base;
  image_->size_ = size;
  image_->code_begin_ = base;
  image_->code_end_ = base + constant_begin_;
  slots_begin_ += base;
  for (Section& section : sections_) {
    if (!section.IsLoaded()) continue;
    section.address += base;
    if (section.header.sh_type != SHT_NOBITS) {
      std::memcpy(reinterpret_cast<void*>(section.address), file_.data() + section.header.sh_offset,
                  section.header.sh_size);
    }
  }
  if (text_section_ != 0 && sections_[text_section_].IsLoaded()) {
    image_->text_begin_ = sections_[text_section_].address;
    image_->text_size_ = sections_[text_section_].header.sh_size;
  }
  return absl::OkStatus();
}

absl::Status ElfLoader::PlaceSymbols() {
  for (size_t i = 0; i < symbols_.size(); ++i) {
    Symbol& symbol = symbols_[i];
    const uint16_t index = symbol.entry.st_shndx;
    if (index == SHN_ABS) {
      symbol.address = symbol.entry.st_value;
      symbol.is_known = true;
    } else if (index != SHN_UNDEF && index < SHN_LORESERVE) {
      symbol.is_known = sections_[index].IsLoaded() || sections_[index].header.sh_size == 0;
      symbol.address = sections_[index].address + symbol.entry.st_value;
      if (sections_[index].IsLoaded() && !symbol.name.empty())
        image_->symbols_.emplace(symbol.name, symbol.address);
    } else if (i != 0 && index == SHN_UNDEF) {
      const std::optional<uint64_t> address = resolve_(symbol.name);
      const bool is_weak = ELF64_ST_BIND(symbol.entry.st_info) == STB_WEAK;
      if (!address.has_value() && !is_weak) {
        return absl::InvalidArgumentError(
            absl::StrCat("The code needs a symbol that nobody defines (", symbol.name, ")."));
      }
      symbol.address = address.value_or(0);
      symbol.is_known = true;
    }
    if (symbol.needs_slot) {
      symbol.slot += image_->base_;
      std::memcpy(reinterpret_cast<void*>(symbol.slot), &symbol.address, 8);
    }
    if (symbol.needs_stub) {
      symbol.stub += image_->base_;
      // jmp *slot(%rip)
      uint8_t code[kStubBytes] = {0xff, 0x25, 0, 0, 0, 0, 0xcc, 0xcc};
      const auto distance = static_cast<int32_t>(symbol.slot - (symbol.stub + 6));
      std::memcpy(code + 2, &distance, 4);
      std::memcpy(reinterpret_cast<void*>(symbol.stub), code, kStubBytes);
    }
  }
  return absl::OkStatus();
}

absl::Status ElfLoader::Apply(const Relocation& relocation) {
  const Symbol& symbol = symbols_[ELF64_R_SYM(relocation.entry.r_info)];
  const Section& section = sections_[relocation.section];
  const uint64_t type = ELF64_R_TYPE(relocation.entry.r_info);
  const uint64_t offset = relocation.entry.r_offset;
  const uint64_t place = section.address + offset;
  const auto addend = static_cast<uint64_t>(relocation.entry.r_addend);
  if (type == R_X86_64_NONE) return absl::OkStatus();
  if (!symbol.is_known && ELF64_R_SYM(relocation.entry.r_info) != 0) {
    return Bad("code refers to a symbol in a section that is not loaded (", symbol.name, ").");
  }
  enum class Width { k64, kSigned32, kUnsigned32 };
  Width width = Width::kSigned32;
  uint64_t value = 0;
  switch (type) {
    case R_X86_64_64:
      value = symbol.address + addend;
      width = Width::k64;
      break;
    case R_X86_64_PC64:
      value = symbol.address + addend - place;
      width = Width::k64;
      break;
    case R_X86_64_PC32:
      value = symbol.address + addend - place;
      break;
    case R_X86_64_PLT32: {
      value = symbol.address + addend - place;
      const auto distance = static_cast<int64_t>(value);
      if (symbol.needs_stub && distance != static_cast<int32_t>(distance))
        value = symbol.stub + addend - place;
      break;
    }
    case R_X86_64_32:
      value = symbol.address + addend;
      width = Width::kUnsigned32;
      break;
    case R_X86_64_32S:
      value = symbol.address + addend;
      break;
    case R_X86_64_GOTPCREL:
    case R_X86_64_GOTPCRELX:
    case R_X86_64_REX_GOTPCRELX:
      value = symbol.slot + addend - place;
      break;
    case R_X86_64_GOTPCREL64:
      value = symbol.slot + addend - place;
      width = Width::k64;
      break;
    case R_X86_64_GOT32:
      value = symbol.slot - slots_begin_ + addend;
      break;
    case R_X86_64_GOT64:
      value = symbol.slot - slots_begin_ + addend;
      width = Width::k64;
      break;
    case R_X86_64_GOTOFF64:
      value = symbol.address + addend - slots_begin_;
      width = Width::k64;
      break;
    case R_X86_64_GOTPC32:
      value = slots_begin_ + addend - place;
      break;
    case R_X86_64_GOTPC64:
      value = slots_begin_ + addend - place;
      width = Width::k64;
      break;
    default:
      return Bad("it has a relocation of a kind that is not supported (", type, ").");
  }
  const uint64_t bytes = width == Width::k64 ? 8 : 4;
  if (offset > section.header.sh_size || bytes > section.header.sh_size - offset) {
    return Bad("a relocation lies outside its section (offset ", offset, ").");
  }
  const auto as_signed = static_cast<int64_t>(value);
  if ((width == Width::kSigned32 && as_signed != static_cast<int32_t>(as_signed)) ||
      (width == Width::kUnsigned32 && value != static_cast<uint32_t>(value))) {
    return Bad("a reference to (", symbol.name, ") does not reach.");
  }
  std::memcpy(reinterpret_cast<void*>(place), &value, bytes);
  return absl::OkStatus();
}

absl::Status ElfLoader::Seal() {
  const auto protect = [&](uint64_t begin, uint64_t end, int protection) {
    return begin == end ||
           mprotect(reinterpret_cast<void*>(image_->base_ + begin), end - begin, protection) == 0;
  };
  if (!protect(0, constant_begin_, PROT_READ | PROT_EXEC) ||
      !protect(constant_begin_, data_begin_, PROT_READ)) {
    return absl::ResourceExhaustedError("The system does not let us make code executable.");
  }
  __builtin___clear_cache(reinterpret_cast<char*>(image_->base_),
                          reinterpret_cast<char*>(image_->base_ + constant_begin_));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<CodeImage>> CodeImage::Load(std::span<const uint8_t> elf,
                                                           const Resolver& resolve) {
  return ElfLoader(elf, resolve).Load();
}

CodeImage::~CodeImage() {
  if (base_ != 0) munmap(reinterpret_cast<void*>(base_), size_);
}

uint64_t CodeImage::Symbol(const std::string& name) const {
  const auto it = symbols_.find(name);
  return it == symbols_.end() ? 0 : it->second;
}

}  // namespace tq::hal::cpu
