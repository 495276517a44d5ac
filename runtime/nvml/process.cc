// The processes that use a device, and how much each keeps it busy.
#include <algorithm>
#include <chrono>
#include <vector>

#include "runtime/nvml/session.h"

namespace tq::nvml {
namespace {

constexpr unsigned kNoInstance = ~0u;  // of a device that is not partitioned

// The processes that have memory of the device. `make` turns a share into the caller's structure.
template <typename Info, typename Make>
nvmlReturn_t ListProcesses(nvmlDevice_t device, unsigned* count, Info* infos, Make make) {
  return Ask(
      device,
      [&] {
        std::vector<Share> shares;
        if (const nvmlReturn_t result = ReadShares(device, &shares); result != NVML_SUCCESS) return result;
        std::erase_if(shares, [](const Share& share) { return share.memory_used_bytes == 0; });
        const unsigned room = *count;
        *count = static_cast<unsigned>(shares.size());
        if (shares.empty()) return NVML_SUCCESS;
        if (room < shares.size() || infos == nullptr) return NVML_ERROR_INSUFFICIENT_SIZE;
        std::transform(shares.begin(), shares.end(), infos, make);
        return NVML_SUCCESS;
      },
      count);
}

nvmlProcessInfo_v1_t OldProcessInfo(const Share& share) {
  return {.pid = unsigned(share.pid), .usedGpuMemory = share.memory_used_bytes};
}
nvmlProcessInfo_t ProcessInfo(const Share& share) {
  return {.pid = unsigned(share.pid),
          .usedGpuMemory = share.memory_used_bytes,
          .gpuInstanceId = kNoInstance,
          .computeInstanceId = kNoInstance};
}

// Of kinds of processes that no device of ours has.
nvmlReturn_t ListNone(nvmlDevice_t device, unsigned* count) {
  return Ask(device, [&] { return *count = 0, NVML_SUCCESS; }, count);
}

}  // namespace
}  // namespace tq::nvml

using namespace tq::nvml;

extern "C" {

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses(nvmlDevice_t device, unsigned* count,
                                                  nvmlProcessInfo_v1_t* infos) {
  return ListProcesses(device, count, infos, OldProcessInfo);
}
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v2(nvmlDevice_t device, unsigned* count,
                                                     nvmlProcessInfo_t* infos) {
  return ListProcesses(device, count, infos, ProcessInfo);
}
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device, unsigned* count,
                                                     nvmlProcessInfo_t* infos) {
  return nvmlDeviceGetComputeRunningProcesses_v2(device, count, infos);
}

// What draws, and the clients of a Multi-Process Service.
nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses(nvmlDevice_t device, unsigned* count,
                                                   nvmlProcessInfo_v1_t*) {
  return ListNone(device, count);
}
nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v2(nvmlDevice_t device, unsigned* count,
                                                      nvmlProcessInfo_t*) {
  return ListNone(device, count);
}
nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v3(nvmlDevice_t device, unsigned* count,
                                                      nvmlProcessInfo_t*) {
  return ListNone(device, count);
}
nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses(nvmlDevice_t device, unsigned* count,
                                                     nvmlProcessInfo_v1_t*) {
  return ListNone(device, count);
}
nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v2(nvmlDevice_t device, unsigned* count,
                                                        nvmlProcessInfo_t*) {
  return ListNone(device, count);
}
nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v3(nvmlDevice_t device, unsigned* count,
                                                        nvmlProcessInfo_t*) {
  return ListNone(device, count);
}

// One sample for each process, of the time since the last question; `last_seen_us` bars samples that the
// caller has already. How busy memory, encoder and decoder are nobody counts.
nvmlReturn_t nvmlDeviceGetProcessUtilization(nvmlDevice_t device, nvmlProcessUtilizationSample_t* samples,
                                             unsigned* count, unsigned long long last_seen_us) {
  return Ask(
      device,
      [&] {
        std::vector<Share> shares;
        if (const nvmlReturn_t result = ReadShares(device, &shares); result != NVML_SUCCESS) return result;
        const auto wall = std::chrono::system_clock::now().time_since_epoch();
        const uint64_t now_us = std::chrono::duration_cast<std::chrono::microseconds>(wall).count();
        if (shares.empty() || last_seen_us >= now_us) return *count = 0, NVML_ERROR_NOT_FOUND;
        const unsigned room = *count;
        *count = unsigned(shares.size());
        if (samples == nullptr || room < *count) return NVML_ERROR_INSUFFICIENT_SIZE;
        std::map<pid_t, double> percent;
        const nvmlReturn_t result = MeasureUtilization(device, &device->process_mark, &percent);
        *count = 0;
        for (const auto& [pid, share] : percent) {
          if (*count == room) break;  // another one began meanwhile
          samples[(*count)++] = {.pid = unsigned(pid), .timeStamp = now_us, .smUtil = unsigned(share)};
        }
        return result;
      },
      count);
}

}  // extern "C"
