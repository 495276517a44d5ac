// Whole modules: printing and parsing again changes nothing, and no truncation is taken for a module without
// a word.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/printer.h"
#include "compiler/ir/verifier.h"
#include "compiler/parse/parser.h"
#include "gtest/gtest.h"

namespace tq::ptx {
namespace {

std::vector<std::string> ModuleNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(TQ_TEST_DATA "/modules")) {
    names.push_back(entry.path().stem().string());
  }
  return names;
}

class ModuleText : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::ifstream file(TQ_TEST_DATA "/modules/" + GetParam() + ".ptx");
    text_.assign(std::istreambuf_iterator<char>(file), {});
    ASSERT_FALSE(text_.empty());
  }
  std::string text_;
};

TEST_P(ModuleText, ParsesAndVerifies) {
  Diagnostics diagnostics;
  const auto module = Parse(text_, diagnostics);
  Verify(*module, diagnostics);
  EXPECT_FALSE(diagnostics.HasErrors()) << diagnostics.ToString();
  EXPECT_FALSE(module->invalid);
}

TEST_P(ModuleText, PrintsToTextThatParsesToTheSame) {
  Diagnostics diagnostics;
  const std::string printed = Print(*Parse(text_, diagnostics));
  const std::string again = Print(*Parse(printed, diagnostics));
  EXPECT_FALSE(diagnostics.HasErrors()) << diagnostics.ToString() << printed;
  EXPECT_EQ(printed, again);
}

// Cut anywhere inside of a function, the text is in error, and that function is invalid; nothing crashes
// anywhere.
TEST_P(ModuleText, SurvivesTruncationAtEveryByte) {
  for (size_t length = 0; length < text_.size(); ++length) {
    // A copy on the heap: reading behind the end is an error that sanitizers see.
    const std::vector<char> cut(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(length));
    Diagnostics diagnostics;
    const auto module = Parse(std::string_view(cut.data(), cut.size()), diagnostics);
    bool any_invalid = module->invalid;
    for (const Function& function : module->functions) any_invalid |= function.invalid;
    EXPECT_EQ(diagnostics.HasErrors(), any_invalid) << "cut at " << length;
    Verify(*module, diagnostics);
    if (!diagnostics.HasErrors()) Print(*module);
  }
}

INSTANTIATE_TEST_SUITE_P(Modules, ModuleText, testing::ValuesIn(ModuleNames()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace tq::ptx
