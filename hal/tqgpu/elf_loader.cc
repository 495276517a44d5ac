#include "hal/tqgpu/elf_loader.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hal/tqgpu/relocation.h"

namespace tq::hal::tqgpu {
namespace {

constexpr uint64_t kMaxImageBytes = uint64_t{256} << 20;  // everything within reach of 32-bit displacements
constexpr uint64_t kStubBytes = 16;

template <typename... Parts>
absl::Status Bad(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat("The ELF payload is damaged: ", parts...));
}

uint64_t AlignUp(uint64_t value, uint64_t align) { return (value + align - 1) & ~(align - 1); }

// Whether the file has bytes [offset, offset + size).
bool Has(std::span<const uint8_t> file, uint64_t offset, uint64_t size) {
  return offset <= file.size() && size <= file.size() - offset;
}

template <typename T>
bool ReadAt(std::span<const uint8_t> file, uint64_t offset, T* out) {
  if (!Has(file, offset, sizeof(T))) return false;
  std::memcpy(out, file.data() + offset, sizeof(T));
  return true;
}

}  // namespace

uint64_t CodeImage::Symbol(const std::string& name) const {
  const auto it = symbols.find(name);
  return it == symbols.end() ? 0 : it->second;
}

RelocatableCode::Part RelocatableCode::Section::PartOf() const {
  if ((header.sh_flags & SHF_EXECINSTR) != 0) return Part::kCode;
  return (header.sh_flags & SHF_WRITE) != 0 ? Part::kData : Part::kConstant;
}

absl::StatusOr<RelocatableCode> RelocatableCode::Read(std::span<const uint8_t> elf) {
  RelocatableCode code;
  code.file_.assign(elf.begin(), elf.end());
  RETURN_IF_ERROR(code.ReadSections());
  RETURN_IF_ERROR(code.ReadSymbols());
  RETURN_IF_ERROR(code.ReadRelocations());
  RETURN_IF_ERROR(code.LayOut());
  return code;
}

absl::StatusOr<std::string> RelocatableCode::ReadName(const Section& strings, uint64_t offset) const {
  if (strings.header.sh_type != SHT_STRTAB || offset >= strings.header.sh_size) {
    return Bad("a name lies outside its table (offset ", offset, ").");
  }
  const auto* begin = reinterpret_cast<const char*>(file_.data() + strings.header.sh_offset) + offset;
  const uint64_t limit = strings.header.sh_size - offset;
  const size_t length = strnlen(begin, limit);
  if (length == limit) return Bad("a name has no end (offset ", offset, ").");
  return std::string(begin, length);
}

absl::Status RelocatableCode::ReadSections() {
  Elf64_Ehdr header;
  if (!ReadAt(file_, 0, &header)) return Bad("it is shorter than an ELF header (", file_.size(), " bytes).");
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return Bad("it is not a 64-bit little-endian ELF file.");
  }
  if (header.e_type != ET_REL) return Bad("it is not relocatable (type ", header.e_type, ").");
  if (header.e_machine != EM_RISCV) return Bad("it is for another machine (", header.e_machine, ").");
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum == 0) {
    return Bad("its section table has no entries of the right size (", header.e_shentsize, ").");
  }
  if (!Has(file_, header.e_shoff, uint64_t{header.e_shnum} * sizeof(Elf64_Shdr))) {
    return Bad("its section table lies outside the file.");
  }
  for (uint32_t i = 0; i < header.e_shnum; ++i) {
    Section& section = sections_.emplace_back();
    ReadAt(file_, header.e_shoff + uint64_t{i} * sizeof(Elf64_Shdr), &section.header);
    const Elf64_Shdr& shdr = section.header;
    if (shdr.sh_type != SHT_NOBITS && shdr.sh_type != SHT_NULL && !Has(file_, shdr.sh_offset, shdr.sh_size)) {
      return Bad("section ", i, " lies outside the file.");
    }
    if (!section.IsLoaded()) continue;
    if (shdr.sh_type == SHT_NULL) return Bad("section ", i, " is loaded and has no type.");
    if ((shdr.sh_flags & SHF_TLS) != 0) return Bad("it has thread-local data, which kernels cannot have.");
    if ((shdr.sh_addralign & (shdr.sh_addralign - 1)) != 0 || shdr.sh_addralign > kPageBytes ||
        shdr.sh_size > kMaxImageBytes) {
      return Bad("section ", i, " has an impossible size or alignment (", shdr.sh_size, ", ",
                 shdr.sh_addralign, ").");
    }
  }
  if (header.e_shstrndx >= sections_.size()) return Bad("it names no section name table.");
  for (size_t i = 1; i < sections_.size(); ++i) {
    ASSIGN_OR_RETURN(const std::string name,
                     ReadName(sections_[header.e_shstrndx], sections_[i].header.sh_name));
    if (name == ".text" && sections_[i].PartOf() == Part::kCode) text_section_ = i;
  }
  return absl::OkStatus();
}

