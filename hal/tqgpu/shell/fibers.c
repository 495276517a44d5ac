// Threads with stacks of their own, and who runs next.
#include "hal/tqgpu/shell/shell.h"

#define STACK_CANARY 0x5354414b20454e44ull  // at the lower end of a stack whose overflow no guard page stops

static inline int lowest(uint32_t bits) { return __builtin_ctz(bits); }
static uint32_t lanes_of(uint32_t count) { return count >= WARP_SIZE ? ~0u : (1u << count) - 1; }

void make_ready(warp* warp, uint32_t lanes) {
  if (!lanes) return;
  warp->ready |= lanes;
  warp->block->ready_warps |= 1u << warp->index;
}

// The lowest ready lane of the warp. When none is ready, the lanes that gathered in a collective without a
// mask have all come that will; lanes that only gave way to others have one turn before.
static fiber* next_of_warp(warp* warp) {
  if (!warp->ready && warp->any_exchange >= 0) {
    exchange* gathering = &warp->exchanges[warp->any_exchange];
    if (warp->yielded && !gathering->has_waited) {
      gathering->has_waited = 1;
      warp->ready = warp->yielded;
      warp->yielded = 0;
      warp->block->yielded_warps &= ~(1u << warp->index);
    } else {
      const uint32_t index = (uint32_t)warp->any_exchange;
      warp->any_exchange = -1;
      complete_exchange(warp, index);
    }
  }
  if (!warp->ready) {
    warp->block->ready_warps &= ~(1u << warp->index);
    return 0;
  }
  const int lane = lowest(warp->ready);
  warp->ready &= warp->ready - 1;
  return fiber_at(warp->fibers, (uint64_t)lane);
}

static fiber* next_of_unit(unit* unit) {
  for (uint32_t i = 0; i < unit->block_count; ++i) {
    block* block = block_at(unit->blocks, i);
    while (block->ready_warps) {
      fiber* next = next_of_warp(warp_at(block->warps, (uint64_t)lowest(block->ready_warps)));
      if (next) return next;
    }
  }
  return 0;
}

static int wake_yielded(unit* unit) {
  int any = 0;
  for (uint32_t i = 0; i < unit->block_count; ++i) {
    block* block = block_at(unit->blocks, i);
    for (; block->yielded_warps; block->yielded_warps &= block->yielded_warps - 1) {
      warp* warp = warp_at(block->warps, (uint64_t)lowest(block->yielded_warps));
      const uint32_t lanes = warp->yielded;
      warp->yielded = 0;
      make_ready(warp, lanes);
      any = 1;
    }
  }
  return any;
}

static void check_stack(fiber* self) {
  if (*(uint64_t*)self->thread.local_base == STACK_CANARY) return;
  raise_fault(hart_of(&self->thread), TQ_CPU_FAULT_STACK_OVERFLOW, (uint64_t)self->thread.local_base, 0);
}

void switch_away(fiber* self) {
  unit* unit = self->block->unit;
  hart* hart = unit->hart;
  check_stack(self);
  fiber* next = next_of_warp(self->warp);
  if (!next) next = next_of_unit(unit);
  if (next == self) return;
  if (next) {
    hart->report.thread = (uint64_t)&next->thread;
    switch_stack(&self->context, next->context);
  } else {
    switch_stack(&self->context, hart->scheduler);
  }
}

void yield_fiber(fiber* self) {
  self->warp->yielded |= 1u << self->lane;
  self->block->yielded_warps |= 1u << self->warp->index;
  switch_away(self);
}

void exit_fiber(fiber* self) {
  block* block = self->block;
  unit* unit = block->unit;
  self->warp->live &= ~(1u << self->lane);
  --block->live;
  --unit->live;
  if (self->has_cluster_arrival) --unit->cluster_arrived;
  try_complete_exchanges(self->warp);
  if (block->used_barriers) try_complete_barriers(block);
  if (unit->cluster_arrived) try_complete_cluster(unit);
  switch_away(self);
  __builtin_unreachable();
}

void fiber_main(fiber* self) {
  ((tq_cpu_thread_entry)self->block->unit->hart->dispatch->kernel)(&self->thread);
  exit_fiber(self);
}

// ---- Units ----

static unit* unit_at(hart* self, uint64_t i) {
  return (unit*)((uint8_t*)self + TQ_SHELL_HART_BYTES + i * self->layout.size_bytes);
}

