#include "compiler/parse/expression.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"

namespace tq::ptx {
namespace {

std::optional<Constant> Evaluate(std::string_view text, Diagnostics& diagnostics) {
  const Chunk chunk{.text = text};
  Lexer lexer(std::span(&chunk, 1));
  return ParseConstant(lexer, diagnostics);
}

int64_t Value(std::string_view text) {
  Diagnostics diagnostics;
  const std::optional<Constant> constant = Evaluate(text, diagnostics);
  EXPECT_TRUE(constant) << text << ": " << diagnostics.ToString();
  return constant ? static_cast<int64_t>(constant->bits) : -999;
}

TEST(Expression, FollowsTheOperatorsOfC) {
  const std::pair<std::string_view, int64_t> cases[] = {
      {"1 + 2 * 3", 7},
      {"(1 + 2) * 3", 9},
      {"10 - 3 - 2", 5},
      {"7 / 2 * 2", 6},
      {"-7 / 2", -3},
      {"-7 % 4", -3},
      {"1 << 4 | 1", 17},
      {"6 & 3 ^ 1", 3},
      {"1 < 2 == 1", 1},
      {"3 >= 4 || 2 != 2", 0},
      {"1 && 0 || 1", 1},
      {"~0", -1},
      {"!5 + !0", 1},
      {"- -3", 3},
      {"1 ? 2 : 0 ? 3 : 4", 2},
      {"0 ? 2 : 0 ? 3 : 4", 4},
      {"WARP_SZ - 1", 31},
      {"0xFFFFFFFFFFFFFFFF >> 60", 15},
      {"-1 >> 60", -1},
      {"(.u64)-1 >> 60", 15},
      {"(.s64)0xFFFFFFFFFFFFFFFF >> 60", -1},
      {"1 << 64", 0},
      {"-1 < 0U", 0},
      {"(.s64)-9223372036854775808 / -1", INT64_MIN},
      {"1.5 < 2.0", 1},
  };
  for (const auto& [text, value] : cases) EXPECT_EQ(Value(text), value) << text;
}

TEST(Expression, ComputesWithFloats) {
  Diagnostics diagnostics;
  EXPECT_EQ(Evaluate("1.5 + 2 * 0f40000000", diagnostics)->AsDouble(), 5.5);
  EXPECT_EQ(Evaluate("-0d3FF0000000000000", diagnostics)->AsDouble(), -1.0);
  EXPECT_EQ(Evaluate("-0f3F800000", diagnostics)->bits, 0xBF800000u);
}

TEST(Expression, ReportsWhatIsNoConstant) {
  for (const std::string_view text :
       {"1 / 0", "5 % (2 - 2)", "1 +", "(1", "1.0 << 2", "~1.0", "1 ? 2", "foo", ""}) {
    Diagnostics diagnostics;
    EXPECT_FALSE(Evaluate(text, diagnostics)) << text;
    EXPECT_TRUE(diagnostics.HasErrors()) << text;
  }
}

TEST(Expression, LimitsNesting) {
  Diagnostics diagnostics;
  EXPECT_FALSE(Evaluate(std::string(1 << 20, '('), diagnostics));
  EXPECT_FALSE(Evaluate(std::string(1 << 20, '-'), diagnostics));
  std::string conditional;
  for (int i = 0; i < 100000; ++i) conditional += "1?1:";
  EXPECT_FALSE(Evaluate(conditional, diagnostics));
}

}  // namespace
}  // namespace tq::ptx
