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
  // `dispatch` and what it points to must outlive the work. `queue` null: run inline, where the time that a
  // grid may take is limited.
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
  // Inline: whether the thread has given the grid enough of its time. `ran` units have run in this call; the
  // clock is read when their number is a power of two, so that short blocks are not mostly that.
  bool IsTooLongInline(uint64_t ran) const;
  bool is_cooperative() const { return (dispatch_.flags & HAL_DISPATCH_COOPERATIVE) != 0; }

  // Time that threads spent in it, for the estimate of the next launch.
  std::atomic<uint64_t> busy_ns{0};
  // Inline: when the thread stops between two units. 0: never.
  uint64_t inline_end_ns = 0;

 private:
  // Each returns how many units have ended.
  uint64_t RunUnits(Runner& runner, uint64_t begin, uint64_t end);
  uint64_t RunLoop(Runner& runner, uint64_t begin, uint64_t end);
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

uint64_t UnitsOf(const hal_dispatch& dispatch);
uint64_t ThreadsOf(const hal_dispatch& dispatch);

// What the grid takes on one thread, as measured before; UINT64_MAX when unknown or when it must not run on a
// borrowed thread.
uint64_t EstimateInlineNs(const hal_dispatch& dispatch);

// What the submitting thread runs itself. Handing over costs 27 us when a worker must be woken. Where one
// spins it costs 0.3 us, but a short grid shared by two cores also moves its data between their caches.
inline constexpr uint64_t kInlineHotNs = 20000;
inline constexpr uint64_t kInlineColdNs = 50000;

// Runs the grid on the calling thread; only after EstimateInlineNs said something. Returns how many units
// have run: not all of them when the estimate was wrong by far, and the others are for the pool.
uint64_t RunInline(Runner& runner, hal_vm* vm, const hal_dispatch& dispatch);

}  // namespace tq::hal::cpu
