// The export table by which our libnvidia-ml reads what CUDA has no call for. Its identifier is ours, and no
// table of NVIDIA's.
#pragma once

#include <cuda.h>

#include <cstddef>

#include "hal/include/tianqiao/hal.h"

namespace tq::cuda {

// "tq.telemetry.v1", with its zero.
inline constexpr CUuuid kTelemetryTableId = {"tq.telemetry.v1"};

// Functions are appended, never changed. Thread-safe; they need cuInit and no context.
struct TelemetryTable {
  size_t size_bytes;
  CUresult (*get_info)(CUdevice device, hal_device_info* info);
  CUresult (*get_telemetry)(CUdevice device, hal_device_telemetry* telemetry);
};

}  // namespace tq::cuda
