#include "runtime/core/shared_event.h"

#include <cuda.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <utility>

#include "base/status.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/stream.h"

namespace tq::core {
namespace {

constexpr uint64_t kPageBytes = 4096;
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW;

absl::Status NoFile() {
  return CudaError(CUDA_ERROR_OUT_OF_MEMORY, "no file for a shared event can be made");
}

}  // namespace

// Written by all processes that have the event.
struct SharedEvent::Page {
  static constexpr uint64_t kMagic = 0x31746e6576455154;  // "TQEvent1"
  uint64_t magic;
  std::atomic<uint64_t> records;
};

absl::StatusOr<std::unique_ptr<SharedEvent>> SharedEvent::Create(Context& context) {
  const Device& device = context.device();
  absl::StatusOr<hal::Semaphore> semaphore =
      hal::Semaphore::Create(device.hal().backend(), device.hal().get(), 0);
  if (!semaphore.ok()) return context.FromHal(semaphore.status());
  absl::StatusOr<hal_shared_handle> shared = semaphore->Export(HAL_HANDLE_FD);
  if (!shared.ok()) return context.FromHal(shared.status());
  const OwnedFd timeline(shared->fd);
  OwnedFd page(memfd_create("tianqiao-event", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const uint64_t magic = Page::kMagic;
  if (!page.is_open() || ftruncate(page.get(), kPageBytes) != 0 ||
      fcntl(page.get(), F_ADD_SEALS, kSeals) != 0 ||
      pwrite(page.get(), &magic, sizeof magic, 0) != sizeof magic) {
    return NoFile();
  }
  return Make(context, std::move(page), *shared);
}

absl::StatusOr<std::unique_ptr<SharedEvent>> SharedEvent::Open(Context& context, const IpcHandle& handle) {
  RETURN_IF_ERROR(handle.FindDevice().status());
  ASSIGN_OR_RETURN(OwnedFd page, handle.OpenFile(0));
  ASSIGN_OR_RETURN(const OwnedFd timeline, handle.OpenFile(1));
  hal_shared_handle shared = {sizeof(shared)};
  shared.kind = HAL_HANDLE_FD;
  shared.fd = timeline.get();
  return Make(context, std::move(page), shared);
}

absl::StatusOr<std::unique_ptr<SharedEvent>> SharedEvent::Make(Context& context, OwnedFd page,
                                                               const hal_shared_handle& timeline) {
  const Device& device = context.device();
  absl::StatusOr<hal::Queue> queue = hal::Queue::Create(context.vm(), HAL_QUEUE_COMPUTE, -kGreatestPriority);
  if (!queue.ok()) return context.FromHal(queue.status());
  std::unique_ptr<SharedEvent> event(new SharedEvent(context, *std::move(queue)));
  absl::StatusOr<hal::Semaphore> semaphore =
      hal::Semaphore::Import(device.hal().backend(), device.hal().get(), timeline);
  if (!semaphore.ok()) return CudaError(CUDA_ERROR_INVALID_HANDLE, "the handle's file is no timeline");
  event->timeline_ = Timeline::Adopt(device, *std::move(semaphore));
  event->timeline_fd_ = OwnedFd(fcntl(timeline.fd, F_DUPFD_CLOEXEC, 0));
  if (!event->timeline_fd_.is_open()) return NoFile();

  struct stat file = {};
  const int seals = fcntl(page.get(), F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals || fstat(page.get(), &file) != 0 ||
      static_cast<uint64_t>(file.st_size) != kPageBytes) {
    return CudaError(CUDA_ERROR_INVALID_HANDLE, "the handle's file is no event");
  }
  void* const mapped = mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_SHARED, page.get(), 0);
  if (mapped == MAP_FAILED) return CudaError(CUDA_ERROR_MAP_FAILED, "the event's file cannot be mapped");
  event->page_fd_ = std::move(page);
  event->page_ = static_cast<Page*>(mapped);
  if (event->page_->magic != Page::kMagic) {
    return CudaError(CUDA_ERROR_INVALID_HANDLE, "the handle's file is no event");
  }
  return event;
}

SharedEvent::~SharedEvent() {
  if (page_ != nullptr) munmap(page_, kPageBytes);
}

absl::StatusOr<IpcHandle> SharedEvent::Export() const {
  return IpcHandle::Of(IpcHandle::Kind::kEvent, context_.device(), {page_fd_.get(), timeline_fd_.get()}, 0);
}

absl::Status SharedEvent::Record(const TimelinePoint& after) {
  std::lock_guard lock(mutex_);
  const uint64_t record = page_->records.fetch_add(1, std::memory_order_acq_rel) + 1;
  const hal_sem_point waits[] = {{after.timeline->semaphore(), after.value},
                                 {timeline_->semaphore(), record - 1}};
  const hal_sem_point signal = {timeline_->semaphore(), record};
  last_record_ = record;
  const absl::Status submitted = queue_.Submit(waits, {}, {&signal, 1});
  // Whoever waits for this record must not do so for ever.
  if (!submitted.ok()) timeline_->Poison(HAL_INTERNAL);
  return context_.FromHal(submitted);
}

TimelinePoint SharedEvent::last_of_ours() const {
  std::lock_guard lock(mutex_);
  return {timeline_, last_record_};
}

TimelinePoint SharedEvent::point() const {
  const uint64_t record = page_->records.load(std::memory_order_acquire);
  return record == 0 ? TimelinePoint{} : TimelinePoint{timeline_, record};
}

}  // namespace tq::core
