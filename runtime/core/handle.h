// What a CUcontext, CUstream, CUmodule ... points to. A handle is the address of a slot in one table of the
// process; the slot names the class of the object and points to it. Slots are never unmapped, so the check of
// a wild, stale or foreign handle reads memory of ours or none, and costs two compares and a load: no lock,
// on the path of every call.
//
//   class Stream {
//    public:
//     static constexpr HandleKind kHandleKind = HandleKind::kStream;
//     CUstream handle() const { return static_cast<CUstream>(handle_.get()); }
//    private:
//     Handle<Stream> handle_{this};
//   };
//   Stream* stream = FromHandle<Stream>(cu_stream);  // nullptr: not a live stream
//
// FromHandle is thread-safe against creation and destruction of other objects. Destroying the very object
// that another thread uses is the program's error, as with CUDA.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tq::core {

enum class HandleKind : uint32_t {
  kNone = 0,
  kContext,
  kStream,
  kEvent,
  kModule,
  kFunction,
  kLibrary,
  kKernel,
  kLinkState,
  kGraph,
  kGraphNode,
  kGraphExec,
  kMemoryPool,
  kArray,
  kMipmappedArray,
  kTextureReference,
  kSurfaceReference,
  kUserObject,
  kExternalMemory,
  kExternalSemaphore,
  kGreenContext,
  kPhysicalMemory,
  kLogsCallback,
  kAsyncCallback,
  kResourceDescription,
  kOrphanedStream,  // of a green context that is destroyed
};

struct HandleSlot {
  std::atomic<HandleKind> kind;
  uint32_t generation;  // raised at each reuse, so that a kept {slot, generation} cannot come to mean another
                        // object
  std::atomic<void*> object;
};
static_assert(sizeof(HandleSlot) == 16);

namespace handle_internal {
inline constexpr size_t kTableBytes = size_t{256} << 20;
extern HandleSlot* const kTable;  // kTableBytes of address space, zero until used
}  // namespace handle_internal

// The slot that `handle` points to, or nullptr when it points to none.
inline HandleSlot* SlotOf(const void* handle) {
  const auto offset =
      reinterpret_cast<uintptr_t>(handle) - reinterpret_cast<uintptr_t>(handle_internal::kTable);
  if (offset >= handle_internal::kTableBytes || offset % sizeof(HandleSlot) != 0) return nullptr;
  return &handle_internal::kTable[offset / sizeof(HandleSlot)];
}

inline HandleKind KindOf(const void* handle) {
  const HandleSlot* slot = SlotOf(handle);
  return slot == nullptr ? HandleKind::kNone : slot->kind.load(std::memory_order_acquire);
}

template <typename T>
T* FromHandle(const void* handle) {
  const HandleSlot* slot = SlotOf(handle);
  if (slot == nullptr || slot->kind.load(std::memory_order_acquire) != T::kHandleKind) return nullptr;
  return static_cast<T*>(slot->object.load(std::memory_order_relaxed));
}

// Never fails: aborts when 16 million handles are alive.
HandleSlot* AcquireHandle(HandleKind kind, void* object);
void ReleaseHandle(HandleSlot* slot);

// The handle of an object, as a member of it.
template <typename T>
class Handle {
 public:
  explicit Handle(T* object) : slot_(AcquireHandle(T::kHandleKind, object)) {}
  ~Handle() { ReleaseHandle(slot_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  HandleSlot* slot() const { return slot_; }
  template <typename CudaHandle>
  CudaHandle as() const {
    return reinterpret_cast<CudaHandle>(slot_);
  }

 private:
  HandleSlot* slot_;
};

}  // namespace tq::core
