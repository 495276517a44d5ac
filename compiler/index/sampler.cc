#include "compiler/index/sampler.h"

#include <string>

#include "base/texture_abi.h"
#include "compiler/index/cursor.h"

namespace tq::ptx {
namespace {

struct Word {
  std::string_view name;
  uint8_t value;
};
constexpr Word kAddressModes[] = {
    {"wrap", TQ_ADDRESS_WRAP},
    {"mirror", TQ_ADDRESS_MIRROR},
    {"clamp_ogl", TQ_ADDRESS_CLAMP},
    {"clamp_to_edge", TQ_ADDRESS_CLAMP},
    {"clamp_to_border", TQ_ADDRESS_BORDER},
};
constexpr Word kFilters[] = {{"nearest", TQ_FILTER_NEAREST}, {"linear", TQ_FILTER_LINEAR}};
constexpr Word kSwitch[] = {{"0", 0}, {"1", 1}};

template <size_t kCount>
bool Find(const Word (&words)[kCount], std::string_view name, uint8_t& value) {
  for (const Word& word : words) {
    if (word.name != name) continue;
    value = word.value;
    return true;
  }
  return false;
}

bool Set(SamplerState& state, std::string_view field, std::string_view value) {
  constexpr std::string_view kAddress = "addr_mode_";
  if (field.size() == kAddress.size() + 1 && field.substr(0, kAddress.size()) == kAddress) {
    const size_t axis = static_cast<size_t>(field.back() - '0');
    return axis < 3 && Find(kAddressModes, value, state.address_mode[axis]);
  }
  if (field == "filter_mode") return Find(kFilters, value, state.filter);
  uint8_t on = 0;
  if (field != "force_unnormalized_coords" || !Find(kSwitch, value, on)) return false;
  state.force_unnormalized = on != 0;
  return true;
}

}  // namespace

absl::StatusOr<SamplerState> ReadSampler(const ModuleIndex& index, const Statement& statement,
                                         std::string_view text) {
  SamplerState state = {{TQ_ADDRESS_CLAMP, TQ_ADDRESS_CLAMP, TQ_ADDRESS_CLAMP}, TQ_FILTER_NEAREST, false};
  if (!index.Variable(statement).has_initializer) return state;
  if (text.size() != index.text_size_bytes())
    return absl::InternalError("the text is not the one that was indexed");
  Cursor cursor(text.substr(statement.range.offset, statement.range.size_bytes), statement.range.line);
  Token token = cursor.Next();
  while (token.kind != TokenKind::kEnd && !token.Is("{")) token = cursor.Next();
  for (token = cursor.Next(); !token.Is("}"); token = cursor.Next()) {
    if (token.Is(",")) continue;
    const size_t at = cursor.offset() - token.text.size();
    const bool has_value = cursor.Next().Is("=");
    const Token value = cursor.Next();
    if (!has_value || !Set(state, token.text, value.text)) {
      return cursor.ErrorAt(at, token.line, "no state of a sampler.");
    }
  }
  return state;
}

}  // namespace tq::ptx
