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

// What an nvmlDevice_t points to. Lives as long as the process: a handle outlives nvmlShutdown.
struct nvmlDevice_st {
  CUdevice ordinal;
  hal_device_info info;
  std::string name, uuid, bus_id, bus_id_legacy;

  std::mutex mutex;  // of what follows: where the last question for the utilisation stood
  uint64_t last_wall_ns = 0;
  std::map<pid_t, uint64_t> last_busy_ns;
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

// Of the time since it was asked last.
nvmlReturn_t MeasureUtilization(nvmlDevice_t device, nvmlUtilization_t* utilization);

// NVML_ERROR_INSUFFICIENT_SIZE when it does not fit with its zero; nothing is written then.
nvmlReturn_t CopyText(const std::string& text, char* buffer, unsigned length);

}  // namespace tq::nvml
