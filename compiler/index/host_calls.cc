#include "compiler/index/host_calls.h"

#include <array>

namespace tq::ptx {
namespace {

constexpr auto kNames = std::to_array<std::string_view>({
#define TQ_HOST_CALL(enumerator, name) name,
#include "compiler/index/host_calls.def"
#undef TQ_HOST_CALL
});

constexpr std::string_view kSecondVersion = "__cudaCDP2", kFirstVersion = "cuda", kPerThread = "_ptsz";

}  // namespace

std::optional<HostCall> FindHostCall(std::string_view name) {
  // Most names that are looked up are none of these.
  if (!name.starts_with("cuda") && !name.starts_with("__cuda")) return std::nullopt;
  if (name.ends_with(kPerThread)) name.remove_suffix(kPerThread.size());
  const bool is_second = name.starts_with(kSecondVersion);
  if (is_second) name.remove_prefix(kSecondVersion.size());
  for (size_t i = 0; i < kNames.size(); ++i) {
    std::string_view known = kNames[i];
    if (is_second) {
      if (!known.starts_with(kFirstVersion)) continue;
      known.remove_prefix(kFirstVersion.size());
    }
    if (known == name) return static_cast<HostCall>(i);
  }
  return std::nullopt;
}

}  // namespace tq::ptx
