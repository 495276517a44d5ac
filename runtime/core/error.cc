#include "runtime/core/error.h"

#include <cstring>
#include <string>

#include "absl/strings/cord.h"

namespace tq::core {
namespace {

constexpr char kPayload[] = "tianqiao/CUresult";

struct Mapping {
  CUresult code;
  absl::StatusCode canonical;
};

// Read from the left by CudaError (codes that are missing are kInternal), from the right by ToCuResult: there
// the first row wins.
constexpr Mapping kMappings[] = {
    {CUDA_SUCCESS, absl::StatusCode::kOk},
    {CUDA_ERROR_INVALID_VALUE, absl::StatusCode::kInvalidArgument},
    {CUDA_ERROR_OUT_OF_MEMORY, absl::StatusCode::kResourceExhausted},
    {CUDA_ERROR_NOT_SUPPORTED, absl::StatusCode::kUnimplemented},
    {CUDA_ERROR_NOT_FOUND, absl::StatusCode::kNotFound},
    {CUDA_ERROR_NOT_READY, absl::StatusCode::kUnavailable},
    {CUDA_ERROR_NOT_PERMITTED, absl::StatusCode::kPermissionDenied},
    {CUDA_ERROR_ILLEGAL_STATE, absl::StatusCode::kFailedPrecondition},
    {CUDA_ERROR_INVALID_VALUE, absl::StatusCode::kOutOfRange},
    {CUDA_ERROR_TIMEOUT, absl::StatusCode::kDeadlineExceeded},
    {CUDA_ERROR_ALREADY_MAPPED, absl::StatusCode::kAlreadyExists},
    {CUDA_ERROR_LAUNCH_FAILED, absl::StatusCode::kAborted},
    {CUDA_ERROR_INVALID_IMAGE, absl::StatusCode::kDataLoss},
    {CUDA_ERROR_DEINITIALIZED, absl::StatusCode::kCancelled},
    {CUDA_ERROR_NOT_PERMITTED, absl::StatusCode::kUnauthenticated},
    {CUDA_ERROR_UNKNOWN, absl::StatusCode::kInternal},
    {CUDA_ERROR_UNKNOWN, absl::StatusCode::kUnknown},
    {CUDA_ERROR_NOT_INITIALIZED, absl::StatusCode::kFailedPrecondition},
    {CUDA_ERROR_INVALID_DEVICE, absl::StatusCode::kInvalidArgument},
    {CUDA_ERROR_INVALID_CONTEXT, absl::StatusCode::kInvalidArgument},
    {CUDA_ERROR_INVALID_HANDLE, absl::StatusCode::kInvalidArgument},
    {CUDA_ERROR_INVALID_IMAGE, absl::StatusCode::kInvalidArgument},
    {CUDA_ERROR_INVALID_PTX, absl::StatusCode::kInvalidArgument},
    {CUDA_ERROR_NO_BINARY_FOR_GPU, absl::StatusCode::kNotFound},
    {CUDA_ERROR_FILE_NOT_FOUND, absl::StatusCode::kNotFound},
    {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, absl::StatusCode::kResourceExhausted},
    {CUDA_ERROR_LAUNCH_TIMEOUT, absl::StatusCode::kDeadlineExceeded},
};

absl::StatusCode CanonicalCode(CUresult code) {
  for (const Mapping& mapping : kMappings) {
    if (mapping.code == code) return mapping.canonical;
  }
  return absl::StatusCode::kInternal;
}

}  // namespace

absl::Status CudaError(CUresult code, std::string_view message) {
  if (code == CUDA_SUCCESS) return absl::OkStatus();
  absl::Status status(CanonicalCode(code), absl::string_view(message.data(), message.size()));
  std::string bytes(sizeof(code), '\0');
  std::memcpy(bytes.data(), &code, sizeof(code));
  status.SetPayload(kPayload, absl::Cord(bytes));
  return status;
}

absl::Status NotReady() {
  // Leaked: polls may come from threads that outlive main.
  static const absl::Status* const status =
      new absl::Status(CudaError(CUDA_ERROR_NOT_READY, "the work that was asked about has not finished"));
  return *status;
}

CUresult ToCuResult(const absl::Status& status) {
  if (status.ok()) return CUDA_SUCCESS;
  if (auto payload = status.GetPayload(kPayload); payload && payload->size() == sizeof(CUresult)) {
    CUresult code;
    const std::string bytes(*payload);
    std::memcpy(&code, bytes.data(), sizeof(code));
    return code;
  }
  for (const Mapping& mapping : kMappings) {
    if (mapping.canonical == status.code()) return mapping.code;
  }
  return CUDA_ERROR_UNKNOWN;
}

}  // namespace tq::core
