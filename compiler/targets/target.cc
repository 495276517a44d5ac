#include "compiler/targets/target.h"

#include "absl/strings/str_cat.h"

namespace tq::targets {
namespace {

struct Row {
  std::string_view name;
  std::unique_ptr<Target> (*create)(std::string_view features);
};

constexpr Row kTargets[] = {
    {"x86_64-cpu", CreateX86Target},
    {"riscv64-tqgpu", CreateRiscvTarget},
};

// LLVM prints a warning for a feature it does not know, to the program's stderr; the string comes from
// outside.
bool IsFeatureList(std::string_view features) {
  for (char c : features) {
    bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == ',' ||
                   c == '.' || c == '_';
    if (!allowed) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Target>> CreateTarget(std::string_view name, std::string_view features) {
  if (!IsFeatureList(features)) {
    return absl::OutOfRangeError(
        absl::StrCat("The feature string (", std::string(features), ") is malformed."));
  }
  for (const Row& row : kTargets) {
    if (row.name == name) return row.create(features);
  }
  return absl::OutOfRangeError(absl::StrCat("There is no compiler target (", std::string(name), ")."));
}

}  // namespace tq::targets
