// Every form of the instruction table is compiled to machine code, with each of its suffixes: one by one, so
// that a message names the culprit, and all of an instruction together, for the baseline and for AVX-512.
#include <string>
#include <string_view>

#include "compiler/ir/concat.h"
#include "compiler/pipeline.h"
#include "gtest/gtest.h"
#include "tests/ptx/spell.h"

namespace tq::ptx {
namespace {

constexpr std::string_view kBaseline = "";
constexpr std::string_view kAvx512 =
    "+sse4.2,+popcnt,+lzcnt,+bmi,+bmi2,+avx,+avx2,+fma,+f16c,+avx512f,+avx512bw,+avx512dq,+avx512vl";

absl::StatusOr<CodeObject> CompileText(const std::string& text, std::string_view features, Stage last,
                                       std::string& log) {
  const Chunk chunk{text, 1};
  CompileRequest request;
  request.chunks = {&chunk, 1};
  request.symbols = {"kernel"};
  request.target = "x86_64-cpu";
  request.features = features;
  request.last = last;
  return Compile(request, log);
}

bool IsSupported(const Form& form) { return form.lower_kind != LowerKind::kUnsupported; }

// Under a guard, so that an instruction that ends the thread leaves the others in place.
std::string Spell(const Form& form, const Choices& choices) {
  return Concat("@%p15 ", SpellName(form, choices), SpellOperands(form, SlotsOf(form, choices), false), "\n");
}

// Of slots with many suffixes (shapes of wgmma) some: compiling all would take minutes.
std::vector<Choices> SomeChoices(const Form& form) {
  constexpr size_t kMany = 16, kStep = 7;
  const std::vector<Choices> all = EveryChoice(form);
  std::vector<Choices> some;
  for (size_t i = 0; i < all.size(); ++i) {
    bool is_of_many = false;
    for (size_t slot = 0; slot < form.modifiers.size(); ++slot) {
      is_of_many |= form.modifiers[slot].choices.size() >= kMany && all[i][slot] != all[0][slot];
    }
    if (!is_of_many || i % kStep == 0) some.push_back(all[i]);
  }
  return some;
}

class FormLowering : public testing::TestWithParam<uint16_t> {
 protected:
  std::span<const Form> Forms() const { return FormsOf(static_cast<Opcode>(GetParam())); }

  // All spellings of the instruction that the table says are supported.
  std::string Body() const {
    std::string body;
    for (const Form& form : Forms()) {
      if (form.Has(Trait::kCall)) continue;
      for (const Choices& choices : SomeChoices(form)) {
        const std::string text = Spell(form, choices);
        if (IsSupported(form)) body += text;
      }
    }
    return body;
  }
};

TEST_P(FormLowering, CompilesOrSaysThatItIsUnsupported) {
  for (const Form& form : Forms()) {
    if (form.Has(Trait::kCall)) continue;
    for (const Choices& choices : SomeChoices(form)) {
      const std::string text = Spell(form, choices);
      std::string log;
      const absl::Status status = CompileText(ModuleAround(text), kBaseline, Stage::kEmit, log).status();
      if (!IsSupported(form)) {
        EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << text << status.message();
        EXPECT_NE(status.message().find("ptx:"), absl::string_view::npos) << status.message();
      } else {
        EXPECT_TRUE(status.ok()) << text << log << status.message();
      }
    }
  }
}

TEST_P(FormLowering, BecomesMachineCode) {
  const std::string text = ModuleAround(Body());
  for (std::string_view features : {kBaseline, kAvx512}) {
    std::string log;
    const absl::StatusOr<CodeObject> object = CompileText(text, features, Stage::kEmit, log);
    ASSERT_TRUE(object.ok()) << features << ": " << log << object.status().message();
    EXPECT_FALSE(object->payload.empty());
    EXPECT_EQ(object->kernels.size(), 1u);
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

INSTANTIATE_TEST_SUITE_P(Table, FormLowering, testing::ValuesIn(OpcodesWithForms()), [](const auto& info) {
  return std::string(Spelling(static_cast<Opcode>(info.param)));
});

}  // namespace
}  // namespace tq::ptx
