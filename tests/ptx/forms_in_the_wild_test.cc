// The forms that real programs and libraries use, by our own count: each must parse and verify.
#include <fstream>
#include <string>
#include <vector>

#include "compiler/ir/verifier.h"
#include "compiler/parse/parser.h"
#include "gtest/gtest.h"
#include "tests/ptx/spell.h"

namespace tq::ptx {
namespace {

std::vector<std::string> FormsInTheWild() {
  std::ifstream file(TQ_TEST_DATA "/forms-in-the-wild.txt");
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) names.push_back(line);
  return names;
}

// Operands by the first form of the name.
std::string SpellAs(const std::string& name, const Candidate& candidate) {
  const Form& form = GetForm(candidate.form);
  if (form.Has(Trait::kCall)) return name + " (%r1), function, (%r2, 3);";
  return name + SpellOperands(form, candidate.suffixes, false);
}

TEST(FormsInTheWild, AreAllKnown) {
  const std::vector<std::string> names = FormsInTheWild();
  ASSERT_GT(names.size(), 800u);
  for (const std::string& name : names) {
    const NameMatch match = MatchName(name);
    EXPECT_FALSE(match.candidates.empty()) << name << ": " << match.error;
  }
}

TEST(FormsInTheWild, ParseAndVerify) {
  std::string body;
  for (const std::string& name : FormsInTheWild()) {
    const NameMatch match = MatchName(name);
    if (!match.candidates.empty()) body += SpellAs(name, match.candidates[0]) + "\n";
  }
  std::string text = ModuleAround(body);
  text.insert(text.find(".visible"), ".func (.reg .b32 r) function (.reg .b32 a, .reg .b32 b);\n");
  Diagnostics diagnostics;
  const auto module = Parse(text, diagnostics);
  Verify(*module, diagnostics);
  EXPECT_FALSE(diagnostics.HasErrors()) << diagnostics.ToString();
}

}  // namespace
}  // namespace tq::ptx
