#include "tools/tianqiao/smi.h"

#include <dlfcn.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "runtime/nvml/nvml.h"
#include "tools/tianqiao/installation.h"
#include "tools/tianqiao/smi_table.h"

namespace tq {
namespace {

// Our management library, opened as a monitor opens it. Never closed: the process ends soon.
class Library {
 public:
  // Says what is wrong on stderr and returns false.
  bool Open() {
    library_ = dlopen((LibraryDirectory() + "/libnvidia-ml.so.1").c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ != nullptr) return true;
    std::fprintf(stderr, "tianqiao: our libnvidia-ml cannot be loaded: %s\n", dlerror());
    return false;
  }
  // NVML_ERROR_NOT_SUPPORTED without such a function.
  template <typename Function, typename... Args>
  nvmlReturn_t Call(const char* name, Args... args) const {
    const auto function = reinterpret_cast<Function*>(dlsym(library_, name));
    return function == nullptr ? NVML_ERROR_NOT_SUPPORTED : function(args...);
  }

 private:
  void* library_ = nullptr;
};

#define TQ_NVML(library, function, ...) \
  (library).Call<decltype(::function)>(#function __VA_OPT__(, ) __VA_ARGS__)

std::vector<nvmlDevice_t> DevicesOf(const Library& library) {
  unsigned count = 0;
  TQ_NVML(library, nvmlDeviceGetCount_v2, &count);
  std::vector<nvmlDevice_t> devices;
  for (unsigned i = 0; i < count; ++i) {
    nvmlDevice_t device = nullptr;
    if (TQ_NVML(library, nvmlDeviceGetHandleByIndex_v2, i, &device) == NVML_SUCCESS)
      devices.push_back(device);
  }
  return devices;
}

std::string NameOf(const Library& library, nvmlDevice_t device) {
  char name[96] = "";
  TQ_NVML(library, nvmlDeviceGetName, device, name, unsigned{sizeof name});
  return name;
}

std::vector<SmiProcess> ProcessesOf(const Library& library, nvmlDevice_t device) {
  std::vector<nvmlProcessInfo_t> infos(64);
  unsigned count = infos.size();
  // Processes may come between two questions.
  while (TQ_NVML(library, nvmlDeviceGetComputeRunningProcesses_v3, device, &count, infos.data()) ==
         NVML_ERROR_INSUFFICIENT_SIZE) {
    infos.resize(count + 16);
    count = infos.size();
  }
  std::vector<SmiProcess> processes;
  for (unsigned i = 0; i < count && i < infos.size(); ++i) {
    if (infos[i].pid == 0) continue;
    char name[256] = "?";
    TQ_NVML(library, nvmlSystemGetProcessName, infos[i].pid, name, unsigned{sizeof name});
    processes.push_back({infos[i].pid, name, infos[i].usedGpuMemory});
  }
  return processes;
}

SmiDevice Describe(const Library& library, nvmlDevice_t device) {
  SmiDevice described;
  described.name = NameOf(library, device);
  nvmlPciInfo_t pci = {};
  TQ_NVML(library, nvmlDeviceGetPciInfo_v3, device, &pci);
  described.bus_id = pci.busId;
  nvmlMemory_t memory = {};
  TQ_NVML(library, nvmlDeviceGetMemoryInfo, device, &memory);
  described.memory_used_bytes = memory.used;
  described.memory_total_bytes = memory.total;
  nvmlUtilization_t utilization = {};
  TQ_NVML(library, nvmlDeviceGetUtilizationRates, device, &utilization);
  described.utilization_percent = utilization.gpu;
  unsigned value = 0;
  if (TQ_NVML(library, nvmlDeviceGetTemperature, device, NVML_TEMPERATURE_GPU, &value) == NVML_SUCCESS)
    described.celsius = value;
  if (TQ_NVML(library, nvmlDeviceGetPowerUsage, device, &value) == NVML_SUCCESS) described.milliwatts = value;
  described.processes = ProcessesOf(library, device);
  return described;
}

}  // namespace

int PrintSmi(const SmiOptions& options) {
  Library library;
  if (!library.Open()) return 1;
  if (const nvmlReturn_t result = TQ_NVML(library, nvmlInit_v2); result != NVML_SUCCESS) {
    std::fprintf(stderr, "tianqiao: there is no device (nvmlInit fails with error %d)\n", result);
    return 1;
  }
  const std::vector<nvmlDevice_t> devices = DevicesOf(library);
  if (options.lists) {
    for (size_t i = 0; i < devices.size(); ++i) {
      char uuid[96] = "";
      TQ_NVML(library, nvmlDeviceGetUUID, devices[i], uuid, unsigned{sizeof uuid});
      std::printf("GPU %zu: %s (UUID: %s)\n", i, NameOf(library, devices[i]).c_str(), uuid);
    }
    return 0;
  }
  // The library measures from nvmlInit on.
  std::this_thread::sleep_for(std::chrono::milliseconds(options.interval_ms));
  SmiSnapshot snapshot;
  char version[80] = "";
  TQ_NVML(library, nvmlSystemGetDriverVersion, version, unsigned{sizeof version});
  snapshot.driver_version = version;
  TQ_NVML(library, nvmlSystemGetCudaDriverVersion_v2, &snapshot.cuda_version);
  for (const nvmlDevice_t device : devices) snapshot.devices.push_back(Describe(library, device));
  std::fputs(FormatSmiTable(snapshot).c_str(), stdout);
  return 0;
}

}  // namespace tq
