// Warp-wide exchange (PTX ISA, "Warp Level Synchronization"): shfl.sync, vote.sync, match.sync, redux.sync,
// bar.warp.sync and activemask are built on it by the compiler.
#include "hal/tqgpu/shell/shell.h"

#define SMALL_MASK ((1ull << SMALL_EXCHANGES) - 1)

static uint8_t* values_of(warp* warp, uint32_t index) {
  return index < SMALL_EXCHANGES ? warp->small[index] : warp->large[index - SMALL_EXCHANGES];
}

// An exchange that nobody reads any more.
static uint32_t open_exchange(fiber* self, uint32_t mask, uint32_t stride_bytes) {
  warp* warp = self->warp;
  const uint64_t wanted = stride_bytes <= SMALL_STRIDE ? SMALL_MASK : ~SMALL_MASK;
  while (!(warp->free_exchanges & wanted)) yield_fiber(self);
  const uint32_t index = (uint32_t)__builtin_ctzll(warp->free_exchanges & wanted);
  warp->free_exchanges &= ~(1ull << index);
  warp->open_exchanges |= 1ull << index;
  warp->exchanges[index] = (exchange){.mask = mask, .stride_bytes = (uint8_t)stride_bytes, .is_open = 1};
  return index;
}

void complete_exchange(warp* warp, uint32_t index) {
  warp->exchanges[index].is_open = 0;
  warp->open_exchanges &= ~(1ull << index);
  make_ready(warp, warp->exchanges[index].arrived);
}

// A lane has exited: those who waited for it need not.
void try_complete_exchanges(warp* warp) {
  for (uint64_t left = warp->open_exchanges; left; left &= left - 1) {
    const uint32_t index = (uint32_t)__builtin_ctzll(left);
    const exchange* waiting = &warp->exchanges[index];
    if (waiting->mask && !(waiting->mask & warp->live & ~waiting->arrived)) complete_exchange(warp, index);
  }
}

// The open exchange that the lane joins; -1: none yet.
static int32_t find_exchange(const warp* warp, uint32_t mask, uint32_t stride_bytes) {
  int32_t index = -1;
  if (!mask) {
    index = warp->any_exchange;
  } else {
    for (uint64_t left = warp->open_exchanges; left && index < 0; left &= left - 1) {
      const int32_t candidate = __builtin_ctzll(left);
      if (warp->exchanges[candidate].mask == mask) index = candidate;
    }
  }
  // Lanes may disagree on the size only when they are at different instructions with the same mask, which the
  // PTX ISA leaves undefined; nobody's memory may suffer.
  return index >= 0 && warp->exchanges[index].stride_bytes >= stride_bytes ? index : -1;
}

static void put_value(uint8_t* to, const uint8_t* from, uint32_t size_bytes) {
  if (size_bytes == 4) {
    *(uint32_t*)to = *(const uint32_t*)from;
  } else {
    __builtin_memcpy(to, from, size_bytes);
  }
}

uint8_t* collect(tq_cpu_thread* thread, uint32_t mask, const void* value, uint32_t size_bytes,
                 tq_cpu_lanes* lanes) {
  fiber* self = fiber_of(thread);
  warp* warp = self->warp;
  const uint32_t lane_bit = 1u << self->lane;
  // This lane is done with the values of its last collective.
  if (self->exchange >= 0) {
    exchange* last = &warp->exchanges[self->exchange];
    last->holders &= ~lane_bit;
    if (!last->holders) warp->free_exchanges |= 1ull << self->exchange;
    self->exchange = -1;
  }
  if (mask) mask |= lane_bit;
  const uint32_t size = size_bytes > MAX_COLLECT_BYTES ? MAX_COLLECT_BYTES : size_bytes;
  uint32_t stride = 4;
  while (stride < size) stride *= 2;
  int32_t index = find_exchange(warp, mask, stride);
  if (index < 0) {
    index = (int32_t)open_exchange(self, mask, stride);
    if (!mask) warp->any_exchange = index;
  }
  exchange* joined = &warp->exchanges[index];
  uint8_t* values = values_of(warp, (uint32_t)index);
  put_value(values + self->lane * joined->stride_bytes, value, size);
  joined->arrived |= lane_bit;
  joined->holders |= lane_bit;
  self->exchange = (int8_t)index;
  if (mask && !(mask & warp->live & ~joined->arrived)) {
    // The last one goes straight on; the others are ready.
    joined->is_open = 0;
    warp->open_exchanges &= ~(1ull << index);
    make_ready(warp, joined->arrived & ~lane_bit);
  } else {
    switch_away(self);
  }
  *lanes = (tq_cpu_lanes){.values = values, .stride_bytes = joined->stride_bytes, .mask = joined->arrived};
  const int is_leader = !joined->has_leader;
  joined->has_leader = 1;
  return is_leader ? values : 0;
}
