#include "runtime/cuda/entry.h"

#include <string>

#include "base/log.h"
#include "runtime/core/error.h"
#include "runtime/cuda/error_names.h"

namespace tq::cuda {
namespace {

const char* NameOf(CUresult code) {
  const char* name = ErrorName(code);
  return name == nullptr ? "an unknown code" : name;
}

}  // namespace

CUresult RejectState(const char* api, CUresult code) {
  Log(LogLevel::kInfo, "%s: %s: %s.", api, NameOf(code), ErrorText(code));
  return code;
}

CUresult RejectNull(const char* api, const char* argument) {
  Log(LogLevel::kInfo, "%s: CUDA_ERROR_INVALID_VALUE: the argument `%s` is null.", api, argument);
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult RejectHandle(const char* api, const char* argument, CUresult code) {
  Log(LogLevel::kInfo, "%s: %s: the argument `%s` is not a live object of its type.", api, NameOf(code),
      argument);
  return code;
}

CUresult RecordError(const char* api, const absl::Status& status) {
  const CUresult code = core::ToCuResult(status);
  // A poll that finds unfinished work is no error.
  if (code != CUDA_ERROR_NOT_READY && LogEnabled(LogLevel::kInfo)) {
    const std::string message(status.message());
    Log(LogLevel::kInfo, "%s: %s: %s", api, NameOf(code), message.c_str());
  }
  return code;
}

void ReportNotImplemented(const char* api, std::atomic<bool>& said) {
  if (said.exchange(true, std::memory_order_relaxed)) return;
  Log(LogLevel::kWarn, "%s is not implemented; it returns CUDA_ERROR_NOT_SUPPORTED.", api);
}

}  // namespace tq::cuda
