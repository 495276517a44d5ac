// How far a stream has come: a timeline semaphore and the value of the work submitted last. Events, waits
// between streams and graph edges are {timeline, value} pairs; a timeline outlives its stream while something
// refers to it.
//
// Values rise by one per submission and are published only after the submission, so whoever waits for a
// published value waits for work that the device has: waits never form a cycle.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "base/ref.h"
#include "hal/semaphore.h"

namespace tq::core {

class Device;

class Timeline : public RefCounted {
 public:
  static absl::StatusOr<Ref<Timeline>> Create(const Device& device);
  // Of a semaphore that somebody else signals.
  static Ref<Timeline> Adopt(const Device& device, hal::Semaphore semaphore);

  hal_sem* semaphore() const { return semaphore_.get(); }
  uint64_t submitted() const { return submitted_.load(std::memory_order_acquire); }
  // By the stream that owns the timeline, under its lock.
  void Publish(uint64_t value) { submitted_.store(value, std::memory_order_release); }

  // From the host, for work that the host does (host functions).
  void Signal(uint64_t value) { static_cast<void>(hal_.sem_signal(semaphore(), value)); }

  void Poison(hal_status reason) { static_cast<void>(hal_.sem_poison(semaphore(), reason)); }

  // HAL_OK: reached. HAL_TIMEOUT: not yet. Else what the work failed with. Any thread.
  hal_status Query(uint64_t value);
  // `deadline_ns` of CLOCK_MONOTONIC, HAL_NO_DEADLINE: none.
  hal_status Wait(uint64_t value, uint64_t deadline_ns);

 private:
  Timeline(const hal_backend& hal, hal::Semaphore semaphore) : hal_(hal), semaphore_(std::move(semaphore)) {}

  const hal_backend& hal_;
  hal::Semaphore semaphore_;
  std::atomic<uint64_t> submitted_{0};
  std::atomic<uint64_t> reached_{0};  // highest value seen to be reached; spares the HAL call
};

struct TimelinePoint {
  Ref<Timeline> timeline;  // null: nothing to wait for
  uint64_t value = 0;

  bool Reached() const { return !timeline || timeline->Query(value) == HAL_OK; }
};

}  // namespace tq::core
