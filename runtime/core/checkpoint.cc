#include "runtime/core/checkpoint.h"

#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status.h"
#include "runtime/core/admission.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/hal_error.h"
#include "runtime/core/process.h"

namespace tq::core {
namespace {

using Clock = std::chrono::steady_clock;

// Failed work has ended too.
bool AwaitWork(Clock::time_point deadline) {
  std::vector<TimelinePoint> points;
  Context::ForEachActive([&](Context& context) {
    for (TimelinePoint& point : context.PendingWork()) points.push_back(std::move(point));
  });
  for (const TimelinePoint& point : points) {
    while (point.timeline->Query(point.value) == HAL_TIMEOUT) {
      if (Clock::now() >= deadline) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
  return true;
}

const Device& DeviceOf(int ordinal) { return **Process::Get().DeviceAt(ordinal); }

absl::Status CheckPairs(const std::vector<CUcheckpointGpuPair>& pairs) {
  if (pairs.empty()) return absl::OkStatus();
  const auto is = [](const CUuuid& uuid, const Device& device) {
    return std::memcmp(uuid.bytes, device.info().uuid, sizeof uuid.bytes) == 0;
  };
  for (int i = 0; i < Process::Get().device_count(); ++i) {
    const CUcheckpointGpuPair* pair = nullptr;
    for (const CUcheckpointGpuPair& each : pairs) {
      if (is(each.oldUuid, DeviceOf(i))) pair = &each;
    }
    if (pair == nullptr)
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("device ", i, " is in no pair"));
    if (is(pair->newUuid, DeviceOf(i))) continue;
    for (int other = 0; other < Process::Get().device_count(); ++other) {
      if (is(pair->newUuid, DeviceOf(other)))
        return CudaError(CUDA_ERROR_NOT_SUPPORTED, "memory comes back to the device that it was of");
    }
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("no device has the UUID that device ", i, " is to become"));
  }
  return absl::OkStatus();
}

}  // namespace

Checkpoint& Checkpoint::Get() {
  static auto* const checkpoint = new Checkpoint;  // as long as Process
  return *checkpoint;
}

absl::Status Checkpoint::CheckState(CUprocessState wanted) const {
  if (state() == wanted) return absl::OkStatus();
  return CudaError(CUDA_ERROR_ILLEGAL_STATE,
                   absl::StrCat("the process is in state ", static_cast<int>(state()), ", not in ",
                                static_cast<int>(wanted)));
}

absl::Status Checkpoint::Lock(unsigned timeout_ms) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(CheckState(CU_PROCESS_STATE_RUNNING));
  const Clock::time_point deadline =
      timeout_ms == 0 ? Clock::time_point::max() : Clock::now() + std::chrono::milliseconds(timeout_ms);
  bool is_at_rest = LockCalls(deadline);
  if (is_at_rest && !AwaitWork(deadline)) {
    UnlockCalls();
    is_at_rest = false;
  }
  if (!is_at_rest) {
    return CudaError(CUDA_ERROR_NOT_READY,
                     absl::StrCat("calls or work of the process took longer than ", timeout_ms, " ms"));
  }
  state_.store(CU_PROCESS_STATE_LOCKED, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status Checkpoint::Save() {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(CheckState(CU_PROCESS_STATE_LOCKED));
  for (int i = 0; i < Process::Get().device_count(); ++i) {
    const absl::Status status = DeviceOf(i).hal().Suspend();
    if (status.ok()) continue;
    for (int j = 0; j < i; ++j) {
      if (DeviceOf(j).hal().Resume().ok()) continue;
      state_.store(CU_PROCESS_STATE_FAILED, std::memory_order_release);
      Log(LogLevel::kError, "the memory of device %d does not come back", j);
    }
    return FromHal(status);
  }
  state_.store(CU_PROCESS_STATE_CHECKPOINTED, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status Checkpoint::Restore(const std::vector<CUcheckpointGpuPair>& pairs) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(CheckState(CU_PROCESS_STATE_CHECKPOINTED));
  RETURN_IF_ERROR(CheckPairs(pairs));
  for (int i = 0; i < Process::Get().device_count(); ++i) {
    // One that is back already stays: where memory was short, the next attempt goes on from here.
    RETURN_IF_ERROR(FromHal(DeviceOf(i).hal().Resume()));
  }
  state_.store(CU_PROCESS_STATE_LOCKED, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status Checkpoint::Unlock() {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(CheckState(CU_PROCESS_STATE_LOCKED));
  state_.store(CU_PROCESS_STATE_RUNNING, std::memory_order_release);
  UnlockCalls();
  return absl::OkStatus();
}

}  // namespace tq::core
