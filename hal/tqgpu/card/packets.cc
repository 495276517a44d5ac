#include "hal/tqgpu/card/packets.h"

#include "driver/abi/tqgpu_card.h"

namespace tq::hal::tqgpu {
namespace {

// The card's clock has 10 MHz.
constexpr uint64_t kNsPerTick = 100;

}  // namespace

// Packets are kept at multiples of 16 bytes, which what launches carry behind theirs asks for.
template <typename Packet>
void PacketStream::Add(Packet packet, uint32_t op) {
  constexpr size_t kSize = (sizeof packet + 15) / 16 * 16;
  packet.header = {op, kSize};
  Append(reinterpret_cast<const uint8_t*>(&packet), sizeof packet);
  bytes_.resize(bytes_.size() + kSize - sizeof packet);
}

size_t PacketStream::Reserve(size_t size_bytes) {
  const size_t offset = bytes_.size();
  bytes_.resize(offset + size_bytes);
  return offset;
}

// Dense rows are one long row, dense slices are rows of one slice.
void PacketStream::Copy(const hal_copy& copy) {
  hal_copy c = copy;
  if (c.rows > 1 && c.dst_row_pitch == c.row_bytes && c.src_row_pitch == c.row_bytes) {
    c.row_bytes *= c.rows;
    c.rows = 1;
  }
  if (c.slices > 1 && c.rows == 1) {
    c.rows = c.slices;
    c.slices = 1;
    c.dst_row_pitch = c.dst_slice_pitch;
    c.src_row_pitch = c.src_slice_pitch;
  }
  if (c.row_bytes == 0 || c.rows == 0) return;
  for (uint64_t slice = 0; slice < c.slices; ++slice) {
    tqgpu_packet_copy packet = {};
    packet.destination = c.dst + slice * c.dst_slice_pitch;
    packet.source = c.src + slice * c.src_slice_pitch;
    packet.row_bytes = c.row_bytes;
    packet.rows = c.rows;
    packet.destination_pitch = c.dst_row_pitch;
    packet.source_pitch = c.src_row_pitch;
    Add(packet, TQGPU_PACKET_COPY);
  }
}

void PacketStream::Fill(const hal_fill& fill) {
  if (fill.row_elements == 0 || fill.rows == 0) return;
  tqgpu_packet_fill packet = {};
  packet.destination = fill.dst;
  packet.row_bytes = fill.row_elements * fill.element_bytes;
  packet.rows = fill.rows;
  packet.destination_pitch = fill.row_pitch;
  packet.pattern = fill.pattern;
  packet.pattern_bytes = fill.element_bytes;
  Add(packet, TQGPU_PACKET_FILL);
}

void PacketStream::Write(uint64_t va, uint64_t value, uint32_t width_bytes) {
  tqgpu_packet_write packet = {};
  packet.destination = va;
  packet.value = value;
  packet.value_bytes = width_bytes;
  Add(packet, TQGPU_PACKET_WRITE);
}

void PacketStream::Timestamp(uint64_t va) {
  tqgpu_packet_timestamp packet = {};
  packet.destination = va;
  packet.multiplier = kNsPerTick;
  Add(packet, TQGPU_PACKET_TIMESTAMP);
}

}  // namespace tq::hal::tqgpu
