// Devices: finding them, what they are, and what they do now.
#include <strings.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <map>
#include <vector>

#include "runtime/nvml/session.h"

namespace tq::nvml {
namespace {

template <typename Predicate>
nvmlReturn_t Find(nvmlDevice_t* device, const char* key, Predicate matches) {
  if (!IsOpen()) return NVML_ERROR_UNINITIALIZED;
  if (device == nullptr || key == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  for (unsigned i = 0; i < DeviceCount(); ++i) {
    if (!matches(*DeviceAt(i))) continue;
    *device = DeviceAt(i);
    return NVML_SUCCESS;
  }
  return NVML_ERROR_NOT_FOUND;
}

// A figure that a backend leaves 0 is one that it does not have.
nvmlReturn_t Known(unsigned value, unsigned* out) {
  if (value == 0) return NVML_ERROR_NOT_SUPPORTED;
  *out = value;
  return NVML_SUCCESS;
}

}  // namespace
}  // namespace tq::nvml

using namespace tq::nvml;

extern "C" {

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned* count) {
  if (!IsOpen()) return NVML_ERROR_UNINITIALIZED;
  if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  *count = DeviceCount();
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlDeviceGetCount(unsigned* count) { return nvmlDeviceGetCount_v2(count); }

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t* device) {
  if (!IsOpen()) return NVML_ERROR_UNINITIALIZED;
  if (device == nullptr || index >= DeviceCount()) return NVML_ERROR_INVALID_ARGUMENT;
  *device = DeviceAt(index);
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlDeviceGetHandleByIndex(unsigned index, nvmlDevice_t* device) {
  return nvmlDeviceGetHandleByIndex_v2(index, device);
}

nvmlReturn_t nvmlDeviceGetHandleByUUID(const char* uuid, nvmlDevice_t* device) {
  return Find(device, uuid, [&](const nvmlDevice_st& ours) { return ours.uuid == uuid; });
}

// Hexadecimal, in any case and with a domain of any length or none.
nvmlReturn_t nvmlDeviceGetHandleByPciBusId_v2(const char* bus_id, nvmlDevice_t* device) {
  int domain = 0, bus = 0, slot = 0;
  if (bus_id != nullptr && std::sscanf(bus_id, "%x:%x:%x", &domain, &bus, &slot) != 3) {
    domain = 0;
    if (std::sscanf(bus_id, "%x:%x", &bus, &slot) != 2) return NVML_ERROR_INVALID_ARGUMENT;
  }
  return Find(device, bus_id, [&](const nvmlDevice_st& ours) {
    return ours.info.pci_domain == domain && ours.info.pci_bus == bus && ours.info.pci_device == slot;
  });
}
nvmlReturn_t nvmlDeviceGetHandleByPciBusId(const char* bus_id, nvmlDevice_t* device) {
  return nvmlDeviceGetHandleByPciBusId_v2(bus_id, device);
}

nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t device, unsigned* index) {
  return Ask(device, [&] { return *index = device->ordinal, NVML_SUCCESS; }, index);
}
nvmlReturn_t nvmlDeviceGetMinorNumber(nvmlDevice_t device, unsigned* minor) {
  return nvmlDeviceGetIndex(device, minor);
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char* name, unsigned length) {
  return Ask(device, [&] { return CopyText(device->name, name, length); });
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char* uuid, unsigned length) {
  return Ask(device, [&] { return CopyText(device->uuid, uuid, length); });
}

nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t* pci) {
  return Ask(
      device,
      [&] {
        *pci = {};
        pci->domain = device->info.pci_domain;
        pci->bus = device->info.pci_bus;
        pci->device = device->info.pci_device;
        const nvmlReturn_t result =
            CopyText(device->bus_id_legacy, pci->busIdLegacy, sizeof(pci->busIdLegacy));
        return result != NVML_SUCCESS ? result : CopyText(device->bus_id, pci->busId, sizeof(pci->busId));
      },
      pci);
}

// Up to its second version the structure ended with four reserved words in place of the long id.
nvmlReturn_t nvmlDeviceGetPciInfo_v2(nvmlDevice_t device, nvmlPciInfo_v2_t* pci) {
  return Ask(
      device,
      [&] {
        nvmlPciInfo_t now;
        const nvmlReturn_t result = nvmlDeviceGetPciInfo_v3(device, &now);
        std::memcpy(pci, &now, offsetof(nvmlPciInfo_t, busId));
        std::memset(pci->reserved, 0, sizeof(pci->reserved));
        return result;
      },
      pci);
}
nvmlReturn_t nvmlDeviceGetPciInfo(nvmlDevice_t device, nvmlPciInfo_v2_t* pci) {
  return nvmlDeviceGetPciInfo_v2(device, pci);
}

