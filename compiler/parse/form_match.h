// Finds the forms that an instruction name stands for. Modifiers match in any order, as ptxas takes them;
// those that fit more than one slot (the types of `cvt.f32.f16`) fill them in the order of the form.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "isa/isa.h"

namespace tq::ptx {

using SlotSuffixes = std::array<Suffix, kMaxSlots>;

// The form's slots filled from `modifiers`; nothing when they do not fit.
std::optional<SlotSuffixes> MatchModifiers(const Form& form, std::span<const Suffix> modifiers);

struct Candidate {
  FormId form = {};
  SlotSuffixes suffixes = {};
};

// The forms of one name, in table order: `mov.b32` has one, `mbarrier.arrive.b64` two, told apart by their
// operands.
struct NameMatch {
  std::vector<Candidate> candidates;
  std::string error;  // set when there are none: a sentence for the diagnostic
};

// Remembers what it has looked up: a text uses a few hundred names. Keys point into the text. Not
// thread-safe.
class NameMatcher {
 public:
  // `name` is written as in the text, "add.rn.f32". The reference holds until the next call.
  const NameMatch& Find(std::string_view name);

 private:
  absl::flat_hash_map<std::string_view, NameMatch> matches_;
};

NameMatch MatchName(std::string_view name);

}  // namespace tq::ptx