absl::Status RelocatableCode::ReadSymbols() {
  for (const Section& section : sections_) {
    if (section.header.sh_type != SHT_SYMTAB) continue;
    if (!symbols_.empty()) return Bad("it has two symbol tables.");
    if (section.header.sh_entsize != sizeof(Elf64_Sym) || section.header.sh_link >= sections_.size()) {
      return Bad("its symbol table is malformed.");
    }
    const Section& strings = sections_[section.header.sh_link];
    const uint64_t count = section.header.sh_size / sizeof(Elf64_Sym);
    symbols_.reserve(count);
    for (uint64_t i = 0; i < count; ++i) {
      Symbol& symbol = symbols_.emplace_back();
      ReadAt(file_, section.header.sh_offset + i * sizeof(Elf64_Sym), &symbol.entry);
      ASSIGN_OR_RETURN(symbol.name, ReadName(strings, symbol.entry.st_name));
      const uint16_t index = symbol.entry.st_shndx;
      if (index == SHN_UNDEF || index == SHN_ABS) continue;
      if (index >= sections_.size()) {
        return Bad("symbol (", symbol.name, ") is in a section that does not exist.");
      }
      if (symbol.entry.st_value > sections_[index].header.sh_size) {
        return Bad("symbol (", symbol.name, ") lies outside its section.");
      }
    }
  }
  return absl::OkStatus();
}

absl::Status RelocatableCode::ReadRelocation(size_t section, const Elf64_Rela& entry) {
  const Section& target = sections_[section];
  const uint64_t symbol = ELF64_R_SYM(entry.r_info);
  const auto type = static_cast<uint32_t>(ELF64_R_TYPE(entry.r_info));
  if (symbol >= symbols_.size()) {
    return Bad("a relocation names a symbol that does not exist (", symbol, ").");
  }
  const std::optional<RelocationKind> kind = FindRelocationKind(type);
  if (!kind.has_value()) return Bad("it has a relocation of a kind that is not for kernels (", type, ").");
  if (kind->form == RelocationForm::kIgnored) return absl::OkStatus();
  if (entry.r_offset > target.header.sh_size || kind->size_bytes > target.header.sh_size - entry.r_offset) {
    return Bad("a relocation lies outside its section (offset ", entry.r_offset, ").");
  }
  Symbol& named = symbols_[symbol];
  if (kind->value == RelocationValue::kSlot) named.needs_slot = true;
  if (kind->form == RelocationForm::kCall && named.IsUndefined()) named.needs_slot = named.needs_stub = true;
  relocations_.push_back({.section = section,
                          .offset = entry.r_offset,
                          .type = type,
                          .symbol = static_cast<uint32_t>(symbol),
                          .addend = entry.r_addend});
  return absl::OkStatus();
}

