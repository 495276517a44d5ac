// The host's end of printf's ring. The card's end is tested with it on the card (driver/tests).
#include "hal/tqgpu/shell/print_ring.h"

#include <cstring>
#include <vector>

#include "gtest/gtest.h"
#include "hal/tqgpu/shell/shell_abi.h"

namespace tq::hal::tqgpu {
namespace {

class Ring : public testing::Test {
 protected:
  Ring() { EXPECT_TRUE(PrintRing::Format(memory_.data(), 8 * memory_.size(), 0).ok()); }

  tq_shell_ring& ring() { return *reinterpret_cast<tq_shell_ring*>(memory_.data()); }

  // As print.c does it: a pad where the record does not fit in one piece.
  uint8_t* Reserve(uint32_t size) {
    const uint64_t at = ring().tail % ring().capacity_bytes, to_end = ring().capacity_bytes - at;
    uint8_t* place = ring().data + at;
    if (size > to_end) {
      const uint32_t pad[2] = {static_cast<uint32_t>(to_end), TQ_SHELL_RECORD_PAD};
      std::memcpy(place, pad, sizeof pad);
      ring().tail += to_end;
      place = ring().data;
    }
    ring().tail += size;
    return place;
  }

  // Format, one 64-bit argument (or offset of `text`), `text`.
  void Print(const char* format, uint64_t argument, const char* text = nullptr) {
    tq_shell_record record = {.size_bytes = 0,
                              .kind = TQ_SHELL_RECORD_PRINT,
                              .format_bytes = static_cast<uint32_t>((std::strlen(format) + 8) / 8 * 8),
                              .argument_bytes = 8};
    const uint32_t arguments = sizeof record + record.format_bytes, texts = arguments + 8;
    record.size_bytes = (texts + (text != nullptr ? std::strlen(text) + 1 : 0) + 15) / 16 * 16;
    if (text != nullptr) argument = texts;
    uint8_t* place = Reserve(record.size_bytes);
    std::memcpy(place, &record, sizeof record);
    std::memcpy(place + sizeof record, format, std::strlen(format) + 1);
    std::memcpy(place + arguments, &argument, sizeof argument);
    if (text != nullptr) std::memcpy(place + texts, text, std::strlen(text) + 1);
  }

  std::vector<uint64_t> memory_ = std::vector<uint64_t>((sizeof(tq_shell_ring) + 20000) / 8);
};

TEST_F(Ring, TakesTheLargestPowerOfTwo) {
  EXPECT_EQ(ring().capacity_bytes, 16384u);
  EXPECT_FALSE(PrintRing::Format(memory_.data(), 16384, 0).ok());
}

TEST_F(Ring, TextComesOutInOrderAndOnce) {
  PrintRing reader(memory_.data());
  Print("n = %lld\n", 42);
  Print("s = %s|\n", 0, "text");
  Print("null = %s\n", 0);
  std::string text;
  ASSERT_TRUE(reader.Drain(&text).ok());
  EXPECT_EQ(text, "n = 42\ns = text|\nnull = (null)\n");
  ASSERT_TRUE(reader.Drain(&text).ok());
  EXPECT_EQ(text.size(), std::strlen("n = 42\ns = text|\nnull = (null)\n"));
}

TEST_F(Ring, RecordThatIsNotCompleteStopsTheReader) {
  PrintRing reader(memory_.data());
  uint8_t* place = Reserve(64);
  Print("second", 0);
  std::string text;
  ASSERT_TRUE(reader.Drain(&text).ok());
  EXPECT_EQ(text, "");
  const tq_shell_record first = {.size_bytes = 64, .kind = TQ_SHELL_RECORD_PRINT, .format_bytes = 8};
  std::memcpy(place, &first, sizeof first);
  std::memcpy(place + sizeof first, "first ", 7);
  ASSERT_TRUE(reader.Drain(&text).ok());
  EXPECT_EQ(text, "first second");
}

TEST_F(Ring, GoesRoundManyTimes) {
  PrintRing reader(memory_.data());
  std::string text, expected;
  for (int i = 0; i < 5000; ++i) {
    Print("%lld ", static_cast<uint64_t>(i), nullptr);
    expected += std::to_string(i) + " ";
    if (i % 100 == 0) {
      ASSERT_TRUE(reader.Drain(&text).ok());
    }
  }
  ASSERT_TRUE(reader.Drain(&text).ok());
  EXPECT_EQ(text, expected);
}

TEST_F(Ring, DamageIsAnErrorAndLeavesTheRingEmpty) {
  PrintRing reader(memory_.data());
  const tq_shell_record damaged[] = {
      {.size_bytes = 24, .kind = TQ_SHELL_RECORD_PRINT},                        // not a multiple of 16
      {.size_bytes = 1 << 20, .kind = TQ_SHELL_RECORD_PRINT},                   // longer than the ring
      {.size_bytes = 64, .kind = 7},                                            // unknown
      {.size_bytes = 64, .kind = TQ_SHELL_RECORD_PRINT},                        // no format
      {.size_bytes = 64, .kind = TQ_SHELL_RECORD_PRINT, .format_bytes = 4096},  // longer than the record
      {.size_bytes = 64, .kind = TQ_SHELL_RECORD_PRINT, .format_bytes = 8, .argument_bytes = 0xfffffff8},
  };
  for (const tq_shell_record& record : damaged) {
    std::memcpy(Reserve(64), &record, sizeof record);
    std::string text;
    EXPECT_FALSE(reader.Drain(&text).ok());
    Print("fine", 0);
    EXPECT_TRUE(reader.Drain(&text).ok());
    EXPECT_EQ(text, "fine");
  }
  ring().tail += 1 << 20;
  std::string text;
  EXPECT_FALSE(reader.Drain(&text).ok());
}

TEST_F(Ring, OffsetsOutsideTheRecordAreNoText) {
  PrintRing reader(memory_.data());
  Print("%s %5s", 4096);  // the second has no argument at all
  std::string text;
  ASSERT_TRUE(reader.Drain(&text).ok());
  EXPECT_EQ(text, "(null) ");
}

TEST_F(Ring, LostTextIsCounted) {
  PrintRing reader(memory_.data());
  ring().lost = 3;
  EXPECT_EQ(reader.TakeLost(), 3u);
  EXPECT_EQ(reader.TakeLost(), 0u);
}

}  // namespace
}  // namespace tq::hal::tqgpu
