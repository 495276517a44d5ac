#include "runtime/core/external_semaphore.h"

#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/capture.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/owned_fd.h"
#include "runtime/core/stream.h"

namespace tq::core {

ExternalSemaphore::ExternalSemaphore(Context& context, Ref<Timeline> timeline, bool is_binary)
    : context_(context), timeline_(std::move(timeline)), is_binary_(is_binary) {}

absl::StatusOr<std::unique_ptr<ExternalSemaphore>> ExternalSemaphore::Import(
    Context& context, const CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC& described) {
  if (described.type < CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD ||
      described.type > CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_WIN32 || described.flags != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("there is no handle type ", described.type, " or the flags are not 0"));
  }
  const bool is_binary = described.type == CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD;
  if (!is_binary && described.type != CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD) {
    return CudaError(
        CUDA_ERROR_NOT_SUPPORTED,
        absl::StrCat("external semaphores are known by descriptors only (type ", described.type, ")"));
  }
  const Device& device = context.device();
  if (!device.shares_objects()) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the device shares no semaphores");
  }
  hal_shared_handle shared = {sizeof(shared)};
  shared.kind = HAL_HANDLE_FD;
  shared.fd = described.handle.fd;
  absl::StatusOr<hal::Semaphore> semaphore =
      hal::Semaphore::Import(device.hal().backend(), device.hal().get(), shared);
  if (!semaphore.ok()) {
    return CudaError(CUDA_ERROR_INVALID_HANDLE,
                     absl::StrCat("the descriptor is of no timeline (", shared.fd, ")"));
  }
  const absl::StatusOr<uint64_t> value = semaphore->Query();
  std::unique_ptr<ExternalSemaphore> imported(
      new ExternalSemaphore(context, Timeline::Adopt(device, *std::move(semaphore)), is_binary));
  imported->signalled_ = imported->waited_ = value.ok() ? *value : 0;
  const OwnedFd taken(shared.fd);
  return imported;
}

TimelinePoint ExternalSemaphore::NextSignal(uint64_t value) {
  std::lock_guard lock(mutex_);
  return {timeline_, is_binary_ ? ++signalled_ : value};
}

TimelinePoint ExternalSemaphore::NextWait(uint64_t value) {
  std::lock_guard lock(mutex_);
  return {timeline_, is_binary_ ? ++waited_ : value};
}

namespace {

using Semaphores = absl::InlinedVector<ExternalSemaphore*, 4>;

template <typename Params>
absl::StatusOr<Semaphores> Resolve(const Stream& stream, absl::Span<const CUexternalSemaphore> handles,
                                   absl::Span<const Params> params) {
  Semaphores semaphores;
  for (size_t i = 0; i < handles.size(); ++i) {
    semaphores.push_back(FromHandle<ExternalSemaphore>(handles[i]));
    if (semaphores.back() == nullptr || &semaphores.back()->context() != &stream.context()) {
      return CudaError(CUDA_ERROR_INVALID_HANDLE,
                       absl::StrCat("semaphore ", i, " is none of the stream's context"));
    }
    if (params[i].flags != 0) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("the flags are of NvSciSync (", params[i].flags, ")"));
    }
  }
  return semaphores;
}

}  // namespace

absl::Status SignalSemaphores(Stream& stream, absl::Span<const CUexternalSemaphore> handles,
                              absl::Span<const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS> params) {
  ASSIGN_OR_RETURN(const Semaphores semaphores, Resolve(stream, handles, params));
  if (stream.capture() != nullptr) [[unlikely]] {
    return Capture::Add(
        stream, SemaphoreSignalOperation{{handles.begin(), handles.end()}, {params.begin(), params.end()}});
  }
  std::vector<TimelinePoint> points;
  for (size_t i = 0; i < semaphores.size(); ++i) {
    points.push_back(semaphores[i]->NextSignal(params[i].params.fence.value));
  }
  return stream.Signal(points);
}

absl::Status WaitForSemaphores(Stream& stream, absl::Span<const CUexternalSemaphore> handles,
                               absl::Span<const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS> params) {
  ASSIGN_OR_RETURN(const Semaphores semaphores, Resolve(stream, handles, params));
  if (stream.capture() != nullptr) [[unlikely]] {
    return Capture::Add(
        stream, SemaphoreWaitOperation{{handles.begin(), handles.end()}, {params.begin(), params.end()}});
  }
  for (size_t i = 0; i < semaphores.size(); ++i) {
    RETURN_IF_ERROR(stream.WaitFor(semaphores[i]->NextWait(params[i].params.fence.value)));
  }
  return absl::OkStatus();
}

}  // namespace tq::core
