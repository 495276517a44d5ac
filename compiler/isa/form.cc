#include "compiler/isa/form.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "compiler/isa/tables.h"
#include "isa/isa.h"

namespace tq::ptx {

int Form::SlotIndex(Slot slot) const {
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i] == slot) return static_cast<int>(i);
  }
  return -1;
}

// The number that a count is made of: n of a shape `m64n128k16`, else the one at the end: `x32`,
// `cta_group::2`.
uint32_t VectorSize(const Form& form, const OperandSpec& spec, std::span<const Suffix> suffixes) {
  const int slot = spec.count_slot == Slot::kNone ? -1 : form.SlotIndex(spec.count_slot);
  if (slot < 0) return spec.vector_size;
  const std::string_view spelling = Spelling(suffixes[slot]);
  const size_t n = spelling.find('n'), before = spelling.find_last_not_of("0123456789");
  const size_t at = n != std::string_view::npos ? n : before;
  uint32_t number = 0;
  if (at != std::string_view::npos) {
    std::from_chars(spelling.data() + at + 1, spelling.data() + spelling.size(), number);
  }
  return number * spec.count_times / spec.count_over;
}

std::span<const Form> AllForms() { return tables::kForms; }

const Form& GetForm(FormId id) { return tables::kForms[static_cast<size_t>(id)]; }

FormId IdOf(const Form& form) { return static_cast<FormId>(&form - tables::kForms.data()); }

std::span<const Form> FormsOf(Opcode opcode) {
  const tables::OpcodeInfo& info = tables::kOpcodes[static_cast<size_t>(opcode)];
  return tables::kForms.subspan(info.first_form, info.form_count);
}

std::optional<Opcode> FindOpcode(std::string_view mnemonic) {
  const auto found = std::ranges::lower_bound(tables::kOpcodes, mnemonic, {}, &tables::OpcodeInfo::mnemonic);
  if (found == tables::kOpcodes.end() || found->mnemonic != mnemonic) return std::nullopt;
  return static_cast<Opcode>(found - tables::kOpcodes.begin());
}

std::string_view Spelling(Opcode opcode) { return tables::kOpcodes[static_cast<size_t>(opcode)].mnemonic; }

Suffix FindSuffix(std::string_view spelling) {
  const auto named = tables::kSuffixes.subspan(1);
  const auto found = std::ranges::lower_bound(named, spelling, {}, &tables::SuffixInfo::spelling);
  if (found == named.end() || found->spelling != spelling) return Suffix::kNone;
  return static_cast<Suffix>(found - named.begin() + 1);
}

std::string_view Spelling(Suffix suffix) { return tables::kSuffixes[static_cast<size_t>(suffix)].spelling; }

Type TypeOf(Suffix suffix) { return tables::kSuffixes[static_cast<size_t>(suffix)].type; }

Space SpaceOf(Suffix suffix) { return tables::kSuffixes[static_cast<size_t>(suffix)].space; }

std::string_view Spelling(Slot slot) { return tables::kSlotNames[static_cast<size_t>(slot)]; }

SpecialRegister FindSpecialRegister(std::string_view name) {
  const auto named = tables::kSpecialRegisters.subspan(1);
  const auto found = std::ranges::lower_bound(named, name, {}, &SpecialRegisterInfo::name);
  if (found == named.end() || found->name != name) return SpecialRegister::kNone;
  return static_cast<SpecialRegister>(found - named.begin() + 1);
}

const SpecialRegisterInfo& GetSpecialRegister(SpecialRegister special) {
  return tables::kSpecialRegisters[static_cast<size_t>(special)];
}

}  // namespace tq::ptx
