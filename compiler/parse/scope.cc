#include "compiler/parse/scope.h"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "compiler/ir/concat.h"

namespace tq::ptx {

std::string ScopedName(std::string_view name, const Scope& scope) {
  return scope.number() == 0 ? std::string(name) : Concat(name, "$", scope.number());
}

Symbol Scope::Find(std::string_view name, Function* function) {
  for (Scope* scope = this; scope != nullptr; scope = scope->parent_) {
    if (const auto found = scope->symbols_.find(name); found != scope->symbols_.end()) return found->second;
    if (scope->ranges_.empty()) continue;
    if (const Symbol symbol = scope->FindInRanges(name, function); symbol.kind != Symbol::Kind::kNone)
      return symbol;
  }
  return {};
}

// Both %r<100> and %r1<10> have a %r12: every split into base and number is tried, the longest number first.
Symbol Scope::FindInRanges(std::string_view name, Function* function) {
  constexpr size_t kMaxDigits = 10;
  size_t split = name.size();
  while (split > 1 && name.size() - split < kMaxDigits && name[split - 1] >= '0' && name[split - 1] <= '9')
    --split;
  for (; split < name.size(); ++split) {
    const std::string_view digits = name.substr(split);
    if (digits[0] == '0' && digits.size() > 1) continue;
    const auto found = ranges_.find(name.substr(0, split));
    if (found == ranges_.end()) continue;
    uint64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const Range& range = found->second;
    if (number >= range.count) continue;
    Register& reg = function->registers.emplace_back();
    reg.name = ScopedName(name, *this);
    reg.type = range.type;
    reg.vector = range.vector;
    reg.index = static_cast<uint32_t>(function->registers.size() - 1);
    Set(name, Symbol(&reg));
    return Symbol(&reg);
  }
  return {};
}

}  // namespace tq::ptx
