// Work that the pool spreads over its threads: units 0 .. total-1, handed out in ascending chunks. A grid of
// blocks, or the slices of a copy.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

class Runner;

// The workers that may run a queue's grids, by index; all of them, unless `words` is filled.
struct WorkerSet {
  std::vector<uint64_t> words;

  bool is_all() const { return words.empty(); }
  bool Contains(uint32_t worker) const {
    return is_all() || (worker / 64 < words.size() && (words[worker / 64] >> (worker % 64) & 1) != 0);
  }
  // Of `worker_count` workers.
  uint32_t Count(uint32_t worker_count) const {
    uint32_t count = 0;
    for (uint32_t i = 0; i < worker_count; ++i) count += Contains(i) ? 1 : 0;
    return count;
  }
};

// What a chunk should take: long enough that handing it out does not count, and not so long that others wait.
inline constexpr double kChunkNs = 50000;

class Work {
 public:
  Work(hal_queue* owner, uint64_t unit_count) : queue(owner), total(unit_count) {}
  virtual ~Work() = default;

  // Runs units [begin, end) on the calling thread; returns how many have ended. The others are resident on
  // the runner, which reports them later.
  virtual uint64_t Run(Runner& runner, uint64_t begin, uint64_t end) = 0;

  // Whoever runs units looks at it: no unit starts after it, and units that yield end early. The first reason
  // stays; true for whoever gave it.
  bool Stop(hal_fault_kind reason) {
    uint32_t expected = HAL_FAULT_NONE;
    return stop.compare_exchange_strong(expected, reason, std::memory_order_acq_rel);
  }
  bool is_stopped() const { return stop.load(std::memory_order_acquire) != HAL_FAULT_NONE; }

  hal_queue* const queue;  // null: run inline, nobody is told of its end
  const uint64_t total;
  uint64_t next = 0;        // guarded by the pool
  uint64_t chunk = 1;       // guarded by the pool; units that one thread takes at a time
  uint64_t most_units = 0;  // up to which the pool fits the chunk to what units are seen to take; 0: it stays
  std::atomic<uint64_t> done{0};
  int32_t priority = 0;
  const WorkerSet* workers = nullptr;  // the queue's, where it is not all; null: anybody runs it
  bool waits_on_others =
      false;  // may run for ever unless somebody else does something: never on a borrowed thread
  std::atomic<uint32_t> stop{HAL_FAULT_NONE};
  std::atomic<uint64_t> start_ns{0};  // when the first unit started
};

}  // namespace tq::hal::cpu
