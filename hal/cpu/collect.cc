// Warp-wide exchange (PTX ISA, "Warp Level Synchronization"): shfl.sync, vote.sync, match.sync, redux.sync,
// bar.warp.sync and activemask are built on it by the compiler.
#include <bit>
#include <cstring>
#include <utility>

#include "hal/cpu/team.h"

namespace tq::hal::cpu {

// An exchange that nobody reads any more, or a new one. `stride_bytes` fits the largest value.
Exchange& Team::OpenExchange(Warp& warp, uint32_t mask, uint32_t stride_bytes, int32_t* index) {
  if (warp.free_exchanges == 0) {
    warp.free_exchanges |= uint64_t{1} << warp.exchanges.size();
    warp.exchanges.push_back(std::make_unique<Exchange>());
  }
  *index = std::countr_zero(warp.free_exchanges);
  warp.free_exchanges &= warp.free_exchanges - 1;
  Exchange& exchange = *warp.exchanges[static_cast<size_t>(*index)];
  exchange.mask = mask;
  exchange.arrived = exchange.holders = 0;
  exchange.stride_bytes = stride_bytes;
  exchange.is_open = true;
  exchange.has_waited = exchange.has_leader = false;
  return exchange;
}

void Team::CompleteExchange(Warp& warp, Exchange& exchange) {
  exchange.is_open = false;
  MakeReady(warp, exchange.arrived);
}

// A lane has exited: those who waited for it need not.
void Team::TryCompleteExchanges(Warp& warp) {
  for (const auto& exchange : warp.exchanges) {
    if (exchange->is_open && exchange->mask != 0 && (exchange->mask & warp.live & ~exchange->arrived) == 0) {
      CompleteExchange(warp, *exchange);
    }
  }
}

uint8_t* Team::Collect(ThreadFiber& self, uint32_t mask, const void* value, uint32_t size_bytes,
                       tq_cpu_lanes* lanes) {
  Warp& warp = *self.warp;
  const uint32_t lane_bit = 1u << self.lane;
  // This lane is done with the values of its last collective.
  if (self.exchange >= 0) {
    Exchange& last = *warp.exchanges[static_cast<size_t>(self.exchange)];
    last.holders &= ~lane_bit;
    if (last.holders == 0) warp.free_exchanges |= uint64_t{1} << self.exchange;
  }
  if (mask != 0) mask |= lane_bit;
  const uint32_t size = size_bytes > kMaxCollectBytes ? kMaxCollectBytes : size_bytes;
  const uint32_t stride = std::bit_ceil(size < 4 ? 4 : size);
  Exchange* exchange = nullptr;
  int32_t index = -1;
  if (mask == 0) {
    index = warp.any_exchange;
  } else {
    for (size_t i = 0; i < warp.exchanges.size(); ++i) {
      const Exchange& candidate = *warp.exchanges[i];
      if (candidate.is_open && candidate.mask == mask) index = static_cast<int32_t>(i);
    }
  }
  // Lanes may disagree on the size only when they are at different instructions with the same mask, which the
  // PTX ISA leaves undefined; nobody's memory may suffer.
  if (index >= 0 && warp.exchanges[static_cast<size_t>(index)]->stride_bytes >= stride) {
    exchange = warp.exchanges[static_cast<size_t>(index)].get();
  } else {
    exchange = &OpenExchange(warp, mask, stride, &index);
    if (mask == 0) warp.any_exchange = index;
  }
  std::memcpy(exchange->values + self.lane * exchange->stride_bytes, value, size);
  exchange->arrived |= lane_bit;
  exchange->holders |= lane_bit;
  self.exchange = index;
  if (mask != 0 && (mask & warp.live & ~exchange->arrived) == 0) {
    // The last one goes straight on; the others are ready.
    exchange->is_open = false;
    MakeReady(warp, exchange->arrived & ~lane_bit);
  } else {
    SwitchAway(self);
  }
  *lanes = {exchange->values, exchange->stride_bytes, exchange->arrived};
  return std::exchange(exchange->has_leader, true) ? nullptr : exchange->values;
}

}  // namespace tq::hal::cpu
