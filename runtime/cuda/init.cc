#include "api/init.h"

#include <cuda.h>

#include "absl/strings/str_cat.h"
#include "base/knobs.h"
#include "base/status.h"
#include "runtime/core/error.h"
#include "runtime/core/process.h"

namespace tq::cuda::impl {

absl::Status cuInit(unsigned int Flags) {
  if (Flags != 0) {
    return core::CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are not 0 (", Flags, ")"));
  }
  return core::Process::Get().Init();
}

absl::Status cuDriverGetVersion(int* driverVersion) {
  *driverVersion = static_cast<int>(Knobs().driver_version);
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
