#include "compiler/parse/lexer.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>

#include "absl/strings/charconv.h"

namespace tq::ptx {
namespace {

enum CharClass : uint8_t { kWordStart = 1, kWord = 2, kDigit = 4, kHex = 8 };

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes = {};
  for (int c = 0; c < 128; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (letter || c == '_' || c == '$') classes[c] |= kWordStart;
    if (letter || digit || c == '_' || c == '$') classes[c] |= kWord;
    if (digit) classes[c] |= kDigit;
    if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) classes[c] |= kHex;
  }
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

bool Is(char c, CharClass char_class) { return (kClasses[static_cast<uint8_t>(c)] & char_class) != 0; }

const char* SkipClass(const char* at, const char* end, CharClass char_class) {
  while (at != end && Is(*at, char_class)) ++at;
  return at;
}

}  // namespace

Lexer::Lexer(std::span<const Chunk> chunks) : chunks_(chunks) { Advance(); }

Token Lexer::Next() {
  const Token token = token_;
  Advance();
  return token;
}

Location Lexer::Here(const char* at) const { return {line_, static_cast<uint32_t>(at - line_begin_ + 1)}; }

bool Lexer::NextChunk() {
  if (next_chunk_ == chunks_.size()) return false;
  const Chunk& chunk = chunks_[next_chunk_++];
  cursor_ = line_begin_ = chunk.text.data();
  end_ = cursor_ + chunk.text.size();
  line_ = chunk.first_line;
  return true;
}

// Spaces, comments, and lines that the C preprocessor left (`# 1 "file"`).
void Lexer::SkipBlanks() {
  while (cursor_ != end_) {
    const char c = *cursor_;
    if (c == '\n') {
      line_begin_ = ++cursor_;
      ++line_;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c == '\0') {
      ++cursor_;
    } else if (c == '#' || (c == '/' && end_ - cursor_ > 1 && cursor_[1] == '/')) {
      const void* newline = std::memchr(cursor_, '\n', end_ - cursor_);
      cursor_ = newline == nullptr ? end_ : static_cast<const char*>(newline);
    } else if (c == '/' && end_ - cursor_ > 1 && cursor_[1] == '*') {
      for (cursor_ += 2; cursor_ != end_; ++cursor_) {
        if (*cursor_ == '\n') {
          line_begin_ = cursor_ + 1;
          ++line_;
        } else if (*cursor_ == '*' && end_ - cursor_ > 1 && cursor_[1] == '/') {
          cursor_ += 2;
          break;
        }
      }
    } else {
      return;
    }
  }
}

void Lexer::Finish(TokenKind kind, const char* begin, const char* end) {
  token_.kind = kind;
  token_.text = std::string_view(begin, end - begin);
  cursor_ = end;
}

void Lexer::Advance() {
  for (SkipBlanks(); cursor_ == end_; SkipBlanks()) {
    if (!NextChunk()) {
      token_ = Token{.kind = TokenKind::kEnd, .location = Here(cursor_)};
      return;
    }
  }
  token_.location = Here(cursor_);
  token_.punctuation = 0;
  token_.is_unsigned = false;
  token_.at_dot = false;
  const char c = *cursor_;
  const char next = end_ - cursor_ > 1 ? cursor_[1] : '\0';
  if (Is(c, kWordStart) || (c == '%' && Is(next, kWordStart))) return LexWord();
  if (Is(c, kDigit) || (c == '.' && Is(next, kDigit))) return LexNumber();
  if (c == '.' && Is(next, kWordStart)) {
    const char* end = SkipClass(cursor_ + 1, end_, kWord);
    while (end_ - end > 2 && end[0] == ':' && end[1] == ':' && Is(end[2], kWord)) {
      end = SkipClass(end + 2, end_, kWord);
    }
    return Finish(TokenKind::kDirective, cursor_ + 1, end);
  }
  if (c == '"') return LexString();
  LexPunctuation();
}

void Lexer::LexWord() {
  const char* end = SkipClass(cursor_ + 1, end_, kWord);
  token_.at_dot = end != end_ && *end == '.';
  Finish(TokenKind::kIdentifier, cursor_, end);
}

void Lexer::ExtendName() {
  const char* end = cursor_;
  while (end_ - end > 1 && end[0] == '.' && Is(end[1], kWord)) {
    end = SkipClass(end + 1, end_, kWord);
    while (end_ - end > 2 && end[0] == ':' && end[1] == ':' && Is(end[2], kWord)) {
      end = SkipClass(end + 2, end_, kWord);
    }
  }
  const char* begin = token_.text.data();
  token_.text = std::string_view(begin, end - begin);
  cursor_ = end;
}

