#include <cuda.h>

#include "api/launch.h"
#include "runtime/core/capture.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

absl::Status cuLaunchHostFunc(core::Stream& hStream, CUhostFn fn, void* userData) {
  if (fn == nullptr) return core::CudaError(CUDA_ERROR_INVALID_VALUE, "the function is null");
  if (hStream.capture() != nullptr) return core::Capture::Add(hStream, core::HostOperation{fn, userData});
  return hStream.CallHost([=](int) { fn(userData); }, core::Stream::OnError::kSkip);
}

}  // namespace tq::cuda::impl
