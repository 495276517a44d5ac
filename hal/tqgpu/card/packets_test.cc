#include "hal/tqgpu/card/packets.h"

#include <gtest/gtest.h>

#include <cstring>

#include "driver/abi/tqgpu_card.h"

namespace tq::hal::tqgpu {
namespace {

// The packets of a stream as the card walks over them: each says how long it is.
std::vector<std::vector<uint8_t>> Split(const PacketStream& stream) {
  std::vector<std::vector<uint8_t>> packets;
  for (size_t at = 0; at < stream.size_bytes();) {
    tqgpu_packet_header header;
    std::memcpy(&header, stream.data() + at, sizeof header);
    EXPECT_GE(header.size_bytes, sizeof header);
    EXPECT_EQ(header.size_bytes % 16, 0u) << "what stands behind it is aligned to 16";
    packets.emplace_back(stream.data() + at, stream.data() + at + header.size_bytes);
    at += header.size_bytes;
  }
  return packets;
}

template <typename Packet>
Packet As(const std::vector<uint8_t>& bytes, uint32_t op) {
  Packet packet = {};
  EXPECT_GE(bytes.size(), sizeof packet);
  std::memcpy(&packet, bytes.data(), sizeof packet);
  EXPECT_EQ(packet.header.op, op);
  return packet;
}

hal_copy Copy(uint64_t row_bytes, uint64_t rows, uint64_t slices, uint64_t dst_row, uint64_t dst_slice,
              uint64_t src_row, uint64_t src_slice) {
  return {.size = sizeof(hal_copy),
          .dst = 0x10000,
          .src = 0x20000,
          .row_bytes = row_bytes,
          .rows = rows,
          .slices = slices,
          .dst_row_pitch = dst_row,
          .dst_slice_pitch = dst_slice,
          .src_row_pitch = src_row,
          .src_slice_pitch = src_slice};
}

TEST(PacketStream, DenseCopiesAreOneRow) {
  PacketStream stream;
  stream.Copy(Copy(128, 64, 1, 128, 0, 128, 0));
  const auto packets = Split(stream);
  ASSERT_EQ(packets.size(), 1u);
  const auto copy = As<tqgpu_packet_copy>(packets[0], TQGPU_PACKET_COPY);
  EXPECT_EQ(copy.row_bytes, 128u * 64);
  EXPECT_EQ(copy.rows, 1u);
}

TEST(PacketStream, DenseSlicesAreRows) {
  PacketStream stream;
  stream.Copy(Copy(128, 64, 4, 128, 10000, 128, 8192));
  const auto packets = Split(stream);
  ASSERT_EQ(packets.size(), 1u);
  const auto copy = As<tqgpu_packet_copy>(packets[0], TQGPU_PACKET_COPY);
  EXPECT_EQ(copy.row_bytes, 8192u);
  EXPECT_EQ(copy.rows, 4u);
  EXPECT_EQ(copy.destination_pitch, 10000u);
  EXPECT_EQ(copy.source_pitch, 8192u);
}

TEST(PacketStream, OtherSlicesAreAPacketEach) {
  PacketStream stream;
  stream.Copy(Copy(5, 3, 2, 8, 40, 16, 64));
  const auto packets = Split(stream);
  ASSERT_EQ(packets.size(), 2u);
  const auto copy = As<tqgpu_packet_copy>(packets[1], TQGPU_PACKET_COPY);
  EXPECT_EQ(copy.destination, 0x10000u + 40);
  EXPECT_EQ(copy.source, 0x20000u + 64);
  EXPECT_EQ(copy.rows, 3u);
}

TEST(PacketStream, NothingIsNoPacket) {
  PacketStream stream;
  stream.Copy(Copy(0, 1, 1, 0, 0, 0, 0));
  stream.Fill({.size = sizeof(hal_fill), .dst = 64, .row_elements = 0, .rows = 1, .element_bytes = 4});
  EXPECT_EQ(stream.size_bytes(), 0u);
}

TEST(PacketStream, FillsCountBytes) {
  PacketStream stream;
  stream.Fill({.size = sizeof(hal_fill),
               .dst = 64,
               .row_elements = 300,
               .rows = 20,
               .row_pitch = 2000,
               .element_bytes = 2,
               .pattern = 0x1234});
  const auto fill = As<tqgpu_packet_fill>(Split(stream).at(0), TQGPU_PACKET_FILL);
  EXPECT_EQ(fill.row_bytes, 600u);
  EXPECT_EQ(fill.rows, 20u);
  EXPECT_EQ(fill.pattern, 0x1234u);
  EXPECT_EQ(fill.pattern_bytes, 2u);
}

TEST(PacketStream, WritesAndTimestampsFollowInOrder) {
  PacketStream stream;
  stream.Write(0x1000, 7, 4);
  stream.Timestamp(0x2000);
  const size_t reserved = stream.Reserve(64);
  EXPECT_EQ(reserved % 16, 0u);
  EXPECT_EQ(stream.size_bytes(), reserved + 64);
  tqgpu_packet_write write;
  std::memcpy(&write, stream.data(), sizeof write);
  EXPECT_EQ(write.header.op, uint32_t{TQGPU_PACKET_WRITE});
  EXPECT_EQ(write.value, 7u);
  EXPECT_EQ(write.value_bytes, 4u);
  tqgpu_packet_timestamp timestamp;
  std::memcpy(&timestamp, stream.data() + write.header.size_bytes, sizeof timestamp);
  EXPECT_EQ(timestamp.header.op, uint32_t{TQGPU_PACKET_TIMESTAMP});
  EXPECT_EQ(timestamp.multiplier, 100u) << "nanoseconds of a clock of 10 MHz";
}

}  // namespace
}  // namespace tq::hal::tqgpu
