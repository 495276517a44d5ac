// PTX tokens (PTX ISA, "Syntax"). Zero-copy: tokens point into the chunks, which must outlive them. One token
// of lookahead; instruction names are read whole, with their modifiers. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/ir/module.h"
#include "compiler/parse/parser.h"

namespace tq::ptx {

enum class TokenKind : uint8_t {
  kEnd,
  kIdentifier,   // foo, %r1, $L__BB0_1, _
  kDirective,    // .reg; text is without the dot
  kInteger,      // bits; is_unsigned: the U suffix, or too large for 64 signed bits
  kFloat32,      // 0f3F800000: bits
  kFloat64,      // 0d... or decimal: bits
  kString,       // text is without the quotes
  kPunctuation,  // operators and brackets: text
  kInvalid,      // a character that PTX does not have, an unterminated string or comment, a bad number
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool is_unsigned = false;
  bool at_dot = false;   // a dot follows without space: of an identifier, the name may go on
  char punctuation = 0;  // of a single character; operators of two have text only
  std::string_view text;
  uint64_t bits = 0;
  Location location;
};

class Lexer {
 public:
  explicit Lexer(std::span<const Chunk> chunks);

  const Token& Peek() const { return token_; }
  Token Next();  // returns the token and advances

  // Turns the current token, an identifier, into a whole instruction name: `add` into `add.rn.f32`, with the
  // dots and with `::` inside modifiers. Spaces before a dot end the name. Does not advance.
  void ExtendName();

  // True when the current token is an identifier and a single ':' follows it: a label.
  bool AtLabel() const;

  // Skips to the end of the current line, or past the '}' that closes the '{' just consumed. Text between is
  // not looked at but for strings.
  void SkipLine();
  void SkipBraces();

 private:
  void Advance();
  void SkipBlanks();
  bool NextChunk();
  void LexWord();
  void LexNumber();
  void LexDecimal(const char* begin);
  void LexString();
  void LexPunctuation();
  void Finish(TokenKind kind, const char* begin, const char* end);
  Location Here(const char* at) const;

  std::span<const Chunk> chunks_;
  size_t next_chunk_ = 0;
  const char* cursor_ = nullptr;
  const char* end_ = nullptr;
  const char* line_begin_ = nullptr;
  uint32_t line_ = 0;
  Token token_;
};

}  // namespace tq::ptx
