// Writes the card's packets (driver/abi/tqgpu_card.h, "Command stream"). With launch.h and shell_space.h this
// is what a vendor with another card writes anew; nothing outside card/ knows a packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hal/include/tianqiao/hal.h"

namespace tq::hal::tqgpu {

class PacketStream {
 public:
  void Copy(const hal_copy& copy);
  void Fill(const hal_fill& fill);
  // width_bytes: 4 or 8.
  void Write(uint64_t va, uint64_t value, uint32_t width_bytes);
  void Timestamp(uint64_t va);  // in nanoseconds
  // Room for a packet of the caller's, a multiple of 8 bytes. Returns its offset.
  size_t Reserve(size_t size_bytes);
  void Append(const uint8_t* bytes, size_t size_bytes) {
    bytes_.insert(bytes_.end(), bytes, bytes + size_bytes);
  }

  uint8_t* data() { return bytes_.data(); }
  const uint8_t* data() const { return bytes_.data(); }
  size_t size_bytes() const { return bytes_.size(); }

 private:
  template <typename Packet>
  void Add(Packet packet, uint32_t op);

  std::vector<uint8_t> bytes_;
};

}  // namespace tq::hal::tqgpu
