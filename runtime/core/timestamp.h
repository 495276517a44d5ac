// Eight bytes that the device writes its time into, for events. Cut from one allocation per 512 of them,
// since a piece of memory of its own for each event would cost a page and a system call. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "hal/include/tianqiao/hal.h"
#include "runtime/core/timeline.h"

namespace tq::core {

class Allocation;
class Context;
class TimestampPool;

class Timestamp {
 public:
  Timestamp(TimestampPool* pool, hal_va va, const uint64_t* host_ptr)
      : pool_(pool), va_(va), host_ptr_(host_ptr) {}
  Timestamp(Timestamp&& other) noexcept;
  ~Timestamp();

  // Instead of at once, when destroyed.
  void GiveBackAfter(const TimelinePoint& point) { after_ = point; }

  hal_va va() const { return va_; }
  uint64_t nanoseconds() const { return __atomic_load_n(host_ptr_, __ATOMIC_ACQUIRE); }

 private:
  friend class TimestampPool;
  TimestampPool* pool_;
  hal_va va_;
  const uint64_t* host_ptr_;
  TimelinePoint after_;
};

class TimestampPool {
 public:
  explicit TimestampPool(Context& context);
  ~TimestampPool();
  absl::StatusOr<Timestamp> Take();

 private:
  friend class Timestamp;
  struct Slot {
    hal_va va;
    const uint64_t* host_ptr;
  };
  void GiveBack(Slot slot, const TimelinePoint& after);

  Context& context_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Allocation>> pages_;
  std::vector<Slot> free_;
  std::vector<std::pair<TimelinePoint, Slot>> pending_;  // free once the point is reached
};

}  // namespace tq::core
