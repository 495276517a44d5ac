#include "runtime/core/pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/stream.h"

namespace tq::core {
namespace {

constexpr uint64_t kMostIdleBytes = size_t{256} << 20;
constexpr uint64_t kSharedStepBytes = 4096;  // blocks that others may see have pages to themselves

Allocation::Kind KindOf(const CUmemPoolProps& properties) {
  if (properties.allocType == CU_MEM_ALLOCATION_TYPE_MANAGED) return Allocation::Kind::kPoolManaged;
  return properties.location.type == CU_MEM_LOCATION_TYPE_DEVICE ? Allocation::Kind::kPool
                                                                 : Allocation::Kind::kPoolHost;
}

}  // namespace

MemoryPool::MemoryPool(Device& device, const CUmemPoolProps& properties)
    : device_(device), properties_(properties) {
  handle_.emplace(this);
}

CUmemPoolProps MemoryPool::DeviceProperties(const Device& device) {
  CUmemPoolProps properties = {};
  properties.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  properties.location.id = device.ordinal();
  return properties;
}

// Blocks come in such steps, so that sizes that differ little share blocks.
uint64_t MemoryPool::BlockBytes(uint64_t size_bytes) const {
  const uint64_t small = is_shareable() ? kSharedStepBytes : 512;
  const uint64_t step = size_bytes <= (1 << 20) ? small : size_t{2} << 20;
  return size_bytes > UINT64_MAX - step ? size_bytes : (size_bytes + step - 1) / step * step;
}

void MemoryPool::MarkUsed(Allocation* block) {
  blocks_[block] = true;
  figures_.used_bytes += block->size_bytes();
  figures_.used_high_bytes = std::max(figures_.used_high_bytes, figures_.used_bytes);
}

// The smallest free block of the stream's context that fits without wasting more than half of itself.
std::optional<MemoryPool::FreeBlock> MemoryPool::TakeFree(Stream& stream, uint64_t size_bytes,
                                                          Others others) {
  auto best = free_.end();
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    const uint64_t bytes = it->block->size_bytes();
    if (&it->block->context() != &stream.context() || bytes < size_bytes || bytes / 2 > size_bytes) continue;
    const bool is_ours = it->freed_at.timeline.get() == stream.timeline().get();
    if (!is_ours && others == Others::kEnded && !(reuse_opportunistic && it->freed_at.Reached())) continue;
    if (best == free_.end() || bytes < best->block->size_bytes()) best = it;
  }
  if (best == free_.end()) return std::nullopt;
  FreeBlock taken = std::move(*best);
  free_.erase(best);
  MarkUsed(taken.block);
  return taken;
}

bool MemoryPool::HasRoomFor(uint64_t block_bytes) const {
  std::lock_guard lock(mutex_);
  return properties_.maxSize == 0 ||
         (block_bytes <= properties_.maxSize && figures_.reserved_bytes <= properties_.maxSize - block_bytes);
}

absl::StatusOr<Allocation*> MemoryPool::AllocateFresh(Context& context, uint64_t block_bytes) {
  if (!HasRoomFor(block_bytes)) {
    return CudaError(CUDA_ERROR_OUT_OF_MEMORY,
                     absl::StrCat("the pool is as large as it may become (", properties_.maxSize, " bytes)"));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Allocation> fresh,
                   Allocation::Create(context, KindOf(properties_), block_bytes));
  fresh->set_pool(Ref<MemoryPool>(this));
  Allocation* const block = context.Adopt(std::move(fresh));
  std::lock_guard lock(mutex_);
  figures_.reserved_bytes += block->size_bytes();
  figures_.reserved_high_bytes = std::max(figures_.reserved_high_bytes, figures_.reserved_bytes);
  MarkUsed(block);
  return block;
}

