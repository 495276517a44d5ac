// Video instructions against the manual's pseudo-code on 64-bit integers.
#include <gtest/gtest.h>

#include <random>

#include "tests/ptx/devicelib.h"

namespace tq::oracle {
namespace {

namespace lib = tq::devicelib;

int64_t Part(uint32_t x, uint32_t select, bool is_signed) {
  int64_t value;
  int64_t size;
  if (select == TQ_WHOLE) {
    value = x, size = int64_t{1} << 32;
  } else if (select <= TQ_B3) {
    value = x >> (8 * (select - TQ_B0)) & 0xff, size = 256;
  } else {
    value = x >> (16 * (select - TQ_H0)) & 0xffff, size = 65536;
  }
  return is_signed && value >= size / 2 ? value - size : value;
}

int64_t Clamp(int64_t x, int bits, bool is_signed) {
  const int64_t low = is_signed ? -(int64_t{1} << (bits - 1)) : 0;
  const int64_t high = (int64_t{1} << (is_signed ? bits - 1 : bits)) - 1;
  return x < low ? low : x > high ? high : x;
}

int64_t Operate(uint32_t op, int64_t a, int64_t b) {
  switch (op) {
    case TQ_VADD:
      return a + b;
    case TQ_VSUB:
      return a - b;
    case TQ_VABSDIFF:
      return a > b ? a - b : b - a;
    case TQ_VMIN:
      return a < b ? a : b;
    default:
      return a > b ? a : b;
  }
}

TEST(VideoOracle, ScalarFormsSelectSaturateAndMerge) {
  std::mt19937_64 random(59);
  for (int i = 0; i < 400'000; ++i) {
    const uint64_t r = random(), s = random();
    const uint32_t a = static_cast<uint32_t>(r), b = static_cast<uint32_t>(r >> 32),
                   c = static_cast<uint32_t>(s);
    const uint32_t op = (s >> 32) % 5, flags = s >> 36 & 15, how = (s >> 40) % 10;
    const uint32_t a_select = (s >> 44) % 7, b_select = (s >> 48) % 7;
    const bool is_signed = flags & TQ_VIDEO_D_SIGNED;
    const int bits = how >= TQ_MERGE_H0 ? 16 : how >= TQ_MERGE_B0 ? 8 : 32;
    int64_t value = Operate(op, Part(a, a_select, flags & TQ_VIDEO_A_SIGNED),
                            Part(b, b_select, flags & TQ_VIDEO_B_SIGNED));
    if (flags & TQ_VIDEO_SAT) value = Clamp(value, bits, is_signed);
    const uint32_t low = static_cast<uint32_t>(value);
    auto ordered = [&](uint32_t x) { return is_signed ? int64_t{static_cast<int32_t>(x)} : int64_t{x}; };
    uint32_t expected = low;
    if (how == TQ_MERGE_ADD) expected = low + c;
    if (how == TQ_MERGE_MIN) expected = ordered(low) < ordered(c) ? low : c;
    if (how == TQ_MERGE_MAX) expected = ordered(low) > ordered(c) ? low : c;
    if (how >= TQ_MERGE_B0) {
      const uint32_t shift = bits == 8 ? 8 * (how - TQ_MERGE_B0) : 16 * (how - TQ_MERGE_H0);
      const uint32_t field = static_cast<uint32_t>(((uint64_t{1} << bits) - 1) << shift);
      expected = (c & ~field) | (low << shift & field);
    }
    ASSERT_EQ(lib::tq_video(a, b, c, op, a_select, b_select, how, flags), expected)
        << op << " " << flags << " " << how;
  }
}

TEST(VideoOracle, ShiftsClampOrWrapTheirCount) {
  for (uint32_t count : {0u, 1u, 31u, 32u, 33u, 63u, 64u, 0xffffffffu}) {
    const uint32_t a = 0x87654321, wrapped = count & 31;
    const uint64_t clamped = std::min(count, 32u);
    auto shift = [&](uint32_t op, uint32_t flags) {
      return lib::tq_video(a, count, 0, op, TQ_WHOLE, TQ_WHOLE, TQ_MERGE_NONE, flags);
    };
    EXPECT_EQ(shift(TQ_VSHR, 0), static_cast<uint32_t>(uint64_t{a} >> clamped));
    EXPECT_EQ(shift(TQ_VSHR, TQ_VIDEO_WRAP), a >> wrapped);
    EXPECT_EQ(shift(TQ_VSHR, TQ_VIDEO_A_SIGNED),
              static_cast<uint32_t>(int64_t{static_cast<int32_t>(a)} >> clamped));
    EXPECT_EQ(shift(TQ_VSHL, 0), static_cast<uint32_t>(uint64_t{a} << clamped));
    EXPECT_EQ(shift(TQ_VSHL, TQ_VIDEO_WRAP), a << wrapped);
  }
  // vshr.u32.u32.u32.clamp.add, as cuFFT uses it.
  EXPECT_EQ(lib::tq_video(0x100, 4, 7, TQ_VSHR, TQ_WHOLE, TQ_WHOLE, TQ_MERGE_ADD, 0), 0x17u);
}

TEST(VideoOracle, ComparisonsAndMultiplyAdd) {
  EXPECT_EQ(lib::tq_video_set(0xff, 1, 10, TQ_LT, TQ_B0, TQ_B0, TQ_MERGE_ADD, TQ_VIDEO_A_SIGNED), 11u);
  EXPECT_EQ(lib::tq_video_set(0xff, 1, 10, TQ_LT, TQ_B0, TQ_B0, TQ_MERGE_ADD, 0), 10u);
  std::mt19937_64 random(61);
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t r = random(), s = random();
    const uint32_t a = static_cast<uint32_t>(r), b = static_cast<uint32_t>(r >> 32),
                   c = static_cast<uint32_t>(s);
    const bool is_signed = s >> 32 & 1, saturate = s >> 33 & 1;
    const uint32_t scale = (s >> 34) % 3 == 0 ? 0 : (s >> 34) % 3 == 1 ? 7 : 15, negate = s >> 40 & 3;
    const uint32_t flags = (is_signed ? TQ_VIDEO_A_SIGNED | TQ_VIDEO_B_SIGNED | TQ_VIDEO_D_SIGNED : 0) |
                           (saturate ? TQ_VIDEO_SAT : 0);
    const __int128 x = is_signed ? __int128{static_cast<int32_t>(a)} : a,
                   y = is_signed ? __int128{static_cast<int32_t>(b)} : b;
    const __int128 z = is_signed ? __int128{static_cast<int32_t>(c)} : c;
    __int128 sum = (negate == 1 ? -x * y : x * y) + (negate == 2 ? -z : z) + (negate == 3 ? 1 : 0);
    const __int128 unit = __int128{1} << scale;
    __int128 quotient = sum / unit;
    if (sum < 0 && sum % unit != 0) --quotient;
    const __int128 low = is_signed ? INT32_MIN : 0,
                   high = is_signed ? __int128{INT32_MAX} : __int128{UINT32_MAX};
    if (saturate) quotient = quotient < low ? low : quotient > high ? high : quotient;
    ASSERT_EQ(lib::tq_video_mad(a, b, c, TQ_WHOLE, TQ_WHOLE, negate, scale, flags),
              static_cast<uint32_t>(quotient));
  }
}

TEST(VideoOracle, SimdFormsWorkOnEachPart) {
  std::mt19937_64 random(67);
  for (int i = 0; i < 200'000; ++i) {
    const uint64_t r = random(), s = random();
    const uint32_t a = static_cast<uint32_t>(r), b = static_cast<uint32_t>(r >> 32),
                   c = static_cast<uint32_t>(s);
    const uint32_t op = (s >> 32) % 5, flags = s >> 36 & 15, mask = s >> 40 & 15, accumulate = s >> 44 & 1;
    for (int bits : {8, 16}) {
      const int parts = 32 / bits;
      uint32_t a_digits = 0, b_digits = 0, replaced = c, total = c;
      for (int k = 0; k < parts; ++k) {
        a_digits |= static_cast<uint32_t>((r >> (3 * k) & 7) % (2 * parts)) << (4 * k);
        b_digits |= static_cast<uint32_t>((r >> (3 * k + 20) & 7) % (2 * parts)) << (4 * k);
        auto part = [&](uint32_t digits, bool is_signed) {
          const uint32_t at = digits >> (4 * k) & 15;
          int64_t value = (r >> (bits * at)) & ((1 << bits) - 1);
          return is_signed && value >> (bits - 1) ? value - (int64_t{1} << bits) : value;
        };
        int64_t value =
            Operate(op, part(a_digits, flags & TQ_VIDEO_A_SIGNED), part(b_digits, flags & TQ_VIDEO_B_SIGNED));
        if (flags & TQ_VIDEO_SAT) value = Clamp(value, bits, flags & TQ_VIDEO_D_SIGNED);
        if ((mask >> k & 1) == 0) continue;
        const uint32_t field = static_cast<uint32_t>(((uint64_t{1} << bits) - 1) << (bits * k));
        replaced = (replaced & ~field) | (static_cast<uint32_t>(value) << (bits * k) & field);
        total += static_cast<uint32_t>(value);
      }
      ASSERT_EQ((bits == 8 ? lib::tq_video4 : lib::tq_video2)(a, b, c, op, a_digits, b_digits, mask,
                                                              accumulate, flags),
                accumulate ? total : replaced);
    }
  }
  // Averages round up when positive and away from zero when negative.
  EXPECT_EQ(lib::tq_video2(0x00030001, 0x00040002, 0, TQ_VAVRG, 0x10, 0x32, 3, 0, 0), 0x00040002u);
  EXPECT_EQ(lib::tq_video2(0xffff, 0xfffe, 0, TQ_VAVRG, 0x10, 0x32, 1, 0, 7), 0xfffeu);
}

}  // namespace
}  // namespace tq::oracle
