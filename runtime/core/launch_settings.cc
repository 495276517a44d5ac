#include "runtime/core/launch_settings.h"

#include "absl/strings/str_cat.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"

namespace tq::core {
namespace {

struct Settable {
  CUfunction_attribute attribute;
  int min, max;
  int& (*field)(LaunchSettings& settings);
};
constexpr int kNoLimit = 1 << 30;
constexpr Settable kSettable[] = {
    {CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 0, kNoLimit,
     [](LaunchSettings& s) -> int& { return s.max_dynamic_shared_bytes; }},
    {CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT, -1, 100,
     [](LaunchSettings& s) -> int& { return s.shared_carveout_percent; }},
    {CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH, 0, kNoLimit,
     [](LaunchSettings& s) -> int& { return s.cluster[0]; }},
    {CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT, 0, kNoLimit,
     [](LaunchSettings& s) -> int& { return s.cluster[1]; }},
    {CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH, 0, kNoLimit,
     [](LaunchSettings& s) -> int& { return s.cluster[2]; }},
    {CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED, 0, 1,
     [](LaunchSettings& s) -> int& { return s.non_portable_cluster_allowed; }},
    {CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE, 0, CU_CLUSTER_SCHEDULING_POLICY_LOAD_BALANCING,
     [](LaunchSettings& s) -> int& { return s.cluster_scheduling_policy; }},
};

}  // namespace

absl::Status ApplyAttribute(CUfunction_attribute attribute, int value, const Device& device,
                            LaunchSettings& settings) {
  for (const Settable& row : kSettable) {
    if (row.attribute != attribute) continue;
    const int max = attribute == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
                        ? static_cast<int>(device.info().max_shared_bytes_per_block)
                        : row.max;
    if (value < row.min || value > max) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("function attribute ", static_cast<int>(attribute), " takes ", row.min,
                                    " to ", max, " (", value, ")"));
    }
    row.field(settings) = value;
    return absl::OkStatus();
  }
  return CudaError(CUDA_ERROR_INVALID_VALUE,
                   absl::StrCat("function attribute ", static_cast<int>(attribute), " cannot be set"));
}

absl::Status ApplyCacheConfig(CUfunc_cache config, LaunchSettings& settings) {
  if (config < CU_FUNC_CACHE_PREFER_NONE || config > CU_FUNC_CACHE_PREFER_EQUAL) {
    return CudaError(
        CUDA_ERROR_INVALID_VALUE,
        absl::StrCat("there is no cache configuration of that number (", static_cast<int>(config), ")"));
  }
  settings.cache_config = config;
  return absl::OkStatus();
}

}  // namespace tq::core
