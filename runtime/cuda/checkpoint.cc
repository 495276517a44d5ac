#include "runtime/core/checkpoint.h"

#include <cuda.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "api/checkpoint.h"
#include "base/status.h"
#include "runtime/core/admission.h"
#include "runtime/core/error.h"

// None of these calls is locked: a process may unlock itself.
namespace tq::cuda::impl {

using core::CheckpointOperation;
using core::CheckpointRequest;
using core::CudaError;

namespace {

absl::Status CheckInitialized() {
  if (core::is_initialized.load(std::memory_order_acquire)) return absl::OkStatus();
  return CudaError(CUDA_ERROR_NOT_INITIALIZED, "cuInit comes first");
}

template <typename T>
absl::Status CheckReserved(absl::Span<const T> reserved) {
  if (std::all_of(reserved.begin(), reserved.end(), [](T value) { return value == 0; }))
    return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE, "the reserved part of the arguments is not zero");
}

absl::StatusOr<int> Request(int pid, const CheckpointRequest& request) {
  RETURN_IF_ERROR(CheckInitialized());
  return core::RequestCheckpoint(pid, request);
}

}  // namespace

absl::Status cuCheckpointProcessGetState(int pid, CUprocessState* state) {
  ASSIGN_OR_RETURN(const int value, Request(pid, {CheckpointOperation::kGetState, 0, {}}));
  *state = static_cast<CUprocessState>(value);
  return absl::OkStatus();
}

absl::Status cuCheckpointProcessGetRestoreThreadId(int pid, int* tid) {
  ASSIGN_OR_RETURN(*tid, Request(pid, {CheckpointOperation::kGetListener, 0, {}}));
  return absl::OkStatus();
}

absl::Status cuCheckpointProcessLock(int pid, CUcheckpointLockArgs* args) {
  CheckpointRequest request = {CheckpointOperation::kLock, 0, {}};
  if (args != nullptr) {
    RETURN_IF_ERROR(CheckReserved<cuuint64_t>(args->reserved1));
    RETURN_IF_ERROR(CheckReserved<unsigned>({&args->reserved0, 1}));
    request.timeout_ms = args->timeoutMs;
  }
  return Request(pid, request).status();
}

absl::Status cuCheckpointProcessCheckpoint(int pid, CUcheckpointCheckpointArgs* args) {
  if (args != nullptr) RETURN_IF_ERROR(CheckReserved<cuuint64_t>(args->reserved));
  return Request(pid, {CheckpointOperation::kSave, 0, {}}).status();
}

absl::Status cuCheckpointProcessRestore(int pid, CUcheckpointRestoreArgs* args) {
  CheckpointRequest request = {CheckpointOperation::kRestore, 0, {}};
  if (args != nullptr) {
    RETURN_IF_ERROR(CheckReserved<char>(args->reserved));
    RETURN_IF_ERROR(CheckReserved<cuuint64_t>({&args->reserved1, 1}));
    if (args->gpuPairsCount != 0 && args->gpuPairs == nullptr) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat(args->gpuPairsCount, " pairs are at no address"));
    }
    request.pairs.assign(args->gpuPairs, args->gpuPairs + args->gpuPairsCount);
  }
  return Request(pid, request).status();
}

absl::Status cuCheckpointProcessUnlock(int pid, CUcheckpointUnlockArgs* args) {
  if (args != nullptr) RETURN_IF_ERROR(CheckReserved<cuuint64_t>(args->reserved));
  return Request(pid, {CheckpointOperation::kUnlock, 0, {}}).status();
}

}  // namespace tq::cuda::impl
