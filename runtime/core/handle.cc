#include "runtime/core/handle.h"

#include <sys/mman.h>

#include <deque>
#include <mutex>

#include "base/status.h"

namespace tq::core {
namespace {

// A freed slot rests until this many others have been freed, so that a stale handle is noticed for a while.
constexpr size_t kRestingSlots = 4096;

struct Slots {
  std::mutex mutex;
  size_t used = 1;  // the first slot stays empty: its address is that of the table
  std::deque<HandleSlot*> resting;
};

// Leaked: handles are released by destructors that run after ours.
Slots& AllSlots() {
  static Slots* const slots = new Slots;
  return *slots;
}

HandleSlot* MapTable() {
  void* table = mmap(nullptr, handle_internal::kTableBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  TQ_CHECK(table != MAP_FAILED);
  return static_cast<HandleSlot*>(table);
}

}  // namespace

namespace handle_internal {
HandleSlot* const kTable = MapTable();
}  // namespace handle_internal

HandleSlot* AcquireHandle(HandleKind kind, void* object) {
  Slots& slots = AllSlots();
  HandleSlot* slot;
  {
    std::lock_guard lock(slots.mutex);
    if (slots.resting.size() > kRestingSlots) {
      slot = slots.resting.front();
      slots.resting.pop_front();
    } else {
      TQ_CHECK(slots.used < handle_internal::kTableBytes / sizeof(HandleSlot));
      slot = &handle_internal::kTable[slots.used++];
    }
  }
  ++slot->generation;
  slot->object.store(object, std::memory_order_relaxed);
  slot->kind.store(kind, std::memory_order_release);
  return slot;
}

void ReleaseHandle(HandleSlot* slot) {
  const HandleKind kind = slot->kind.exchange(HandleKind::kNone, std::memory_order_acq_rel);
  // Threads keep the slots of contexts on their stacks; these never come to mean another object.
  if (kind == HandleKind::kContext) return;
  Slots& slots = AllSlots();
  std::lock_guard lock(slots.mutex);
  slots.resting.push_back(slot);
}

}  // namespace tq::core
