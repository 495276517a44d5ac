#include "hal/cpu/options.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/knobs.h"

namespace tq::hal::cpu {
namespace {

struct OptionRow {
  const char* key;
  void (*set)(Options& options, const std::string& value);
};

constexpr OptionRow kRows[] = {
    {"devices",
     [](Options& options, const std::string& value) {
       options.devices = static_cast<uint32_t>(std::clamp<uint64_t>(ParseSizeBytes(value, 1), 1, 64));
     }},
    {"workers",
     [](Options& options, const std::string& value) {
       options.workers = static_cast<uint32_t>(std::min<uint64_t>(ParseSizeBytes(value, 0), 1024));
     }},
    {"memory",
     [](Options& options, const std::string& value) { options.memory_bytes = ParseSizeBytes(value, 0); }},
    {"features", [](Options& options, const std::string& value) { options.features = value; }},
    {"heap",
     [](Options& options, const std::string& value) {
       options.heap_bytes = ParseSizeBytes(value, options.heap_bytes);
     }},
    {"stack",
     [](Options& options, const std::string& value) {
       options.stack_bytes =
           std::clamp<uint64_t>(ParseSizeBytes(value, options.stack_bytes), 16 << 10, uint64_t{1} << 30);
     }},
    {"watchdog_ms",
     [](Options& options, const std::string& value) { options.watchdog_ms = ParseSizeBytes(value, 0); }},
};

}  // namespace

Options ParseOptions(const char* text, void (*log)(int level, const char* message)) {
  Options options;
  for (const absl::string_view pair :
       absl::StrSplit(text == nullptr ? "" : text, ',', absl::SkipWhitespace())) {
    const std::pair<std::string, std::string> item = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                   [&](const OptionRow& candidate) { return item.first == candidate.key; });
    if (row != std::end(kRows)) {
      row->set(options, item.second);
    } else if (log != nullptr) {
      log(1, absl::StrCat("The CPU device has no option of this name (", item.first, ").").c_str());
    }
  }
  return options;
}

}  // namespace tq::hal::cpu
