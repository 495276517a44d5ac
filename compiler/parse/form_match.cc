#include "compiler/parse/form_match.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/ir/concat.h"

namespace tq::ptx {
namespace {

bool Accepts(const Modifier& modifier, Suffix suffix) {
  return std::ranges::find(modifier.choices, suffix) != modifier.choices.end();
}

// Position of the first modifier of the form that takes `suffix` and is not in `taken`; -1: none.
int FindPlace(const Form& form, Suffix suffix, uint64_t taken) {
  for (size_t i = 0; i < form.modifiers.size(); ++i) {
    if ((taken >> i & 1) == 0 && Accepts(form.modifiers[i], suffix)) return static_cast<int>(i);
  }
  return -1;
}

// Why no form takes the name: the first modifier that none of the instruction's forms knows, else the form
// that takes most of them.
std::string ExplainMismatch(std::string_view name, Opcode opcode, std::span<const Suffix> modifiers) {
  const std::span<const Form> forms = FormsOf(opcode);
  for (const Suffix suffix : modifiers) {
    const bool known =
        std::ranges::any_of(forms, [&](const Form& f) { return FindPlace(f, suffix, 0) >= 0; });
    if (!known) {
      return Concat("`.", Spelling(suffix), "` is not a modifier of `", Spelling(opcode), "` (`", name,
                    "`).");
    }
  }
  const Form* nearest = &forms.front();
  int most = -1000;
  for (const Form& form : forms) {
    int score = 0;
    uint64_t taken = 0;
    for (const Suffix suffix : modifiers) {
      const int place = FindPlace(form, suffix, taken);
      score += place >= 0 ? 2 : -2;
      if (place >= 0) taken |= uint64_t{1} << place;
    }
    for (size_t i = 0; i < form.modifiers.size(); ++i) {
      if (!form.modifiers[i].optional && (taken >> i & 1) == 0) --score;
    }
    if (score <= most) continue;
    most = score;
    nearest = &form;
  }
  return Concat("no form of `", Spelling(opcode), "` has the modifiers of `", name, "`; the nearest is `",
                nearest->syntax, "`.");
}

}  // namespace

std::optional<SlotSuffixes> MatchModifiers(const Form& form, std::span<const Suffix> modifiers) {
  if (modifiers.size() > form.modifiers.size()) return std::nullopt;
  SlotSuffixes suffixes = {};
  uint64_t taken = 0;
  // Places up to the last type: types keep their order, `cvt.f64.s32` is not `cvt.s32.f64`.
  uint64_t before_type = 0;
  for (const Suffix suffix : modifiers) {
    const bool is_type = TypeOf(suffix) != Type::kNone;
    const int place = FindPlace(form, suffix, is_type ? taken | before_type : taken);
    if (place < 0) return std::nullopt;
    taken |= uint64_t{1} << place;
    if (is_type) before_type = (uint64_t{2} << place) - 1;
    const int slot = form.modifiers[place].slot_index;
    if (slot >= 0) suffixes[slot] = suffix;
  }
  for (size_t i = 0; i < form.modifiers.size(); ++i) {
    if (!form.modifiers[i].optional && (taken >> i & 1) == 0) return std::nullopt;
  }
  return suffixes;
}

NameMatch MatchName(std::string_view name) {
  NameMatch match;
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('.', begin), name.size());
    parts.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  const std::optional<Opcode> opcode = FindOpcode(parts[0]);
  if (!opcode) {
    match.error = Concat("`", parts[0], "` is not a PTX instruction.");
    return match;
  }
  std::vector<Suffix> modifiers;
  for (size_t i = 1; i < parts.size(); ++i) {
    modifiers.push_back(FindSuffix(parts[i]));
    if (modifiers.back() != Suffix::kNone) continue;
    match.error = Concat("`.", parts[i], "` is not a PTX modifier (`", name, "`).");
    return match;
  }
  for (const Form& form : FormsOf(*opcode)) {
    if (const auto suffixes = MatchModifiers(form, modifiers))
      match.candidates.push_back({IdOf(form), *suffixes});
  }
  if (match.candidates.empty()) match.error = ExplainMismatch(name, *opcode, modifiers);
  return match;
}

const NameMatch& NameMatcher::Find(std::string_view name) {
  const auto [entry, is_new] = matches_.try_emplace(name);
  if (is_new) entry->second = MatchName(name);
  return entry->second;
}

}  // namespace tq::ptx
