#include "runtime/cuda/launch_attribute.h"

#include "absl/strings/str_cat.h"
#include "api/resolve.h"
#include "runtime/core/error.h"
#include "runtime/core/event.h"

namespace tq::cuda::impl {

using core::CudaError;

absl::Status ApplyLaunchAttribute(const CUlaunchAttribute& attribute, core::LaunchRequest& request,
                                  LaunchEvents& events) {
  const CUlaunchAttributeValue& value = attribute.value;
  switch (attribute.id) {
    case CU_LAUNCH_ATTRIBUTE_COOPERATIVE:
      request.is_cooperative = value.cooperative != 0;
      return absl::OkStatus();
    case CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION:
      request.cluster = {value.clusterDim.x, value.clusterDim.y, value.clusterDim.z};
      if (uint64_t{request.cluster.x} * request.cluster.y * request.cluster.z == 0) {
        return CudaError(CUDA_ERROR_INVALID_CLUSTER_SIZE, "a side of the cluster is 0");
      }
      return absl::OkStatus();
    case CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT:
    case CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT: {
      // An event that may fire before the kernel ends may also fire when it does.
      const CUevent event = attribute.id == CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT
                                ? value.programmaticEvent.event
                                : value.launchCompletionEvent.event;
      events.record = core::Resolve(event);
      if (events.record == nullptr)
        return CudaError(CUDA_ERROR_INVALID_HANDLE, "the event of the launch is not alive");
      return absl::OkStatus();
    }
    case CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE:
      return CudaError(CUDA_ERROR_NOT_SUPPORTED, "kernels cannot change kernel nodes of graphs");
    case CU_LAUNCH_ATTRIBUTE_IGNORE:
    // Hints on caches, order within the device and waiting. Serializing where the program allows overlap is
    // right.
    case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
    case CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY:
    case CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE:
    case CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION:
    case CU_LAUNCH_ATTRIBUTE_PRIORITY:
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN:
    case CU_LAUNCH_ATTRIBUTE_PREFERRED_CLUSTER_DIMENSION:
    case CU_LAUNCH_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      return absl::OkStatus();
    default:
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no launch attribute ", attribute.id));
  }
}

}  // namespace tq::cuda::impl
