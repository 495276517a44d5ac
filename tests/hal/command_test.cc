// Group command: copies and fills of every shape, memory operations, timestamps, recording.
#include <random>
#include <thread>

#include "hal/error.h"
#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

class HalCommand : public HalTest {
 protected:
  void FillRandom(uint8_t* data, size_t size) {
    for (size_t i = 0; i < size; ++i) data[i] = static_cast<uint8_t>(random_());
  }
  std::mt19937 random_{7};
};

TEST_F(HalCommand, LinearCopiesOfAllSizesAndAlignments) {
  constexpr size_t kSize = 9 << 20;
  uint8_t* src = Allocate<uint8_t>(kSize);
  uint8_t* dst = Allocate<uint8_t>(kSize);
  FillRandom(src, kSize);
  for (const size_t size : {0, 1, 3, 64, 4095, 65536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 8 << 20}) {
    const size_t src_offset = random_() % 100, dst_offset = random_() % 100;
    std::memset(dst, 0xee, kSize);
    Commands commands = NewCommands();
    ASSERT_HAL_OK(commands.CopyLinear(Va(dst + dst_offset), Va(src + src_offset), size));
    ASSERT_HAL_OK(Run(commands));
    EXPECT_EQ(std::memcmp(dst + dst_offset, src + src_offset, size), 0) << size;
    EXPECT_EQ(dst[dst_offset + size], 0xee) << size;
    if (dst_offset > 0) {
      EXPECT_EQ(dst[dst_offset - 1], 0xee) << size;
    }
  }
}

TEST_F(HalCommand, PitchedCopies) {
  struct Shape {
    uint64_t row, rows, slices, dst_row, dst_slice, src_row, src_slice;
  };
  constexpr Shape kShapes[] = {
      {5, 3, 2, 8, 40, 16, 64},
      {100, 50, 1, 100, 0, 128, 0},
      {128, 64, 4, 128, 8192, 128, 8192},                          // collapses to one row
      {128, 64, 4, 128, 10000, 128, 8192},                         // collapses to slices
      {1000, 2000, 1, 1024, 0, 1111, 0},                           // many pieces
      {(1 << 20) + 5, 3, 1, (1 << 20) + 64, 0, (1 << 20) + 5, 0},  // rows longer than a piece
  };
  constexpr size_t kSize = 8 << 20;
  uint8_t* src = Allocate<uint8_t>(kSize);
  uint8_t* dst = Allocate<uint8_t>(kSize);
  FillRandom(src, kSize);
  std::vector<uint8_t> expected(kSize);
  for (const Shape& shape : kShapes) {
    std::memset(dst, 0xee, kSize);
    std::fill(expected.begin(), expected.end(), 0xee);
    for (uint64_t z = 0; z < shape.slices; ++z) {
      for (uint64_t y = 0; y < shape.rows; ++y) {
        std::memcpy(&expected[z * shape.dst_slice + y * shape.dst_row],
                    src + z * shape.src_slice + y * shape.src_row, shape.row);
      }
    }
    Commands commands = NewCommands();
    ASSERT_HAL_OK(commands.Copy({.size = sizeof(hal_copy),
                                 .dst = Va(dst),
                                 .src = Va(src),
                                 .row_bytes = shape.row,
                                 .rows = shape.rows,
                                 .slices = shape.slices,
                                 .dst_row_pitch = shape.dst_row,
                                 .dst_slice_pitch = shape.dst_slice,
                                 .src_row_pitch = shape.src_row,
                                 .src_slice_pitch = shape.src_slice}));
    ASSERT_HAL_OK(Run(commands));
    EXPECT_EQ(std::memcmp(dst, expected.data(), kSize), 0) << shape.row << "x" << shape.rows;
  }
}

