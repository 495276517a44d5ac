// Moves through PTX text token by token where the module's own statements stand, and 64 bytes at a time
// through bodies, whose contents nobody needs before a kernel is launched. Never reads beyond the text.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace tq::ptx {

enum class TokenKind : uint8_t { kEnd, kDirective, kIdentifier, kNumber, kString, kPunctuation };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  // with the dot of a directive and the quotes of a string
  uint32_t line = 0;

  bool Is(std::string_view spelling) const { return text == spelling; }
};

class Cursor {
 public:
  explicit Cursor(std::string_view text, uint32_t first_line = 1)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), line_(first_line) {}

  // The next token, comments and blanks skipped. An unterminated comment or string reaches to the end of the
  // text or of its line. Any other byte is punctuation of its own.
  Token Next();
  Token Peek();

  // At a `{`: moves behind the `}` that matches, false when there is none. Comments and strings are honoured.
  bool SkipBraces();
  // Moves to the end of the line, in front of its newline.
  void SkipLine();
  // Moves to the start of the next line, if only blanks and a `//` comment are left of this one.
  void FinishLine();

  // "ptx:LINE:COLUMN: error: WHAT", the form of the compiler's log.
  absl::Status ErrorAt(size_t offset, uint32_t line, std::string_view what) const;

  uint32_t offset() const { return static_cast<uint32_t>(at_ - begin_); }
  uint32_t line() const { return line_; }
  std::string_view text() const { return {begin_, static_cast<size_t>(end_ - begin_)}; }

 private:
  void SkipBlanks();
  // p is at the `/` of a comment, or at a quote: where it ends. Counts lines.
  const char* SkipComment(const char* p);
  const char* SkipString(const char* p) const;

  const char* begin_;
  const char* at_;
  const char* end_;
  uint32_t line_;
};

bool IsIdentifierStart(char c);
bool IsIdentifierPart(char c);

}  // namespace tq::ptx
