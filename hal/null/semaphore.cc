// Timeline semaphores. Nothing runs later, so a value that is not reached when asked for is reached only by
// another host thread: waiting polls. Your backend waits on a syncobj or an interrupt.
#include <time.h>

#include <new>

#include "hal/null/objects.h"

namespace tq::hal::null {

hal_status SemCreate(hal_device* device, uint64_t initial_value, hal_sem** out) {
  *out = new (std::nothrow) hal_sem{.value = {initial_value}};
  return *out == nullptr ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

void SemDestroy(hal_sem* sem) { delete sem; }

hal_status SemQuery(hal_sem* sem, uint64_t* value) {
  *value = sem->value;
  return static_cast<hal_status>(sem->status.load());
}

// The timeline never goes back.
hal_status SemSignal(hal_sem* sem, uint64_t value) {
  uint64_t old = sem->value;
  while (old < value && !sem->value.compare_exchange_weak(old, value)) {
  }
  return HAL_OK;
}

hal_status SemPoison(hal_sem* sem, hal_status status) {
  uint32_t expected = HAL_OK;  // the first failure is the one that is told
  sem->status.compare_exchange_strong(expected, status);
  return HAL_OK;
}

hal_status SemWait(const hal_sem_point* points, size_t count, uint32_t any, uint64_t deadline_ns) {
  for (;;) {
    size_t reached = 0;
    for (size_t i = 0; i < count; ++i) {
      if (const uint32_t status = points[i].sem->status; status != HAL_OK)
        return static_cast<hal_status>(status);
      if (points[i].sem->value >= points[i].value) ++reached;
    }
    if (reached == count || (any != 0 && reached > 0)) return HAL_OK;
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    if (uint64_t(time.tv_sec) * 1000000000 + time.tv_nsec >= deadline_ns) return HAL_TIMEOUT;
    const timespec pause = {0, 100000};
    nanosleep(&pause, nullptr);
  }
}

hal_status SemExport(hal_sem* sem, hal_handle_kind kind, hal_shared_handle* out) { return HAL_UNSUPPORTED; }

hal_status SemImport(hal_device* device, const hal_shared_handle* handle, hal_sem** out) {
  return HAL_UNSUPPORTED;
}

}  // namespace tq::hal::null
