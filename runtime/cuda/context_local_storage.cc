#include "runtime/cuda/context_local_storage.h"

#include <utility>
#include <vector>

namespace tq::cuda {

ContextLocalStorage& ContextLocalStorage::Get() {
  // Leaked: the runtime's own destructors come here after ours.
  static ContextLocalStorage* const storage = new ContextLocalStorage;
  return *storage;
}

uint32_t ContextLocalStorage::BucketOf(CUcontext context, void* key) {
  const uint64_t mixed = reinterpret_cast<uint64_t>(context) * 31 + reinterpret_cast<uint64_t>(key);
  return static_cast<uint32_t>(mixed * 0x9E3779B97F4A7C15 >> (64 - kBucketBits));
}

bool ContextLocalStorage::Find(CUcontext context, void* key, void** value) const {
  const Slot* slot = buckets_[BucketOf(context, key)].load(std::memory_order_acquire);
  for (; slot != nullptr; slot = slot->next.load(std::memory_order_acquire)) {
    for (;;) {
      const uint32_t before = slot->sequence.load(std::memory_order_acquire);
      const bool is_ours = slot->context.load(std::memory_order_relaxed) == context &&
                           slot->key.load(std::memory_order_relaxed) == key;
      void* const found = slot->value.load(std::memory_order_relaxed);
      std::atomic_thread_fence(std::memory_order_acquire);
      if (before % 2 != 0 || slot->sequence.load(std::memory_order_relaxed) != before) continue;
      if (!is_ours) break;
      *value = found;
      return true;
    }
  }
  return false;
}

void ContextLocalStorage::Write(Slot& slot, CUcontext context, void* key, void* value,
                                ContextLocalDestructor destructor) {
  const uint32_t sequence = slot.sequence.load(std::memory_order_relaxed);
  slot.sequence.store(sequence + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  slot.context.store(context, std::memory_order_relaxed);
  slot.key.store(key, std::memory_order_relaxed);
  slot.value.store(value, std::memory_order_relaxed);
  slot.destructor = destructor;
  slot.sequence.store(sequence + 2, std::memory_order_release);
}

ContextLocalStorage::Slot* ContextLocalStorage::FindSlot(CUcontext context, void* key) {
  Slot* slot = buckets_[BucketOf(context, key)].load(std::memory_order_relaxed);
  while (slot != nullptr && (slot->context.load(std::memory_order_relaxed) != context ||
                             slot->key.load(std::memory_order_relaxed) != key)) {
    slot = slot->next.load(std::memory_order_relaxed);
  }
  return slot;
}

bool ContextLocalStorage::Put(CUcontext context, void* key, void* value, ContextLocalDestructor destructor) {
  std::lock_guard lock(mutex_);
  if (Slot* slot = FindSlot(context, key)) {
    Write(*slot, context, key, value, destructor);
    return false;
  }
  bool is_first = true;
  for (std::atomic<Slot*>& bucket : buckets_) {
    for (Slot* slot = bucket.load(std::memory_order_relaxed); slot != nullptr;
         slot = slot->next.load(std::memory_order_relaxed)) {
      if (slot->context.load(std::memory_order_relaxed) == context) is_first = false;
    }
  }
  std::atomic<Slot*>& bucket = buckets_[BucketOf(context, key)];
  for (Slot* slot = bucket.load(std::memory_order_relaxed); slot != nullptr;
       slot = slot->next.load(std::memory_order_relaxed)) {
    if (slot->context.load(std::memory_order_relaxed) == nullptr) {
      Write(*slot, context, key, value, destructor);
      return is_first;
    }
  }
  Slot* slot = new Slot;
  Write(*slot, context, key, value, destructor);
  slot->next.store(bucket.load(std::memory_order_relaxed), std::memory_order_relaxed);
  bucket.store(slot, std::memory_order_release);
  return is_first;
}

ContextLocalStorage::~ContextLocalStorage() {
  for (std::atomic<Slot*>& bucket : buckets_) {
    Slot* slot = bucket.load(std::memory_order_relaxed);
    while (slot != nullptr) delete std::exchange(slot, slot->next.load(std::memory_order_relaxed));
  }
}

bool ContextLocalStorage::Delete(CUcontext context, void* key) {
  std::lock_guard lock(mutex_);
  Slot* slot = FindSlot(context, key);
  if (slot == nullptr) return false;
  Write(*slot, nullptr, nullptr, nullptr, nullptr);
  return true;
}

void ContextLocalStorage::DestroyAll(CUcontext context) {
  struct Value {
    void* key;
    void* value;
    ContextLocalDestructor destructor;
  };
  std::vector<Value> values;
  {
    std::lock_guard lock(mutex_);
    for (std::atomic<Slot*>& bucket : buckets_) {
      for (Slot* slot = bucket.load(std::memory_order_relaxed); slot != nullptr;
           slot = slot->next.load(std::memory_order_relaxed)) {
        if (slot->context.load(std::memory_order_relaxed) != context) continue;
        values.push_back({slot->key.load(std::memory_order_relaxed),
                          slot->value.load(std::memory_order_relaxed), slot->destructor});
        Write(*slot, nullptr, nullptr, nullptr, nullptr);
      }
    }
  }
  for (const Value& value : values) {
    if (value.destructor != nullptr) value.destructor(context, value.key, value.value);
  }
}

}  // namespace tq::cuda
