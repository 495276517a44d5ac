// Host functions of a context's streams (cuLaunchHostFunc, cuStreamAddCallback). One thread runs them all,
// each stream's in order, as soon as the device has reached the point before it; it starts with the first
// one.
//
// CUDA lets functions of different streams run in any order and one at a time, and forbids API calls in them;
// InHostFunction() is how those calls are refused with CUDA_ERROR_NOT_PERMITTED.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "runtime/core/timeline.h"

namespace tq::core {

class Context;

class HostFunctions {
 public:
  explicit HostFunctions(Context& context) : context_(context) {}
  ~HostFunctions();  // runs what is left, then joins

  struct Call {
    TimelinePoint after;  // runs once this is reached
    TimelinePoint done;   // signalled afterwards
    std::function<void(hal_status)> function;
  };
  absl::Status Enqueue(Call call);

  static bool InHostFunction();

 private:
  void Run();
  void Wake();  // needs mutex_

  Context& context_;
  std::mutex mutex_;
  std::thread thread_;
  Ref<Timeline> wake_;  // raised when there is something new to look at
  bool stop_ = false;
  std::map<Timeline*, std::deque<Call>> calls_;  // by stream; no entry is empty
};

}  // namespace tq::core
