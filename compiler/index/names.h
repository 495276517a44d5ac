// The identifiers of PTX text that may name a symbol of the module.
#pragma once

#include <cstring>
#include <string_view>

#include "compiler/index/cursor.h"

namespace tq::ptx {

// Calls `visit` for every identifier of the text that may be the name of a symbol: not registers, directives,
// opcodes (a dot follows or precedes) and not what stands in comments or strings.
template <typename Visit>
void ForEachName(std::string_view text, Visit visit) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto skip_word = [&] {
    while (p < end && IsIdentifierPart(*p)) ++p;
  };
  while (p < end) {
    const char c = *p;
    if (c == '%' || c == '.' || (c >= '0' && c <= '9')) {
      ++p;
      skip_word();
    } else if (IsIdentifierStart(c)) {
      const char* const start = p;
      skip_word();
      if (p < end && *p == '.') continue;
      visit(std::string_view(start, p - start));
    } else if (c == '/' && p + 1 < end && p[1] == '/') {
      const void* newline = std::memchr(p, '\n', end - p);
      p = newline != nullptr ? static_cast<const char*>(newline) : end;
    } else if (c == '/' && p + 1 < end && p[1] == '*') {
      const size_t close = std::string_view(p + 2, end - p - 2).find("*/");
      p = close == std::string_view::npos ? end : p + 2 + close + 2;
    } else if (c == '"') {
      for (++p; p < end && *p != '"' && *p != '\n'; ++p) {
      }
      if (p < end) ++p;
    } else {
      ++p;
    }
  }
}

}  // namespace tq::ptx
