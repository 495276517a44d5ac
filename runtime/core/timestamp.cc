#include "runtime/core/timestamp.h"

#include <cstring>
#include <utility>

#include "base/status.h"
#include "runtime/core/allocation.h"

namespace tq::core {
namespace {
constexpr uint64_t kPageBytes = 4096;
}  // namespace

Timestamp::Timestamp(Timestamp&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), va_(other.va_), host_ptr_(other.host_ptr_) {}

Timestamp::~Timestamp() {
  if (pool_ != nullptr) pool_->GiveBack({va_, host_ptr_}, after_);
}

TimestampPool::TimestampPool(Context& context) : context_(context) {}
TimestampPool::~TimestampPool() = default;

absl::StatusOr<Timestamp> TimestampPool::Take() {
  std::lock_guard lock(mutex_);
  std::erase_if(pending_, [this](const auto& entry) {
    if (!entry.first.Reached()) return false;
    free_.push_back(entry.second);
    return true;
  });
  if (free_.empty()) {
    ASSIGN_OR_RETURN(std::unique_ptr<Allocation> page,
                     Allocation::Create(context_, Allocation::Kind::kRuntime, kPageBytes));
    // A device that runs nothing writes no times either: let them be equal instead of what was in memory
    // before.
    std::memset(page->host_ptr(), 0, kPageBytes);
    const auto* host = static_cast<const uint64_t*>(page->host_ptr());
    for (uint64_t i = 0; i < kPageBytes / sizeof(uint64_t); ++i) {
      free_.push_back({page->device_ptr() + i * sizeof(uint64_t), host + i});
    }
    pages_.push_back(std::move(page));
  }
  const Slot slot = free_.back();
  free_.pop_back();
  return Timestamp(this, slot.va, slot.host_ptr);
}

void TimestampPool::GiveBack(Slot slot, const TimelinePoint& after) {
  std::lock_guard lock(mutex_);
  if (after.Reached()) {
    free_.push_back(slot);
  } else {
    pending_.push_back({after, slot});
  }
}

}  // namespace tq::core
