#include "runtime/cuda/entry.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "runtime/core/error.h"
#include "runtime/core/error_log.h"
#include "runtime/cuda/error_names.h"

namespace tq::cuda {
namespace {

void Report(const char* api, CUresult code, absl::string_view text) {
  const char* name = ErrorName(code);
  std::string line = absl::StrCat(api, ": ", name == nullptr ? "an unknown code" : name, ": ", text);
  Log(LogLevel::kInfo, "%s", line.c_str());
  core::ErrorLog::Get().Append(CU_LOG_LEVEL_ERROR, std::move(line));
}

}  // namespace

CUresult RejectState(const char* api, CUresult code) {
  Report(api, code, ErrorText(code));
  return code;
}

CUresult RejectNull(const char* api, const char* argument) {
  Report(api, CUDA_ERROR_INVALID_VALUE, absl::StrCat("the argument `", argument, "` is null."));
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult RejectHandle(const char* api, const char* argument, CUresult code) {
  Report(api, code, absl::StrCat("the argument `", argument, "` is not a live object of its type."));
  return code;
}

CUresult RecordError(const char* api, const absl::Status& status) {
  const CUresult code = core::ToCuResult(status);
  // A poll that finds unfinished work is no error.
  if (code != CUDA_ERROR_NOT_READY) Report(api, code, status.message());
  return code;
}

void ReportNotImplemented(const char* api, std::atomic<bool>& said) {
  if (said.exchange(true, std::memory_order_relaxed)) return;
  Log(LogLevel::kWarn, "%s is not implemented; it returns CUDA_ERROR_NOT_SUPPORTED.", api);
}

}  // namespace tq::cuda
