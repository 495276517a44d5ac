#include "runtime/cudart/thread_state.h"

#include <atomic>
#include <map>

#include "absl/synchronization/mutex.h"
#include "runtime/cudart/entry.h"

namespace tq::cudart {
namespace {

struct Primary {
  CUcontext context = nullptr;
  bool is_retained = false;
};

absl::Mutex mutex;
std::map<int, Primary>& Primaries() {
  static auto* const primaries = new std::map<int, Primary>();  // outlives the application's destructors
  return *primaries;
}
std::atomic<uint64_t> epoch{1};

}  // namespace

ThreadState& GetThreadState() {
  static thread_local ThreadState state;
  return state;
}

uint64_t PrimaryEpoch() { return epoch.load(std::memory_order_acquire); }

bool IsResetPrimary(CUcontext context) {
  absl::MutexLock lock(&mutex);
  for (const auto& [device, primary] : Primaries()) {
    if (primary.context == context) return !primary.is_retained;
  }
  return false;
}

cudaError_t PrimaryContext(int device, CUcontext* context) {
  absl::MutexLock lock(&mutex);
  Primary& primary = Primaries()[device];
  if (!primary.is_retained) {
    CUdevice handle;
    TQ_CUDART_RETURN_IF_ERROR(cuDeviceGet(&handle, device));
    TQ_CUDART_RETURN_IF_ERROR(cuDevicePrimaryCtxRetain(&primary.context, handle));
    primary.is_retained = true;
  }
  *context = primary.context;
  return cudaSuccess;
}

cudaError_t UseDevice(int device) {
  const uint64_t now = PrimaryEpoch();
  CUcontext context = nullptr;
  if (const cudaError_t error = PrimaryContext(device, &context); error != cudaSuccess) return error;
  TQ_CUDART_RETURN_IF_ERROR(cuCtxSetCurrent(context));
  GetThreadState().primary_epoch = now;
  return cudaSuccess;
}

cudaError_t ResetDevice(int device) {
  CUdevice handle;
  TQ_CUDART_RETURN_IF_ERROR(cuDeviceGet(&handle, device));
  absl::MutexLock lock(&mutex);
  TQ_CUDART_RETURN_IF_ERROR(cuDevicePrimaryCtxReset_v2(handle));
  Primaries()[device].is_retained = false;
  epoch.fetch_add(1, std::memory_order_acq_rel);
  return cudaSuccess;
}

}  // namespace tq::cudart
