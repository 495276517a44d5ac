#include "compiler/index/cursor.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tq::ptx {
namespace {

std::vector<std::string> Tokens(std::string_view text) {
  std::vector<std::string> tokens;
  Cursor cursor(text);
  for (Token token = cursor.Next(); token.kind != TokenKind::kEnd; token = cursor.Next()) {
    tokens.emplace_back(token.text);
  }
  return tokens;
}

TEST(Cursor, SplitsModuleLevelTextIntoTokens) {
  EXPECT_EQ(
      Tokens(
          ".version 8.5\r\n.target sm_90a, debug // no\n/* x */ .file 1 \"a\\b\\\"; _Z$3f[0x1F]={-1.5e-3}"),
      (std::vector<std::string>{".version", "8.5", ".target", "sm_90a", ",", "debug", ".file", "1",
                                "\"a\\b\\\"", ";", "_Z$3f", "[", "0x1F", "]", "=", "{", "-", "1.5e-3", "}"}));
  EXPECT_EQ(Tokens("0xAe-1"), (std::vector<std::string>{"0xAe", "-", "1"}));
}

TEST(Cursor, UnterminatedCommentsAndStringsEndWithTheTextAndTheLine) {
  EXPECT_EQ(Tokens("a /* b"), (std::vector<std::string>{"a"}));
  EXPECT_EQ(Tokens("a // b"), (std::vector<std::string>{"a"}));
  EXPECT_EQ(Tokens("\"abc\nd"), (std::vector<std::string>{"\"abc", "d"}));
}

// What SkipBraces does, byte by byte.
size_t EndOfBraces(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size();) {
    if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.substr(i, 2) == "/*") {
      const size_t end = text.find("*/", i + 2);
      i = end == std::string_view::npos ? text.size() : end + 2;
    } else if (text[i] == '"') {
      const size_t end = text.find_first_of("\"\n", i + 1);
      i = end == std::string_view::npos ? text.size() : end + (text[end] == '"');
    } else {
      if (text[i] == '{') ++depth;
      if (text[i++] == '}' && --depth == 0) return i;
    }
  }
  return 0;
}

TEST(Cursor, SkippingBracesAgreesWithAByteByByteScanOnRandomText) {
  std::mt19937 random(7);
  constexpr std::string_view kAlphabet = "{}{}{}{}/*\"\n  aa;";
  size_t closed = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string text = "{";
    const size_t size = random() % 400;
    for (size_t i = 0; i < size; ++i)
      text += random() % 3 == 0 ? kAlphabet[random() % kAlphabet.size()] : 'x';
    Cursor cursor(text);
    const bool ok = cursor.SkipBraces();
    const size_t end = EndOfBraces(text);
    ASSERT_EQ(ok, end != 0) << text;
    if (!ok) continue;
    ++closed;
    ASSERT_EQ(cursor.offset(), end) << text;
    ASSERT_EQ(cursor.line(), 1 + std::count(text.begin(), text.begin() + end, '\n')) << text;
  }
  EXPECT_GT(closed, 50000u);
}

TEST(Cursor, BracesInCommentsAndStringsDoNotCount) {
  for (const std::string_view text :
       {"{ // }\n}x", "{ /* } */ }x", "{ \"}\" }x", "{ /*}/*}*/ }x", "{ \"}\n}x", "{{}{{}}}x", "{ / } x"}) {
    Cursor cursor(text);
    ASSERT_TRUE(cursor.SkipBraces()) << text;
    EXPECT_EQ(text[cursor.offset() - 1], '}') << text;
  }
  Cursor open("{ // }");
  EXPECT_FALSE(open.SkipBraces());
}

}  // namespace
}  // namespace tq::ptx
