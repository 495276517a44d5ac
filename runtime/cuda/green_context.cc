#include "runtime/core/green_context.h"

#include <cuda.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "api/green_context.h"
#include "base/status.h"
#include "runtime/core/capture.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/event.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Device;
using core::DeviceUnits;
using core::GreenContext;
using core::Stream;

namespace {

absl::Status CheckType(CUdevResourceType type) {
  if (type == CU_DEV_RESOURCE_TYPE_SM) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_RESOURCE_TYPE, absl::StrCat("there is no resource of type ", type));
}

// A green context's streams are captured one by one.
absl::Status CheckNotCaptured(GreenContext& green, const char* what) {
  Stream* captured = nullptr;
  green.context().ForEachStream([&](Stream& stream) {
    if (stream.green() == &green && stream.capture() != nullptr) captured = &stream;
  });
  return captured == nullptr ? absl::OkStatus() : core::Capture::Refuse(*captured, what);
}

}  // namespace

absl::Status cuDeviceGetDevResource(Device& device, CUdevResource* resource, CUdevResourceType type) {
  RETURN_IF_ERROR(CheckType(type));
  ASSIGN_OR_RETURN(const DeviceUnits units, core::AllUnits(device));
  *resource = core::ToResource(units);
  return absl::OkStatus();
}

absl::Status cuGreenCtxGetDevResource(GreenContext& hCtx, CUdevResource* resource, CUdevResourceType type) {
  RETURN_IF_ERROR(CheckType(type));
  *resource = core::ToResource({&hCtx.device(), 0, hCtx.units()});
  return absl::OkStatus();
}

absl::Status cuCtxGetDevResource(CUcontext hCtx, CUdevResource* resource, CUdevResourceType type) {
  core::Context* const context = core::Resolve(hCtx);
  if (context == nullptr) return CudaError(CUDA_ERROR_INVALID_CONTEXT, "hCtx is no context");
  GreenContext* const green = GreenContext::OfSlot(core::SlotOf(hCtx));
  if (green != nullptr) return impl::cuGreenCtxGetDevResource(*green, resource, type);
  return impl::cuDeviceGetDevResource(context->device(), resource, type);
}

absl::Status cuDevSmResourceSplitByCount(CUdevResource* result, unsigned int* nbGroups,
                                         const CUdevResource* input, CUdevResource* remaining,
                                         unsigned int useFlags, unsigned int minCount) {
  constexpr unsigned kFlags =
      CU_DEV_SM_RESOURCE_SPLIT_IGNORE_SM_COSCHEDULING | CU_DEV_SM_RESOURCE_SPLIT_MAX_POTENTIAL_CLUSTER_SIZE;
  if ((useFlags & ~kFlags) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are unknown (", useFlags, ")"));
  }
  ASSIGN_OR_RETURN(const DeviceUnits units, core::FromResource(*input));
  // Without results all groups are counted that there could be.
  const uint64_t wanted = result == nullptr ? units.units.Count() : *nbGroups;
  ASSIGN_OR_RETURN(const core::DeviceSplit split, core::Split(units, wanted, minCount));
  *nbGroups = static_cast<unsigned>(split.groups.size());
  if (result != nullptr) std::transform(split.groups.begin(), split.groups.end(), result, core::ToResource);
  if (remaining != nullptr) *remaining = core::ToResource(split.remaining);
  return absl::OkStatus();
}

absl::Status cuDevResourceGenerateDesc(CUdevResourceDesc* phDesc, CUdevResource* resources,
                                       unsigned int nbResources) {
  ASSIGN_OR_RETURN(const core::DeviceResourceDesc* const description,
                   core::DeviceResourceDesc::Of(absl::MakeConstSpan(resources, nbResources)));
  *phDesc = description->handle();
  return absl::OkStatus();
}

absl::Status cuGreenCtxCreate(CUgreenCtx* phCtx, core::DeviceResourceDesc& desc, Device& dev,
                              unsigned int flags) {
  if (flags != CU_GREEN_CTX_DEFAULT_STREAM) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the flags are not CU_GREEN_CTX_DEFAULT_STREAM (", flags, ")"));
  }
  if (desc.units().device != &dev) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the resources are of another device");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<GreenContext> green, GreenContext::Create(dev, desc.units().units));
  // Owned by its handle from here: cuGreenCtxDestroy takes it back.
  *phCtx = green.release()->handle();
  return absl::OkStatus();
}

absl::Status cuGreenCtxDestroy(GreenContext& hCtx) {
  if (core::Context::CurrentSlot() == hCtx.view()) RETURN_IF_ERROR(core::Context::Pop());
  const std::unique_ptr<GreenContext> owned(&hCtx);
  return absl::OkStatus();
}

absl::Status cuCtxFromGreenCtx(CUcontext* pContext, GreenContext& hCtx) {
  *pContext = reinterpret_cast<CUcontext>(hCtx.view());
  return absl::OkStatus();
}

absl::Status cuGreenCtxRecordEvent(GreenContext& hCtx, core::Event& hEvent) {
  if (&hEvent.context() != &hCtx.context())
    return CudaError(CUDA_ERROR_INVALID_HANDLE, "the event is of another context");
  RETURN_IF_ERROR(hCtx.Check());
  RETURN_IF_ERROR(CheckNotCaptured(hCtx, "recording the work of its green context"));
  return hEvent.RecordAll(hCtx);
}

absl::Status cuGreenCtxWaitEvent(GreenContext& hCtx, core::Event& hEvent) {
  RETURN_IF_ERROR(hCtx.Check());
  RETURN_IF_ERROR(CheckNotCaptured(hCtx, "a wait of its green context"));
  if (hEvent.captured().capture != 0) {
    return CudaError(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the event is of a capture");
  }
  return hCtx.WaitFor(hEvent.point());
}

absl::Status cuStreamGetGreenCtx(Stream& hStream, CUgreenCtx* phCtx) {
  *phCtx = hStream.green() == nullptr ? nullptr : hStream.green()->handle();
  return absl::OkStatus();
}

absl::Status cuGreenCtxStreamCreate(CUstream* phStream, GreenContext& greenCtx, unsigned int flags,
                                    int priority) {
  if (flags != CU_STREAM_NON_BLOCKING) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the flags are not CU_STREAM_NON_BLOCKING (", flags, ")"));
  }
  priority = std::clamp(priority, core::kGreatestPriority, core::kLeastPriority);
  ASSIGN_OR_RETURN(Stream* const stream, greenCtx.CreateStream(flags, priority));
  *phStream = stream->handle<CUstream>();
  return absl::OkStatus();
}

absl::Status cuGreenCtxGetId(GreenContext* greenCtx, unsigned long long* greenCtxId) {
  if (greenCtx == nullptr) greenCtx = GreenContext::Current();
  if (greenCtx == nullptr)
    return CudaError(CUDA_ERROR_INVALID_CONTEXT, "no green context is given, and none is current");
  *greenCtxId = greenCtx->id();
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
