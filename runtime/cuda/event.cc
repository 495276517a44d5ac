#include "api/event.h"

#include <cuda.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/capture.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/event.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

using core::Context;
using core::CudaError;
using core::Event;

absl::Status cuEventCreate(CUevent* phEvent, unsigned int Flags) {
  constexpr unsigned kKnown = CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING | CU_EVENT_INTERPROCESS;
  if ((Flags & ~kKnown) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the event flags are invalid (0x", absl::Hex(Flags), ")"));
  }
  if ((Flags & CU_EVENT_INTERPROCESS) != 0 && (Flags & CU_EVENT_DISABLE_TIMING) == 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "an interprocess event must be without timing");
  }
  Context& context = *Context::Current();
  ASSIGN_OR_RETURN(std::unique_ptr<Event> event, Event::Create(context, Flags));
  *phEvent = context.Adopt(std::move(event))->handle<CUevent>();
  return absl::OkStatus();
}

absl::Status cuEventRecord(Event& hEvent, core::Stream& hStream) {
  if (&hEvent.context() != &hStream.context()) {
    return CudaError(CUDA_ERROR_INVALID_HANDLE, "the event and the stream belong to different contexts");
  }
  return hEvent.Record(hStream);
}

absl::Status cuEventRecordWithFlags(Event& hEvent, core::Stream& hStream, unsigned int flags) {
  if ((flags & ~CU_EVENT_RECORD_EXTERNAL) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the record flags are invalid (0x", absl::Hex(flags), ")"));
  }
  if (hStream.capture() != nullptr && (flags & CU_EVENT_RECORD_EXTERNAL) != 0) {
    return core::Capture::Add(hStream, core::EventRecordOperation{&hEvent});
  }
  return impl::cuEventRecord(hEvent, hStream);
}

absl::Status cuEventQuery(Event& hEvent) {
  RETURN_IF_ERROR(core::Capture::CheckUnsafeCall("asking for the state of an event"));
  return hEvent.Query();
}

absl::Status cuEventSynchronize(Event& hEvent) {
  RETURN_IF_ERROR(core::Capture::CheckUnsafeCall("waiting for an event"));
  return hEvent.Synchronize();
}

absl::Status cuEventDestroy_v2(Event& hEvent) {
  hEvent.context().Release(&hEvent).reset();
  return absl::OkStatus();
}

absl::Status cuEventElapsedTime_v2(float* pMilliseconds, Event& hStart, Event& hEnd) {
  ASSIGN_OR_RETURN(*pMilliseconds, Event::ElapsedMilliseconds(hStart, hEnd));
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
