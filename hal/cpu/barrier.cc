// Barriers of a block (PTX ISA, "barrier{.cta}") and of a cluster ("barrier.cluster").
#include <bit>

#include "hal/cpu/team.h"

namespace tq::hal::cpu {

void Team::TryCompleteBarrier(TeamBlock& block, Barrier& barrier) {
  const uint32_t expected = barrier.expected == 0 ? block.live : barrier.expected;
  if (barrier.arrived == 0 || barrier.arrived < expected) return;
  const bool all = barrier.false_count == 0;
  for (Warp& warp : block.warps) {
    const uint32_t waiting = barrier.waiting[warp.index];
    for (uint32_t left = barrier.reducing[warp.index]; left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      uint32_t& result = warp.fibers[lane].result;
      switch (barrier.op[warp.index * kWarpSize + static_cast<uint32_t>(lane)]) {
        case TQ_CPU_BARRIER_POPC:
          result = barrier.true_count;
          break;
        case TQ_CPU_BARRIER_AND:
          result = all;
          break;
        default:
          result = barrier.true_count != 0;
      }
    }
    barrier.waiting[warp.index] = barrier.reducing[warp.index] = 0;
    MakeReady(warp, waiting);
  }
  barrier.arrived = barrier.expected = barrier.true_count = barrier.false_count = 0;
}

uint32_t Team::BarrierSync(ThreadFiber& self, uint32_t id, uint32_t thread_count, uint32_t op,
                           uint32_t true_count, uint32_t false_count) {
  Barrier& barrier = self.block->barriers[id % kBarriers];
  const uint32_t warp = self.warp->index;
  const uint32_t lane_bit = 1u << self.lane;
  barrier.is_used = true;
  if (barrier.arrived == 0) barrier.expected = thread_count;
  barrier.arrived += self.threads;
  barrier.true_count += true_count;
  barrier.false_count += false_count;
  barrier.waiting[warp] |= lane_bit;
  self.result = 0;
  if (op != TQ_CPU_BARRIER_NONE) {
    barrier.reducing[warp] |= lane_bit;
    barrier.op[warp * kWarpSize + self.lane] = static_cast<uint8_t>(op);
  }
  TryCompleteBarrier(*self.block, barrier);
  SwitchAway(self);
  return self.result;
}

void Team::BarrierArrive(ThreadFiber& self, uint32_t id, uint32_t thread_count) {
  Barrier& barrier = self.block->barriers[id % kBarriers];
  barrier.is_used = true;
  if (barrier.arrived == 0) barrier.expected = thread_count;
  barrier.arrived += self.threads;
  TryCompleteBarrier(*self.block, barrier);
}

void Team::TryCompleteCluster() {
  if (cluster_arrived_ == 0 || cluster_arrived_ < live_) return;
  cluster_arrived_ = 0;
  ++cluster_phase_;
  for (ThreadFiber* fiber : cluster_waiting_) MakeReady(*fiber->warp, 1u << fiber->lane);
  cluster_waiting_.clear();
  for (uint32_t i = 0; i < fiber_count_; ++i) fibers_[i].has_cluster_arrival = false;
}

void Team::ClusterArrive(ThreadFiber& self) {
  self.cluster_phase = cluster_phase_;
  self.has_cluster_arrival = true;
  ++cluster_arrived_;
  TryCompleteCluster();
}

void Team::ClusterWait(ThreadFiber& self) {
  if (self.cluster_phase != cluster_phase_) return;
  cluster_waiting_.push_back(&self);
  SwitchAway(self);
}

}  // namespace tq::hal::cpu
