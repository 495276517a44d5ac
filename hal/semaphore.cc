#include "hal/semaphore.h"

#include "hal/error.h"

namespace tq::hal {

absl::StatusOr<Semaphore> Semaphore::Create(const hal_backend* backend, hal_device* device,
                                            uint64_t initial_value) {
  hal_sem* sem = nullptr;
  const hal_status status = backend->sem_create(device, initial_value, &sem);
  if (status != HAL_OK) return ToStatus(status, "sem_create");
  Semaphore result;
  result.handle_ = {backend, sem};
  return result;
}

absl::StatusOr<Semaphore> Semaphore::Import(const hal_backend* backend, hal_device* device,
                                            const hal_shared_handle& handle) {
  hal_sem* sem = nullptr;
  const hal_status status = backend->sem_import(device, &handle, &sem);
  if (status != HAL_OK) return ToStatus(status, "sem_import");
  Semaphore result;
  result.handle_ = {backend, sem};
  return result;
}

absl::StatusOr<uint64_t> Semaphore::Query() const {
  uint64_t value = 0;
  const hal_status status = handle_.table().sem_query(get(), &value);
  if (status != HAL_OK) return ToStatus(status, "sem_query");
  return value;
}

absl::Status Semaphore::Signal(uint64_t value) {
  return ToStatus(handle_.table().sem_signal(get(), value), "sem_signal");
}

absl::Status Semaphore::Poison(hal_status status) {
  return ToStatus(handle_.table().sem_poison(get(), status), "sem_poison");
}

absl::Status Semaphore::Wait(uint64_t value, uint64_t deadline_ns) const {
  const hal_sem_point point = {get(), value};
  return WaitSemaphores(&handle_.table(), {&point, 1}, WaitMode::kAll, deadline_ns);
}

absl::StatusOr<hal_shared_handle> Semaphore::Export(hal_handle_kind kind) const {
  hal_shared_handle handle = {.size = sizeof handle};
  const hal_status status = handle_.table().sem_export(get(), kind, &handle);
  if (status != HAL_OK) return ToStatus(status, "sem_export");
  return handle;
}

absl::Status WaitSemaphores(const hal_backend* backend, std::span<const hal_sem_point> points, WaitMode mode,
                            uint64_t deadline_ns) {
  return ToStatus(backend->sem_wait(points.data(), points.size(), mode == WaitMode::kAny, deadline_ns),
                  "sem_wait");
}

}  // namespace tq::hal
