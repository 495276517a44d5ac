#include "runtime/core/timeline.h"

#include "base/status.h"
#include "runtime/core/device.h"
#include "runtime/core/hal_error.h"

namespace tq::core {

absl::StatusOr<Ref<Timeline>> Timeline::Create(const Device& device) {
  absl::StatusOr<hal::Semaphore> semaphore =
      hal::Semaphore::Create(device.hal().backend(), device.hal().get(), 0);
  if (!semaphore.ok()) return FromHal(semaphore.status());
  return Ref<Timeline>(new Timeline(device.table(), *std::move(semaphore)));
}

Ref<Timeline> Timeline::Adopt(const Device& device, hal::Semaphore semaphore) {
  return Ref<Timeline>(new Timeline(device.table(), std::move(semaphore)));
}

hal_status Timeline::Query(uint64_t value) {
  if (reached_.load(std::memory_order_acquire) >= value) return HAL_OK;
  uint64_t reached = 0;
  if (const hal_status status = hal_.sem_query(semaphore(), &reached); status != HAL_OK) return status;
  // A racing store of a smaller value only costs another query.
  reached_.store(reached, std::memory_order_release);
  return reached >= value ? HAL_OK : HAL_TIMEOUT;
}

hal_status Timeline::Wait(uint64_t value, uint64_t deadline_ns) {
  if (const hal_status status = Query(value); status != HAL_TIMEOUT) return status;
  const hal_sem_point point = {semaphore(), value};
  return hal_.sem_wait(&point, 1, 0, deadline_ns);
}

}  // namespace tq::core
