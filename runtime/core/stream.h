// A CUstream: an in-order hal queue and the timeline that says how far it has come. Work is asynchronous;
// waits for other streams are waits of the device on their timelines, so no host thread is spent on them.
//
// Default-stream rules (CUDA Runtime API, "Stream synchronization behavior"): work in the legacy default
// stream waits for what was submitted before to all blocking streams, and work in a blocking stream for what
// was submitted before to the legacy one. Both are put in as device-side waits when an operation takes its
// turn.
//
// Thread-safe: an operation holds the stream's lock while it submits.
#pragma once

#include <cuda.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "hal/queue.h"
#include "runtime/core/handle.h"
#include "runtime/core/timeline.h"

namespace tq::core {

class Capture;
class Context;
class GreenContext;

// CUDA's range of priorities: lower runs first.
inline constexpr int kLeastPriority = 0;
inline constexpr int kGreatestPriority = -5;

// Hints that are kept for queries.
struct StreamAttributes {
  CUaccessPolicyWindow access_policy_window = {};
  CUsynchronizationPolicy sync_policy = CU_SYNC_POLICY_AUTO;
};

class Stream {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kStream;

  enum class Kind { kLegacy, kBlocking, kNonBlocking };
  // `green`: whose part of the device runs its kernels; null: all of the device does.
  static absl::StatusOr<std::unique_ptr<Stream>> Create(Context& context, Kind kind, int priority,
                                                        GreenContext* green = nullptr);
  ~Stream();      // waits for the work in it
  void Retire();  // the handle dies, the work goes on
  void Drain();   // waits for the work, whatever becomes of it
  // The green context goes, and the stream stays: calls with its handle are CUDA_ERROR_CONTEXT_IS_DESTROYED.
  void Orphan();

  template <typename CudaHandle>
  CudaHandle handle() const {
    return handle_->as<CudaHandle>();
  }
  Context& context() const { return context_; }
  GreenContext* green() const { return green_; }
  Kind kind() const { return kind_; }
  int priority() const { return priority_; }  // CUDA's: lower runs first
  uint64_t id() const { return id_; }

  // One launch. The hot path: a lock, a look at the other default stream, one HAL call, no allocation.
  absl::Status Dispatch(const hal_dispatch& dispatch);

  // One launch of a kernel that may launch others: what comes behind it in the stream waits for those as
  // well.
  absl::Status DispatchWithChildren(const hal_dispatch& dispatch);

  // Commands as one batch. `keep` lives until they have ended.
  absl::Status Submit(absl::Span<hal_cmd* const> commands, std::shared_ptr<void> keep = nullptr);

  // Records one command with `record` into a fresh command buffer and submits it.
  absl::Status Submit(absl::FunctionRef<absl::Status(hal::Commands&)> record,
                      std::shared_ptr<void> keep = nullptr);

  // Later work in this stream waits for `point`.
  absl::Status WaitFor(const TimelinePoint& point);

  // Reaches the points, of timelines that are no stream's, after the work before.
  absl::Status Signal(absl::Span<const TimelinePoint> points);

  // Runs `function` on a runtime thread after the work before it and before the work after it. It gets the
  // state of the context: CUDA_SUCCESS or the error that the work before ended with.
  enum class OnError { kSkip, kCall };
  absl::Status CallHost(std::function<void(int cu_result)> function, OnError on_error);

  // Submit() and the point at which the commands have ended.
  absl::StatusOr<TimelinePoint> SubmitAndRecord(absl::Span<hal_cmd* const> commands);

  // The point at which everything submitted so far has ended.
  absl::StatusOr<TimelinePoint> Record();

  absl::Status Synchronize();
  // OK: no work left. CUDA_ERROR_NOT_READY: some is.
  absl::Status Query();
  // Whether all work submitted is known to have ended, the default-stream rules included; never blocks.
  bool Idle();

  // A thread's default stream: not the program's to destroy.
  bool is_default() const { return is_default_; }
  void set_is_default() { is_default_ = true; }

  StreamAttributes attributes();
  void set_attributes(const StreamAttributes& attributes);

  const Ref<Timeline>& timeline() const { return timeline_; }

  // The capture in progress, or null.
  Capture* capture() const { return capture_.load(std::memory_order_acquire); }
  void set_capture(Capture* capture) { capture_.store(capture, std::memory_order_release); }

 private:
  Stream(Context& context, Kind kind, int priority, GreenContext* green, hal::Queue queue,
         Ref<Timeline> timeline);

  // Puts in the waits that the default-stream rules ask for. Reports whether there were any. Needs mutex_.
  absl::StatusOr<bool> WaitForDefaultStreams();
  absl::Status SubmitLocked(absl::Span<hal_cmd* const> commands, absl::Span<const hal_sem_point> waits,
                            absl::Span<const TimelinePoint> signals = {});
  void DropEndedKeeps();
  absl::Status CallHostLocked(std::function<void(int cu_result)> function, OnError on_error);

  struct Keep {
    uint64_t value;
    std::shared_ptr<void> object;
  };

  Context& context_;
  const Kind kind_;
  const int priority_;
  GreenContext* const green_;
  const uint64_t id_;
  const Ref<Timeline> timeline_;
  bool is_default_ = false;  // constant once others see the stream
  std::atomic<Capture*> capture_{nullptr};

  std::mutex mutex_;
  hal::Queue queue_;
  uint64_t legacy_seen_ = 0;  // value of the legacy stream that this one waited for last
  // Value that the legacy stream has waited for. Under the lock of the legacy stream, not ours.
  uint64_t seen_by_legacy_ = 0;
  std::deque<Keep> keeps_;
  StreamAttributes attributes_;

  std::optional<Handle<Stream>> handle_;
};

}  // namespace tq::core
