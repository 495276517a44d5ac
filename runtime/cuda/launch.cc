#include "runtime/core/launch.h"

#include <cuda.h>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "api/launch.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/event.h"
#include "runtime/core/function.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Function;
using core::LaunchRequest;
using core::Stream;

absl::Status cuLaunchKernel(Function& f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                            unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                            unsigned int sharedMemBytes, Stream& hStream, void** kernelParams, void** extra) {
  LaunchRequest request;
  request.grid = {gridDimX, gridDimY, gridDimZ};
  request.block = {blockDimX, blockDimY, blockDimZ};
  request.dynamic_shared_bytes = sharedMemBytes;
  return core::Launch(f, hStream, request, kernelParams, extra);
}

absl::Status cuLaunchCooperativeKernel(Function& f, unsigned int gridDimX, unsigned int gridDimY,
                                       unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY,
                                       unsigned int blockDimZ, unsigned int sharedMemBytes, Stream& hStream,
                                       void** kernelParams) {
  LaunchRequest request;
  request.grid = {gridDimX, gridDimY, gridDimZ};
  request.block = {blockDimX, blockDimY, blockDimZ};
  request.dynamic_shared_bytes = sharedMemBytes;
  request.is_cooperative = true;
  return core::Launch(f, hStream, request, kernelParams, nullptr);
}

namespace {

// What a launch attribute asks to be done once the kernel is submitted.
struct After {
  core::Event* record = nullptr;
};

absl::Status ApplyAttribute(const CUlaunchAttribute& attribute, LaunchRequest& request, After& after) {
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
      after.record = core::Resolve(event);
      if (after.record == nullptr)
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

}  // namespace

absl::Status cuLaunchKernelEx(Stream& default_stream, const CUlaunchConfig* config, Function& f,
                              void** kernelParams, void** extra) {
  Stream* stream = &default_stream;
  if (config->hStream != nullptr) stream = core::Resolve(config->hStream, core::DefaultStream::kLegacy);
  if (stream == nullptr) return CudaError(CUDA_ERROR_INVALID_HANDLE, "the stream of the launch is not alive");
  if (config->numAttrs != 0 && config->attrs == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat(config->numAttrs, " launch attributes are at no address"));
  }
  LaunchRequest request;
  request.grid = {config->gridDimX, config->gridDimY, config->gridDimZ};
  request.block = {config->blockDimX, config->blockDimY, config->blockDimZ};
  request.dynamic_shared_bytes = config->sharedMemBytes;
  After after;
  for (const CUlaunchAttribute& attribute : absl::MakeSpan(config->attrs, config->numAttrs)) {
    RETURN_IF_ERROR(ApplyAttribute(attribute, request, after));
  }
  RETURN_IF_ERROR(core::Launch(f, *stream, request, kernelParams, extra));
  return after.record == nullptr ? absl::OkStatus() : after.record->Record(*stream);
}

}  // namespace tq::cuda::impl