// What stays the same for all units that take this place.
static void build_unit(hart* self, unit* unit) {
  const tq_shell_dispatch* dispatch = self->dispatch;
  const tq_shell_unit_layout* layout = &self->layout;
  uint8_t* const base = (uint8_t*)unit;
  const uint64_t threads = tq_shell_volume(dispatch->block), warps = (threads + WARP_SIZE - 1) / WARP_SIZE;
  unit->hart = self;
  unit->blocks = (block*)(base + layout->blocks);
  unit->block_count = (uint32_t)tq_shell_volume(dispatch->cluster);
  unit->is_active = 0;
  uint8_t* stack = base + layout->stacks + dispatch->stack_gap_bytes;
  const uint64_t stack_bytes = layout->stack_stride - dispatch->stack_gap_bytes;
  for (uint64_t b = 0; b < unit->block_count; ++b) {
    block* block = block_at(unit->blocks, b);
    init_block(self, &block->cpu);
    unit->shared_bases[b] = base + layout->shared + b * tq_shell_shared_stride(dispatch);
    block->cpu.shared_base = unit->shared_bases[b];
    block->cpu.cluster_shared_bases = unit->block_count > 1 ? unit->shared_bases : 0;
    block->unit = unit;
    block->warps = warp_at((warp*)(base + layout->warps), b * warps);
    block->warp_count = (uint32_t)warps;
    block->used_barriers = (1u << BARRIERS) - 1;  // all have to be cleared
    fiber* fibers = fiber_at((fiber*)(base + layout->fibers), b * threads);
    for (uint64_t w = 0; w < warps; ++w) {
      warp* warp = warp_at(block->warps, w);
      warp->block = block;
      warp->fibers = fiber_at(fibers, w * WARP_SIZE);
      warp->index = (uint32_t)w;
    }
    tq_cpu_dim3 tid = {0, 0, 0};
    for (uint64_t t = 0; t < threads; ++t, stack += layout->stack_stride) {
      fiber* fiber = fiber_at(fibers, t);
      fiber->warp = warp_at(block->warps, t / WARP_SIZE);
      fiber->block = block;
      fiber->lane = (uint8_t)(t % WARP_SIZE);
      fiber->thread = (tq_cpu_thread){.block = &block->cpu,
                                      .tid = tid,
                                      .linear_tid = (uint32_t)t,
                                      .lane = (uint32_t)(t % WARP_SIZE),
                                      .warp = (uint32_t)(t / WARP_SIZE),
                                      .local_base = stack,
                                      .local_size_bytes = stack_bytes,
                                      .fiber = fiber};
      *(uint64_t*)stack = STACK_CANARY;
      if (++tid.x == dispatch->block.x) {
        tid.x = 0;
        if (++tid.y == dispatch->block.y) {
          tid.y = 0;
          ++tid.z;
        }
      }
    }
  }
}

static void start_block(block* block, uint32_t threads) {
  block->live = threads;
  block->ready_warps = lanes_of(block->warp_count);
  block->yielded_warps = 0;
  for (; block->used_barriers; block->used_barriers &= block->used_barriers - 1) {
    block->barriers[lowest(block->used_barriers)] = (barrier){0};
  }
  for (uint32_t w = 0; w < block->warp_count; ++w) {
    warp* warp = warp_at(block->warps, w);
    warp->live = warp->ready = lanes_of(threads - w * WARP_SIZE);
    warp->yielded = 0;
    warp->any_exchange = -1;
    warp->free_exchanges = (1ull << EXCHANGES) - 1;
    warp->open_exchanges = 0;
    const uint32_t lanes = threads - w * WARP_SIZE < WARP_SIZE ? threads - w * WARP_SIZE : WARP_SIZE;
    for (uint32_t lane = 0; lane < lanes; ++lane) {
      fiber* fiber = fiber_at(warp->fibers, lane);
      fiber->exchange = -1;
      fiber->has_cluster_arrival = fiber->waits_for_cluster = 0;
      fiber->context = prepare_stack(fiber->thread.local_base + fiber->thread.local_size_bytes, fiber);
    }
  }
}

static void start_unit(hart* self, unit* unit, uint64_t index) {
  const uint32_t threads = (uint32_t)tq_shell_volume(self->dispatch->block);
  unit->is_active = 1;
  unit->live = threads * unit->block_count;
  unit->cluster_arrived = 0;
  unit->cluster_phase = 0;
  for (uint32_t b = 0; b < unit->block_count; ++b) {
    block* block = block_at(unit->blocks, b);
    place_block(self->dispatch, index, b, &block->cpu);
    start_block(block, threads);
  }
}

// Runs the unit until it has ended or all that is left of it waits for memory that others write.
static void step_unit(hart* self, unit* unit) {
  for (;;) {
    fiber* next = next_of_unit(unit);
    if (!next) break;
    self->report.thread = (uint64_t)&next->thread;
    switch_stack(&self->scheduler, next->context);
  }
  if (!unit->live) {
    unit->is_active = 0;
  } else if (!wake_yielded(unit)) {
    self->report.thread = 0;
    self->report.block = (uint64_t)unit->blocks;
    raise_fault(self, TQ_CPU_FAULT_DEADLOCK, 0, 0);
  }
}

void run_fibers(hart* self) {
  self->layout = tq_shell_layout_unit(self->dispatch);
  const uint32_t places = self->dispatch->resident_units;
  for (uint32_t i = 0; i < places; ++i) unit_at(self, i)->is_active = 0;
  uint32_t built = 0, active = 0;
  int has_more = 1;
  while (has_more || active) {
    // Those of a cooperative grid wait for each other: all are taken before any runs.
    for (uint32_t i = 0; has_more && i < places; ++i) {
      unit* unit = unit_at(self, i);
      if (unit->is_active) continue;
      const int64_t index = next_block();
      if (index < 0) {
        has_more = 0;
        break;
      }
      for (; built <= i; ++built) build_unit(self, unit_at(self, built));
      start_unit(self, unit, (uint64_t)index);
      ++active;
    }
    for (uint32_t i = 0; active && i < built; ++i) {
      unit* unit = unit_at(self, i);
      if (!unit->is_active) continue;
      step_unit(self, unit);
      active -= !unit->is_active;
    }
  }
}
