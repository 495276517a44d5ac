// Operands by the name that the instruction table gives them.
#pragma once

#include <string_view>

#include "compiler/ir/module.h"
#include "isa/isa.h"

namespace tq::lower {

// The index of the operand of that name in the form; of none: one behind the last.
inline size_t IndexOf(const ptx::Instruction& inst, std::string_view name) {
  const auto operands = ptx::GetForm(inst.form).operands;
  for (size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].name == name) return i;
  }
  return operands.size();
}

// Whether the instruction has that operand: not every form does, and some may be left out.
inline bool IsGiven(const ptx::Instruction& inst, size_t index) {
  return index < inst.operands.size() && inst.operands[index].kind != ptx::Operand::Kind::kNone;
}

}  // namespace tq::lower
