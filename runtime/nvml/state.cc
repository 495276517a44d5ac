// What is the same for every device of ours, and where it lies.
#include <sched.h>

#include <climits>
#include <cstring>

#include "runtime/nvml/session.h"

namespace tq::nvml {
namespace {

template <typename T>
nvmlReturn_t Always(nvmlDevice_t device, T value, T* out) {
  return Ask(device, [&] { return *out = value, NVML_SUCCESS; }, out);
}

}  // namespace
}  // namespace tq::nvml

using namespace tq::nvml;

extern "C" {

nvmlReturn_t nvmlDeviceGetComputeMode(nvmlDevice_t device, nvmlComputeMode_t* mode) {
  return Always(device, NVML_COMPUTEMODE_DEFAULT, mode);
}
// Programs choose by these two what they know of NVIDIA's products; ours is none of them.
nvmlReturn_t nvmlDeviceGetBrand(nvmlDevice_t device, nvmlBrandType_t* brand) {
  return Always(device, NVML_BRAND_UNKNOWN, brand);
}
nvmlReturn_t nvmlDeviceGetArchitecture(nvmlDevice_t device, unsigned* architecture) {
  return Always(device, NVML_DEVICE_ARCH_UNKNOWN, architecture);
}
nvmlReturn_t nvmlDeviceGetDisplayMode(nvmlDevice_t device, nvmlEnableState_t* state) {
  return Always(device, NVML_FEATURE_DISABLED, state);
}
nvmlReturn_t nvmlDeviceGetDisplayActive(nvmlDevice_t device, nvmlEnableState_t* state) {
  return Always(device, NVML_FEATURE_DISABLED, state);
}
nvmlReturn_t nvmlDeviceGetMultiGpuBoard(nvmlDevice_t device, unsigned* is_multi) {
  return Always(device, 0u, is_multi);
}
nvmlReturn_t nvmlDeviceIsMigDeviceHandle(nvmlDevice_t device, unsigned* is_mig) {
  return Always(device, 0u, is_mig);
}
nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t device, unsigned* count) {
  return Always(device, 0u, count);
}
nvmlReturn_t nvmlDeviceGetVirtualizationMode(nvmlDevice_t device, nvmlGpuVirtualizationMode_t* mode) {
  return Always(device, NVML_GPU_VIRTUALIZATION_MODE_NONE, mode);
}
nvmlReturn_t nvmlDeviceGetSupportedEventTypes(nvmlDevice_t device, unsigned long long* types) {
  return Always(device, 0ull, types);
}

nvmlReturn_t nvmlDeviceOnSameBoard(nvmlDevice_t device, nvmlDevice_t other, int* is_same) {
  return Ask(
      device,
      [&] {
        if (!IsDevice(other)) return NVML_ERROR_INVALID_ARGUMENT;
        return *is_same = device == other, NVML_SUCCESS;
      },
      is_same);
}

// The processors that this process may use. A backend does not say which of them are nearer.
nvmlReturn_t nvmlDeviceGetCpuAffinity(nvmlDevice_t device, unsigned words, unsigned long* set) {
  return Ask(
      device,
      [&] {
        if (words == 0) return NVML_ERROR_INVALID_ARGUMENT;
        cpu_set_t ours;
        if (sched_getaffinity(0, sizeof(ours), &ours) != 0) return NVML_ERROR_UNKNOWN;
        std::memset(set, 0, words * sizeof(*set));
        constexpr unsigned kBits = sizeof(*set) * CHAR_BIT;
        for (unsigned cpu = 0; cpu < CPU_SETSIZE && cpu < words * kBits; ++cpu) {
          if (CPU_ISSET(cpu, &ours)) set[cpu / kBits] |= 1ul << cpu % kBits;
        }
        return NVML_SUCCESS;
      },
      set);
}
// NVML_AFFINITY_SCOPE_NODE (0) and _SOCKET (1).
nvmlReturn_t nvmlDeviceGetCpuAffinityWithinScope(nvmlDevice_t device, unsigned words, unsigned long* set,
                                                 unsigned scope) {
  if (IsOpen() && scope > 1) return NVML_ERROR_INVALID_ARGUMENT;
  return nvmlDeviceGetCpuAffinity(device, words, set);
}

// The fields are sensors and links, and each answers for itself.
nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t device, int count, nvmlFieldValue_t* values) {
  return Ask(
      device,
      [&] {
        if (count <= 0) return NVML_ERROR_INVALID_ARGUMENT;
        for (int i = 0; i < count; ++i) values[i].nvmlReturn = NVML_ERROR_NOT_SUPPORTED;
        return NVML_SUCCESS;
      },
      values);
}

// S-class units are chassis of NVIDIA's.
nvmlReturn_t nvmlUnitGetCount(unsigned* count) {
  if (!IsOpen()) return NVML_ERROR_UNINITIALIZED;
  if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  *count = 0;
  return NVML_SUCCESS;
}

}  // extern "C"
