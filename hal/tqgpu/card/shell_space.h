// What the card's shell (hal/tqgpu/shell) has in an address space: its code, the ring that kernels print
// into, the heap that they allocate from, and the workspace of the harts. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

#include "hal/include/tianqiao/hal.h"
#include "hal/tqgpu/shell/print_ring.h"
#include "hal/tqgpu/shell/shell_abi.h"

namespace tq::hal::tqgpu {

class AddressSpace;
class MappedBuffer;

inline constexpr uint64_t kStackGapBytes = 4096;

// Memory that the harts work in: a slice for each.
struct Workspace {
  // The slice of a hart of the card; empty: it has none.
  std::span<const uint8_t> SliceOf(uint32_t hart) const;
  bool Contains(uint64_t address, uint64_t size_bytes) const;
  // Whether it is where a stack that is too deep ends up.
  bool IsInGap(uint64_t address) const;
  uint64_t va() const;  // of the first slice

  std::shared_ptr<MappedBuffer> memory;  // one gap, then the slices
  uint64_t slice_bytes = 0;
  uint64_t stack_bytes = 0;  // of a hart without fibers; 0: for fibers
};

// What dispatches that run one after another need: one of each kind. Guarded by the ShellSpace's mutex.
struct Workspaces {
  Workspace loop, fiber;
};

class ShellSpace {
 public:
  explicit ShellSpace(AddressSpace& space);
  ~ShellSpace();

  // Loads the shell, and makes what kernels with these flags (KernelFlags of base/code_object.h) need of it.
  hal_status Prepare(uint32_t kernel_flags);
  // HAL_BUSY: kernels may have allocated from the heap.
  hal_status SetLimit(hal_limit limit, uint64_t value);
  uint64_t stack_bytes() const { return stack_bytes_.load(std::memory_order_relaxed); }

  uint64_t entry() const { return entry_; }
  uint64_t device_va() const { return device_va_; }
  // Where an exported function of the shell is; 0: it has none of this name.
  uint64_t FindExport(std::string_view name) const;

  // For each hart of the compute engine, kept in `of`; what it was before lives as long as someone holds it.
  hal_status LoopWorkspace(uint64_t slice_bytes, uint64_t stack_bytes, Workspaces& of, Workspace* out);
  hal_status FiberWorkspace(uint64_t slice_bytes, Workspaces& of, Workspace* out);
  // Of all queues whose dispatches run one after another, on the engine's ring.
  Workspaces& ring_workspaces() { return ring_workspaces_; }

  // Shows what kernels have printed since.
  void DrainPrints();

 private:
  hal_status LoadShell();
  hal_status MakeRing();
  hal_status MakeHeap();
  hal_status Make(Workspace* workspace);

  AddressSpace& space_;
  std::atomic<uint64_t> stack_bytes_;

  mutable std::mutex mutex_;
  uint64_t heap_bytes_;
  uint64_t entry_ = 0, device_va_ = 0;
  Workspaces ring_workspaces_;
  std::shared_ptr<MappedBuffer> code_, device_, heap_, ring_memory_;

  std::mutex print_mutex_;
  std::atomic<bool> printing_ = false;
  std::unique_ptr<PrintRing> ring_;
  std::atomic<const tq_shell_ring*> ring_header_{nullptr};
};

}  // namespace tq::hal::tqgpu