nvmlReturn_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t device, int* major, int* minor) {
  return Ask(
      device,
      [&] {
        CUresult result =
            cuDeviceGetAttribute(major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device->ordinal);
        if (result == CUDA_SUCCESS) {
          result = cuDeviceGetAttribute(minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device->ordinal);
        }
        return FromCuda(result);
      },
      major, minor);
}

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t* memory) {
  return Ask(
      device,
      [&] {
        std::vector<Share> shares;
        if (const nvmlReturn_t result = ReadShares(device, &shares); result != NVML_SUCCESS) return result;
        uint64_t used = 0;
        for (const Share& share : shares) used += share.memory_used_bytes;
        const uint64_t total = device->info.memory_bytes;
        used = std::min(used, total);
        *memory = {.total = total, .free = total - used, .used = used};
        return NVML_SUCCESS;
      },
      memory);
}

nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t* memory) {
  return Ask(
      device,
      [&] {
        if (memory->version != nvmlMemory_v2) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
        nvmlMemory_t now;
        if (const nvmlReturn_t result = nvmlDeviceGetMemoryInfo(device, &now); result != NVML_SUCCESS)
          return result;
        *memory = {
            .version = nvmlMemory_v2, .total = now.total, .reserved = 0, .free = now.free, .used = now.used};
        return NVML_SUCCESS;
      },
      memory);
}

nvmlReturn_t nvmlDeviceGetMemoryBusWidth(nvmlDevice_t device, unsigned* bits) {
  return Ask(device, [&] { return Known(device->info.memory_bus_bits, bits); }, bits);
}

// How much of its compute units' time a device spent on the work of all processes since the last question;
// the reference's "time in which a kernel was running" no backend counts, nor how busy the memory is.
nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t* utilization) {
  return Ask(
      device,
      [&] {
        std::map<pid_t, double> percent;
        const nvmlReturn_t result = MeasureUtilization(device, &device->device_mark, &percent);
        double sum = 0;
        for (const auto& [pid, share] : percent) sum += share;
        *utilization = {.gpu = unsigned(std::min(sum, 100.0)), .memory = 0};
        return result;
      },
      utilization);
}

nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, nvmlTemperatureSensors_t sensor,
                                      unsigned* celsius) {
  return Ask(
      device,
      [&] {
        if (sensor != NVML_TEMPERATURE_GPU) return NVML_ERROR_INVALID_ARGUMENT;
        hal_device_telemetry now;
        const nvmlReturn_t result = ReadTelemetry(device, &now);
        return result != NVML_SUCCESS ? result : Known(now.temperature_mc / 1000, celsius);
      },
      celsius);
}

nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned* milliwatts) {
  return Ask(
      device,
      [&] {
        hal_device_telemetry now;
        const nvmlReturn_t result = ReadTelemetry(device, &now);
        return result != NVML_SUCCESS ? result : Known(now.power_mw, milliwatts);
      },
      milliwatts);
}

nvmlReturn_t nvmlDeviceGetMaxClockInfo(nvmlDevice_t device, nvmlClockType_t type, unsigned* mhz) {
  return Ask(
      device,
      [&] {
        if (type > NVML_CLOCK_VIDEO) return NVML_ERROR_INVALID_ARGUMENT;
        if (type == NVML_CLOCK_VIDEO) return NVML_ERROR_NOT_SUPPORTED;
        const hal_device_info& info = device->info;
        return Known((type == NVML_CLOCK_MEM ? info.memory_clock_khz : info.clock_khz) / 1000, mhz);
      },
      mhz);
}
// Backends say the highest clock and none of this moment.
nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t device, nvmlClockType_t type, unsigned* mhz) {
  return Ask(
      device,
      [&] { return type > NVML_CLOCK_VIDEO ? NVML_ERROR_INVALID_ARGUMENT : NVML_ERROR_NOT_SUPPORTED; }, mhz);
}

nvmlReturn_t nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t device, nvmlDevice_t peer,
                                                 nvmlGpuTopologyLevel_t* level) {
  return Ask(
      device,
      [&] {
        if (!IsDevice(peer)) return NVML_ERROR_INVALID_ARGUMENT;
        *level = peer == device ? NVML_TOPOLOGY_INTERNAL : NVML_TOPOLOGY_SYSTEM;
        return NVML_SUCCESS;
      },
      level);
}

nvmlReturn_t nvmlDeviceGetP2PStatus(nvmlDevice_t device, nvmlDevice_t peer, nvmlGpuP2PCapsIndex_t index,
                                    nvmlGpuP2PStatus_t* status) {
  return Ask(
      device,
      [&] {
        if (!IsDevice(peer) || index > NVML_P2P_CAPS_INDEX_PROP) return NVML_ERROR_INVALID_ARGUMENT;
        int can = 0;
        const CUresult result = cuDeviceCanAccessPeer(&can, device->ordinal, peer->ordinal);
        if (result != CUDA_SUCCESS) return FromCuda(result);
        *status = can != 0 ? NVML_P2P_STATUS_OK : NVML_P2P_STATUS_NOT_SUPPORTED;
        return NVML_SUCCESS;
      },
      status);
}

}  // extern "C"
