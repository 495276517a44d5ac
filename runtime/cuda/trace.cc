#include "runtime/cuda/trace.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include "absl/strings/str_split.h"
#include "base/knobs.h"
#include "base/log.h"
#include "runtime/cuda/error_names.h"

namespace tq::cuda {
namespace {

thread_local constinit Trace* t_innermost = nullptr;

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool TracesApi() {
  for (absl::string_view item : absl::StrSplit(Knobs().trace, ',')) {
    if (item == "api") return true;
  }
  return false;
}

// "[1234] " on threads other than the first, so that the lines of a thread can be picked out.
const char* ThreadPrefix() {
  thread_local char prefix[16] = "";
  thread_local bool is_known = false;
  if (!is_known) {
    is_known = true;
    const auto tid = static_cast<pid_t>(syscall(SYS_gettid));
    if (tid != getpid()) snprintf(prefix, sizeof(prefix), "[%d] ", tid);
  }
  return prefix;
}

}  // namespace

const bool Trace::is_on_ = TracesApi();

Trace::Trace(const char* api)
    : api_(api),
      parent_(t_innermost),
      depth_(parent_ == nullptr ? 0 : parent_->depth_ + 1),
      start_ns_(NowNs()) {
  if (parent_ != nullptr) parent_->Open();
  t_innermost = this;
}

Trace::~Trace() { t_innermost = parent_; }

void Trace::Open() {
  if (is_open_) return;
  is_open_ = true;
  TraceLine("%s%*s%s(%s) {", ThreadPrefix(), 2 * depth_, "", api_, text_.text());
}

CUresult Trace::End(CUresult code) {
  const double microseconds = static_cast<double>(NowNs() - start_ns_) / 1000;
  char number[16];
  const char* name = ErrorName(code);
  if (name == nullptr) {
    snprintf(number, sizeof(number), "%d", static_cast<int>(code));
    name = number;
  }
  const char* arrow = results_.empty() ? "" : " -> ";
  if (is_open_) {
    TraceLine("%s%*s} %s = %s%s%s [%.1f us]", ThreadPrefix(), 2 * depth_, "", api_, name, arrow,
              results_.text(), microseconds);
  } else {
    TraceLine("%s%*s%s(%s) = %s%s%s [%.1f us]", ThreadPrefix(), 2 * depth_, "", api_, text_.text(), name,
              arrow, results_.text(), microseconds);
  }
  return code;
}

}  // namespace tq::cuda
