// Timeline semaphore. Thread-safe; see hal.h for poison.
#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "hal/handle.h"

namespace tq::hal {

class Semaphore {
 public:
  static absl::StatusOr<Semaphore> Create(const hal_backend* backend, hal_device* device,
                                          uint64_t initial_value);
  static absl::StatusOr<Semaphore> Import(const hal_backend* backend, hal_device* device,
                                          const hal_shared_handle& handle);

  // The current value, or the status that a failed producer left.
  absl::StatusOr<uint64_t> Query() const;
  absl::Status Signal(uint64_t value);
  absl::Status Poison(hal_status status);
  // DeadlineExceeded when `deadline_ns` (CLOCK_MONOTONIC) passes first.
  absl::Status Wait(uint64_t value, uint64_t deadline_ns = HAL_NO_DEADLINE) const;
  absl::StatusOr<hal_shared_handle> Export(hal_handle_kind kind) const;

  hal_sem* get() const { return handle_.get(); }

 private:
  Handle<hal_sem, &hal_backend::sem_destroy> handle_;
};

enum class WaitMode { kAll, kAny };
absl::Status WaitSemaphores(const hal_backend* backend, std::span<const hal_sem_point> points, WaitMode mode,
                            uint64_t deadline_ns);

}  // namespace tq::hal
