// Writes instructions of the table's forms with operands that fit, and a module around them: what tests over
// the whole table feed to the parser.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/parse/form_match.h"
#include "isa/isa.h"

namespace tq::ptx {

// A choice for every modifier of a form, in the order of the form; kNone: left out.
using Choices = std::vector<Suffix>;

// The first choice everywhere and nothing optional, then every other choice of one modifier at a time.
std::vector<Choices> EveryChoice(const Form& form);

// "add.rn.f32"; modifiers in the order given.
std::string SpellName(const Form& form, std::span<const Suffix> modifiers);
// The chosen modifiers in another order: types and modifiers that could take each other's place first and as
// they were, the rest turned round.
std::vector<Suffix> Permuted(const Form& form, const Choices& choices);
SlotSuffixes SlotsOf(const Form& form, const Choices& choices);

// " %f1, %f2, %f3;" with the optional operands or without.
std::string SpellOperands(const Form& form, const SlotSuffixes& suffixes, bool with_optional);

// A module with a kernel that has `instructions`, one per line, and declares what SpellOperands uses.
std::string ModuleAround(std::string_view instructions);

}  // namespace tq::ptx
