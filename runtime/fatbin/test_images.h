// Images that the tests of this directory and the fuzz target start from.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/fatbin/image.h"

namespace tq::fatbin {

inline std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string PtxText(std::string_view target, std::string_view kernel = "k") {
  return "//\n// Generated\n//\n.version 8.5\n.target " + std::string(target) +
         "\n.address_size 64\n.visible .entry " + std::string(kernel) + "()\n{\n\tret;\n}\n";
}

inline Image PtxImageFor(Arch arch, std::string_view text, Codec codec = Codec::kStored) {
  Image image;
  image.kind = ImageKind::kPtx;
  image.codec = codec;
  image.arch = arch;
  image.major_version = 8;
  image.minor_version = 5;
  image.payload = AsBytes(text);
  return image;
}

// A cubin with nothing but the sections and symbols that name its kernels.
inline std::vector<uint8_t> Cubin(const std::vector<std::string>& kernels, uint32_t sm,
                                  bool with_symbols = true) {
  std::string strings(1, '\0');
  const auto intern = [&](const std::string& text) {
    const uint32_t offset = static_cast<uint32_t>(strings.size());
    strings += text;
    strings += '\0';
    return offset;
  };
  std::vector<Elf64_Shdr> sections(1, Elf64_Shdr{});
  std::vector<Elf64_Sym> symbols(1, Elf64_Sym{});
  for (const std::string& kernel : kernels) {
    Elf64_Shdr section = {};
    section.sh_type = SHT_PROGBITS;
    section.sh_offset = sizeof(Elf64_Ehdr);
    section.sh_name = intern(".nv.info." + kernel);
    sections.push_back(section);
    section.sh_name = intern(".text." + kernel);
    sections.push_back(section);
    Elf64_Sym symbol = {};
    symbol.st_name = intern(kernel);
    symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    symbol.st_other = 0x10;
    symbol.st_shndx = static_cast<Elf64_Section>(sections.size() - 1);
    symbols.push_back(symbol);
  }
  Elf64_Shdr helper = {};  // a device function: code, but no kernel
  helper.sh_type = SHT_PROGBITS;
  helper.sh_offset = sizeof(Elf64_Ehdr);
  helper.sh_name = intern(".text.helper");
  sections.push_back(helper);
  if (with_symbols) {
    Elf64_Sym symbol = {};
    symbol.st_name = intern("helper");
    symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    symbol.st_shndx = static_cast<Elf64_Section>(sections.size() - 1);
    symbols.push_back(symbol);
  }
  const uint32_t symtab_name = intern(".symtab"), strtab_name = intern(".strtab");

  Elf64_Shdr symtab = {};
  symtab.sh_name = symtab_name;
  symtab.sh_type = SHT_SYMTAB;
  symtab.sh_offset = sizeof(Elf64_Ehdr);
  symtab.sh_size = with_symbols ? symbols.size() * sizeof(Elf64_Sym) : 0;
  symtab.sh_link = static_cast<Elf64_Word>(sections.size() + 1);
  Elf64_Shdr strtab = {};
  strtab.sh_name = strtab_name;
  strtab.sh_type = SHT_STRTAB;
  strtab.sh_offset = symtab.sh_offset + symtab.sh_size;
  strtab.sh_size = strings.size();
  sections.push_back(symtab);
  sections.push_back(strtab);

  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_ABIVERSION] = 8;
  header.e_machine = 190;
  header.e_flags = sm << 8 | 4;
  header.e_shoff = strtab.sh_offset + strtab.sh_size;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = static_cast<Elf64_Half>(sections.size());
  header.e_shstrndx = static_cast<Elf64_Half>(sections.size() - 1);

  std::vector<uint8_t> out(header.e_shoff + sections.size() * sizeof(Elf64_Shdr));
  std::memcpy(out.data(), &header, sizeof(header));
  if (with_symbols) std::memcpy(&out[symtab.sh_offset], symbols.data(), symtab.sh_size);
  std::memcpy(&out[strtab.sh_offset], strings.data(), strings.size());
  std::memcpy(&out[header.e_shoff], sections.data(), sections.size() * sizeof(Elf64_Shdr));
  return out;
}

}  // namespace tq::fatbin
