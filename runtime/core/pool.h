// A CUmemoryPool: stream-ordered allocation. A freed block remembers the point of the stream that freed it;
// it may be given out again in that stream at once, and elsewhere when that point is reached. Blocks above
// the release threshold go back to the device when a call finds them idle.
//
// A shareable pool's blocks can be had by other processes, as memory of an imported pool: that allocates
// nothing, and what is freed there is given back to nobody but the exporter. Thread-safe.
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
#include "runtime/core/ipc_handle.h"
#include "runtime/core/owned_fd.h"
#include "runtime/core/timeline.h"

namespace tq::core {

class Allocation;
class Context;
class Device;
class Stream;

class MemoryPool : public RefCounted {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kMemoryPool;

  // `device` is whose memory it is, or, where the properties name none, any.
  MemoryPool(Device& device, const CUmemPoolProps& properties);
  // Pinned memory of the device.
  static CUmemPoolProps DeviceProperties(const Device& device);
  // What Export gave, of another process or of this one. CUDA_ERROR_INVALID_VALUE for any other file.
  static absl::StatusOr<Ref<MemoryPool>> Import(int fd);

  template <typename CudaHandle>
  CudaHandle handle() const {
    return handle_->as<CudaHandle>();
  }
  Device& device() const { return device_; }
  const CUmemPoolProps& properties() const { return properties_; }
  bool is_of_device() const {
    return properties_.allocType == CU_MEM_ALLOCATION_TYPE_PINNED &&
           properties_.location.type == CU_MEM_LOCATION_TYPE_DEVICE;
  }
  bool is_shareable() const { return properties_.handleTypes == CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR; }
  bool is_imported() const { return imported_from_.has_value(); }

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

  // A descriptor that the caller owns. CUDA_ERROR_INVALID_VALUE unless the pool is shareable.
  absl::StatusOr<int> Export();
  // Of a block in use of a shareable pool.
  absl::StatusOr<IpcHandle> ExportBlock(Allocation& block);
  // Into the imported pool that `handle` is of; the block belongs to the context. CUDA_ERROR_INVALID_VALUE.
  absl::StatusOr<Allocation*> ImportBlock(Context& context, const IpcHandle& handle);

  struct Figures {
    uint64_t reserved_bytes, reserved_high_bytes, used_bytes, used_high_bytes;
  };
  Figures figures() const;
  void ResetReservedHigh();
  void ResetUsedHigh();

  CUmemAccess_flags Access(const CUmemLocation& location) const;
  void SetAccess(const CUmemLocation& location, CUmemAccess_flags flags);

  // The handle is dead; blocks in use keep the pool alive.
  void Retire() { handle_.reset(); }

  // CU_MEMPOOL_ATTR_RELEASE_THRESHOLD and the reuse policies. Reuse that follows events is what a pool is
  // free to do and this one does not.
  std::atomic<uint64_t> release_threshold_bytes{0};
  std::atomic<bool> reuse_follow_events{true}, reuse_opportunistic{true}, reuse_internal_dependencies{true};

 private:
  struct FreeBlock {
    Allocation* block;
    TimelinePoint freed_at;
  };
  enum class Others { kEnded, kPending };  // which blocks that other streams freed may be taken

  uint64_t BlockBytes(uint64_t size_bytes) const;
  std::optional<FreeBlock> TakeFree(Stream& stream, uint64_t size_bytes, Others others);
  absl::StatusOr<Allocation*> AllocateFresh(Context& context, uint64_t block_bytes);
  bool HasRoomFor(uint64_t block_bytes) const;
  void MarkUsed(Allocation* block);
  absl::StatusOr<int> File();

  Device& device_;
  const CUmemPoolProps properties_;
  std::optional<uint64_t> imported_from_;  // the inode of the pool's file
  mutable std::mutex mutex_;
  OwnedFd file_;                                  // of a shareable pool
  std::unordered_map<Allocation*, bool> blocks_;  // all that exist; whether in use
  std::vector<FreeBlock> free_;
  Figures figures_ = {};
  std::map<std::pair<int, int>, CUmemAccess_flags> access_;  // by type and number of the location
  std::optional<Handle<MemoryPool>> handle_;
};

}  // namespace tq::core
