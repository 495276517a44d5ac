#include "runtime/nvml/session.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "base/usage_record.h"

namespace tq::nvml {
namespace {

struct Session {
  std::mutex mutex;
  unsigned open_count = 0;
  const cuda::TelemetryTable* table = nullptr;
  std::vector<std::unique_ptr<nvmlDevice_st>> devices;  // filled once, then constant
};

Session& Get() {
  static auto* const session = new Session;
  return *session;
}

std::string FormatUuid(const uint8_t (&uuid)[16]) {
  std::string text = "GPU";
  for (int i = 0; i < 16; ++i) {
    if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    char hex[3];
    std::snprintf(hex, sizeof(hex), "%02x", uuid[i]);
    text += hex;
  }
  return text;
}

std::string FormatBusId(const hal_device_info& info, int domain_digits) {
  char text[32];
  std::snprintf(text, sizeof(text), "%0*X:%02X:%02X.0", domain_digits, unsigned(info.pci_domain),
                unsigned(info.pci_bus), unsigned(info.pci_device));
  return text;
}

CUresult FillDevices(Session& session) {
  const void* table = nullptr;
  if (const CUresult result = cuInit(0); result != CUDA_SUCCESS) return result;
  if (const CUresult result = cuGetExportTable(&table, &cuda::kTelemetryTableId); result != CUDA_SUCCESS)
    return result;
  session.table = static_cast<const cuda::TelemetryTable*>(table);
  int count = 0;
  if (const CUresult result = cuDeviceGetCount(&count); result != CUDA_SUCCESS) return result;
  std::vector<std::unique_ptr<nvmlDevice_st>> devices;
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    auto device = std::make_unique<nvmlDevice_st>();
    device->ordinal = ordinal;
    char name[256] = "";
    CUresult result = cuDeviceGetName(name, sizeof(name), ordinal);
    if (result == CUDA_SUCCESS) result = session.table->get_info(ordinal, &device->info);
    if (result != CUDA_SUCCESS) return result;
    device->name = name;
    device->uuid = FormatUuid(device->info.uuid);
    device->bus_id = FormatBusId(device->info, 8);
    device->bus_id_legacy = FormatBusId(device->info, 4);
    devices.push_back(std::move(device));
  }
  session.devices = std::move(devices);
  return CUDA_SUCCESS;
}

}  // namespace

nvmlReturn_t FromCuda(CUresult result) {
  switch (result) {
    case CUDA_SUCCESS:
      return NVML_SUCCESS;
    case CUDA_ERROR_NO_DEVICE:
    case CUDA_ERROR_NOT_INITIALIZED:
      return NVML_ERROR_DRIVER_NOT_LOADED;
    case CUDA_ERROR_NOT_SUPPORTED:
      return NVML_ERROR_NOT_SUPPORTED;
    case CUDA_ERROR_DEVICE_UNAVAILABLE:
      return NVML_ERROR_GPU_IS_LOST;
    default:
      return NVML_ERROR_UNKNOWN;
  }
}

nvmlReturn_t Open(bool needs_device) {
  Session& session = Get();
  const std::lock_guard lock(session.mutex);
  if (session.devices.empty()) {
    const CUresult result = FillDevices(session);
    const bool is_fine = result == CUDA_SUCCESS || (result == CUDA_ERROR_NO_DEVICE && !needs_device);
    if (!is_fine) return FromCuda(result);
  }
  const bool is_first = session.open_count++ == 0;
  // The first question for the utilisation is answered for the time since now.
  for (const auto& device : session.devices) {
    if (!is_first) break;
    std::map<pid_t, double> ignored;
    MeasureUtilization(device.get(), &device->device_mark, &ignored);
    MeasureUtilization(device.get(), &device->process_mark, &ignored);
  }
  return NVML_SUCCESS;
}

nvmlReturn_t Close() {
  Session& session = Get();
  const std::lock_guard lock(session.mutex);
  if (session.open_count == 0) return NVML_ERROR_UNINITIALIZED;
  --session.open_count;
  return NVML_SUCCESS;
}

bool IsOpen() {
  Session& session = Get();
  const std::lock_guard lock(session.mutex);
  return session.open_count != 0;
}

unsigned DeviceCount() { return Get().devices.size(); }

nvmlDevice_t DeviceAt(unsigned index) { return Get().devices[index].get(); }

bool IsDevice(nvmlDevice_t device) {
  const auto& devices = Get().devices;
  return std::any_of(devices.begin(), devices.end(), [&](const auto& ours) { return ours.get() == device; });
}

nvmlReturn_t ReadTelemetry(nvmlDevice_t device, hal_device_telemetry* telemetry) {
  return FromCuda(Get().table->get_telemetry(device->ordinal, telemetry));
}

nvmlReturn_t ReadShares(nvmlDevice_t device, std::vector<Share>* shares) {
  hal_device_telemetry now;
  if (const nvmlReturn_t result = ReadTelemetry(device, &now); result != NVML_SUCCESS) return result;
  shares->clear();
  if (now.memory_used_bytes != 0 || now.busy_ns != 0) {
    shares->push_back({getpid(), now.memory_used_bytes, now.busy_ns});
  }
  for (const ProcessUsage& process : ReadUsage()) {
    if (process.pid == getpid()) continue;
    for (const DeviceUsage& usage : process.devices) {
      if (std::memcmp(usage.uuid.data(), device->info.uuid, usage.uuid.size()) != 0) continue;
      shares->push_back({process.pid, usage.memory_used_bytes, usage.busy_ns});
    }
  }
  return NVML_SUCCESS;
}

nvmlReturn_t MeasureUtilization(nvmlDevice_t device, BusyMark* mark, std::map<pid_t, double>* percent) {
  const std::lock_guard lock(device->mutex);
  std::vector<Share> shares;
  if (const nvmlReturn_t result = ReadShares(device, &shares); result != NVML_SUCCESS) return result;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  BusyMark reached = {.wall_ns = uint64_t(std::chrono::nanoseconds(now).count())};
  const uint64_t elapsed_ns = mark->wall_ns == 0 ? 0 : reached.wall_ns - mark->wall_ns;
  const double whole_ns = double(elapsed_ns) * std::max(device->info.compute_units, 1u);
  percent->clear();
  for (const Share& share : shares) {
    reached.busy_ns[share.pid] = share.busy_ns;
    const auto last = mark->busy_ns.find(share.pid);
    const uint64_t before = last == mark->busy_ns.end() ? 0 : last->second;
    const uint64_t busy_ns = share.busy_ns > before ? share.busy_ns - before : 0;
    (*percent)[share.pid] = whole_ns == 0 ? 0 : std::min(busy_ns * 100 / whole_ns, 100.0);
  }
  *mark = std::move(reached);
  return NVML_SUCCESS;
}

nvmlReturn_t CopyText(const std::string& text, char* buffer, unsigned length) {
  if (buffer == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  if (text.size() >= length) return NVML_ERROR_INSUFFICIENT_SIZE;
  std::memcpy(buffer, text.c_str(), text.size() + 1);
  return NVML_SUCCESS;
}

}  // namespace tq::nvml
