// The host's end of the ring that carries printf's text (tq_shell_ring of shell_abi.h). What the card writes
// is hostile: a kernel can write over the ring.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace tq::hal::tqgpu {

// Not thread-safe: one reader at a time. The memory belongs to the caller and outlives the object.
class PrintRing {
 public:
  static constexpr uint64_t kMinCapacityBytes = 16384;

  // `ring` is mapped for the host, 16-byte aligned, and has `size_bytes`, all of which become the ring: its
  // header, then the largest power of two that fits. InvalidArgument: smaller than kMinCapacityBytes and a
  // header.
  static absl::Status Format(void* ring, uint64_t size_bytes, uint64_t wait_ticks);

  explicit PrintRing(void* ring);

  // Appends the text of all complete records, in the order in which the card reserved them, and takes them
  // out. DataLoss: the ring is damaged; it is empty then.
  absl::Status Drain(std::string* text);

  // Texts that found no room since the last call.
  uint64_t TakeLost();

 private:
  absl::Status TakeRecord(std::string* text, bool* is_empty);

  uint8_t* const ring_;
  uint64_t capacity_bytes_;  // as it was formatted
  uint64_t head_;
  uint64_t seen_lost_;
};

}  // namespace tq::hal::tqgpu
