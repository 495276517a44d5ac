// The value of a semaphore that several processes have: a page of a memory file that each of them maps. A
// peer may write anything into it at any time; the worst that comes of it is a wrong order of work, never a
// fault: the file is sealed against shrinking, and nothing in the page is an address or an index.
#pragma once

#include <atomic>
#include <cstdint>

#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

class SharedTimeline {
 public:
  // With a file descriptor that the caller owns. HAL_OUT_OF_HOST_MEMORY.
  static hal_status Create(uint64_t value, SharedTimeline** out, int* fd);
  // HAL_INVALID for a file that is no timeline.
  static hal_status Map(int fd, SharedTimeline** out);
  static void Unmap(SharedTimeline* timeline);

  uint64_t value() const { return value_.load(std::memory_order_seq_cst); }
  bool has_failed() const { return failed_.load(std::memory_order_seq_cst) != 0; }

  void RaiseTo(uint64_t value);
  void Fail();

  // This process is going to raise it to `value`.
  void Promise(uint64_t value);
  // Whether the process that promised `value` has ended without raising it.
  bool IsBroken(uint64_t value) const;

  uint32_t changes() const { return changes_.load(std::memory_order_seq_cst); }
  // Sleeps until there were other changes than `seen`, or for no reason.
  void WaitForChange(uint32_t seen, uint64_t deadline_ns);

 private:
  static constexpr uint64_t kMagic = 0x31656d69544b5154;  // "TQKTime1"
  static constexpr uint64_t kPromises = 64;

  void Announce();

  uint64_t magic_;
  std::atomic<uint64_t> value_;
  std::atomic<uint32_t> failed_;
  std::atomic<uint32_t> changes_;
  std::atomic<uint32_t> sleepers_;  // too many once a process was killed in its sleep: costs system calls
  // Who promised a value, by the value's last bits: lower half of the value, then the process.
  std::atomic<uint64_t> promises_[kPromises];
};

}  // namespace tq::hal::cpu
