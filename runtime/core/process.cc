#include "runtime/core/process.h"

#include <pthread.h>

#include <algorithm>
#include <mutex>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/knobs.h"
#include "base/log.h"
#include "base/status.h"
#include "hal/loader.h"
#include "runtime/core/admission.h"
#include "runtime/core/child_grids.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/hal_error.h"

namespace tq::core {
namespace {

void LogFromBackend(int level, const char* message) { Log(static_cast<LogLevel>(level), "%s", message); }

std::string BackendOptions() {
  const KnobValues& knobs = Knobs();
  std::string options = absl::StrCat("devices=", knobs.cpu_devices, ",workers=", knobs.cpu_workers,
                                     ",watchdog_ms=", knobs.watchdog_ms);
  if (const uint64_t memory = ParseSizeBytes(knobs.cpu_memory, 0); memory != 0) {
    absl::StrAppend(&options, ",memory=", memory);
  }
  if (!knobs.cpu_features.empty()) absl::StrAppend(&options, ",features=", knobs.cpu_features);
  return options;
}

}  // namespace

Process& Process::Get() {
  static Process* const process = new Process;
  return *process;
}

absl::Status Process::Init() {
  static std::once_flag once;
  static absl::Status* const answer = new absl::Status;
  std::call_once(once, [this] {
    *answer = OpenDevices();
    if (!answer->ok()) return;
    pthread_atfork(nullptr, nullptr, [] {
      if (Get().SurvivesFork()) return;
      Get().forked_.store(true, std::memory_order_release);
      is_initialized.store(false, std::memory_order_release);
    });
    is_initialized.store(true, std::memory_order_release);
  });
  if (forked_.load(std::memory_order_acquire)) {
    return CudaError(CUDA_ERROR_NOT_INITIALIZED,
                     "this process was forked from one that had initialised CUDA");
  }
  return *answer;
}

bool Process::SurvivesFork() const {
  if (is_in_use_.load(std::memory_order_acquire)) return false;
  return std::all_of(devices_.begin(), devices_.end(), [](const auto& device) {
    return (device->info().flags & HAL_DEVICE_SURVIVES_FORK) != 0;
  });
}

absl::Status Process::OpenDevices() {
  const std::string options = BackendOptions();
  hal_init init = {sizeof(init)};
  init.log = LogFromBackend;
  init.options = options.c_str();
  init.call = CallFromKernel;
  for (const absl::string_view name : absl::StrSplit(Knobs().hal, ',', absl::SkipEmpty())) {
    absl::StatusOr<const hal_backend*> backend = hal::LoadBackend({name.data(), name.size()}, init);
    absl::StatusOr<uint32_t> count = backend.ok() ? hal::Device::Count(*backend) : backend.status();
    if (!count.ok()) {
      Log(LogLevel::kError, "backend %s has no devices: %s", std::string(name).c_str(),
          std::string(count.status().message()).c_str());
      continue;
    }
    for (uint32_t i = 0; i < *count; ++i) {
      absl::StatusOr<std::unique_ptr<Device>> device = Device::Open(*backend, i, device_count());
      if (device.ok()) {
        devices_.push_back(*std::move(device));
      } else {
        Log(LogLevel::kError, "device %u of backend %s does not open: %s", i, std::string(name).c_str(),
            std::string(device.status().message()).c_str());
      }
    }
  }
  if (devices_.empty()) {
    return CudaError(CUDA_ERROR_NO_DEVICE,
                     absl::StrCat("no backend has a device (TIANQIAO_HAL=", Knobs().hal, ")"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Device*> Process::DeviceAt(int ordinal) const {
  if (ordinal < 0 || ordinal >= device_count()) {
    return CudaError(CUDA_ERROR_INVALID_DEVICE,
                     absl::StrCat("there is no device ", ordinal, " (", device_count(), " devices)"));
  }
  return devices_[ordinal].get();
}

}  // namespace tq::core
