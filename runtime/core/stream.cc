#include "runtime/core/stream.h"

#include <cuda.h>

#include <atomic>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "base/log.h"
#include "base/status.h"
#include "runtime/core/capture.h"
#include "runtime/core/child_grids.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/green_context.h"
#include "runtime/core/host_function.h"

namespace tq::core {
namespace {

uint64_t NextId() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

Stream::Stream(Context& context, Kind kind, int priority, GreenContext* green, hal::Queue queue,
               Ref<Timeline> timeline)
    : context_(context),
      kind_(kind),
      priority_(priority),
      green_(green),
      id_(NextId()),
      timeline_(std::move(timeline)),
      queue_(std::move(queue)) {
  handle_.emplace(this);
}

absl::StatusOr<std::unique_ptr<Stream>> Stream::Create(Context& context, Kind kind, int priority,
                                                       GreenContext* green) {
  ASSIGN_OR_RETURN(Ref<Timeline> timeline, Timeline::Create(context.device()));
  // CUDA: a lower number runs first; HAL: a higher one.
  const absl::Span<const uint64_t> units =
      green == nullptr ? absl::Span<const uint64_t>() : green->units().words();
  absl::StatusOr<hal::Queue> queue =
      hal::Queue::Create(context.vm(), HAL_QUEUE_COMPUTE, -priority, {units.data(), units.size()});
  if (!queue.ok()) return context.FromHal(queue.status());
  return std::unique_ptr<Stream>(
      new Stream(context, kind, priority, green, *std::move(queue), std::move(timeline)));
}

Stream::~Stream() = default;

void Stream::Retire() {
  Capture::Abandon(*this);
  handle_.reset();
}

void Stream::Orphan() {
  Capture::Abandon(*this);
  Drain();
  handle_->slot()->kind.store(HandleKind::kOrphanedStream, std::memory_order_release);
}

void Stream::Drain() { timeline_->Wait(timeline_->submitted(), HAL_NO_DEADLINE); }

absl::StatusOr<bool> Stream::WaitForDefaultStreams() {
  if (kind_ == Kind::kBlocking) {
    const Stream& default_stream = green_ == nullptr ? context_.legacy_stream() : green_->default_stream();
    Timeline& legacy = *default_stream.timeline();
    const uint64_t value = legacy.submitted();
    if (value == legacy_seen_) return false;
    legacy_seen_ = value;
    if (legacy.Query(value) == HAL_OK) return false;
    const hal_sem_point wait = {legacy.semaphore(), value};
    RETURN_IF_ERROR(SubmitLocked({}, {&wait, 1}));
    return true;
  }
  if (kind_ == Kind::kLegacy && context_.blocking_stream_count() != 0) {
    RETURN_IF_ERROR(Capture::CheckLegacy(*this));
    absl::InlinedVector<hal_sem_point, 16> waits;
    context_.ForEachStream([&](Stream& stream) {
      if (stream.kind_ != Kind::kBlocking || stream.green_ != green_) return;
      const uint64_t value = stream.timeline_->submitted();
      if (value == stream.seen_by_legacy_) return;
      stream.seen_by_legacy_ = value;
      if (stream.timeline_->Query(value) != HAL_OK) waits.push_back({stream.timeline_->semaphore(), value});
    });
    if (waits.empty()) return false;
    RETURN_IF_ERROR(SubmitLocked({}, waits));
    return true;
  }
  return false;
}

absl::Status Stream::SubmitLocked(absl::Span<hal_cmd* const> commands, absl::Span<const hal_sem_point> waits,
                                  absl::Span<const TimelinePoint> signals) {
  const uint64_t value = timeline_->submitted() + 1;
  // The stream's own last: they are reached one after the other, and who has waited for the stream may look
  // at the others.
  absl::InlinedVector<hal_sem_point, 4> reached;
  for (const TimelinePoint& point : signals) reached.push_back({point.timeline->semaphore(), point.value});
  reached.push_back({timeline_->semaphore(), value});
  RETURN_IF_ERROR(context_.FromHal(queue_.Submit(waits, commands, reached)));
  timeline_->Publish(value);
  return absl::OkStatus();
}

absl::Status Stream::Dispatch(const hal_dispatch& dispatch) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(WaitForDefaultStreams());
  const uint64_t value = timeline_->submitted() + 1;
  const hal_status status = queue_.Dispatch(dispatch, timeline_->semaphore(), value);
  if (status != HAL_OK) return context_.FromHal(status, "launching a kernel");
  timeline_->Publish(value);
  return absl::OkStatus();
}

absl::Status Stream::Submit(absl::Span<hal_cmd* const> commands, std::shared_ptr<void> keep) {
  std::lock_guard lock(mutex_);
  DropEndedKeeps();
  RETURN_IF_ERROR(WaitForDefaultStreams());
  RETURN_IF_ERROR(SubmitLocked(commands, {}));
  if (keep != nullptr) keeps_.push_back({timeline_->submitted(), std::move(keep)});
  return absl::OkStatus();
}

absl::Status Stream::Submit(absl::FunctionRef<absl::Status(hal::Commands&)> record,
                            std::shared_ptr<void> keep) {
  absl::StatusOr<hal::Commands> commands = hal::Commands::Create(context_.vm());
  if (!commands.ok()) return context_.FromHal(commands.status());
  RETURN_IF_ERROR(context_.FromHal(record(*commands)));
  hal_cmd* const command = commands->get();
  return Submit({&command, 1}, std::move(keep));  // the HAL keeps the command buffer until its work has ended
}

absl::Status Stream::WaitFor(const TimelinePoint& point) {
  if (!point.timeline || point.timeline.get() == timeline_.get() || point.Reached()) return absl::OkStatus();
  std::lock_guard lock(mutex_);
  const hal_sem_point wait = {point.timeline->semaphore(), point.value};
  return SubmitLocked({}, {&wait, 1});
}

absl::Status Stream::Signal(absl::Span<const TimelinePoint> points) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(WaitForDefaultStreams());
  return SubmitLocked({}, {}, points);
}