bool Lexer::AtLabel() const {
  if (token_.kind != TokenKind::kIdentifier) return false;
  const char* at = cursor_;
  while (at != end_ && (*at == ' ' || *at == '\t')) ++at;
  return at != end_ && *at == ':' && !(end_ - at > 1 && at[1] == ':');
}

void Lexer::LexNumber() {
  const char* begin = cursor_;
  const char kind = *begin == '0' && end_ - begin > 1 ? begin[1] : '\0';
  int base = 10;
  if (kind == 'f' || kind == 'F' || kind == 'd' || kind == 'D') {
    const bool is_single = kind == 'f' || kind == 'F';
    const char* end = SkipClass(begin + 2, end_, kHex);
    const bool ok = end - begin == (is_single ? 10 : 18) &&
                    std::from_chars(begin + 2, end, token_.bits, 16).ec == std::errc();
    return Finish(!ok         ? TokenKind::kInvalid
                  : is_single ? TokenKind::kFloat32
                              : TokenKind::kFloat64,
                  begin, end);
  }
  const char* digits = begin;
  if (kind == 'x' || kind == 'X') {
    base = 16;
    digits += 2;
  } else if (kind == 'b' || kind == 'B') {
    base = 2;
    digits += 2;
  } else if (Is(kind, kDigit)) {
    base = 8;
  }
  const auto [end, error] = std::from_chars(digits, end_, token_.bits, base);
  const bool is_decimal = end != end_ && (*end == '.' || *end == 'e' || *end == 'E') && base != 16;
  if (*begin == '.' || is_decimal) return LexDecimal(begin);
  const char* last = end;
  token_.is_unsigned = token_.bits > static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (last != end_ && (*last == 'U' || *last == 'u')) {
    token_.is_unsigned = true;
    ++last;
  }
  const bool ok = error == std::errc() && (last == end_ || !Is(*last, kWord));
  Finish(ok ? TokenKind::kInteger : TokenKind::kInvalid, begin, ok ? last : SkipClass(begin, end_, kWord));
}

void Lexer::LexDecimal(const char* begin) {
  double value = 0;
  // absl: std::from_chars for double asks for a newer libstdc++ than some of the hosts have.
  const auto [end, error] = absl::from_chars(begin, end_, value);
  const bool ok = error != std::errc::invalid_argument;
  token_.bits = std::bit_cast<uint64_t>(value);
  Finish(ok ? TokenKind::kFloat64 : TokenKind::kInvalid, begin, ok ? end : begin + 1);
}

void Lexer::LexString() {
  const char* begin = cursor_ + 1;
  const char* end = begin;
  while (end != end_ && *end != '"' && *end != '\n') end += *end == '\\' && end_ - end > 1 ? 2 : 1;
  if (end == end_ || *end != '"') return Finish(TokenKind::kInvalid, cursor_, end);
  Finish(TokenKind::kString, begin, end);
  ++cursor_;
}

void Lexer::LexPunctuation() {
  const std::string_view rest(cursor_, end_ - cursor_);
  const bool may_be_two = rest.size() > 1 && (rest[1] == '=' || rest[1] == rest[0]);
  for (const std::string_view two : {"<<", ">>", "<=", ">=", "==", "!=", "&&", "||"}) {
    if (!may_be_two || !rest.starts_with(two)) continue;
    return Finish(TokenKind::kPunctuation, cursor_, cursor_ + 2);
  }
  constexpr std::string_view kCharacters = ",;:{}[]()<>+-*/%&|^~!?=@";
  const bool known = kCharacters.find(*cursor_) != std::string_view::npos;
  if (known) token_.punctuation = *cursor_;
  Finish(known ? TokenKind::kPunctuation : TokenKind::kInvalid, cursor_, cursor_ + 1);
}

void Lexer::SkipLine() {
  // The current token is on the line; the line may be over already when it was the last one.
  if (token_.location.line == line_) {
    const void* newline = std::memchr(cursor_, '\n', end_ - cursor_);
    cursor_ = newline == nullptr ? end_ : static_cast<const char*>(newline);
  }
  Advance();
}

void Lexer::SkipBraces() {
  for (int depth = 1; token_.kind != TokenKind::kEnd; Advance()) {
    if (token_.punctuation == '{') ++depth;
    if (token_.punctuation == '}' && --depth == 0) {
      Advance();
      return;
    }
  }
}

}  // namespace tq::ptx
