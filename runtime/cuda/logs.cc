// cuLogs*: "CUDA Driver API", Error Log Management Functions.
#include "api/logs.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/error.h"
#include "runtime/core/error_log.h"

namespace tq::cuda::impl {
namespace {

constexpr std::string_view kTruncated = "Older entries of the log are left out here.\n";

absl::Status CheckFlags(unsigned flags) {
  if (flags == 0) return absl::OkStatus();
  return core::CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("The flags (", flags, ") are not 0."));
}

// What the iterator has not seen yet; without one, everything.
core::ErrorLog::Lines Unread(const CUlogIterator* iterator) {
  return core::ErrorLog::Get().ReadFrom(iterator == nullptr ? 0 : *iterator);
}

}  // namespace

absl::Status cuLogsRegisterCallback(CUlogsCallback callbackFunc, void* userData,
                                    CUlogsCallbackHandle* callback_out) {
  if (callbackFunc == nullptr) return core::CudaError(CUDA_ERROR_INVALID_VALUE, "The callback is null.");
  const core::LogsCallback& callback = core::ErrorLog::Get().Register(callbackFunc, userData);
  if (callback_out != nullptr) *callback_out = callback.handle();
  return absl::OkStatus();
}

absl::Status cuLogsUnregisterCallback(core::LogsCallback& callback) {
  core::ErrorLog::Get().Unregister(callback);
  return absl::OkStatus();
}

absl::Status cuLogsCurrent(CUlogIterator* iterator_out, unsigned int flags) {
  RETURN_IF_ERROR(CheckFlags(flags));
  *iterator_out = core::ErrorLog::Get().End();
  return absl::OkStatus();
}

absl::Status cuLogsDumpToFile(CUlogIterator* iterator, const char* pathToFile, unsigned int flags) {
  RETURN_IF_ERROR(CheckFlags(flags));
  const core::ErrorLog::Lines unread = Unread(iterator);
  FILE* const file = fopen(pathToFile, "w");
  if (file == nullptr) {
    return core::CudaError(
        CUDA_ERROR_INVALID_VALUE,
        absl::StrCat("The file (", pathToFile, ") cannot be written: ", strerror(errno), "."));
  }
  bool is_written = true;
  if (unread.are_truncated) is_written = fwrite(kTruncated.data(), kTruncated.size(), 1, file) == 1;
  for (const std::string& line : unread.lines) is_written &= fwrite(line.data(), line.size(), 1, file) == 1;
  is_written &= fclose(file) == 0;
  if (!is_written) {
    return core::CudaError(CUDA_ERROR_OPERATING_SYSTEM,
                           absl::StrCat("Writing the file (", pathToFile, ") fails."));
  }
  if (iterator != nullptr) *iterator = unread.end;
  return absl::OkStatus();
}

// The newest entries that fit, under a line that says so when some do not.
absl::Status cuLogsDumpToMemory(CUlogIterator* iterator, char* buffer, size_t* size, unsigned int flags) {
  RETURN_IF_ERROR(CheckFlags(flags));
  const core::ErrorLog::Lines unread = Unread(iterator);
  const size_t capacity = *size;
  *size = 0;
  if (capacity == 0) return core::CudaError(CUDA_ERROR_INVALID_VALUE, "The buffer has no room (0).");
  buffer[0] = '\0';
  if (unread.lines.empty()) return absl::OkStatus();

  size_t bytes = unread.are_truncated ? kTruncated.size() : 0;
  size_t first = unread.lines.size();
  bool is_cut = unread.are_truncated;
  while (first > 0 && bytes + unread.lines[first - 1].size() < capacity)
    bytes += unread.lines[--first].size();
  if (first > 0 && !is_cut) {
    is_cut = true;
    bytes += kTruncated.size();
    while (first < unread.lines.size() && bytes >= capacity) bytes -= unread.lines[first++].size();
  }
  if (first == unread.lines.size()) {
    return core::CudaError(CUDA_ERROR_INVALID_VALUE,
                           absl::StrCat("The buffer (", capacity, " bytes) holds no entry of the log."));
  }
  std::string text;
  if (is_cut) text = kTruncated;
  for (size_t i = first; i < unread.lines.size(); ++i) text += unread.lines[i];
  std::memcpy(buffer, text.c_str(), text.size() + 1);
  *size = text.size();
  if (iterator != nullptr) *iterator = unread.end;
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
