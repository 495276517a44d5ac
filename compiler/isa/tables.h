// The generated tables behind form.h. Only isa.cc and form.cc include this.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/isa/form.h"

namespace tq::ptx::tables {

struct OpcodeInfo {
  std::string_view mnemonic;
  uint16_t first_form = 0, form_count = 0;
};

struct SuffixInfo {
  std::string_view spelling;
  Type type = Type::kNone;
  Space space = Space::kGeneric;
};

extern const std::span<const Form> kForms;           // by FormId; those of one opcode together
extern const std::span<const OpcodeInfo> kOpcodes;   // by Opcode, sorted by mnemonic
extern const std::span<const SuffixInfo> kSuffixes;  // by Suffix; [1..] sorted by spelling
extern const std::span<const std::string_view> kSlotNames;
extern const std::span<const SpecialRegisterInfo>
    kSpecialRegisters;  // by SpecialRegister, [1..] sorted by name

}  // namespace tq::ptx::tables