TEST_F(HalCommand, FillsOfEveryElementSize) {
  constexpr size_t kSize = 40 << 20;  // beyond the caches: the streaming path too
  uint8_t* data = Allocate<uint8_t>(kSize);
  struct Shape {
    uint64_t offset, elements, rows, pitch;
  };
  constexpr Shape kShapes[] = {{0, 1, 1, 0}, {4, 1000, 1, 0}, {12, 300, 20, 2000}, {4, 9000000, 1, 0}};
  for (const uint32_t element : {1u, 2u, 4u}) {
    for (const Shape& shape : kShapes) {
      const uint32_t pattern = 0x12345678;
      std::memset(data, 0xee, kSize);
      Commands commands = NewCommands();
      ASSERT_HAL_OK(commands.Fill({.size = sizeof(hal_fill),
                                   .dst = Va(data + shape.offset),
                                   .row_elements = shape.elements,
                                   .rows = shape.rows,
                                   .row_pitch = shape.pitch,
                                   .element_bytes = element,
                                   .pattern = pattern}));
      ASSERT_HAL_OK(Run(commands));
      uint64_t wrong = 0;
      for (uint64_t y = 0; y < shape.rows; ++y) {
        const uint8_t* row = data + shape.offset + y * shape.pitch;
        for (uint64_t i = 0; i < shape.elements * element; ++i) {
          wrong += row[i] != static_cast<uint8_t>(pattern >> (i % element * 8));
        }
        wrong += row[shape.elements * element] != 0xee;
      }
      EXPECT_EQ(wrong, 0u) << element << " " << shape.elements;
    }
  }
}

TEST_F(HalCommand, CommandsOfOneBufferAreOrdered) {
  uint32_t* data = Allocate<uint32_t>(1 << 20);
  Commands commands = NewCommands();
  const auto fill = [&](uint32_t value) {
    ASSERT_HAL_OK(commands.Fill({.size = sizeof(hal_fill),
                                 .dst = Va(data),
                                 .row_elements = 1 << 19,
                                 .rows = 1,
                                 .element_bytes = 4,
                                 .pattern = value}));
  };
  fill(1);
  ASSERT_HAL_OK(commands.CopyLinear(Va(data + (1 << 19)), Va(data), 2 << 20));
  fill(2);
  ASSERT_HAL_OK(Run(commands));
  EXPECT_EQ(data[0], 2u);
  EXPECT_EQ(data[(1 << 19) - 1], 2u);
  EXPECT_EQ(data[1 << 19], 1u);
  EXPECT_EQ(data[(1 << 20) - 1], 1u);
}

TEST_F(HalCommand, MemopsWriteAndWait) {
  auto* words = Allocate<uint64_t>(4);
  std::memset(words, 0, 32);
  struct Wait {
    hal_memop_kind kind;
    uint64_t value, before, after;
    uint32_t width;
  };
  const Wait waits[] = {
      {HAL_MEMOP_WAIT_EQ, 5, 4, 5, 4},
      {HAL_MEMOP_WAIT_GEQ, 5, 4, 6, 4},
      {HAL_MEMOP_WAIT_GEQ, 1, 0xfffffff0, 2, 4},  // cyclic
      {HAL_MEMOP_WAIT_AND, 8, 7, 15, 8},
      {HAL_MEMOP_WAIT_NOR, ~uint64_t{0} - 1, 1, 0, 8},
      {HAL_MEMOP_WAIT_EQ, uint64_t{1} << 40, 0, uint64_t{1} << 40, 8},
  };
  uint64_t done_value = 100;
  for (const Wait& wait : waits) {
    __atomic_store_n(&words[0], wait.before, __ATOMIC_SEQ_CST);
    words[1] = 0;
    Commands commands = NewCommands();
    ASSERT_HAL_OK(commands.MemoryOp({.size = sizeof(hal_memop),
                                     .kind = wait.kind,
                                     .va = Va(words),
                                     .value = wait.value,
                                     .width_bytes = wait.width}));
    ASSERT_HAL_OK(commands.MemoryOp({.size = sizeof(hal_memop),
                                     .kind = HAL_MEMOP_WRITE,
                                     .va = Va(&words[1]),
                                     .value = 0x1122334455667788,
                                     .width_bytes = 4}));
    Semaphore done = NewSemaphore();
    ASSERT_HAL_OK(SubmitTo(queue_, commands, {}, {{done.get(), ++done_value}}));
    EXPECT_EQ(ToHalStatus(done.Wait(done_value, InMilliseconds(3))), HAL_TIMEOUT) << wait.kind;
    __atomic_store_n(&words[0], wait.after, __ATOMIC_SEQ_CST);
    ASSERT_HAL_OK(done.Wait(done_value, InMilliseconds(kPatienceMs)));
    EXPECT_EQ(words[1], 0x55667788u);
  }
}

