// A grid in flight: units are clusters (a block alone without one), in index order.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/cpu_abi.h"
#include "hal/cpu/work.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

class GridWork final : public Work {
 public:
  // `dispatch` and what it points to must outlive the work. `queue` null: run inline.
  GridWork(hal_queue* queue, hal_vm* vm, const hal_dispatch& dispatch, int32_t priority);

  uint64_t Run(Runner& runner, uint64_t begin, uint64_t end) override;
  // A block of this grid faulted on `runner`: records it and stops the grid.
  void OnFault(Runner& runner);

  // What does not change from block to block.
  void InitBlock(const Runner& runner, tq_cpu_block* block) const;
  // Block `rank` of unit `unit`.
  void PlaceBlock(uint64_t unit, uint32_t rank, tq_cpu_block* block) const;

  const hal_kernel& kernel() const { return *dispatch_.kernel; }
  const hal_dispatch& dispatch() const { return dispatch_; }
  hal_vm* vm() const { return vm_; }
  uint32_t cluster_size() const { return cluster_size_; }
  uint32_t block_threads() const { return block_threads_; }
  uint64_t shared_bytes() const { return shared_bytes_; }
  bool is_cooperative() const { return (dispatch_.flags & HAL_DISPATCH_COOPERATIVE) != 0; }

  // Time that threads spent in it, for the estimate of the next launch.
  std::atomic<uint64_t> busy_ns{0};

 private:
  bool RunLoop(Runner& runner, uint64_t begin, uint64_t end);
  uint64_t RunTeams(Runner& runner, uint64_t begin, uint64_t end);

  hal_vm* const vm_;
  const hal_dispatch& dispatch_;
  const tq_cpu_dim3 cluster_;
  const uint32_t cluster_size_;
  const uint32_t block_threads_;
  const uint64_t shared_bytes_;

  // What blocks of a cooperative grid meet at, as HAL_DISPATCH_COOPERATIVE promises; its address is in
  // %envreg1 and %envreg2.
  struct Workspace {
    uint32_t size_bytes = sizeof(Workspace);
    uint32_t barrier = 0;
  };
  Workspace workspace_;
  uint64_t env_regs_[32] = {};
};

uint64_t ThreadsOf(const hal_dispatch& dispatch);

// What the grid takes on one thread, as measured before; UINT64_MAX when unknown or when it must not run on a
// borrowed thread.
uint64_t EstimateInlineNs(const hal_dispatch& dispatch);

// Runs the whole grid on the calling thread. Only after EstimateInlineNs said something.
void RunInline(Runner& runner, hal_vm* vm, const hal_dispatch& dispatch);

}  // namespace tq::hal::cpu
