// Every form of the instruction table is written out, with each of its suffixes, and must come back as
// itself.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/concat.h"
#include "compiler/ir/printer.h"
#include "compiler/ir/verifier.h"
#include "compiler/parse/parser.h"
#include "gtest/gtest.h"
#include "tests/ptx/spell.h"

namespace tq::ptx {
namespace {

class FormSpelling : public testing::TestWithParam<uint16_t> {
 protected:
  std::span<const Form> Forms() const { return FormsOf(static_cast<Opcode>(GetParam())); }

  // Parses `text` as the one instruction of a kernel; the kernel's `ret` follows it. Null: it failed.
  const Instruction* ParseOne(const std::string& text) {
    Diagnostics diagnostics;
    module_ = Parse(ModuleAround(text), diagnostics);
    Verify(*module_, diagnostics);
    EXPECT_FALSE(diagnostics.HasErrors()) << diagnostics.ToString();
    const std::vector<Instruction>& instructions = module_->functions.front().blocks.back().instructions;
    return diagnostics.HasErrors() || instructions.size() != 2 ? nullptr : &instructions.front();
  }

  std::unique_ptr<Module> module_;
};

TEST_P(FormSpelling, ComesBackAsTheSameForm) {
  for (const Form& form : Forms()) {
    if (form.Has(Trait::kCall)) continue;
    for (const Choices& choices : EveryChoice(form)) {
      const SlotSuffixes slots = SlotsOf(form, choices);
      const std::string text = SpellName(form, choices) + SpellOperands(form, slots, false);
      SCOPED_TRACE(Concat(form.syntax, ": ", text));
      const Instruction* parsed = ParseOne(text);
      ASSERT_NE(parsed, nullptr);
      EXPECT_EQ(GetForm(parsed->form).syntax, form.syntax);
      EXPECT_EQ(GetForm(parsed->form).lower, form.lower);
      EXPECT_EQ(Print(*parsed), text);
    }
  }
}

TEST_P(FormSpelling, TakesModifiersInAnyOrder) {
  for (const Form& form : Forms()) {
    if (form.Has(Trait::kCall)) continue;
    for (const Choices& choices : EveryChoice(form)) {
      const SlotSuffixes slots = SlotsOf(form, choices);
      const std::string name = SpellName(form, Permuted(form, choices));
      SCOPED_TRACE(Concat(form.syntax, ": ", name));
      bool found = false;
      for (const Candidate& candidate : MatchName(name).candidates) {
        found |= GetForm(candidate.form).syntax == form.syntax && candidate.suffixes == slots;
      }
      EXPECT_TRUE(found);
    }
  }
}

TEST_P(FormSpelling, TakesItsOptionalOperands) {
  for (const Form& form : Forms()) {
    if (form.Has(Trait::kCall)) continue;
    const Choices choices = EveryChoice(form)[0];
    const std::string text = SpellName(form, choices) + SpellOperands(form, SlotsOf(form, choices), true);
    SCOPED_TRACE(Concat(form.syntax, ": ", text));
    const Instruction* parsed = ParseOne(text);
    ASSERT_NE(parsed, nullptr);
    EXPECT_EQ(Print(*parsed), text);
    for (const Operand& operand : parsed->operands) EXPECT_NE(operand.kind, Operand::Kind::kNone);
  }
}

std::vector<uint16_t> OpcodesWithForms() {
  std::vector<uint16_t> opcodes;
  for (const Form& form : AllForms()) {
    const auto opcode = static_cast<uint16_t>(form.opcode);
    if (opcodes.empty() || opcodes.back() != opcode) opcodes.push_back(opcode);
  }
  return opcodes;
}

INSTANTIATE_TEST_SUITE_P(Table, FormSpelling, testing::ValuesIn(OpcodesWithForms()), [](const auto& info) {
  return std::string(Spelling(static_cast<Opcode>(info.param)));
});

}  // namespace
}  // namespace tq::ptx
