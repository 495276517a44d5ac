#include "api/stream.h"

#include <cuda.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/status.h"
#include "runtime/core/capture.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/event.h"
#include "runtime/core/green_context.h"
#include "runtime/core/process.h"
#include "runtime/core/stream.h"
#include "runtime/core/stream_memop.h"

namespace tq::cuda::impl {

using core::Context;
using core::CudaError;
using core::Stream;

absl::Status cuStreamCreateWithPriority(CUstream* phStream, unsigned int flags, int priority) {
  if ((flags & ~CU_STREAM_NON_BLOCKING) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the stream flags are invalid (0x", absl::Hex(flags), ")"));
  }
  // Out of the range: the nearest one within it (cuStreamCreateWithPriority).
  priority = std::clamp(priority, core::kGreatestPriority, core::kLeastPriority);
  Context& context = *Context::Current();
  core::GreenContext* const green =
      Context::CurrentSlot() == context.slot() ? nullptr : core::GreenContext::Current();
  ASSIGN_OR_RETURN(Stream* const stream, green == nullptr ? context.CreateStream(flags, priority)
                                                          : green->CreateStream(flags, priority));
  *phStream = stream->handle<CUstream>();
  return absl::OkStatus();
}

absl::Status cuStreamCreate(CUstream* phStream, unsigned int Flags) {
  return impl::cuStreamCreateWithPriority(phStream, Flags, core::kLeastPriority);
}

absl::Status cuStreamDestroy_v2(Stream& hStream) { return hStream.context().DestroyStream(&hStream); }

absl::Status cuStreamGetPriority(Stream& hStream, int* priority) {
  *priority = hStream.priority();
  return absl::OkStatus();
}

absl::Status cuStreamGetId(Stream& hStream, unsigned long long* streamId) {
  *streamId = hStream.id();
  return absl::OkStatus();
}

absl::Status cuStreamGetFlags(Stream& hStream, unsigned int* flags) {
  *flags = hStream.kind() == Stream::Kind::kNonBlocking ? CU_STREAM_NON_BLOCKING : CU_STREAM_DEFAULT;
  return absl::OkStatus();
}

absl::Status cuStreamGetDevice(Stream& hStream, CUdevice* device) {
  *device = hStream.context().device().ordinal();
  return absl::OkStatus();
}

absl::Status cuStreamGetCtx(Stream& hStream, CUcontext* pctx) {
  *pctx = hStream.green() == nullptr ? hStream.context().handle<CUcontext>()
                                     : reinterpret_cast<CUcontext>(hStream.green()->view());
  return absl::OkStatus();
}

absl::Status cuStreamGetCtx_v2(Stream& hStream, CUcontext* pCtx, CUgreenCtx* pGreenCtx) {
  *pCtx = hStream.context().handle<CUcontext>();
  *pGreenCtx = hStream.green() == nullptr ? nullptr : hStream.green()->handle();
  return absl::OkStatus();
}

absl::Status cuStreamWaitEvent(Stream& hStream, core::Event& hEvent, unsigned int Flags) {
  if ((Flags & ~CU_EVENT_WAIT_EXTERNAL) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the wait flags are invalid (0x", absl::Hex(Flags), ")"));
  }
  if (const core::CapturedPoint captured = hEvent.captured(); captured.capture != 0) {
    return core::Capture::WaitFor(hStream, captured);
  }
  if (hStream.capture() != nullptr) [[unlikely]] {
    if ((Flags & CU_EVENT_WAIT_EXTERNAL) != 0) {
      return core::Capture::Add(hStream, core::EventWaitOperation{&hEvent});
    }
    return core::Capture::Refuse(hStream, "waiting for work that is not captured",
                                 CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
  }
  return hStream.WaitFor(hEvent.point());
}

absl::Status cuStreamAddCallback(Stream& hStream, CUstreamCallback callback, void* userData,
                                 unsigned int flags) {
  if (flags != 0 || callback == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     callback == nullptr ? "the callback is null" : "the flags are not 0");
  }
  if (hStream.capture() != nullptr) return core::Capture::Refuse(hStream, "a callback of the stream");
  const CUstream handle = hStream.kind() == Stream::Kind::kLegacy ? nullptr : hStream.handle<CUstream>();
  return hStream.CallHost([=](int result) { callback(handle, static_cast<CUresult>(result), userData); },
                          Stream::OnError::kCall);
}

absl::Status cuStreamQuery(Stream& hStream) {
  RETURN_IF_ERROR(core::Capture::CheckUnsafeCall("asking for the state of a stream"));
  return hStream.Query();
}

absl::Status cuStreamSynchronize(Stream& hStream) {
  RETURN_IF_ERROR(core::Capture::CheckUnsafeCall("waiting for a stream"));
  return hStream.Synchronize();
}

absl::Status cuStreamWriteValue32_v2(Stream& stream, CUdeviceptr addr, cuuint32_t value, unsigned int flags) {
  return core::WriteValue(stream, addr, value, 4, flags);
}

absl::Status cuStreamWaitValue32_v2(Stream& stream, CUdeviceptr addr, cuuint32_t value, unsigned int flags) {
  return core::WaitValue(stream, addr, value, 4, flags);
}

absl::Status cuStreamWriteValue64_v2(Stream& stream, CUdeviceptr addr, cuuint64_t value, unsigned int flags) {
  return core::WriteValue(stream, addr, value, 8, flags);
}

absl::Status cuStreamWaitValue64_v2(Stream& stream, CUdeviceptr addr, cuuint64_t value, unsigned int flags) {
  return core::WaitValue(stream, addr, value, 8, flags);
}

absl::Status cuStreamBatchMemOp_v2(Stream& stream, unsigned int count, CUstreamBatchMemOpParams* paramArray,
                                   unsigned int flags) {
  if (flags != 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are not 0 (", flags, ")"));
  return core::BatchMemoryOps(stream, {paramArray, count});
}

// The first versions of these differ in being switched on by a module parameter of NVIDIA's driver only.
absl::Status cuStreamWriteValue32(Stream& stream, CUdeviceptr addr, cuuint32_t value, unsigned int flags) {
  return impl::cuStreamWriteValue32_v2(stream, addr, value, flags);
}

absl::Status cuStreamWaitValue32(Stream& stream, CUdeviceptr addr, cuuint32_t value, unsigned int flags) {
  return impl::cuStreamWaitValue32_v2(stream, addr, value, flags);
}

absl::Status cuStreamWriteValue64(Stream& stream, CUdeviceptr addr, cuuint64_t value, unsigned int flags) {
  return impl::cuStreamWriteValue64_v2(stream, addr, value, flags);
}

absl::Status cuStreamWaitValue64(Stream& stream, CUdeviceptr addr, cuuint64_t value, unsigned int flags) {
  return impl::cuStreamWaitValue64_v2(stream, addr, value, flags);
}

absl::Status cuStreamBatchMemOp(Stream& stream, unsigned int count, CUstreamBatchMemOpParams* paramArray,
                                unsigned int flags) {
  return impl::cuStreamBatchMemOp_v2(stream, count, paramArray, flags);
}

absl::Status cuStreamCopyAttributes(Stream& dstStream, Stream& srcStream) {
  dstStream.set_attributes(srcStream.attributes());
  return absl::OkStatus();
}

namespace {

absl::Status NoAttribute(CUstreamAttrID attr) {
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("streams have no attribute ", attr));
}

}  // namespace

absl::Status cuStreamGetAttribute(Stream& hStream, CUstreamAttrID attr, CUstreamAttrValue* value) {
  const core::StreamAttributes attributes = hStream.attributes();
  switch (attr) {
    case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
      value->accessPolicyWindow = attributes.access_policy_window;
      return absl::OkStatus();
    case CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY:
      value->syncPolicy = attributes.sync_policy;
      return absl::OkStatus();
    case CU_LAUNCH_ATTRIBUTE_PRIORITY:
      value->priority = hStream.priority();
      return absl::OkStatus();
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
      value->memSyncDomainMap = {0, 0};
      return absl::OkStatus();
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN:
      value->memSyncDomain = CU_LAUNCH_MEM_SYNC_DOMAIN_DEFAULT;
      return absl::OkStatus();
    default:
      return NoAttribute(attr);
  }
}

// Hints about caches and waiting change nothing that a program can see; they are kept for
// cuStreamGetAttribute.
absl::Status cuStreamSetAttribute(Stream& hStream, CUstreamAttrID attr, const CUstreamAttrValue* param) {
  core::StreamAttributes attributes = hStream.attributes();
  switch (attr) {
    case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
      attributes.access_policy_window = param->accessPolicyWindow;
      break;
    case CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY:
      attributes.sync_policy = param->syncPolicy;
      break;
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN:
      break;
    default:
      return NoAttribute(attr);
  }
  hStream.set_attributes(attributes);
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
