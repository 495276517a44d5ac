#include "tests/ptx/handle_line.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tq::ptx_test {
namespace {

struct TexelWord {
  const char* name;
  tq_texel texel;
  uint8_t channel_bytes;
};
constexpr TexelWord kTexels[] = {
    {"u8", TQ_TEXEL_U8, 1},         {"u16", TQ_TEXEL_U16, 2},         {"u32", TQ_TEXEL_U32, 4},
    {"s8", TQ_TEXEL_S8, 1},         {"s16", TQ_TEXEL_S16, 2},         {"s32", TQ_TEXEL_S32, 4},
    {"f16", TQ_TEXEL_F16, 2},       {"f32", TQ_TEXEL_F32, 4},         {"unorm8", TQ_TEXEL_UNORM8, 1},
    {"snorm8", TQ_TEXEL_SNORM8, 1}, {"unorm16", TQ_TEXEL_UNORM16, 2}, {"snorm16", TQ_TEXEL_SNORM16, 2},
};
constexpr const char* kFilters[] = {"nearest", "linear"};
constexpr const char* kAddressModes[] = {"wrap", "clamp", "mirror", "border"};
struct FlagWord {
  const char* name;
  tq_texture_flags flag;
};
constexpr FlagWord kFlags[] = {{"normalized", TQ_TEXTURE_NORMALIZED},
                               {"seamless", TQ_TEXTURE_SEAMLESS},
                               {"buffer", TQ_TEXTURE_BUFFER},
                               {"layered", TQ_TEXTURE_LAYERED}};

absl::Status Bad(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not a part of a handle's line (", what, ")"));
}

bool SetWord(tq_texture& out, const std::string& word) {
  for (uint8_t i = 0; i < 2; ++i) {
    if (word == kFilters[i]) return out.filter = out.mip_filter = i, true;
  }
  for (uint8_t i = 0; i < 4; ++i) {
    if (word == kAddressModes[i]) return std::fill_n(out.address_mode, 3, i), true;
  }
  for (const FlagWord& row : kFlags) {
    if (word == row.name) return out.flags |= row.flag, true;
  }
  return false;
}

// f32x4
bool SetTexel(tq_texture& out, const std::string& word) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(word, 'x');
  int channels = 0;
  if (!absl::SimpleAtoi(parts.second, &channels)) return false;
  for (const TexelWord& row : kTexels) {
    if (parts.first != row.name) continue;
    out.texel = static_cast<uint8_t>(row.texel);
    out.channels = static_cast<uint8_t>(channels);
    out.texel_bytes = static_cast<uint8_t>(row.channel_bytes * channels);
    return true;
  }
  return false;
}

// 4x2x1
bool SetSize(tq_texture& out, const std::string& word) {
  const std::vector<std::string> sides = absl::StrSplit(word, 'x');
  tq_texture_level& level = out.levels[0];
  if (sides.size() != 3 || !absl::SimpleAtoi(sides[0], &level.width) ||
      !absl::SimpleAtoi(sides[1], &level.height) || !absl::SimpleAtoi(sides[2], &level.slices)) {
    return false;
  }
  level.row_pitch_bytes = uint64_t{level.width} * out.texel_bytes;
  level.slice_pitch_bytes = level.row_pitch_bytes * level.height;
  return true;
}

}  // namespace

absl::StatusOr<HandleVariable> ParseHandleLine(
    tq_texture_kind kind, const std::string& text,
    absl::StatusOr<std::vector<Value>> (*values)(const std::string& text)) {
  HandleVariable variable;
  const std::pair<std::string, std::string> halves = absl::StrSplit(text, absl::MaxSplits('=', 1));
  variable.name = std::string(absl::StripAsciiWhitespace(halves.first));
  tq_texture& out = variable.contents;
  out.kind = static_cast<uint8_t>(kind);
  out.level_count = 1;
  std::string rest = halves.second;
  if (const size_t list = rest.find('['); list != std::string::npos) {
    absl::StatusOr<std::vector<Value>> texels = values(rest.substr(list));
    if (!texels.ok()) return texels.status();
    variable.texels = *std::move(texels);
    rest.resize(list);
  }
  std::vector<std::string> words = absl::StrSplit(rest, ' ', absl::SkipWhitespace());
  if (kind != TQ_TEXTURE_SAMPLER) {
    if (words.size() < 2 || !SetTexel(out, words[0]) || !SetSize(out, words[1])) return Bad(rest);
    words.erase(words.begin(), words.begin() + 2);
  }
  for (const std::string& word : words) {
    if (!SetWord(out, word)) return Bad(word);
  }
  return variable;
}

}  // namespace tq::ptx_test
