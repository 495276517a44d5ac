#include "runtime/cudart/entry.h"

#include <set>
#include <string>

#include "absl/synchronization/mutex.h"
#include "base/log.h"
#include "runtime/cudart/thread_state.h"

namespace tq::cudart {

cudaError_t EnsureDriver() {
  // A failure is not remembered: an application may make devices available and try again.
  static std::atomic<bool> is_ready{false};
  if (is_ready.load(std::memory_order_acquire)) return cudaSuccess;
  TQ_CUDART_RETURN_IF_ERROR(cuInit(0));
  is_ready.store(true, std::memory_order_release);
  return cudaSuccess;
}

cudaError_t EnsureContext() {
  CUcontext current = nullptr;
  ThreadState& thread = GetThreadState();
  if (thread.primary_epoch == PrimaryEpoch() && cuCtxGetCurrent(&current) == CUDA_SUCCESS &&
      current != nullptr) {
    return cudaSuccess;
  }
  if (const cudaError_t error = EnsureDriver(); error != cudaSuccess) return error;
  TQ_CUDART_RETURN_IF_ERROR(cuCtxGetCurrent(&current));
  if (current != nullptr && !IsResetPrimary(current)) {
    thread.primary_epoch = PrimaryEpoch();
    return cudaSuccess;  // the application made it current through the driver API
  }
  return UseDevice(thread.device);
}

cudaError_t Record(cudaError_t error) {
  if (error != cudaSuccess) GetThreadState().last_error = error;
  return error;
}

cudaError_t NotImplemented(const char* symbol) {
  static absl::Mutex mutex;
  static auto* const said = new std::set<std::string>();
  {
    absl::MutexLock lock(&mutex);
    if (said->insert(symbol).second) Log(LogLevel::kWarn, "%s is not implemented; the call fails", symbol);
  }
  return Record(cudaErrorNotSupported);
}

}  // namespace tq::cudart
