// Callbacks that cuDeviceRegisterAsyncNotification registers (CUDA driver API, "Async Notification"). A
// process is told that it is over its budget when the memory that it uses of a device and the memory that
// others use no longer fit the device together: what is too much is its own to give back. The thread that
// tells monitors what this process uses looks at that (usage_report.h), five times a second. Thread-safe.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/core/handle.h"

namespace tq::core {

class Device;

class AsyncCallback {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kAsyncCallback;

  AsyncCallback(const Device& device, CUasyncCallback function, void* user_data)
      : device_(device), function_(function), user_data_(user_data) {}
  CUasyncCallbackHandle handle() const { return handle_.as<CUasyncCallbackHandle>(); }
  const Device& device() const { return device_; }
  void Call(CUasyncNotificationInfo& info) const { function_(&info, user_data_, handle()); }

 private:
  const Device& device_;
  const CUasyncCallback function_;
  void* const user_data_;
  Handle<AsyncCallback> handle_{this};
};

class AsyncNotifications {
 public:
  static AsyncNotifications& Get();

  // CUDA_ERROR_NOT_PERMITTED inside a callback, both.
  absl::StatusOr<AsyncCallback*> Register(const Device& device, CUasyncCallback function, void* user_data);
  // CUDA_ERROR_INVALID_VALUE for one of another device. Waits for a call in progress.
  absl::Status Unregister(const Device& device, AsyncCallback& callback);

  // Looks at the budgets, and calls whoever has to be told: when one is exceeded, and when it is by more than
  // before.
  void CheckBudgets();

 private:
  AsyncNotifications() = default;

  std::mutex mutex_;  // held during calls: they are serialized, and none runs after Unregister
  std::vector<std::unique_ptr<AsyncCallback>> callbacks_;
  std::map<const Device*, uint64_t> told_bytes_;  // over budget; none: was not
};

}  // namespace tq::core
