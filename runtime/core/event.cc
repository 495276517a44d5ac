#include "runtime/core/event.h"

#include <cuda.h>

#include "base/status.h"
#include "runtime/core/error.h"
#include "runtime/core/green_context.h"
#include "runtime/core/stream.h"

namespace tq::core {

absl::StatusOr<std::unique_ptr<Event>> Event::Create(Context& context, unsigned flags) {
  std::unique_ptr<Event> event(new Event(context));
  if ((flags & CU_EVENT_INTERPROCESS) != 0) {
    ASSIGN_OR_RETURN(event->shared_, SharedEvent::Create(context));
  }
  if ((flags & CU_EVENT_DISABLE_TIMING) != 0) return event;
  ASSIGN_OR_RETURN(Timestamp stamp, context.timestamps().Take());
  absl::StatusOr<hal::Commands> command = hal::Commands::Create(context.vm());
  if (!command.ok()) return context.FromHal(command.status());
  RETURN_IF_ERROR(context.FromHal(command->Timestamp(stamp.va())));
  event->stamp_.emplace(std::move(stamp));
  event->command_ = *std::move(command);
  return event;
}

absl::StatusOr<std::unique_ptr<Event>> Event::Open(Context& context, const IpcHandle& handle) {
  std::unique_ptr<Event> event(new Event(context));
  ASSIGN_OR_RETURN(event->shared_, SharedEvent::Open(context, handle));
  return event;
}

absl::StatusOr<IpcHandle> Event::Export() const {
  if (shared_ != nullptr) return shared_->Export();
  return CudaError(CUDA_ERROR_INVALID_HANDLE, "the event was made without CU_EVENT_INTERPROCESS");
}

Event::~Event() {
  if (shared_ != nullptr) {
    const TimelinePoint last = shared_->last_of_ours();
    context_.Retire(std::move(shared_), {last});
  }
  // The device may still be on its way to write the time: the slot must not be another event's before that.
  if (has_timing()) stamp_->GiveBackAfter(point_);
}

absl::Status Event::Record(Stream& stream) {
  std::lock_guard lock(mutex_);
  if (stream.capture() != nullptr) [[unlikely]] {
    ASSIGN_OR_RETURN(captured_, Capture::Record(stream));
    return absl::OkStatus();
  }
  captured_ = {};
  if (shared_ != nullptr) {
    ASSIGN_OR_RETURN(const TimelinePoint after, stream.Record());
    return shared_->Record(after);
  }
  if (has_timing()) {
    hal_cmd* const command = command_.get();
    ASSIGN_OR_RETURN(point_, stream.SubmitAndRecord({&command, 1}));
  } else {
    ASSIGN_OR_RETURN(point_, stream.Record());
  }
  return absl::OkStatus();
}

absl::Status Event::RecordAll(Context& context) {
  Stream& stream = context.legacy_stream();
  for (const TimelinePoint& point : context.PendingWork()) RETURN_IF_ERROR(stream.WaitFor(point));
  return Record(stream);
}

absl::Status Event::RecordAll(GreenContext& green) {
  Stream& stream = green.default_stream();
  for (const TimelinePoint& point : context_.PendingWork(&green)) RETURN_IF_ERROR(stream.WaitFor(point));
  return Record(stream);
}

CapturedPoint Event::captured() const {
  std::lock_guard lock(mutex_);
  return captured_;
}

absl::Status Event::CheckNotCaptured() const {
  if (captured().capture == 0) return absl::OkStatus();
  return CudaError(CUDA_ERROR_CAPTURED_EVENT,
                   "the event was last recorded in a stream that was being captured");
}

TimelinePoint Event::point() const {
  if (shared_ != nullptr) return shared_->point();
  std::lock_guard lock(mutex_);
  return point_;
}

absl::Status Event::Query() const {
  RETURN_IF_ERROR(CheckNotCaptured());
  const TimelinePoint at = point();
  if (!at.timeline) return absl::OkStatus();
  const hal_status status = at.timeline->Query(at.value);
  if (status == HAL_TIMEOUT)
    return CudaError(CUDA_ERROR_NOT_READY, "the work before the event has not ended");
  return context_.FromHal(status, "asking for the state of an event");
}

absl::Status Event::Synchronize() const {
  RETURN_IF_ERROR(CheckNotCaptured());
  const TimelinePoint at = point();
  if (!at.timeline) return absl::OkStatus();
  return context_.FromHal(at.timeline->Wait(at.value, HAL_NO_DEADLINE), "waiting for an event");
}

absl::StatusOr<float> Event::ElapsedMilliseconds(const Event& start, const Event& end) {
  if (!start.has_timing() || !end.has_timing()) {
    return CudaError(CUDA_ERROR_INVALID_HANDLE, "an event was made with CU_EVENT_DISABLE_TIMING");
  }
  if (&start.context_ != &end.context_) {
    return CudaError(CUDA_ERROR_INVALID_HANDLE, "the events belong to different contexts");
  }
  if (!start.point().timeline || !end.point().timeline) {
    return CudaError(CUDA_ERROR_INVALID_HANDLE, "an event was never recorded");
  }
  RETURN_IF_ERROR(start.Query());
  RETURN_IF_ERROR(end.Query());
  return static_cast<float>(static_cast<double>(end.stamp_->nanoseconds()) -
                            static_cast<double>(start.stamp_->nanoseconds())) *
         1e-6f;
}

}  // namespace tq::core
