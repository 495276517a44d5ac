#include "compiler/parse/lexer.h"

#include <bit>
#include <span>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tq::ptx {
namespace {

using testing::ElementsAre;

std::vector<Token> Lex(std::string_view text) {
  const Chunk chunk{.text = text};
  Lexer lexer(std::span(&chunk, 1));
  std::vector<Token> tokens;
  while (lexer.Peek().kind != TokenKind::kEnd) tokens.push_back(lexer.Next());
  return tokens;
}

std::vector<std::string_view> Texts(std::string_view text) {
  std::vector<std::string_view> texts;
  for (const Token& token : Lex(text)) texts.push_back(token.text);
  return texts;
}

TEST(Lexer, SplitsWordsDirectivesAndPunctuation) {
  EXPECT_THAT(Texts("@!%p1 bra $L_1; .reg .b32 a_b<3>;"),
              ElementsAre("@", "!", "%p1", "bra", "$L_1", ";", "reg", "b32", "a_b", "<", "3", ">", ";"));
  EXPECT_THAT(Texts("a<<b >= c||d % e"), ElementsAre("a", "<<", "b", ">=", "c", "||", "d", "%", "e"));
}

TEST(Lexer, SkipsCommentsAndLinesOfThePreprocessor) {
  EXPECT_THAT(Texts("a // b\n/* c\n d */ e\n# 7 \"f.cu\"\ng/**/h // end"), ElementsAre("a", "e", "g", "h"));
  EXPECT_THAT(Texts("a /* not closed"), ElementsAre("a"));
}

TEST(Lexer, CountsLinesAndColumnsAcrossCommentsAndChunks) {
  const Chunk chunks[] = {{"a\n  /* \n */ b\n", 10}, {" c", 500}};
  Lexer lexer(chunks);
  const Token a = lexer.Next(), b = lexer.Next(), c = lexer.Next();
  EXPECT_EQ(a.location.line, 10u);
  EXPECT_EQ(a.location.column, 1u);
  EXPECT_EQ(b.location.line, 12u);
  EXPECT_EQ(b.location.column, 5u);
  EXPECT_EQ(c.location.line, 500u);
  EXPECT_EQ(c.location.column, 2u);
}

TEST(Lexer, ReadsIntegersOfEveryBase) {
  for (const auto& [text, value, is_unsigned] : std::vector<std::tuple<std::string_view, uint64_t, bool>>{
           {"0", 0, false},
           {"42", 42, false},
           {"0x1F", 31, false},
           {"0X1fU", 31, true},
           {"017", 15, false},
           {"0b101", 5, false},
           {"9223372036854775808", uint64_t{1} << 63, true},
           {"0xFFFFFFFFFFFFFFFF", ~uint64_t{0}, true}}) {
    const std::vector<Token> tokens = Lex(text);
    ASSERT_EQ(tokens.size(), 1u) << text;
    EXPECT_EQ(tokens[0].kind, TokenKind::kInteger) << text;
    EXPECT_EQ(tokens[0].bits, value) << text;
    EXPECT_EQ(tokens[0].is_unsigned, is_unsigned) << text;
  }
}

TEST(Lexer, ReadsFloatsInHexadecimalAndDecimal) {
  EXPECT_EQ(Lex("0f3F800000")[0].kind, TokenKind::kFloat32);
  EXPECT_EQ(Lex("0f3F800000")[0].bits, std::bit_cast<uint32_t>(1.0f));
  EXPECT_EQ(Lex("0D4000000000000000")[0].kind, TokenKind::kFloat64);
  EXPECT_EQ(Lex("0D4000000000000000")[0].bits, std::bit_cast<uint64_t>(2.0));
  for (const std::string_view text : {"1.5", "15e-1", ".15e1", "1.5E0"}) {
    ASSERT_EQ(Lex(text).size(), 1u) << text;
    EXPECT_EQ(Lex(text)[0].kind, TokenKind::kFloat64) << text;
    EXPECT_EQ(Lex(text)[0].bits, std::bit_cast<uint64_t>(1.5)) << text;
  }
}

TEST(Lexer, CallsBadTokensInvalid) {
  for (const std::string_view text :
       {"0f3F80", "0d12", "12ab", "99999999999999999999", "0x", "\"open", "`", "\x80"}) {
    const std::vector<Token> tokens = Lex(text);
    ASSERT_FALSE(tokens.empty()) << text;
    EXPECT_EQ(tokens[0].kind, TokenKind::kInvalid) << text;
  }
}

TEST(Lexer, ExtendsAnInstructionNameOverItsModifiers) {
  const Chunk chunk{.text = "ld.global.L2::128B.v4.u32 %r1"};
  Lexer lexer(std::span(&chunk, 1));
  EXPECT_TRUE(lexer.Peek().at_dot);
  lexer.ExtendName();
  EXPECT_EQ(lexer.Next().text, "ld.global.L2::128B.v4.u32");
  EXPECT_EQ(lexer.Next().text, "%r1");
}

TEST(Lexer, TellsALabelFromAModifierWithColons) {
  const auto at_label = [](std::string_view text) {
    const Chunk chunk{.text = text};
    return Lexer(std::span(&chunk, 1)).AtLabel();
  };
  EXPECT_TRUE(at_label("L:"));
  EXPECT_TRUE(at_label("L : ret;"));
  EXPECT_FALSE(at_label("L::x"));
  EXPECT_FALSE(at_label("ret;"));
}

TEST(Lexer, SkipsNestedBraces) {
  const Chunk chunk{.text = "{ a { b } \"}\" c } d"};
  Lexer lexer(std::span(&chunk, 1));
  lexer.Next();
  lexer.SkipBraces();
  EXPECT_EQ(lexer.Peek().text, "d");
}

}  // namespace
}  // namespace tq::ptx
