#include "compiler/index/link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tq::ptx {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Link : public ::testing::Test {
 protected:
  void Add(std::string body) {
    texts_.push_back(".version 8.0\n.target sm_80\n.address_size 64\n" + std::move(body));
    indexes_.push_back(*ModuleIndex::Build(texts_.back()));
    units_.clear();
    for (size_t i = 0; i < texts_.size(); ++i) units_.push_back({&indexes_[i], texts_[i]});
  }
  absl::StatusOr<LinkedExtract> Run(std::string_view root) {
    return LinkSymbols(units_, 0, std::span(&root, 1));
  }
  static std::string TextOf(const LinkedExtract& extract) {
    std::string text;
    for (const tq_ptx_chunk& chunk : extract.chunks) text.append(chunk.text, chunk.size_bytes);
    return text;
  }

  std::deque<std::string> texts_;
  std::deque<ModuleIndex> indexes_;
  std::vector<LinkUnit> units_;
};

TEST_F(Link, FunctionsAndVariablesComeFromTheUnitThatDefinesThem) {
  Add(".extern .func f();\n.extern .global .u32 x;\n.entry k() { call f; ld.global.u32 %r1, [x]; }\n");
  Add(".visible .func f() { call g; ret; }\n.func g() { st.global.u32 [x], 1; ret; }\n.visible .global .u32 "
      "x = 7;\n"
      ".func unused() { ret; }\n");
  const auto extract = Run("k");
  ASSERT_TRUE(extract.ok()) << extract.status();
  const std::string text = TextOf(*extract);
  EXPECT_THAT(text, HasSubstr(".visible .func f() {"));
  EXPECT_THAT(text, HasSubstr(".func g()"));
  EXPECT_THAT(text, Not(HasSubstr("unused")));
  EXPECT_EQ(text.find(".version"), text.rfind(".version"));
  ASSERT_EQ(extract->variables.size(), 1u);
  EXPECT_EQ(extract->variables[0].import_name, "x");
  EXPECT_EQ(extract->variables[0].symbol.unit, 1u);
  EXPECT_TRUE(indexes_[1].Variable(*extract->variables[0].symbol.definition).has_initializer);
}

TEST_F(Link, PrivateNamesThatClashAreMadeUnique) {
  Add(".extern .func f();\n.global .b8 $str[2] = {1, 0};\n.func own() { ret; }\n"
      ".entry k() { mov.u64 %rd1, $str; call own; call f; }\n");
  Add(".global .b8 $str[2] = {2, 0};\n.func own() { ret; }\n"
      ".visible .func f() { mov.u64 %rd1, $str; call own; ret; } // $str own\n");
  const auto extract = Run("k");
  ASSERT_TRUE(extract.ok()) << extract.status();
  const std::string text = TextOf(*extract);
  EXPECT_THAT(text, HasSubstr("mov.u64 %rd1, $str$unit1; call own$unit1; ret; } // $str own"));
  EXPECT_THAT(text, HasSubstr("mov.u64 %rd1, $str; call own; call f;"));
  EXPECT_THAT(text, HasSubstr(".func own$unit1() { ret; }"));
  ASSERT_EQ(extract->variables.size(), 2u);
  EXPECT_EQ(extract->variables[1].import_name, "$str$unit1");
  EXPECT_EQ(extract->variables[1].symbol.unit, 1u);
  const auto index = ModuleIndex::Build(text);
  EXPECT_TRUE(index.ok()) << index.status();
}

TEST_F(Link, WeakFunctionsOfSeveralUnitsAppearOnce) {
  Add(".weak .func w() { ret; }\n.extern .func f();\n.entry k() { call w; call f; }\n");
  Add(".weak .func w() { ret; }\n.visible .func f() { call w; ret; }\n");
  const auto extract = Run("k");
  ASSERT_TRUE(extract.ok()) << extract.status();
  const std::string text = TextOf(*extract);
  EXPECT_EQ(text.find(".func w()"), text.rfind(".func w()"));
}

