// What an interprocess event is in all processes that have it: a timeline of theirs, and a count of records.
// The latest record, by whichever process, is what the event stands for. A record waits for the one before,
// on a queue of its own and not in the recorder's stream, so that the timeline never passes work that is
// left. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/statusor.h"
#include "hal/queue.h"
#include "runtime/core/context.h"
#include "runtime/core/ipc_handle.h"
#include "runtime/core/owned_fd.h"
#include "runtime/core/timeline.h"

namespace tq::core {

class SharedEvent : public ContextChild {
 public:
  static absl::StatusOr<std::unique_ptr<SharedEvent>> Create(Context& context);
  // CUDA_ERROR_MAP_FAILED, CUDA_ERROR_INVALID_HANDLE.
  static absl::StatusOr<std::unique_ptr<SharedEvent>> Open(Context& context, const IpcHandle& handle);
  ~SharedEvent() override;

  absl::StatusOr<IpcHandle> Export() const;
  absl::Status Record(const TimelinePoint& after);
  // No timeline: no process has recorded it.
  TimelinePoint point() const;
  // Records of this process that are still to be.
  TimelinePoint last_of_ours() const;

 private:
  struct Page;

  SharedEvent(Context& context, hal::Queue queue) : context_(context), queue_(std::move(queue)) {}
  static absl::StatusOr<std::unique_ptr<SharedEvent>> Make(Context& context, OwnedFd page,
                                                           const hal_shared_handle& timeline);

  Context& context_;
  OwnedFd page_fd_, timeline_fd_;
  Page* page_ = nullptr;
  Ref<Timeline> timeline_;
  mutable std::mutex mutex_;  // of the queue
  hal::Queue queue_;
  uint64_t last_record_ = 0;  // by this process
};

}  // namespace tq::core
