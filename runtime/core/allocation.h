// Memory that CUDA knows about: made by cuMemAlloc and its kin, registered by cuMemHostRegister, or a
// module's variables. Constructing one maps it and enters it into the process's AddressSpace; destroying it
// takes both back. The caller sees to it that no work in flight uses it (cuMemFree synchronizes;
// stream-ordered frees run in stream order).
#pragma once

#include <cuda.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ref.h"
#include "hal/memory.h"
#include "runtime/core/context.h"
#include "runtime/core/owned_fd.h"

namespace tq::core {

class MemoryPool;

// What the program said of managed memory; locations are device ordinals, CU_DEVICE_CPU or CU_DEVICE_INVALID.
struct MemoryAdvice {
  bool read_mostly = false;
  int preferred_location = CU_DEVICE_INVALID;
  int last_prefetch_location = CU_DEVICE_INVALID;
  std::vector<int> accessed_by;
};
CUmemLocationType LocationTypeOf(int location);

class Allocation : public ContextChild {
 public:
  enum class Kind {
    kDevice,      // cuMemAlloc
    kManaged,     // cuMemAllocManaged
    kHost,        // cuMemAllocHost, cuMemHostAlloc
    kRegistered,  // cuMemHostRegister
    kModule,      // a global variable of a module
    kPool,        // cuMemAllocAsync, of a device
    kPoolHost,    // of pinned host memory
    kPoolManaged,
    kVirtual,   // mapped by cuMemMap
    kImported,  // cuIpcOpenMemHandle
    kExternal,  // cuExternalMemoryGetMappedBuffer
    kArray,     // a CUarray
    kRuntime,   // the runtime's own; invisible to pointer queries
  };

  // New memory of at least 512-byte alignment. CUDA_ERROR_OUT_OF_MEMORY when the device has no more. `flags`
  // are those that the API function got (CU_MEMHOSTALLOC_*, CU_MEM_ATTACH_*), kept for queries.
  static absl::StatusOr<std::unique_ptr<Allocation>> Create(Context& context, Kind kind, uint64_t size_bytes,
                                                            unsigned flags = 0);
  // Maps existing host memory.
  static absl::StatusOr<std::unique_ptr<Allocation>> Register(Context& context, void* host_ptr,
                                                              uint64_t size_bytes, unsigned flags);
  // Memory that another process, or another device's driver, exports, but for its first `skip_bytes`; the
  // caller keeps the descriptor.
  static absl::StatusOr<std::unique_ptr<Allocation>> Import(Context& context, Kind kind,
                                                            const hal_shared_handle& shared,
                                                            uint64_t skip_bytes = 0);
  // What VirtualMemory maps, which also unmaps it; `access` becomes its flags. `context` is a primary one.
  static std::unique_ptr<Allocation> OfMapping(Context& context, uint64_t device_ptr, uint64_t size_bytes,
                                               CUmemAccess_flags access);
  ~Allocation() override;

  Context& context() const { return context_; }
  Kind kind() const { return kind_; }
  bool is_host() const {
    return kind_ == Kind::kHost || kind_ == Kind::kRegistered || kind_ == Kind::kPoolHost;
  }
  bool is_managed() const { return kind_ == Kind::kManaged || kind_ == Kind::kPoolManaged; }
  unsigned flags() const { return flags_; }
  bool is_writable() const { return kind_ != Kind::kVirtual || flags_ == CU_MEM_ACCESS_FLAGS_PROT_READWRITE; }
  uint64_t id() const { return id_; }  // CU_POINTER_ATTRIBUTE_BUFFER_ID
  uint64_t device_ptr() const { return device_ptr_; }
  uint64_t size_bytes() const { return size_bytes_; }
  void* host_ptr() const { return host_ptr_; }  // null: the host cannot see it
  // A file that is this memory, open until the allocation goes. CUDA_ERROR_NOT_SUPPORTED on some devices.
  absl::StatusOr<int> ShareFile();
  // CU_POINTER_ATTRIBUTE_SYNC_MEMOPS.
  bool sync_memops() const { return sync_memops_; }
  void set_sync_memops(bool on) { sync_memops_ = on; }
  MemoryAdvice advice() const;
  void Advise(CUmem_advise advice, const CUmemLocation& location);
  void NotePrefetch(const CUmemLocation& location);
  // The pool that it came from and goes back to; null: none.
  MemoryPool* pool() const { return pool_.get(); }
  void set_pool(Ref<MemoryPool> pool);

 private:
  Allocation(Context& context, Kind kind, uint64_t size_bytes, unsigned flags);
  static absl::StatusOr<std::unique_ptr<Allocation>> Map(Context& context, Kind kind, hal::Memory memory,
                                                         uint64_t size_bytes, unsigned flags,
                                                         uint64_t skip_bytes);
  void Enter(uint64_t device_ptr, void* host_ptr);

  Context& context_;
  const Kind kind_;
  const uint64_t size_bytes_;
  const unsigned flags_;
  const uint64_t id_;
  Ref<MemoryPool> pool_;     // null: of no pool
  hal::Memory memory_;       // none for registered and mapped memory
  uint64_t skip_bytes_ = 0;  // of the memory's beginning, before device_ptr_
  uint64_t device_ptr_ = 0;
  void* host_ptr_ = nullptr;
  std::mutex file_mutex_;
  OwnedFd file_;
  std::atomic<bool> sync_memops_{false};
  mutable std::mutex advice_mutex_;
  MemoryAdvice advice_;
};

}  // namespace tq::core
