// Values that NVIDIA's runtime keeps per context: each copy of it in the process has its key, and looks its
// value up in every single call. Reading takes no lock: a bucket's list of slots only ever grows, and a slot
// carries a sequence number by which a reader notices that it was rewritten under its eyes.
#pragma once

#include <cuda.h>

#include <atomic>
#include <cstdint>
#include <mutex>

namespace tq::cuda {

using ContextLocalDestructor = void (*)(CUcontext context, void* key, void* value);

class ContextLocalStorage {
 public:
  static ContextLocalStorage& Get();

  ContextLocalStorage() = default;
  ~ContextLocalStorage();  // runs no destructors of values

  // Replaces an older value, whose destructor does not run. True if it is the first value of the context,
  // which then owes a call of DestroyAll.
  bool Put(CUcontext context, void* key, void* value, ContextLocalDestructor destructor);
  // Whether there was one. Its destructor does not run: the caller knows.
  bool Delete(CUcontext context, void* key);
  // Whether there is one. Lock-free.
  bool Find(CUcontext context, void* key, void** value) const;
  // Runs the destructors of a context's values, outside any lock, and forgets the values.
  void DestroyAll(CUcontext context);

 private:
  struct Slot {
    std::atomic<uint32_t> sequence{0};  // odd while it is written
    std::atomic<CUcontext> context{nullptr};
    std::atomic<void*> key{nullptr};
    std::atomic<void*> value{nullptr};
    ContextLocalDestructor destructor = nullptr;  // under mutex_
    std::atomic<Slot*> next{nullptr};
  };

  static constexpr int kBucketBits = 8;

  static uint32_t BucketOf(CUcontext context, void* key);
  Slot* FindSlot(CUcontext context, void* key);
  static void Write(Slot& slot, CUcontext context, void* key, void* value, ContextLocalDestructor destructor);

  std::atomic<Slot*> buckets_[1 << kBucketBits] = {};
  std::mutex mutex_;  // of writers
};

}  // namespace tq::cuda
