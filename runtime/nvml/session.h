// What lies between nvmlInit and nvmlShutdown: the devices, and the figures that libcuda keeps of them.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <mutex>
#include <string>

#include "runtime/cuda/telemetry_table.h"
#include "runtime/nvml/nvml.h"

// What an nvmlDevice_t points to. Lives as long as the process: a handle outlives nvmlShutdown.
struct nvmlDevice_st {
  CUdevice ordinal;
  hal_device_info info;
  std::string name, uuid, bus_id, bus_id_legacy;

  std::mutex mutex;  // of what follows: where the last question for the utilisation stood
  uint64_t last_busy_ns, last_wall_ns;
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

// NVML_ERROR_INSUFFICIENT_SIZE when it does not fit with its zero; nothing is written then.
nvmlReturn_t CopyText(const std::string& text, char* buffer, unsigned length);

}  // namespace tq::nvml
