#include "hal/error.h"

#include <cstring>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace tq::hal {
namespace {

constexpr char kPayloadUrl[] = "tianqiao/hal_status";

struct StatusRow {
  hal_status status;
  absl::StatusCode code;
  const char* name;
  const char* meaning;
};

// Rows are in the order of the numbers: ToHalStatus takes the first row with a fitting code.
constexpr StatusRow kRows[] = {
    {HAL_OK, absl::StatusCode::kOk, "HAL_OK", "ok"},
    {HAL_TIMEOUT, absl::StatusCode::kDeadlineExceeded, "HAL_TIMEOUT", "the deadline passed"},
    {HAL_NOT_FOUND, absl::StatusCode::kNotFound, "HAL_NOT_FOUND", "there is no such object"},
    {HAL_OUT_OF_MEMORY, absl::StatusCode::kResourceExhausted, "HAL_OUT_OF_MEMORY",
     "device memory is exhausted"},
    {HAL_OUT_OF_HOST_MEMORY, absl::StatusCode::kResourceExhausted, "HAL_OUT_OF_HOST_MEMORY",
     "host memory is exhausted"},
    {HAL_UNSUPPORTED, absl::StatusCode::kUnimplemented, "HAL_UNSUPPORTED", "the device cannot do this"},
    {HAL_INCOMPATIBLE_CODE, absl::StatusCode::kInvalidArgument, "HAL_INCOMPATIBLE_CODE",
     "the code object is damaged or made for another target"},
    {HAL_FAULTED, absl::StatusCode::kAborted, "HAL_FAULTED", "the address space has faulted"},
    {HAL_DEVICE_LOST, absl::StatusCode::kUnavailable, "HAL_DEVICE_LOST", "the device is lost"},
    {HAL_INVALID, absl::StatusCode::kInvalidArgument, "HAL_INVALID", "an argument is invalid"},
    {HAL_BUSY, absl::StatusCode::kFailedPrecondition, "HAL_BUSY", "the object is busy"},
    {HAL_INTERNAL, absl::StatusCode::kInternal, "HAL_INTERNAL", "the backend failed"},
    {HAL_PEER_FAILED, absl::StatusCode::kAborted, "HAL_PEER_FAILED",
     "the process that was to signal has failed or ended"},
};

const StatusRow* FindRow(hal_status status) {
  for (const StatusRow& row : kRows) {
    if (row.status == status) return &row;
  }
  return nullptr;
}

}  // namespace

const char* HalStatusName(hal_status status) {
  const StatusRow* row = FindRow(status);
  return row == nullptr ? "HAL_STATUS_UNKNOWN" : row->name;
}

absl::Status ToStatus(hal_status status, absl::string_view what) {
  if (status == HAL_OK) return absl::OkStatus();
  const StatusRow* row = FindRow(status);
  absl::Status result =
      row == nullptr
          ? absl::UnknownError(absl::StrCat(what, " fails with an unknown status (", status, ")."))
          : absl::Status(row->code, absl::StrCat(what, " fails: ", row->meaning, " (", row->name, ")."));
  const uint32_t number = status;
  result.SetPayload(kPayloadUrl, absl::Cord(absl::string_view(reinterpret_cast<const char*>(&number), 4)));
  return result;
}

hal_status ToHalStatus(const absl::Status& status) {
  if (status.ok()) return HAL_OK;
  if (auto payload = status.GetPayload(kPayloadUrl); payload.has_value() && payload->size() == 4) {
    uint32_t number;
    std::memcpy(&number, std::string(*payload).data(), sizeof number);
    return static_cast<hal_status>(number);
  }
  if (status.code() == absl::StatusCode::kInvalidArgument) return HAL_INVALID;  // the common one of two
  for (const StatusRow& row : kRows) {
    if (row.code == status.code()) return row.status;
  }
  return HAL_INTERNAL;
}

}  // namespace tq::hal