absl::Status Stream::DispatchWithChildren(const hal_dispatch& dispatch) {
  ASSIGN_OR_RETURN(Stream* const children, context_.stream_of_children());
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(WaitForDefaultStreams());
  ExpectChildren(context_, dispatch.grid_id);
  const uint64_t value = timeline_->submitted() + 1;
  const hal_status status = queue_.Dispatch(dispatch, timeline_->semaphore(), value);
  if (status != HAL_OK) {
    ForgetChildren(dispatch.grid_id);
    return context_.FromHal(status, "launching a kernel");
  }
  timeline_->Publish(value);
  const auto run = [children, grid_id = dispatch.grid_id](int state) {
    if (state != CUDA_SUCCESS) return ForgetChildren(grid_id);
    const absl::Status ran = RunChildren(*children, grid_id);
    if (!ran.ok()) Log(LogLevel::kError, "a kernel's launch failed: %s", std::string(ran.message()).c_str());
  };
  return CallHostLocked(run, OnError::kCall);
}

absl::Status Stream::CallHost(std::function<void(int)> function, OnError on_error) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(WaitForDefaultStreams());
  return CallHostLocked(std::move(function), on_error);
}

absl::Status Stream::CallHostLocked(std::function<void(int)> function, OnError on_error) {
  const TimelinePoint after = {timeline_, timeline_->submitted()};
  const TimelinePoint done = {timeline_, after.value + 1};
  // The queue stops at a wait for a value that the host signals when the function has returned.
  const hal_sem_point wait = {timeline_->semaphore(), done.value};
  RETURN_IF_ERROR(context_.FromHal(queue_.Submit({&wait, 1}, {}, {})));
  timeline_->Publish(done.value);
  Context& context = context_;
  return context_.host_functions().Enqueue(
      {after, done, [&context, on_error, function = std::move(function)](hal_status status) {
         const absl::Status state = context.FromHal(status, "waiting for a host function's turn");
         if (state.ok() || on_error == OnError::kCall) function(ToCuResult(state));
       }});
}

absl::StatusOr<TimelinePoint> Stream::SubmitAndRecord(absl::Span<hal_cmd* const> commands) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(WaitForDefaultStreams());
  RETURN_IF_ERROR(SubmitLocked(commands, {}));
  return TimelinePoint{timeline_, timeline_->submitted()};
}

absl::StatusOr<TimelinePoint> Stream::Record() {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(WaitForDefaultStreams());
  return TimelinePoint{timeline_, timeline_->submitted()};
}

absl::Status Stream::Synchronize() {
  if (capture() != nullptr) [[unlikely]]
    return Capture::Refuse(*this, "waiting for the stream");
  ASSIGN_OR_RETURN(const TimelinePoint point, Record());
  RETURN_IF_ERROR(context_.FromHal(timeline_->Wait(point.value, HAL_NO_DEADLINE), "waiting for a stream"));
  return context_.CheckNow();
}

absl::Status Stream::Query() {
  if (capture() != nullptr) [[unlikely]]
    return Capture::Refuse(*this, "asking for the state of the stream");
  ASSIGN_OR_RETURN(const TimelinePoint point, Record());
  const hal_status status = timeline_->Query(point.value);
  if (status == HAL_TIMEOUT) return CudaError(CUDA_ERROR_NOT_READY, "the stream has work left");
  RETURN_IF_ERROR(context_.FromHal(status, "asking for the state of a stream"));
  return context_.CheckNow();
}

bool Stream::Idle() {
  std::lock_guard lock(mutex_);
  const absl::StatusOr<bool> waits = WaitForDefaultStreams();
  return waits.ok() && !*waits && timeline_->Query(timeline_->submitted()) == HAL_OK;
}

StreamAttributes Stream::attributes() {
  std::lock_guard lock(mutex_);
  return attributes_;
}

void Stream::set_attributes(const StreamAttributes& attributes) {
  std::lock_guard lock(mutex_);
  attributes_ = attributes;
}

void Stream::DropEndedKeeps() {
  while (!keeps_.empty() && timeline_->Query(keeps_.front().value) != HAL_TIMEOUT) keeps_.pop_front();
}

}  // namespace tq::core