TEST_F(Link, CallsMayGoBackAndForth) {
  Add(".extern .func f();\n.visible .func back() { ret; }\n.entry k() { call f; }\n");
  Add(".extern .func back();\n.visible .func f() { call back; ret; }\n");
  const auto extract = Run("k");
  ASSERT_TRUE(extract.ok()) << extract.status();
  EXPECT_THAT(TextOf(*extract), HasSubstr(".visible .func back() { ret; }"));
}

TEST_F(Link, AVariableThatNobodyDefinesIsNamedWithItsLine) {
  Add(".extern .global .u32 missing;\n.entry k() { ld.global.u32 %r1, [missing]; }\n.entry fine() { ret; "
      "}\n");
  EXPECT_THAT(std::string(Run("k").status().message()), HasSubstr("ptx:4:1: error: the variable missing"));
  EXPECT_TRUE(Run("fine").ok());
}

TEST_F(Link, AFunctionThatNobodyDefinesIsLeftToTheCompiler) {
  Add(".extern .func (.param .b32 r) vprintf(.param .b64 a, .param .b64 b);\n.entry k() { call vprintf; }\n");
  const auto extract = Run("k");
  ASSERT_TRUE(extract.ok()) << extract.status();
  EXPECT_THAT(TextOf(*extract), HasSubstr("vprintf(.param"));
}

TEST_F(Link, AStrongFunctionTakesThePlaceOfWeakOnes) {
  Add(".weak .func f() { call own_help; ret; }\n.func own_help() { ret; }\n.entry k() { call f; }\n");
  Add(".weak .func f() { trap; }\n");
  Add(".visible .func f() { exit; }\n");
  const auto extract = Run("k");
  ASSERT_TRUE(extract.ok()) << extract.status();
  const std::string text = TextOf(*extract);
  EXPECT_THAT(text, HasSubstr(".visible .func f() { exit; }"));
  EXPECT_THAT(text, HasSubstr(".weak .func f() ;"));
  EXPECT_THAT(text, Not(HasSubstr("trap")));
}

TEST_F(Link, OfWeakFunctionsTheFirstCounts) {
  Add(".extern .func f();\n.entry k() { call f; }\n");
  Add(".weak .func f() { trap; }\n");
  Add(".weak .func f() { exit; }\n");
  const auto extract = Run("k");
  ASSERT_TRUE(extract.ok()) << extract.status();
  EXPECT_THAT(TextOf(*extract), HasSubstr("trap"));
  EXPECT_THAT(TextOf(*extract), Not(HasSubstr("exit")));
}

TEST_F(Link, SharedVariablesAreOne) {
  Add(".common .global .b8 c[4];\n.weak .global .u32 w;\n.weak .global .u32 s = 1;\n");
  Add(".common .global .b8 c[16];\n.weak .global .u32 w;\n.visible .global .u32 s = 2;\n");
  Add(".common .global .b8 c[8];\n");
  EXPECT_EQ(ResolveSymbol(units_, 0, "c").unit, 1u) << "the largest";
  EXPECT_EQ(ResolveSymbol(units_, 1, "w").unit, 0u) << "the first, for all";
  EXPECT_EQ(ResolveSymbol(units_, 0, "s").unit, 1u) << "the strong one";
  EXPECT_EQ(ResolveSymbol(units_, 0, "x").definition, nullptr);
}

TEST_F(Link, AVariableMayComeFromOutside) {
  Add(".extern .global .u32 x;\n.entry k() { ld.global.u32 %r1, [x]; }\n");
  EXPECT_FALSE(Run("k").ok());
  const std::string_view root = "k";
  const auto extract = LinkSymbols(units_, 0, std::span(&root, 1), {"x"});
  ASSERT_TRUE(extract.ok()) << extract.status();
  ASSERT_EQ(extract->variables.size(), 1u);
  EXPECT_EQ(extract->variables[0].import_name, "x");
  EXPECT_EQ(extract->variables[0].symbol.definition, nullptr);
}

}  // namespace
}  // namespace tq::ptx
