#include "compiler/ir/module.h"

#include <cctype>
#include <string>
#include <string_view>

#include "isa/isa.h"

namespace tq::ptx {

Suffix Instruction::Get(Slot slot) const {
  const int index = GetForm(form).SlotIndex(slot);
  return index < 0 ? Suffix::kNone : suffixes[index];
}

Type Instruction::GetType(Slot slot) const { return TypeOf(Get(slot)); }

std::string LowerName(const Instruction& instruction) {
  const Form& form = GetForm(instruction.form);
  std::string name;
  std::string_view rest = form.lower;
  while (!rest.empty()) {
    const size_t open = rest.find('<');
    std::string_view literal = rest.substr(0, open);
    if (open == std::string_view::npos) return name.append(literal);
    if (literal.ends_with('_')) literal.remove_suffix(1);
    name.append(literal);
    const size_t close = rest.find('>', open);
    const std::string_view slot_name = rest.substr(open + 1, close - open - 1);
    for (size_t i = 0; i < form.slots.size(); ++i) {
      if (Spelling(form.slots[i]) != slot_name || instruction.suffixes[i] == Suffix::kNone) continue;
      name.push_back('_');
      for (const char c : Spelling(instruction.suffixes[i])) {
        if (c != ':')
          name.push_back(c);
        else if (!name.ends_with('_'))
          name.push_back('_');
      }
    }
    rest.remove_prefix(close + 1);
  }
  return name;
}

Function* Module::FindFunction(std::string_view name) {
  for (Function& function : functions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

const Variable* Module::FindVariable(std::string_view name) const {
  for (const Variable& variable : variables) {
    if (variable.name == name) return &variable;
  }
  return nullptr;
}

}  // namespace tq::ptx