TEST_F(HalCommand, AQueueThatWaitsForMemoryLeavesOthersAlone) {
  auto* words = Allocate<uint32_t>(64);
  std::memset(words, 0, 256);
  std::vector<Queue> queues;
  Semaphore waiting = NewSemaphore(), free = NewSemaphore();
  for (uint32_t i = 0; i < 16; ++i) {
    queues.push_back(NewQueue());
    Commands commands = NewCommands();
    ASSERT_HAL_OK(commands.MemoryOp({.size = sizeof(hal_memop),
                                     .kind = HAL_MEMOP_WAIT_EQ,
                                     .va = Va(words),
                                     .value = 1,
                                     .width_bytes = 4}));
    ASSERT_HAL_OK(commands.MemoryOp({.size = sizeof(hal_memop),
                                     .kind = HAL_MEMOP_WRITE,
                                     .va = Va(words + 1 + i),
                                     .value = 1,
                                     .width_bytes = 4}));
    ASSERT_HAL_OK(SubmitTo(queues[i], commands, {}, {{waiting.get(), i + 1}}));
  }
  Commands commands = NewCommands();
  ASSERT_HAL_OK(commands.MemoryOp(
      {.size = sizeof(hal_memop), .kind = HAL_MEMOP_WRITE, .va = Va(words), .value = 1, .width_bytes = 4}));
  ASSERT_HAL_OK(SubmitTo(queue_, commands, {}, {{free.get(), 1}}));
  ASSERT_HAL_OK(free.Wait(1, InMilliseconds(kPatienceMs)));
  queues.clear();  // waits for all
  for (uint32_t i = 0; i < 16; ++i) EXPECT_EQ(words[1 + i], 1u) << i;
}

TEST_F(HalCommand, TimestampsAreOfTheDeviceClock) {
  auto* times = Allocate<uint64_t>(2);
  Commands commands = NewCommands();
  ASSERT_HAL_OK(commands.Timestamp(Va(&times[0])));
  ASSERT_HAL_OK(commands.Timestamp(Va(&times[1])));
  const uint64_t before = *device_.TimeNs();
  ASSERT_HAL_OK(Run(commands));
  const uint64_t after = *device_.TimeNs();
  EXPECT_LE(before, times[0]);
  EXPECT_LE(times[0], times[1]);
  EXPECT_LE(times[1], after);
}

TEST_F(HalCommand, BuffersAreReusableAndMayDieInFlight) {
  auto* data = Allocate<uint32_t>(2);
  Semaphore gate = NewSemaphore(), done = NewSemaphore();
  const auto write = [&](uint32_t value) -> hal_memop {
    return {
        .size = sizeof(hal_memop), .kind = HAL_MEMOP_WRITE, .va = Va(data), .value = value, .width_bytes = 4};
  };
  {
    Commands commands = NewCommands();
    ASSERT_HAL_OK(commands.MemoryOp(write(1)));
    ASSERT_HAL_OK(SubmitTo(queue_, commands, {{gate.get(), 1}}, {{done.get(), 1}}));
    ASSERT_HAL_OK(commands.Reset());  // the submission keeps what it was given
    ASSERT_HAL_OK(commands.MemoryOp(write(2)));
  }
  data[0] = 0;
  ASSERT_HAL_OK(gate.Signal(1));
  ASSERT_HAL_OK(done.Wait(1, InMilliseconds(kPatienceMs)));
  EXPECT_EQ(data[0], 1u);
}

}  // namespace
}  // namespace tq::hal
