// A CUmemoryPool: stream-ordered allocation. A freed block remembers the point of the stream that freed it;
// it may be given out again in that stream at once, and elsewhere when that point is reached. Blocks above
// the release threshold go back to the device when a call finds them idle. Thread-safe.
#pragma once

#include <cuda.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ref.h"
#include "runtime/core/handle.h"
#include "runtime/core/timeline.h"

namespace tq::core {

class Allocation;
class Device;
class Stream;

class MemoryPool : public RefCounted {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kMemoryPool;

  explicit MemoryPool(Device& device);

  template <typename CudaHandle>
  CudaHandle handle() const {
    return handle_->as<CudaHandle>();
  }
  Device& device() const { return device_; }

  absl::StatusOr<Allocation*> Allocate(Stream& stream, uint64_t size_bytes);
  // The block is the stream's to use until it has come here.
  absl::Status Free(Stream& stream, Allocation* block);
  // By cuMemFree, after a synchronization.
  void FreeNow(Allocation* block);
  bool IsUsed(const Allocation* block) const;
  // The block is being destroyed.
  void Forget(Allocation* block);
  // Gives idle blocks back until no more than `keep_bytes` are reserved.
  void TrimTo(uint64_t keep_bytes);

  struct Figures {
    uint64_t reserved_bytes, reserved_high_bytes, used_bytes, used_high_bytes;
  };
  Figures figures() const;
  void ResetReservedHigh();
  void ResetUsedHigh();

  CUmemAccess_flags Access(int device) const;
  void SetAccess(int device, CUmemAccess_flags flags);

  // The handle is dead; blocks in use keep the pool alive.
  void Retire() { handle_.reset(); }

  // CU_MEMPOOL_ATTR_RELEASE_THRESHOLD and the reuse policies.
  std::atomic<uint64_t> release_threshold_bytes{0};
  std::atomic<bool> reuse_follow_events{true}, reuse_opportunistic{true}, reuse_internal_dependencies{true};

 private:
  struct FreeBlock {
    Allocation* block;
    TimelinePoint freed_at;
  };
  Allocation* TakeFree(Stream& stream, uint64_t size_bytes);
  void MarkUsed(Allocation* block);

  Device& device_;
  mutable std::mutex mutex_;
  std::unordered_map<Allocation*, bool> blocks_;  // all that exist; whether in use
  std::vector<FreeBlock> free_;
  Figures figures_ = {};
  std::map<int, CUmemAccess_flags> access_;  // of other devices
  std::optional<Handle<MemoryPool>> handle_;
};

}  // namespace tq::core
