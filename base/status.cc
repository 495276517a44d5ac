#include "base/status.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace tq {

absl::Status WithContext(absl::Status status, std::string_view context) {
  if (status.ok()) return status;
  absl::Status out(status.code(),
                   absl::StrCat(absl::string_view(context.data(), context.size()), ": ", status.message()));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { out.SetPayload(url, payload); });
  return out;
}

absl::Status Unsupported(std::string_view what) {
  return absl::UnimplementedError(
      absl::StrCat(absl::string_view(what.data(), what.size()), " is not supported yet"));
}

void CheckFailed(const char* file, int line, const char* cond) {
  std::fprintf(stderr, "tianqiao: %s:%d: internal error: %s does not hold\n", file, line, cond);
  std::abort();
}

}  // namespace tq
