// What lies between nvmlInit and nvmlShutdown: the devices, and the figures that libcuda keeps of them.
#pragma once

#include <cuda.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/cuda/telemetry_table.h"
#include "runtime/nvml/nvml.h"

namespace tq::nvml {

// How long each process had kept the device busy at one moment.
struct BusyMark {
  uint64_t wall_ns = 0;  // steady clock; 0 where nobody asked yet
  std::map<pid_t, uint64_t> busy_ns;
};

}  // namespace tq::nvml

// What an nvmlDevice_t points to. Lives as long as the process: a handle outlives nvmlShutdown.
struct nvmlDevice_st {
  CUdevice ordinal;
  hal_device_info info;
  std::string name, uuid, bus_id, bus_id_legacy;

  std::mutex mutex;  // of what follows: where the last questions for the utilisation stood
  tq::nvml::BusyMark device_mark, process_mark;
};

namespace tq::nvml {

nvmlReturn_t FromCuda(CUresult result);

// NVML_ERROR_DRIVER_NOT_LOADED when there is no device and one is needed. Counts its calls.
nvmlReturn_t Open(bool needs_device);
// NVML_ERROR_UNINITIALIZED without an Open before.
nvmlReturn_t Close();
bool IsOpen();

unsigned DeviceCount();
// `index` is below DeviceCount().
nvmlDevice_t DeviceAt(unsigned index);
bool IsDevice(nvmlDevice_t device);
nvmlReturn_t ReadTelemetry(nvmlDevice_t device, hal_device_telemetry* telemetry);

// What one process has of a device.
struct Share {
  pid_t pid;
  uint64_t memory_used_bytes, busy_ns;
};
// Of all processes that use the device: this one's of this moment, the others' of a moment ago
// (base/usage_record.h).
nvmlReturn_t ReadShares(nvmlDevice_t device, std::vector<Share>* shares);

// How much of its compute units' time the device spent on each process since `mark`, in percent; sets the
// mark to now. Every process that uses the device has an entry. `mark` is one of the device's.
nvmlReturn_t MeasureUtilization(nvmlDevice_t device, BusyMark* mark, std::map<pid_t, double>* percent);

// NVML_ERROR_INSUFFICIENT_SIZE when it does not fit with its zero; nothing is written then.
nvmlReturn_t CopyText(const std::string& text, char* buffer, unsigned length);

// What every question to a device begins with. The outputs must not be null.
template <typename Body, typename... Outputs>
nvmlReturn_t Ask(nvmlDevice_t device, Body body, Outputs*... outputs) {
  if (!IsOpen()) return NVML_ERROR_UNINITIALIZED;
  if (!IsDevice(device) || ((outputs == nullptr) || ...)) return NVML_ERROR_INVALID_ARGUMENT;
  return body();
}

}  // namespace tq::nvml
