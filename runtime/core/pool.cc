#include "runtime/core/pool.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/stream.h"

namespace tq::core {
namespace {

constexpr uint64_t kMostIdleBytes = size_t{256} << 20;

// Blocks come in such steps, so that sizes that differ little share blocks.
uint64_t BlockBytes(uint64_t size_bytes) {
  const uint64_t step = size_bytes <= (1 << 20) ? 512 : size_t{2} << 20;
  return size_bytes > UINT64_MAX - step ? size_bytes : (size_bytes + step - 1) / step * step;
}

}  // namespace

MemoryPool::MemoryPool(Device& device) : device_(device) { handle_.emplace(this); }

void MemoryPool::MarkUsed(Allocation* block) {
  blocks_[block] = true;
  figures_.used_bytes += block->size_bytes();
  figures_.used_high_bytes = std::max(figures_.used_high_bytes, figures_.used_bytes);
}

// The smallest free block of the stream's context that fits without wasting more than half of itself.
Allocation* MemoryPool::TakeFree(Stream& stream, uint64_t size_bytes) {
  auto best = free_.end();
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    const uint64_t bytes = it->block->size_bytes();
    if (&it->block->context() != &stream.context() || bytes < size_bytes || bytes / 2 > size_bytes) continue;
    if (it->freed_at.timeline.get() != stream.timeline().get() && !it->freed_at.Reached()) continue;
    if (best == free_.end() || bytes < best->block->size_bytes()) best = it;
  }
  if (best == free_.end()) return nullptr;
  Allocation* const block = best->block;
  free_.erase(best);
  return block;
}

absl::StatusOr<Allocation*> MemoryPool::Allocate(Stream& stream, uint64_t size_bytes) {
  const uint64_t block_bytes = BlockBytes(size_bytes);
  {
    std::lock_guard lock(mutex_);
    if (Allocation* block = TakeFree(stream, block_bytes)) {
      MarkUsed(block);
      return block;
    }
  }
  Context& context = stream.context();
  absl::StatusOr<std::unique_ptr<Allocation>> fresh =
      Allocation::Create(context, Allocation::Kind::kPool, block_bytes);
  if (!fresh.ok() && ToCuResult(fresh.status()) == CUDA_ERROR_OUT_OF_MEMORY) {
    // What was freed but is still on its way counts as the program's memory no more.
    RETURN_IF_ERROR(context.Synchronize());
    TrimTo(0);
    fresh = Allocation::Create(context, Allocation::Kind::kPool, block_bytes);
  }
  if (!fresh.ok()) return fresh.status();
  (*fresh)->set_pool(Ref<MemoryPool>(this));
  Allocation* const block = context.Adopt(*std::move(fresh));
  std::lock_guard lock(mutex_);
  figures_.reserved_bytes += block->size_bytes();
  figures_.reserved_high_bytes = std::max(figures_.reserved_high_bytes, figures_.reserved_bytes);
  MarkUsed(block);
  return block;
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
    free_.push_back({block, std::move(point)});
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

CUmemAccess_flags MemoryPool::Access(int device) const {
  if (device == device_.ordinal()) return CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
  std::lock_guard lock(mutex_);
  auto entry = access_.find(device);
  return entry == access_.end() ? CU_MEM_ACCESS_FLAGS_PROT_NONE : entry->second;
}

void MemoryPool::SetAccess(int device, CUmemAccess_flags flags) {
  std::lock_guard lock(mutex_);
  access_[device] = flags;
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
