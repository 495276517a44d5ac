#include "compiler/index/cursor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "absl/strings/str_cat.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tq::ptx {
namespace {

enum CharClass : uint8_t { kStart = 1, kPart = 2, kDigit = 4, kBlank = 8 };

// PTX ISA, "Identifiers": [a-zA-Z][a-zA-Z0-9_$]* or [_$%][a-zA-Z0-9_$]+.
constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> classes = {};
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = classes[c - 'a' + 'A'] = kStart | kPart;
  for (int c = '0'; c <= '9'; ++c) classes[c] = kPart | kDigit;
  for (const char c : {'_', '$'}) classes[static_cast<uint8_t>(c)] = kStart | kPart;
  classes['%'] = kStart;
  for (const char c : {' ', '\t', '\r', '\v', '\f'}) classes[static_cast<uint8_t>(c)] = kBlank;
  return classes;
}();

bool Has(char c, uint8_t classes) { return (kClasses[static_cast<uint8_t>(c)] & classes) != 0; }

constexpr size_t kBlockSize = 64;

// One bit per byte of a block.
struct Masks {
  uint64_t newlines = 0, opens = 0, closes = 0, quotes = 0, slashes = 0, stars = 0;
};

#if defined(__SSE2__)
Masks Classify(const char* block) {
  Masks masks;
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + i);
    const auto find = [&](char c) {
      const int hits = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
      return static_cast<uint64_t>(static_cast<uint32_t>(hits)) << (16 * i);
    };
    masks.newlines |= find('\n');
    masks.opens |= find('{');
    masks.closes |= find('}');
    masks.quotes |= find('"');
    masks.slashes |= find('/');
    masks.stars |= find('*');
  }
  return masks;
}
#else
Masks Classify(const char* block) {
  Masks masks;
  for (size_t i = 0; i < kBlockSize; ++i) {
    const uint64_t bit = uint64_t{1} << i;
    switch (block[i]) {
      case '\n':
        masks.newlines |= bit;
        break;
      case '{':
        masks.opens |= bit;
        break;
      case '}':
        masks.closes |= bit;
        break;
      case '"':
        masks.quotes |= bit;
        break;
      case '/':
        masks.slashes |= bit;
        break;
      case '*':
        masks.stars |= bit;
        break;
      default:
        break;
    }
  }
  return masks;
}
#endif

}  // namespace

bool IsIdentifierStart(char c) { return Has(c, kStart); }
bool IsIdentifierPart(char c) { return Has(c, kPart); }

const char* Cursor::SkipComment(const char* p) {
  if (p[1] == '/') {
    const void* newline = std::memchr(p, '\n', end_ - p);
    return newline != nullptr ? static_cast<const char*>(newline) : end_;
  }
  for (p += 2; p < end_; ++p) {
    if (*p == '\n') ++line_;
    if (*p == '*' && p + 1 < end_ && p[1] == '/') return p + 2;
  }
  return end_;
}

// Strings have no escapes (a Windows path in .file may end in a backslash) and do not span lines.
const char* Cursor::SkipString(const char* p) const {
  for (++p; p < end_ && *p != '\n'; ++p) {
    if (*p == '"') return p + 1;
  }
  return p;
}

void Cursor::SkipBlanks() {
  while (at_ < end_) {
    if (*at_ == '\n') {
      ++line_;
      ++at_;
    } else if (Has(*at_, kBlank)) {
      ++at_;
    } else if (*at_ == '/' && at_ + 1 < end_ && (at_[1] == '/' || at_[1] == '*')) {
      at_ = SkipComment(at_);
    } else {
      return;
    }
  }
}

void Cursor::SkipLine() {
  const void* newline = std::memchr(at_, '\n', end_ - at_);
  at_ = newline != nullptr ? static_cast<const char*>(newline) : end_;
}