absl::Status RelocatableCode::ReadRelocations() {
  for (const Section& section : sections_) {
    if (section.header.sh_type == SHT_REL) return Bad("it has relocations without addends.");
    if (section.header.sh_type != SHT_RELA) continue;
    const size_t target = section.header.sh_info;
    if (target >= sections_.size()) return Bad("relocations are for a section that does not exist.");
    if (!sections_[target].IsLoaded()) continue;
    if (sections_[target].header.sh_type == SHT_NOBITS) {
      return Bad("relocations are for a section without bytes.");
    }
    if (section.header.sh_entsize != sizeof(Elf64_Rela)) return Bad("a relocation table is malformed.");
    const uint64_t count = section.header.sh_size / sizeof(Elf64_Rela);
    for (uint64_t i = 0; i < count; ++i) {
      Elf64_Rela entry;
      ReadAt(file_, section.header.sh_offset + i * sizeof(Elf64_Rela), &entry);
      RETURN_IF_ERROR(ReadRelocation(target, entry));
    }
  }
  return absl::OkStatus();
}

absl::Status RelocatableCode::LayOut() {
  uint64_t size = 0;
  const auto place = [&](Part part) -> absl::Status {
    for (Section& section : sections_) {
      if (!section.IsLoaded() || section.PartOf() != part) continue;
      size = AlignUp(size, std::max<uint64_t>(section.header.sh_addralign, 1));
      section.offset = size;
      size += section.header.sh_size;
      if (size > kMaxImageBytes) return Bad("its sections are too large together (", size, " bytes).");
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(place(Part::kCode));
  size = AlignUp(size, kStubBytes);
  for (Symbol& symbol : symbols_) {
    if (!symbol.needs_stub) continue;
    symbol.stub = size;
    size += kStubBytes;
  }
  code_size_bytes_ = size;
  RETURN_IF_ERROR(place(Part::kConstant));
  size = AlignUp(size, 8);
  for (Symbol& symbol : symbols_) {
    if (!symbol.needs_slot) continue;
    symbol.slot = size;
    size += 8;
  }
  size = writable_offset_ = AlignUp(std::max<uint64_t>(size, 1), kPageBytes);
  RETURN_IF_ERROR(place(Part::kData));
  size_bytes_ = AlignUp(size, kPageBytes);
  if (size_bytes_ > kMaxImageBytes)
    return Bad("its sections are too large together (", size_bytes_, " bytes).");
  return absl::OkStatus();
}

// One placement: what is known once the image has an address.
class CodePlacer {
 public:
  CodePlacer(const RelocatableCode& code, uint64_t base) : code_(code) {
    image_.base = base;
    image_.bytes.resize(code.size_bytes_);
    image_.writable_offset = code.writable_offset_;
    image_.code_end = base + code.code_size_bytes_;
  }

  absl::StatusOr<CodeImage> Run(const RelocatableCode::Resolver& resolve) {
    CopySections();
    RETURN_IF_ERROR(PlaceSymbols(resolve));
    // The lower half of an address refers to the instruction with its upper half.
    for (const bool is_lower : {false, true}) {
      for (const RelocatableCode::Relocation& relocation : code_.relocations_) {
        const RelocationKind kind = *FindRelocationKind(relocation.type);
        if ((kind.value == RelocationValue::kLowerHalf) == is_lower) RETURN_IF_ERROR(Apply(relocation, kind));
      }
    }
    return std::move(image_);
  }

 private:
  void CopySections();
  absl::Status PlaceSymbols(const RelocatableCode::Resolver& resolve);
  void WriteStub(const RelocatableCode::Symbol& symbol);
  absl::Status Apply(const RelocatableCode::Relocation& relocation, const RelocationKind& kind);

  const RelocatableCode& code_;
  CodeImage image_;
  std::vector<std::optional<uint64_t>> addresses_;       // of symbols
  std::unordered_map<uint64_t, uint64_t> upper_halves_;  // distance by address of the instruction
};

void CodePlacer::CopySections() {
  for (size_t i = 0; i < code_.sections_.size(); ++i) {
    const RelocatableCode::Section& section = code_.sections_[i];
    if (!section.IsLoaded()) continue;
    if (section.header.sh_type != SHT_NOBITS) {
      std::memcpy(image_.bytes.data() + section.offset, code_.file_.data() + section.header.sh_offset,
                  section.header.sh_size);
    }
    if (i == code_.text_section_) {
      image_.text_begin = image_.base + section.offset;
      image_.text_size_bytes = section.header.sh_size;
    }
  }
}

void CodePlacer::WriteStub(const RelocatableCode::Symbol& symbol) {
  const uint64_t distance = symbol.slot - symbol.stub;
  const uint32_t code[] = {
      0x00000317 | UpperHalf(distance),        // auipc t1, distance
      0x00033303 | LowerHalf(distance) << 20,  // ld t1, distance(t1)
      0x00030067,                              // jr t1
      0x00000000,                              // never runs
  };
  static_assert(sizeof code == kStubBytes);
  std::memcpy(image_.bytes.data() + symbol.stub, code, sizeof code);
}

absl::Status CodePlacer::PlaceSymbols(const RelocatableCode::Resolver& resolve) {
  addresses_.resize(code_.symbols_.size());
  for (size_t i = 0; i < code_.symbols_.size(); ++i) {
    const RelocatableCode::Symbol& symbol = code_.symbols_[i];
    std::optional<uint64_t>& address = addresses_[i];
    if (symbol.entry.st_shndx == SHN_ABS) {
      address = symbol.entry.st_value;
    } else if (i == 0) {
      address = 0;
    } else if (symbol.IsUndefined()) {
      address = resolve(symbol.name);
      if (!address.has_value() && ELF64_ST_BIND(symbol.entry.st_info) != STB_WEAK) {
        return absl::InvalidArgumentError(
            absl::StrCat("The code needs a symbol that nobody defines (", symbol.name, ")."));
      }
      address = address.value_or(0);
    } else {
      const RelocatableCode::Section& section = code_.sections_[symbol.entry.st_shndx];
      if (!section.IsLoaded()) continue;
      address = image_.base + section.offset + symbol.entry.st_value;
      if (ELF64_ST_BIND(symbol.entry.st_info) != STB_LOCAL) image_.symbols.emplace(symbol.name, *address);
    }
    if (symbol.needs_slot) std::memcpy(image_.bytes.data() + symbol.slot, &*address, 8);
    if (symbol.needs_stub) WriteStub(symbol);
  }
  return absl::OkStatus();
}

absl::Status CodePlacer::Apply(const RelocatableCode::Relocation& relocation, const RelocationKind& kind) {
  const RelocatableCode::Symbol& symbol = code_.symbols_[relocation.symbol];
  const uint64_t offset = code_.sections_[relocation.section].offset + relocation.offset;
  const uint64_t place = image_.base + offset;
  const std::optional<uint64_t>& address = addresses_[relocation.symbol];
  if (!address.has_value()) {
    return Bad("code refers to a symbol in a section that is not loaded (", symbol.name, ").");
  }
  uint64_t value = *address + static_cast<uint64_t>(relocation.addend);
  switch (kind.value) {
    case RelocationValue::kAbsolute:
      break;
    case RelocationValue::kDistance:
      value -= place;
      if (symbol.needs_stub && !kind.Fits(value)) value = image_.base + symbol.stub - place;
      break;
    case RelocationValue::kSlot:
      value = image_.base + symbol.slot + static_cast<uint64_t>(relocation.addend) - place;
      break;
    case RelocationValue::kLowerHalf: {
      const auto upper = upper_halves_.find(*address);
      if (upper == upper_halves_.end())
        return Bad("the upper half of an address is missing (", symbol.name, ").");
      value = upper->second;
      break;
    }
  }
  if (!kind.Fits(value)) {
    return absl::InvalidArgumentError(absl::StrCat("A reference to ",
                                                   symbol.name.empty() ? "a section" : symbol.name,
                                                   " does not reach (", value, ")."));
  }
  if (kind.form == RelocationForm::kUpper) upper_halves_[place] = value;
  kind.Write(value, image_.bytes.data() + offset);
  return absl::OkStatus();
}

absl::StatusOr<CodeImage> RelocatableCode::Place(uint64_t base, const Resolver& resolve) const {
  return CodePlacer(*this, base).Run(resolve);
}

}  // namespace tq::hal::tqgpu
