#include "runtime/core/async_notification.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "base/usage_record.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/usage_report.h"

namespace tq::core {
namespace {

thread_local bool in_callback = false;

absl::Status CheckPermitted() {
  if (!in_callback) return absl::OkStatus();
  return CudaError(CUDA_ERROR_NOT_PERMITTED,
                   "a notification's callback may not register or unregister callbacks");
}

// What this process would have to give back for all processes to fit the device.
uint64_t BytesOverBudget(const Device& device, const std::vector<ProcessUsage>& processes) {
  uint64_t own = 0, all = 0;
  for (const ProcessUsage& process : processes) {
    for (const DeviceUsage& usage : process.devices) {
      if (std::memcmp(usage.uuid.data(), device.info().uuid, usage.uuid.size()) != 0) continue;
      all += usage.memory_used_bytes;
      if (process.pid == getpid()) own += usage.memory_used_bytes;
    }
  }
  const uint64_t total = device.info().memory_bytes;
  return all > total ? std::min(own, all - total) : 0;
}

}  // namespace

AsyncNotifications& AsyncNotifications::Get() {
  static auto* const notifications = new AsyncNotifications;  // as long as Process
  return *notifications;
}

absl::StatusOr<AsyncCallback*> AsyncNotifications::Register(const Device& device, CUasyncCallback function,
                                                            void* user_data) {
  if (absl::Status permitted = CheckPermitted(); !permitted.ok()) return permitted;
  ReportUsage();
  const std::lock_guard lock(mutex_);
  return callbacks_.emplace_back(std::make_unique<AsyncCallback>(device, function, user_data)).get();
}

absl::Status AsyncNotifications::Unregister(const Device& device, AsyncCallback& callback) {
  if (absl::Status permitted = CheckPermitted(); !permitted.ok()) return permitted;
  if (&callback.device() != &device)
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the callback was registered on another device");
  const std::lock_guard lock(mutex_);
  std::erase_if(callbacks_, [&](const auto& other) { return other.get() == &callback; });
  return absl::OkStatus();
}

void AsyncNotifications::CheckBudgets() {
  const std::lock_guard lock(mutex_);
  if (callbacks_.empty()) return;
  const std::vector<ProcessUsage> processes = ReadUsage();
  std::set<const Device*> devices;
  for (const auto& callback : callbacks_) devices.insert(&callback->device());
  for (const Device* const device : devices) {
    const uint64_t over = BytesOverBudget(*device, processes);
    uint64_t& told = told_bytes_[device];
    const bool is_worse = over > told;
    told = over;
    if (!is_worse) continue;
    for (const auto& callback : callbacks_) {
      if (&callback->device() != device) continue;
      CUasyncNotificationInfo info = {};
      info.type = CU_ASYNC_NOTIFICATION_TYPE_OVER_BUDGET;
      info.info.overBudget.bytesOverBudget = over;
      in_callback = true;
      callback->Call(info);
      in_callback = false;
    }
  }
}

}  // namespace tq::core
