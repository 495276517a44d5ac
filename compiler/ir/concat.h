// String building for diagnostics and printed text: Concat("`", name, "` has ", 3, " operands"). Debian's
// abseil has a string_view of its own, so absl::StrCat does not take std::string_view.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace tq::ptx {

inline void AppendPart(std::string& out, std::string_view part) { out.append(part); }
inline void AppendPart(std::string& out, char part) { out.push_back(part); }
template <std::integral T>
void AppendPart(std::string& out, T part) {
  out.append(std::to_string(part));
}

template <typename... Parts>
void Append(std::string& out, const Parts&... parts) {
  (AppendPart(out, parts), ...);
}

template <typename... Parts>
std::string Concat(const Parts&... parts) {
  std::string out;
  Append(out, parts...);
  return out;
}

}  // namespace tq::ptx
