#include "runtime/core/error_log.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>

namespace tq::core {
namespace {

std::string Line(CUlogLevel level, const std::string& text) {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  tm local;
  localtime_r(&now.tv_sec, &local);
  char prefix[64];
  snprintf(prefix, sizeof(prefix), "[%02d:%02d:%02d.%03ld][%d][CUDA][%c] ", local.tm_hour, local.tm_min,
           local.tm_sec, now.tv_nsec / 1000000, getpid(), level == CU_LOG_LEVEL_ERROR ? 'E' : 'W');
  return prefix + text + "\n";
}

}  // namespace

ErrorLog& ErrorLog::Get() {
  // Leaked: calls may fail in destructors that run after ours.
  static ErrorLog* const log = new ErrorLog;
  return *log;
}

void ErrorLog::Append(CUlogLevel level, std::string text) {
  std::string line = Line(level, text);
  if (line.size() > kMaxBytes) line.resize(kMaxBytes);
  std::vector<std::shared_ptr<LogsCallback>> callbacks;
  {
    std::lock_guard lock(mutex_);
    callbacks = callbacks_;
    bytes_ += line.size();
    entries_.push_back(line);
    while (bytes_ > kMaxBytes) {
      bytes_ -= entries_.front().size();
      entries_.pop_front();
      ++first_;
    }
  }
  for (const std::shared_ptr<LogsCallback>& callback : callbacks) callback->Call(level, line);
}

CUlogIterator ErrorLog::End() const {
  std::lock_guard lock(mutex_);
  return first_ + static_cast<CUlogIterator>(entries_.size());
}

ErrorLog::Lines ErrorLog::ReadFrom(CUlogIterator first) const {
  std::lock_guard lock(mutex_);
  Lines lines;
  lines.end = first_ + static_cast<CUlogIterator>(entries_.size());
  lines.are_truncated = first < first_;
  const size_t skipped = std::min<size_t>(first < first_ ? 0 : first - first_, entries_.size());
  lines.lines.assign(entries_.begin() + static_cast<ptrdiff_t>(skipped), entries_.end());
  return lines;
}

LogsCallback& ErrorLog::Register(CUlogsCallback function, void* user_data) {
  std::lock_guard lock(mutex_);
  return *callbacks_.emplace_back(std::make_shared<LogsCallback>(function, user_data));
}

void ErrorLog::Unregister(LogsCallback& callback) {
  std::lock_guard lock(mutex_);
  std::erase_if(callbacks_, [&](const auto& other) { return other.get() == &callback; });
}

}  // namespace tq::core
