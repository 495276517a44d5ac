// Status macros over absl::Status. Debian 12's abseil (20220623) predates absl/status/status_macros.h;
// drop this file's macros when the dependency moves.
//
// One error currency per layer: runtime and hal return absl::Status; the exact CUDA or HAL code travels as
// a payload (see runtime/core/error.h, hal/error.h) and is turned into an API code once, at the boundary.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tq {

// A copy of `status` whose message is "CONTEXT: old message"; payloads and code are kept. OK stays OK.
absl::Status WithContext(absl::Status status, std::string_view context);

// A feature that Tianqiao lacks, as opposed to a mistake of the caller. Greppable on purpose.
absl::Status Unsupported(std::string_view what);

namespace status_internal {
inline absl::Status ToStatus(absl::Status status) { return status; }
template <typename T>
absl::Status ToStatus(absl::StatusOr<T> status_or) {
  return std::move(status_or).status();
}
}  // namespace status_internal

}  // namespace tq

#define TQ_CONCAT_INNER(a, b) a##b
#define TQ_CONCAT(a, b) TQ_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expr)                                                        \
  do {                                                                               \
    if (auto tq_status = ::tq::status_internal::ToStatus((expr)); !tq_status.ok()) { \
      return tq_status;                                                              \
    }                                                                                \
  } while (false)

#define ASSIGN_OR_RETURN(lhs, expr) ASSIGN_OR_RETURN_INNER(TQ_CONCAT(tq_status_or_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_INNER(tmp, lhs, expr)   \
  auto tmp = (expr);                             \
  if (!tmp.ok()) return std::move(tmp).status(); \
  lhs = *std::move(tmp)

// Programming errors of ours, never of the caller. Prints file:line and aborts.
#define TQ_CHECK(cond)                                                              \
  do {                                                                              \
    if (__builtin_expect(!(cond), 0)) ::tq::CheckFailed(__FILE__, __LINE__, #cond); \
  } while (false)
#ifdef NDEBUG
#define TQ_DCHECK(cond) static_cast<void>(sizeof(!(cond)))
#else
#define TQ_DCHECK(cond) TQ_CHECK(cond)
#endif

namespace tq {
[[noreturn]] void CheckFailed(const char* file, int line, const char* cond);
}
