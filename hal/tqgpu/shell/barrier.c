// Barriers of a block (PTX ISA, "barrier{.cta}") and of a cluster ("barrier.cluster").
#include "hal/tqgpu/shell/shell.h"

static uint32_t reduce(const barrier* barrier, uint32_t op) {
  switch (op) {
    case TQ_CPU_BARRIER_POPC:
      return barrier->true_count;
    case TQ_CPU_BARRIER_AND:
      return barrier->false_count == 0;
    default:
      return barrier->true_count != 0;
  }
}

static void try_complete(block* block, barrier* barrier) {
  const uint32_t expected = barrier->expected ? barrier->expected : block->live;
  if (!barrier->arrived || barrier->arrived < expected) return;
  for (uint32_t w = 0; w < block->warp_count; ++w) {
    const uint32_t waiting = barrier->waiting[w];
    if (!waiting) continue;
    warp* warp = warp_at(block->warps, w);
    // Nobody has brought a value where there is nothing to reduce.
    for (uint32_t left = barrier->true_count + barrier->false_count ? waiting : 0; left; left &= left - 1) {
      fiber* fiber = fiber_at(warp->fibers, (uint64_t)__builtin_ctz(left));
      if (fiber->op != TQ_CPU_BARRIER_NONE) fiber->result = reduce(barrier, fiber->op);
    }
    barrier->waiting[w] = 0;
    make_ready(warp, waiting);
  }
  barrier->arrived = barrier->expected = barrier->true_count = barrier->false_count = 0;
}

void try_complete_barriers(block* block) {
  for (uint32_t left = block->used_barriers; left; left &= left - 1) {
    try_complete(block, &block->barriers[__builtin_ctz(left)]);
  }
}

static barrier* arrive(fiber* self, uint32_t id, uint32_t thread_count) {
  block* block = self->block;
  barrier* barrier = &block->barriers[id % BARRIERS];
  block->used_barriers |= 1u << id % BARRIERS;
  if (!barrier->arrived) barrier->expected = thread_count;
  ++barrier->arrived;
  return barrier;
}

uint32_t wait_at_barrier(tq_cpu_thread* thread, uint32_t id, uint32_t thread_count, uint32_t op,
                         uint32_t value) {
  fiber* self = fiber_of(thread);
  barrier* barrier = arrive(self, id, thread_count);
  if (op != TQ_CPU_BARRIER_NONE) {
    barrier->true_count += value != 0;
    barrier->false_count += value == 0;
  }
  barrier->waiting[self->warp->index] |= 1u << self->lane;
  self->op = (uint8_t)op;
  self->result = 0;
  try_complete(self->block, barrier);
  switch_away(self);
  return self->result;
}

void arrive_at_barrier(tq_cpu_thread* thread, uint32_t id, uint32_t thread_count) {
  fiber* self = fiber_of(thread);
  try_complete(self->block, arrive(self, id, thread_count));
}

void try_complete_cluster(unit* unit) {
  if (!unit->cluster_arrived || unit->cluster_arrived < unit->live) return;
  unit->cluster_arrived = 0;
  ++unit->cluster_phase;
  for (uint32_t b = 0; b < unit->block_count; ++b) {
    block* block = block_at(unit->blocks, b);
    for (uint32_t w = 0; w < block->warp_count; ++w) {
      warp* warp = warp_at(block->warps, w);
      for (uint32_t left = warp->live; left; left &= left - 1) {
        fiber* fiber = fiber_at(warp->fibers, (uint64_t)__builtin_ctz(left));
        fiber->has_cluster_arrival = 0;
        if (!fiber->waits_for_cluster) continue;
        fiber->waits_for_cluster = 0;
        make_ready(warp, 1u << fiber->lane);
      }
    }
  }
}

void arrive_at_cluster(tq_cpu_thread* thread) {
  fiber* self = fiber_of(thread);
  unit* unit = self->block->unit;
  self->cluster_phase = unit->cluster_phase;
  self->has_cluster_arrival = 1;
  ++unit->cluster_arrived;
  try_complete_cluster(unit);
}

void wait_for_cluster(tq_cpu_thread* thread) {
  fiber* self = fiber_of(thread);
  if (self->cluster_phase != self->block->unit->cluster_phase) return;
  self->waits_for_cluster = 1;
  switch_away(self);
}