void Cursor::FinishLine() {
  const char* p = at_;
  while (p < end_ && Has(*p, kBlank)) ++p;
  if (p + 1 < end_ && p[0] == '/' && p[1] == '/') {
    const void* newline = std::memchr(p, '\n', end_ - p);
    p = newline != nullptr ? static_cast<const char*>(newline) : end_;
  }
  if (p == end_) {
    at_ = end_;
  } else if (*p == '\n') {
    at_ = p + 1;
    ++line_;
  }
}

absl::Status Cursor::ErrorAt(size_t offset, uint32_t line, std::string_view what) const {
  const size_t newline = text().substr(0, offset).rfind('\n');
  const size_t column = newline == std::string_view::npos ? offset + 1 : offset - newline;
  return absl::InvalidArgumentError(
      absl::StrCat("ptx:", line, ":", column, ": error: ", absl::string_view(what.data(), what.size())));
}

Token Cursor::Peek() {
  const Cursor saved = *this;
  const Token token = Next();
  *this = saved;
  return token;
}

Token Cursor::Next() {
  SkipBlanks();
  Token token;
  token.line = line_;
  if (at_ == end_) return token;
  const char* const start = at_;
  const char* p = at_ + 1;
  if (*start == '.' && p < end_ && Has(*p, kStart)) {
    token.kind = TokenKind::kDirective;
    while (p < end_ && Has(*p, kPart)) ++p;
  } else if (Has(*start, kStart)) {
    token.kind = TokenKind::kIdentifier;
    while (p < end_ && Has(*p, kPart)) ++p;
  } else if (Has(*start, kDigit)) {
    token.kind = TokenKind::kNumber;
    // 8.5, 0x1F, 0f3F800000, 1.5e-3
    while (p < end_ && (Has(*p, kPart) || *p == '.' ||
                        ((*p == '-' || *p == '+') && (p[-1] == 'e' || p[-1] == 'E') && start[1] != 'x' &&
                         start[1] != 'X'))) {
      ++p;
    }
  } else if (*start == '"') {
    token.kind = TokenKind::kString;
    p = SkipString(start);
  } else {
    token.kind = TokenKind::kPunctuation;
  }
  at_ = p;
  token.text = {start, static_cast<size_t>(p - start)};
  return token;
}

bool Cursor::SkipBraces() {
  uint32_t depth = 0;
  const char* p = at_;
  while (p < end_) {
    char tail[kBlockSize];
    const char* block = p;
    const size_t size = std::min<size_t>(end_ - p, kBlockSize);
    if (size < kBlockSize) {
      std::memset(tail, ' ', sizeof(tail));
      std::memcpy(tail, p, size);
      block = tail;
    }
    const Masks masks = Classify(block);
    const bool slash_follows = p + kBlockSize < end_ && (p[kBlockSize] == '/' || p[kBlockSize] == '*');
    const uint64_t second = (masks.slashes | masks.stars) >> 1 | uint64_t{slash_follows} << 63;
    const uint64_t skips = masks.quotes | (masks.slashes & second);
    // Depth cannot reach zero in a block that closes fewer braces than are open: no need to look at their
    // order.
    if (skips == 0 && static_cast<uint32_t>(std::popcount(masks.closes)) < depth) {
      depth += std::popcount(masks.opens) - std::popcount(masks.closes);
      line_ += std::popcount(masks.newlines);
      p += size;
      continue;
    }
    const char* next = p + size;
    uint64_t seen = ~uint64_t{0};
    for (uint64_t events = masks.opens | masks.closes | skips; events != 0; events &= events - 1) {
      const int bit = std::countr_zero(events);
      const uint64_t here = uint64_t{1} << bit;
      if ((masks.opens & here) != 0) {
        ++depth;
      } else if ((masks.closes & here) != 0) {
        if (--depth != 0) continue;
        line_ += std::popcount(masks.newlines & (here - 1));
        at_ = p + bit + 1;
        return true;
      } else {
        seen = here - 1;
        next = (masks.quotes & here) != 0 ? SkipString(p + bit) : SkipComment(p + bit);
        break;
      }
    }
    line_ += std::popcount(masks.newlines & seen);
    p = next;
  }
  at_ = end_;
  return false;
}

}  // namespace tq::ptx
