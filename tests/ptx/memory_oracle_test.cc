// Functions that update memory: atomics that LLVM lacks, mbarrier objects, asynchronous copies.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <thread>

#include "tests/ptx/devicelib.h"
#include "tests/ptx/oracle.h"

namespace tq::oracle {
namespace {

namespace lib = tq::devicelib;

TEST(AtomicOracle, SumsFlushSubnormalsWhenAsked) {
  const uint32_t subnormal = 0x00400000, negative_subnormal = 0x80400000, one = 0x3f800000;
  uint32_t cell = one;
  EXPECT_EQ(lib::tq_atom_add_f32(&cell, one, 0), one);
  EXPECT_EQ(cell, 0x40000000u);
  cell = subnormal;
  EXPECT_EQ(lib::tq_atom_add_f32(&cell, subnormal, TQ_PLAIN), subnormal);
  EXPECT_EQ(cell, 0x00800000u);
  cell = subnormal;
  EXPECT_EQ(lib::tq_atom_add_f32(&cell, subnormal, TQ_FTZ), subnormal);
  EXPECT_EQ(cell, 0u);
  cell = 0x80000000;
  lib::tq_atom_add_f32(&cell, negative_subnormal, TQ_FTZ);
  EXPECT_EQ(cell, 0x80000000u);
}

TEST(AtomicOracle, HalvesUpdateLikeTheInstruction) {
  std::mt19937_64 random(53);
  for (int i = 0; i < 20'000; ++i) {
    const uint32_t a = static_cast<uint32_t>(random()), b = static_cast<uint32_t>(random());
    for (uint32_t flags : {0, int{TQ_PLAIN}}) {
      uint32_t cell = a;
      ASSERT_EQ(lib::tq_atom_half2(&cell, b, TQ_ADD, TQ_F16, flags), a);
      ASSERT_EQ(cell, lib::tq_add_f16x2(a, b));
      cell = a;
      lib::tq_atom_half2(&cell, b, TQ_MIN, TQ_BF16, flags);
      ASSERT_EQ(cell, lib::tq_min_bf16x2(a, b));
      uint16_t half = static_cast<uint16_t>(a);
      ASSERT_EQ(lib::tq_atom_half(&half, static_cast<uint16_t>(b), TQ_MAX, TQ_F16, flags),
                static_cast<uint16_t>(a));
      ASSERT_EQ(half, lib::tq_max_f16(static_cast<uint16_t>(a), static_cast<uint16_t>(b)));
    }
  }
}

TEST(AtomicOracle, NoUpdateIsLostBetweenThreads) {
  uint32_t sum = 0, pair = 0;
  alignas(16) unsigned __int128 wide = 0;
  auto work = [&] {
    for (int i = 0; i < 100'000; ++i) lib::tq_atom_add_f32(&sum, 0x3f800000, TQ_FTZ);
    for (int i = 0; i < 1000; ++i) lib::tq_atom_half2(&pair, 0x3c003c00, TQ_ADD, TQ_F16, 0);
    for (int i = 0; i < 10'000; ++i) {
      unsigned __int128 seen = wide, next, old;
      do {
        next = seen + (static_cast<unsigned __int128>(1) << 64 | 1);
        const unsigned __int128 expected = seen;
        lib::tq_atom_cas_b128(&wide, &expected, &next, &old);
        if (old == expected) break;
        seen = old;
      } while (true);
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(BitCast<float>(sum), 200'000.0f);
  EXPECT_EQ(pair, 0x67d067d0u);  // 2000
  EXPECT_EQ(static_cast<uint64_t>(wide), 20'000u);
  EXPECT_EQ(static_cast<uint64_t>(wide >> 64), 20'000u);
  unsigned __int128 value = 5, old = 0;
  lib::tq_atom_exch_b128(&wide, &value, &old);
  EXPECT_TRUE(wide == 5);
  EXPECT_EQ(static_cast<uint64_t>(old), 20'000u);
}

TEST(MbarrierOracle, PhaseCompletesWithTheLastArrival) {
  uint64_t barrier;
  for (uint32_t count : {1u, 2u, 33u, (1u << 20) - 1}) {
    lib::tq_mbarrier_init(&barrier, count, 0);
    EXPECT_EQ(lib::tq_mbarrier_pending_count(barrier), count);
    EXPECT_FALSE(lib::tq_mbarrier_test_wait_parity(&barrier, 0));
    EXPECT_TRUE(lib::tq_mbarrier_test_wait_parity(&barrier, 1))
        << "the phase before the first counts as complete";
    uint64_t token = count > 1 ? lib::tq_mbarrier_arrive(&barrier, count - 1) : barrier;
    EXPECT_FALSE(lib::tq_mbarrier_test_wait(&barrier, token));
    token = lib::tq_mbarrier_arrive(&barrier, 1);
    EXPECT_EQ(lib::tq_mbarrier_pending_count(token), 1u);
    EXPECT_TRUE(lib::tq_mbarrier_test_wait(&barrier, token));
    EXPECT_TRUE(lib::tq_mbarrier_test_wait_parity(&barrier, 0));
    EXPECT_FALSE(lib::tq_mbarrier_test_wait_parity(&barrier, 1));
    token = lib::tq_mbarrier_arrive(&barrier, count);
    EXPECT_EQ(lib::tq_mbarrier_pending_count(token), count);
    EXPECT_FALSE(lib::tq_mbarrier_test_wait_parity(&barrier, 0));
    EXPECT_TRUE(lib::tq_mbarrier_test_wait_parity(&barrier, 1));
  }
}

TEST(MbarrierOracle, TransactionsHoldThePhase) {
  uint64_t barrier;
  lib::tq_mbarrier_init(&barrier, 2, 0);
  const uint64_t token = lib::tq_mbarrier_arrive_expect_tx(&barrier, (1u << 20) - 1);
  lib::tq_mbarrier_arrive(&barrier, 1);
  EXPECT_FALSE(lib::tq_mbarrier_test_wait(&barrier, token));
  lib::tq_mbarrier_complete_tx(&barrier, (1u << 20) - 17);
  EXPECT_FALSE(lib::tq_mbarrier_test_wait(&barrier, token));
  lib::tq_mbarrier_complete_tx(&barrier, 16);
  EXPECT_TRUE(lib::tq_mbarrier_test_wait(&barrier, token));
  // Completed before it is expected: the count goes through negative numbers.
  lib::tq_mbarrier_complete_tx(&barrier, 4096);
  const uint64_t second = lib::tq_mbarrier_arrive(&barrier, 2);
  EXPECT_FALSE(lib::tq_mbarrier_test_wait(&barrier, second));
  lib::tq_mbarrier_expect_tx(&barrier, 4096);
  EXPECT_TRUE(lib::tq_mbarrier_test_wait(&barrier, second));
}

TEST(MbarrierOracle, DroppedThreadsAreMissingFromTheNextPhase) {
  uint64_t barrier;
  lib::tq_mbarrier_init(&barrier, 3, 0);
  lib::tq_mbarrier_arrive_drop(&barrier, 1);
  const uint64_t token = lib::tq_mbarrier_arrive(&barrier, 2);
  EXPECT_TRUE(lib::tq_mbarrier_test_wait(&barrier, token));
  EXPECT_EQ(lib::tq_mbarrier_pending_count(barrier), 2u);
  lib::tq_mbarrier_arrive_drop_expect_tx(&barrier, 8);
  lib::tq_mbarrier_complete_tx(&barrier, 8);
  lib::tq_mbarrier_arrive(&barrier, 1);
  EXPECT_EQ(lib::tq_mbarrier_pending_count(barrier), 1u);
}

TEST(MbarrierOracle, TheLayoutStaysThroughPhases) {
  for (uint32_t layout : {0u, 1u}) {
    uint64_t barrier;
    lib::tq_mbarrier_init(&barrier, 511, layout);
    for (int phase = 0; phase < 3; ++phase) {
      EXPECT_TRUE(lib::tq_mbarrier_check_layout(&barrier, layout));
      EXPECT_FALSE(lib::tq_mbarrier_check_layout(&barrier, 1 - layout));
      EXPECT_EQ(lib::tq_mbarrier_pending_count(barrier), 511u);
      lib::tq_mbarrier_expect_tx(&barrier, 4096);
      const uint64_t token = lib::tq_mbarrier_arrive(&barrier, 511);
      EXPECT_FALSE(lib::tq_mbarrier_test_wait(&barrier, token));
      lib::tq_mbarrier_complete_tx(&barrier, 4096);
      EXPECT_TRUE(lib::tq_mbarrier_test_wait(&barrier, token));
    }
  }
}

TEST(CopyOracle, BytesBeyondTheSourceAreZero) {
  uint8_t source[16], destination[18];
  for (int i = 0; i < 16; ++i) source[i] = static_cast<uint8_t>(i + 1);
  for (uint32_t size : {4u, 8u, 16u}) {
    for (uint32_t source_size = 0; source_size <= size + 2; ++source_size) {
      std::memset(destination, 0xee, sizeof destination);
      lib::tq_cp_async(destination, source, size, source_size);
      for (uint32_t i = 0; i < sizeof destination; ++i) {
        ASSERT_EQ(destination[i], i >= size         ? 0xee
                                  : i < source_size ? i + 1
                                                    : 0)
            << size << " " << source_size;
      }
    }
  }
  lib::tq_cp_async(destination, nullptr, 16, 0);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(destination[i], 0);
}

TEST(CopyOracle, BulkCopiesWholeLines) {
  std::vector<uint8_t> source(4096), destination(4096 + 16, 0xee);
  for (size_t i = 0; i < source.size(); ++i) source[i] = static_cast<uint8_t>(i * 7);
  for (uint32_t size : {0u, 16u, 4096u}) {
    std::fill(destination.begin(), destination.end(), 0xee);
    lib::tq_cp_async_bulk(destination.data(), source.data(), size);
    for (size_t i = 0; i < destination.size(); ++i) ASSERT_EQ(destination[i], i < size ? source[i] : 0xee);
  }
}

}  // namespace
}  // namespace tq::oracle
