// A CUexternalSemaphore: a timeline that another API, or another process, exports as a file descriptor. As a
// timeline semaphore it is waited for and signalled by value; as a binary one (opaque descriptor) each signal
// is the next value, and so is each wait: one end signals, the other waits. Thread-safe.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "runtime/core/context.h"
#include "runtime/core/handle.h"
#include "runtime/core/timeline.h"

namespace tq::core {

class Stream;

class ExternalSemaphore : public ContextChild {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kExternalSemaphore;

  // Takes the descriptor over if it succeeds. CUDA_ERROR_INVALID_HANDLE for what is no timeline.
  static absl::StatusOr<std::unique_ptr<ExternalSemaphore>> Import(
      Context& context, const CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC& described);

  template <typename CudaHandle>
  CudaHandle handle() const {
    return handle_.as<CudaHandle>();
  }
  Context& context() const { return context_; }

  TimelinePoint NextSignal(uint64_t value);
  TimelinePoint NextWait(uint64_t value);

 private:
  ExternalSemaphore(Context& context, Ref<Timeline> timeline, bool is_binary);

  Context& context_;
  const Ref<Timeline> timeline_;
  const bool is_binary_;
  std::mutex mutex_;
  uint64_t signalled_ = 0, waited_ = 0;  // of a binary one
  Handle<ExternalSemaphore> handle_{this};
};

// In stream order; in a capture they become a node. The spans are as long as each other.
// CUDA_ERROR_INVALID_HANDLE for a semaphore that is not alive.
absl::Status SignalSemaphores(Stream& stream, absl::Span<const CUexternalSemaphore> semaphores,
                              absl::Span<const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS> params);
absl::Status WaitForSemaphores(Stream& stream, absl::Span<const CUexternalSemaphore> semaphores,
                               absl::Span<const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS> params);

}  // namespace tq::core
