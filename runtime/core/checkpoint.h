// Checkpoints of this process: its calls are locked, its device memory goes to the host and comes back (CUDA
// driver API, "CUDA Checkpointing"). Other processes of the same user ask for it through a socket that is
// named after the process (docs/decisions/0022). Thread-safe.
#pragma once

#include <cuda.h>
#include <sys/types.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"

namespace tq::core {

class Checkpoint {
 public:
  static Checkpoint& Get();

  CUprocessState state() const { return state_.load(std::memory_order_acquire); }
  // Waits for calls in progress and for all work. CUDA_ERROR_NOT_READY when that takes longer; 0: it may take
  // any time. Here and below CUDA_ERROR_ILLEGAL_STATE where the state is another than the operation begins
  // with.
  absl::Status Lock(unsigned timeout_ms);
  // CUDA_ERROR_NOT_SUPPORTED where a device keeps its memory; the process stays locked then.
  absl::Status Save();
  // Onto the same devices: CUDA_ERROR_INVALID_VALUE for pairs that leave one out or name one that is not
  // there, CUDA_ERROR_NOT_SUPPORTED for pairs of two devices.
  absl::Status Restore(const std::vector<CUcheckpointGpuPair>& pairs);
  absl::Status Unlock();

  // The thread that answers other processes; begins with the first context. 0: there is none.
  static void BeginToListen();
  pid_t listener() const { return listener_.load(std::memory_order_acquire); }

 private:
  friend void ListenForCheckpoints(int socket);
  Checkpoint() = default;
  absl::Status CheckState(CUprocessState wanted) const;

  std::mutex mutex_;  // one operation at a time
  std::atomic<CUprocessState> state_{CU_PROCESS_STATE_RUNNING};
  std::atomic<pid_t> listener_{0};
};

enum class CheckpointOperation : uint32_t { kGetState, kGetListener, kLock, kSave, kRestore, kUnlock };
struct CheckpointRequest {
  CheckpointOperation operation = CheckpointOperation::kGetState;
  unsigned timeout_ms = 0;
  std::vector<CUcheckpointGpuPair> pairs;
};
// In process `pid`, which may be this one. The answer is the state or the thread, or 0.
// CUDA_ERROR_INVALID_VALUE where no process of that number has a context of ours.
absl::StatusOr<int> RequestCheckpoint(pid_t pid, const CheckpointRequest& request);

}  // namespace tq::core