absl::StatusOr<Allocation*> MemoryPool::Allocate(Stream& stream, uint64_t size_bytes) {
  if (is_imported()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "an imported pool allocates nothing of its own");
  }
  const uint64_t block_bytes = BlockBytes(size_bytes);
  {
    std::lock_guard lock(mutex_);
    if (const auto taken = TakeFree(stream, block_bytes, Others::kEnded)) return taken->block;
  }
  Context& context = stream.context();
  absl::StatusOr<Allocation*> fresh = AllocateFresh(context, block_bytes);
  if (fresh.ok() || ToCuResult(fresh.status()) != CUDA_ERROR_OUT_OF_MEMORY) return fresh;
  // What another stream is still to free may be waited for on the device ...
  std::optional<FreeBlock> pending;
  if (reuse_internal_dependencies) {
    std::lock_guard lock(mutex_);
    pending = TakeFree(stream, block_bytes, Others::kPending);
  }
  if (pending.has_value()) {
    RETURN_IF_ERROR(stream.WaitFor(pending->freed_at));
    return pending->block;
  }
  // ... or, if it is of another size, on the host.
  RETURN_IF_ERROR(context.Synchronize());
  TrimTo(0);
  return AllocateFresh(context, block_bytes);
}

absl::Status MemoryPool::Free(Stream& stream, Allocation* block) {
  ASSIGN_OR_RETURN(TimelinePoint point, stream.Record());
  {
    std::lock_guard lock(mutex_);
    auto entry = blocks_.find(block);
    if (entry == blocks_.end() || !entry->second) {
      return CudaError(CUDA_ERROR_INVALID_VALUE, "the memory is already free");
    }
    entry->second = false;
    figures_.used_bytes -= block->size_bytes();
    if (!is_imported()) free_.push_back({block, point});
  }
  if (is_imported()) {
    if (std::unique_ptr<ContextChild> released = block->context().Release(block); released != nullptr) {
      block->context().Retire(std::move(released), {point});
    }
    return absl::OkStatus();
  }
  // Otherwise at the next synchronization, as CUDA does: a loop of allocations and frees keeps its blocks.
  if (figures().reserved_bytes > figures().used_bytes + release_threshold_bytes + kMostIdleBytes) {
    TrimTo(release_threshold_bytes);
  }
  return absl::OkStatus();
}

void MemoryPool::FreeNow(Allocation* block) { block->context().Release(block).reset(); }

void MemoryPool::Forget(Allocation* block) {
  std::lock_guard lock(mutex_);
  auto entry = blocks_.find(block);
  if (entry == blocks_.end()) return;
  if (entry->second) figures_.used_bytes -= block->size_bytes();
  figures_.reserved_bytes -= block->size_bytes();
  blocks_.erase(entry);
  std::erase_if(free_, [block](const FreeBlock& free) { return free.block == block; });
}

void MemoryPool::TrimTo(uint64_t keep_bytes) {
  std::vector<Allocation*> idle;
  {
    std::lock_guard lock(mutex_);
    uint64_t reserved = figures_.reserved_bytes;
    std::erase_if(free_, [&](const FreeBlock& free) {
      if (reserved <= keep_bytes || !free.freed_at.Reached()) return false;
      reserved -= free.block->size_bytes();
      idle.push_back(free.block);
      return true;
    });
  }
  // Destroying one calls Forget.
  for (Allocation* block : idle) FreeNow(block);
}

bool MemoryPool::IsUsed(const Allocation* block) const {
  std::lock_guard lock(mutex_);
  auto entry = blocks_.find(const_cast<Allocation*>(block));
  return entry != blocks_.end() && entry->second;
}

// Where the memory is, it can be used.
CUmemAccess_flags MemoryPool::Access(const CUmemLocation& location) const {
  std::lock_guard lock(mutex_);
  auto entry = access_.find({location.type, location.id});
  if (entry != access_.end()) return entry->second;
  const bool is_home = properties_.allocType == CU_MEM_ALLOCATION_TYPE_MANAGED ||
                       (location.type == properties_.location.type && location.id == properties_.location.id);
  return is_home ? CU_MEM_ACCESS_FLAGS_PROT_READWRITE : CU_MEM_ACCESS_FLAGS_PROT_NONE;
}

void MemoryPool::SetAccess(const CUmemLocation& location, CUmemAccess_flags flags) {
  std::lock_guard lock(mutex_);
  access_[{location.type, location.id}] = flags;
}

MemoryPool::Figures MemoryPool::figures() const {
  std::lock_guard lock(mutex_);
  return figures_;
}

void MemoryPool::ResetReservedHigh() {
  std::lock_guard lock(mutex_);
  figures_.reserved_high_bytes = figures_.reserved_bytes;
}

void MemoryPool::ResetUsedHigh() {
  std::lock_guard lock(mutex_);
  figures_.used_high_bytes = figures_.used_bytes;
}

}  // namespace tq::core
