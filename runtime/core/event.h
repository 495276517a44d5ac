// A CUevent: the point of a timeline that it was recorded at, and, unless timing is disabled, the device time
// at which the device got there. Recording without timing submits nothing. An interprocess event is a
// SharedEvent instead. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/status/statusor.h"
#include "hal/queue.h"
#include "runtime/core/capture.h"
#include "runtime/core/context.h"
#include "runtime/core/ipc_handle.h"
#include "runtime/core/shared_event.h"
#include "runtime/core/timeline.h"
#include "runtime/core/timestamp.h"

namespace tq::core {

class GreenContext;
class Stream;

class Event : public ContextChild {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kEvent;

  static absl::StatusOr<std::unique_ptr<Event>> Create(Context& context, unsigned flags);
  // An interprocess event that another process has.
  static absl::StatusOr<std::unique_ptr<Event>> Open(Context& context, const IpcHandle& handle);
  ~Event() override;

  template <typename CudaHandle>
  CudaHandle handle() const {
    return handle_.as<CudaHandle>();
  }
  Context& context() const { return context_; }
  bool has_timing() const { return stamp_.has_value(); }
  // CUDA_ERROR_INVALID_HANDLE unless it is an interprocess event.
  absl::StatusOr<IpcHandle> Export() const;

  absl::Status Record(Stream& stream);
  // After all work of the context.
  absl::Status RecordAll(Context& context);
  // After all work of a green context.
  absl::Status RecordAll(GreenContext& green);
  // Where a capture recorded it last; capture 0: no capture did.
  CapturedPoint captured() const;
  // What the latest record refers to; no timeline when it was never recorded.
  TimelinePoint point() const;

  // CUDA_ERROR_NOT_READY while work is left; CUDA_ERROR_CAPTURED_EVENT when it was recorded by a capture.
  absl::Status Query() const;
  absl::Status Synchronize() const;
  // From `start` to `end`; see cuEventElapsedTime for the errors.
  static absl::StatusOr<float> ElapsedMilliseconds(const Event& start, const Event& end);

 private:
  explicit Event(Context& context) : context_(context) {}
  absl::Status CheckNotCaptured() const;

  Context& context_;
  std::optional<Timestamp> stamp_;       // none without timing
  hal::Commands command_;                // writes it; recorded once, submitted at each Record
  std::unique_ptr<SharedEvent> shared_;  // of an interprocess event
  mutable std::mutex mutex_;
  TimelinePoint point_;
  CapturedPoint captured_;
  Handle<Event> handle_{this};
};

}  // namespace tq::core
