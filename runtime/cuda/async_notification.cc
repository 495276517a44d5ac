#include "runtime/core/async_notification.h"

#include <cuda.h>

#include "api/device.h"
#include "base/status.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"

namespace tq::cuda::impl {

absl::Status cuDeviceRegisterAsyncNotification(core::Device& device, CUasyncCallback callbackFunc,
                                               void* userData, CUasyncCallbackHandle* callback) {
  if (callbackFunc == nullptr) return core::CudaError(CUDA_ERROR_INVALID_VALUE, "callbackFunc is null");
  ASSIGN_OR_RETURN(const core::AsyncCallback* const registered,
                   core::AsyncNotifications::Get().Register(device, callbackFunc, userData));
  *callback = registered->handle();
  return absl::OkStatus();
}

absl::Status cuDeviceUnregisterAsyncNotification(core::Device& device, core::AsyncCallback& callback) {
  return core::AsyncNotifications::Get().Unregister(device, callback);
}

}  // namespace tq::cuda::impl
