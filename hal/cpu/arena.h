// The memory of a device: one range of addresses, handed out in pieces and never given back to the system
// while the limit allows, because first touch costs 0.4 to 2 GB/s and a piece that was used is ready. Fresh
// pieces up to kPopulateBytes are touched when they are handed out. What lies beyond the highest piece is not
// accessible. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "hal/cpu/extents.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

class Arena {
 public:
  explicit Arena(uint64_t limit_bytes);

  // HAL_OUT_OF_MEMORY beyond the limit, HAL_OUT_OF_HOST_MEMORY when the system refuses. *size_bytes is
  // rounded up to what Free must be told.
  hal_status Allocate(uint64_t* size_bytes, uint64_t align_bytes, uint64_t* address);
  void Free(uint64_t address, uint64_t size_bytes);

  // Memory that lies elsewhere (files) but counts.
  bool Charge(uint64_t size_bytes);
  void Discharge(uint64_t size_bytes);

  // Until Resume all of it lies in a file, and nothing of it is used. Nobody touches it in between.
  hal_status Suspend();
  hal_status Resume();

  uint64_t limit_bytes() const { return limit_bytes_; }
  uint64_t used_bytes();
  bool Contains(uint64_t address) const { return address >= begin_ && address < end_; }

 private:
  static constexpr uint64_t kSmallBytes = 1 << 20;  // up to here: a free list per size
  static constexpr uint64_t kPopulateBytes = 16 << 20;
  static constexpr uint64_t kGrowBytes = 2 << 20;
  static constexpr uint64_t kMinBytes = 512;
  // Before the first piece: accessible, never handed out. Programs read a row before their array and do not
  // use it (the border of a stencil); on other devices the page around an array is larger than the array.
  static constexpr uint64_t kMarginBytes = 2 << 20;

  static uint64_t RoundSize(uint64_t size_bytes);
  static size_t ClassOf(uint64_t rounded_bytes);
  bool EnsureBacked(uint64_t end);
  void FlushClasses();

  const uint64_t limit_bytes_;
  uint64_t begin_ = 0, end_ = 0;
  std::mutex mutex_;
  Extents extents_;
  std::array<std::vector<uint64_t>, 64> classes_;
  uint64_t used_bytes_ = 0;
  uint64_t grown_end_ = 0;  // accessible up to here
  int suspended_ = -1;      // the file; none: it is not suspended
};

}  // namespace tq::hal::cpu
