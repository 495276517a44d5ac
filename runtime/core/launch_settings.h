// What a program may set for a kernel with cuFuncSetAttribute and its kin, per device or per function.
#pragma once

#include <cuda.h>

#include "absl/status/statusor.h"

namespace tq::core {

struct LaunchSettings {
  int max_dynamic_shared_bytes = -1;  // -1: what 48 KiB leave beside the static part
  int shared_carveout_percent = -1;   // -1: the driver's choice
  int cluster[3] = {0, 0, 0};         // CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_*; 0: none
  int non_portable_cluster_allowed = 0;
  int cluster_scheduling_policy = 0;
  CUfunc_cache cache_config = CU_FUNC_CACHE_PREFER_NONE;
};

class Device;

// CU_FUNC_ATTRIBUTE_*: takes `value` into `settings`. CUDA_ERROR_INVALID_VALUE for an attribute that cannot
// be set, and for a value that `device` cannot serve.
absl::Status ApplyAttribute(CUfunction_attribute attribute, int value, const Device& device,
                            LaunchSettings& settings);
absl::Status ApplyCacheConfig(CUfunc_cache config, LaunchSettings& settings);

}  // namespace tq::core
