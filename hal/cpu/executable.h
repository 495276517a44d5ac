// Loaded code objects. Free-threaded; kernels in flight keep what they run.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/code_object.h"
#include "base/cpu_abi.h"
#include "hal/cpu/elf_loader.h"
#include "hal/include/tianqiao/hal.h"

struct hal_kernel {
  bool IsFiber() const { return (record.flags & tq::TQ_KERNEL_FIBERS) != 0; }
  bool HasWarpFibers() const { return (record.flags & tq::TQ_KERNEL_WARPS) != 0; }
  bool WaitsOnOthers() const { return (record.flags & (tq::TQ_KERNEL_SPINS | tq::TQ_KERNEL_GRID_SYNC)) != 0; }
  uint32_t DynamicSharedOffset() const;
  uint64_t SharedBytes(uint32_t dynamic_bytes) const {
    return uint64_t{DynamicSharedOffset()} + dynamic_bytes;
  }

  // What a thread costs, as measured so far; 0 before the first run.
  double ThreadNs() const { return thread_ns.load(std::memory_order_relaxed); }
  void AddMeasurement(double ns_per_thread);

  hal_exec* exec = nullptr;
  const void* entry = nullptr;
  tq::KernelRecord record;
  std::atomic<double> thread_ns{0};
  std::atomic<uint32_t> inline_runs{0};
};

struct hal_exec {
  void Ref() { refs.fetch_add(1, std::memory_order_relaxed); }
  void Unref() {
    if (refs.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  ~hal_exec();

  hal_device* device = nullptr;
  tq::CodeObject code;  // without its payload
  std::unique_ptr<tq::hal::cpu::CodeImage> image;
  std::vector<std::unique_ptr<hal_kernel>> kernels;
  std::atomic<uint32_t> refs{1};
};

namespace tq::hal::cpu {

// Where a program counter is, in any loaded executable. False when it is in none.
bool DescribePc(uint64_t pc, hal_fault* fault);

hal_status ExecProbe(hal_device* device, uint32_t index, hal_target* target);
hal_status ExecLoad(hal_vm* vm, const void* code, size_t code_size, const hal_import* imports,
                    size_t import_count, hal_exec** out, char* log, size_t log_size);
void ExecUnload(hal_exec* exec);
hal_status ExecKernel(hal_exec* exec, const char* name, hal_kernel** out, hal_kernel_info* info);
hal_status ExecSymbol(hal_exec* exec, const char* name, hal_va* address);
hal_status KernelOccupancy(hal_kernel* kernel, hal_dim3 block, uint32_t dynamic_shared_bytes,
                           hal_occupancy* out);

}  // namespace tq::hal::cpu
