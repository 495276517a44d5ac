#include "runtime/fatbin/ptx_object.h"

#include <elf.h>

#include <cstring>
#include <string>
#include <utility>

#include "base/status.h"
#include "runtime/fatbin/elf.h"

namespace tq::fatbin {
namespace {

constexpr uint16_t kMachineCuda = 190;  // EM_CUDA
constexpr uint8_t kOsAbi = 0x41;        // of cubins of CUDA 13
constexpr uint32_t kFlags = 0x6000002;  // of 64-bit code; the architecture is in the second byte
constexpr unsigned char kSymbolIsKernel = 0x10;
constexpr std::string_view kPtxSection = ".tianqiao.ptx", kOptionsSection = ".tianqiao.options";

class Writer {
 public:
  Writer() { bytes_.resize(sizeof(Elf64_Ehdr)); }

  uint32_t Name(std::string_view name) {
    const auto offset = static_cast<uint32_t>(names_.size());
    names_ += name;
    names_ += '\0';
    return offset;
  }

  void AddSection(std::string_view name, uint32_t type, std::string_view contents, uint32_t link = 0,
                  uint64_t entry_size = 0) {
    Elf64_Shdr section = {};
    section.sh_name = Name(name);
    section.sh_type = type;
    section.sh_offset = bytes_.size();
    section.sh_size = contents.size();
    section.sh_link = link;
    section.sh_addralign = 8;
    section.sh_entsize = entry_size;
    sections_.push_back(section);
    bytes_.insert(bytes_.end(), contents.begin(), contents.end());
    bytes_.resize((bytes_.size() + 7) / 8 * 8);
  }
  uint32_t section_count() const { return static_cast<uint32_t>(sections_.size()); }

  std::vector<uint8_t> Finish(Arch arch) {
    const uint32_t name = Name(".shstrtab");
    const std::string names = names_;
    AddSection("", SHT_STRTAB, names);
    sections_.back().sh_name = name;
    Elf64_Ehdr header = {};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_ident[EI_OSABI] = kOsAbi;
    header.e_ident[EI_ABIVERSION] = kPtxObjectAbi;
    header.e_type = ET_EXEC;
    header.e_machine = kMachineCuda;
    header.e_version = EV_CURRENT;
    header.e_shoff = bytes_.size();
    header.e_flags = kFlags | arch.sm << 8;
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<Elf64_Half>(sections_.size());
    header.e_shstrndx = static_cast<Elf64_Half>(sections_.size() - 1);
    std::memcpy(bytes_.data(), &header, sizeof header);
    const auto* table = reinterpret_cast<const uint8_t*>(sections_.data());
    bytes_.insert(bytes_.end(), table, table + sections_.size() * sizeof(Elf64_Shdr));
    return std::move(bytes_);
  }

 private:
  std::vector<uint8_t> bytes_;
  std::string names_ = std::string(1, '\0');
  std::vector<Elf64_Shdr> sections_ = std::vector<Elf64_Shdr>(1, Elf64_Shdr{});
};

}  // namespace

std::vector<uint8_t> WritePtxObject(const PtxObject& object) {
  Writer writer;
  writer.AddSection(kPtxSection, SHT_PROGBITS, object.ptx);
  writer.AddSection(kOptionsSection, SHT_PROGBITS, object.options);
  // Kernels as a cubin has them, for tools that list them: a symbol with the mark of an entry each, in the
  // text.
  std::string strings(1, '\0');
  std::vector<Elf64_Sym> symbols(1, Elf64_Sym{});
  for (std::string_view kernel : object.kernels) {
    Elf64_Sym symbol = {};
    symbol.st_name = static_cast<Elf64_Word>(strings.size());
    strings += kernel;
    strings += '\0';
    symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    symbol.st_other = kSymbolIsKernel;
    symbol.st_shndx = 1;
    symbols.push_back(symbol);
  }
  const uint32_t strings_index = writer.section_count();
  writer.AddSection(".strtab", SHT_STRTAB, strings);
  writer.AddSection(".symtab", SHT_SYMTAB,
                    {reinterpret_cast<const char*>(symbols.data()), symbols.size() * sizeof(Elf64_Sym)},
                    strings_index, sizeof(Elf64_Sym));
  return writer.Finish(object.arch);
}

absl::StatusOr<PtxObject> ReadPtxObject(std::span<const uint8_t> bytes) {
  ASSIGN_OR_RETURN(const Elf elf, Elf::Read(bytes));
  if (!elf.is_ptx_object())
    return absl::InvalidArgumentError("the ELF file is none that ptxas of Tianqiao wrote");
  PtxObject object;
  // The format keeps no variant: an 'a' or 'f' in the text's own .target is the compiler's matter.
  object.arch = elf.cubin_arch();
  for (const ElfSection& section : elf.sections()) {
    const std::string_view contents(reinterpret_cast<const char*>(section.bytes.data()),
                                    section.bytes.size());
    if (section.name == kPtxSection) object.ptx = contents;
    if (section.name == kOptionsSection) object.options = contents;
  }
  if (object.ptx.empty()) return absl::InvalidArgumentError("the object holds no PTX");
  return object;
}

}  // namespace tq::fatbin
