// The log of failed calls that programs read with cuLogs*: the newest entries, in a buffer of the size that
// CUDA documents, and callbacks that are told of each new one. Thread-safe; costs something only when a call
// fails.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/core/handle.h"

namespace tq::core {

// A registered callback, which CUlogsCallbackHandle names.
class LogsCallback {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kLogsCallback;

  LogsCallback(CUlogsCallback function, void* user_data) : function_(function), user_data_(user_data) {}
  CUlogsCallbackHandle handle() const { return handle_.as<CUlogsCallbackHandle>(); }
  void Call(CUlogLevel level, std::string line) const {
    function_(user_data_, level, line.data(), line.size());
  }

 private:
  const CUlogsCallback function_;
  void* const user_data_;
  Handle<LogsCallback> handle_{this};
};

class ErrorLog {
 public:
  static constexpr size_t kMaxBytes = 25600;

  static ErrorLog& Get();

  // `text` is one line, without its end. Callbacks run on this thread, outside the lock.
  void Append(CUlogLevel level, std::string text);

  // Entries are numbered from 0; the number that the next one gets.
  CUlogIterator End() const;

  struct Lines {
    std::vector<std::string> lines;  // oldest first, each with its '\n'
    bool are_truncated = false;      // older ones had to make room
    CUlogIterator end = 0;
  };
  Lines ReadFrom(CUlogIterator first) const;

  LogsCallback& Register(CUlogsCallback function, void* user_data);
  // No call of it begins after the return; one that another thread is in may still be running.
  void Unregister(LogsCallback& callback);

 private:
  ErrorLog() = default;

  mutable std::mutex mutex_;
  std::deque<std::string> entries_;
  size_t bytes_ = 0;
  CUlogIterator first_ = 0;  // number of entries_.front()
  std::vector<std::shared_ptr<LogsCallback>> callbacks_;
};

}  // namespace tq::core
