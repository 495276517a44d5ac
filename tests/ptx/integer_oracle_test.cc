// Integer and bit instructions against references written bit by bit from the manual's descriptions.
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

#include "tests/ptx/devicelib.h"

namespace tq::oracle {
namespace {

namespace lib = tq::devicelib;
using Wide = __int128;

template <typename T>
std::vector<T> Values() {
  std::vector<T> values = {0,
                           1,
                           2,
                           3,
                           5,
                           7,
                           static_cast<T>(-1),
                           static_cast<T>(-2),
                           static_cast<T>(-7),
                           std::numeric_limits<T>::min(),
                           std::numeric_limits<T>::max(),
                           static_cast<T>(std::numeric_limits<T>::max() - 1),
                           static_cast<T>(std::numeric_limits<T>::min() + 1)};
  for (unsigned i = 3; i < 8 * sizeof(T); i += 5) values.push_back(static_cast<T>(uint64_t{1} << i));
  std::mt19937_64 random(23);
  for (int i = 0; i < 24; ++i) values.push_back(static_cast<T>(random() >> (random() % (8 * sizeof(T)))));
  return values;
}

template <typename T, typename Check>
void ForTriples(Check check) {
  const std::vector<T> values = Values<T>();
  for (T a : values) {
    for (T b : values) {
      for (T c : values) check(a, b, c);
    }
  }
  std::mt19937_64 random(29);
  for (int i = 0; i < 100'000; ++i) {
    check(static_cast<T>(random()), static_cast<T>(random() >> (random() % 64)), static_cast<T>(random()));
  }
}

TEST(IntegerOracle, CarrylessProducts) {
  ForTriples<uint64_t>([](uint64_t a, uint64_t b, uint64_t c) {
    unsigned __int128 product = 0;
    for (int i = 0; i < 64; ++i) {
      for (int j = 0; j < 64 && (a >> i & 1) != 0; ++j)
        product ^= static_cast<unsigned __int128>(b >> j & 1) << (i + j);
    }
    ASSERT_EQ(lib::tq_clmad_lo_u64(a, b, c), static_cast<uint64_t>(product) ^ c);
    ASSERT_EQ(lib::tq_clmad_hi_u64(a, b, c), static_cast<uint64_t>(product >> 64) ^ c);
  });
}

#define CHECK_ARITHMETIC(type, suffix)                                                                      \
  ForTriples<type>([](type a, type b, type c) {                                                             \
    const Wide product = static_cast<Wide>(a) * static_cast<Wide>(b);                                       \
    const Wide distance = static_cast<Wide>(a) - static_cast<Wide>(b);                                      \
    ASSERT_EQ(lib::tq_mul_hi_##suffix(a, b), static_cast<type>(product >> (8 * sizeof(type))));             \
    ASSERT_EQ(lib::tq_mad_lo_##suffix(a, b, c), static_cast<type>(product + c));                            \
    ASSERT_EQ(lib::tq_mad_hi_##suffix(a, b, c), static_cast<type>((product >> (8 * sizeof(type))) + c));    \
    ASSERT_EQ(lib::tq_sad_##suffix(a, b, c), static_cast<type>((distance < 0 ? -distance : distance) + c)); \
    ASSERT_EQ(                                                                                              \
        lib::tq_div_##suffix(a, b),                                                                         \
        b == 0 ? static_cast<type>(-1) : static_cast<type>(static_cast<Wide>(a) / static_cast<Wide>(b)));   \
    ASSERT_EQ(lib::tq_rem_##suffix(a, b),                                                                   \
              b == 0 ? a : static_cast<type>(static_cast<Wide>(a) % static_cast<Wide>(b)));                 \
  })

TEST(IntegerOracle, ArithmeticOfEveryWidth) {
  CHECK_ARITHMETIC(uint16_t, u16);
  CHECK_ARITHMETIC(int16_t, s16);
  CHECK_ARITHMETIC(uint32_t, u32);
  CHECK_ARITHMETIC(int32_t, s32);
  CHECK_ARITHMETIC(int64_t, s64);
  CHECK_ARITHMETIC(uint64_t, u64);
}

TEST(IntegerOracle, WideProductsAndSaturation) {
  ForTriples<int32_t>([](int32_t a, int32_t b, int32_t c) {
    const Wide product = static_cast<Wide>(a) * b, high = (product >> 32) + c;
    ASSERT_EQ(lib::tq_mul_wide_s32(a, b), static_cast<int64_t>(product));
    ASSERT_EQ(lib::tq_mad_wide_s32(a, b, int64_t{c} << 31),
              static_cast<int64_t>(product + (static_cast<Wide>(c) << 31)));
    ASSERT_EQ(lib::tq_mad_hi_sat_s32(a, b, c), high > INT32_MAX   ? INT32_MAX
                                               : high < INT32_MIN ? INT32_MIN
                                                                  : high);
    ASSERT_EQ(lib::tq_min_relu_s32(a, b), std::max(0, std::min(a, b)));
    ASSERT_EQ(lib::tq_max_relu_s32(a, b), std::max(0, std::max(a, b)));
    const uint32_t ua = static_cast<uint32_t>(a), ub = static_cast<uint32_t>(b);
    ASSERT_EQ(lib::tq_mul_wide_u32(ua, ub), uint64_t{ua} * ub);
    const uint64_t product24 = uint64_t{ua % (1u << 24)} * (ub % (1u << 24));
    ASSERT_EQ(lib::tq_mul24_lo_u32(ua, ub), static_cast<uint32_t>(product24));
    ASSERT_EQ(lib::tq_mul24_hi_u32(ua, ub), static_cast<uint32_t>(product24 >> 16));
    auto low24 = [](int32_t x) { return (int64_t{x} & 0xffffff) - ((x & 0x800000) ? 0x1000000 : 0); };
    const int64_t signed24 = low24(a) * low24(b);
    ASSERT_EQ(lib::tq_mul24_lo_s32(a, b), static_cast<int32_t>(signed24));
    ASSERT_EQ(lib::tq_mad24_hi_s32(a, b, c), static_cast<int32_t>((signed24 >> 16) + c));
  });
  ForTriples<int16_t>([](int16_t a, int16_t b, int16_t c) {
    ASSERT_EQ(lib::tq_mul_wide_s16(a, b), int32_t{a} * b);
    ASSERT_EQ(lib::tq_mul_wide_u16(static_cast<uint16_t>(a), static_cast<uint16_t>(b)),
              uint32_t{static_cast<uint16_t>(a)} * static_cast<uint16_t>(b));
    auto pair = [](int16_t high, int16_t low) {
      return uint32_t{static_cast<uint16_t>(high)} << 16 | static_cast<uint16_t>(low);
    };
    ASSERT_EQ(lib::tq_add_s16x2(pair(a, b), pair(b, c)),
              pair(static_cast<int16_t>(a + b), static_cast<int16_t>(b + c)));
    ASSERT_EQ(lib::tq_min_s16x2(pair(a, b), pair(b, c)), pair(std::min(a, b), std::min(b, c)));
    ASSERT_EQ(lib::tq_max_relu_s16x2(pair(a, b), pair(b, c)),
              pair(std::max<int16_t>(0, std::max(a, b)), std::max<int16_t>(0, std::max(b, c))));
  });
}

// A bit of x, zero beyond its width.
template <typename T>
bool Bit(T x, int64_t at) {
  return at >= 0 && at < static_cast<int64_t>(8 * sizeof(T)) && (static_cast<uint64_t>(x) >> at & 1);
}

template <typename T>
T ExtractReference(T a, uint32_t b, uint32_t c, bool is_signed) {
  const int64_t top = 8 * sizeof(T) - 1, position = b & 255, length = c & 255;
  const bool sign = is_signed && length != 0 && Bit(a, std::min(position + length - 1, top));
  T result = 0;
  for (int64_t i = 0; i <= top; ++i) {
    const bool bit = i < length && position + i <= top ? Bit(a, position + i) : sign;
    result |= static_cast<T>(T{bit} << i);
  }
  return result;
}

template <typename T>
T InsertReference(T a, T b, uint32_t c, uint32_t d) {
  const int64_t position = c & 255, length = d & 255;
  T result = b;
  for (int64_t i = 0; i < length && position + i < static_cast<int64_t>(8 * sizeof(T)); ++i) {
    result = static_cast<T>((result & ~(T{1} << (position + i))) | (T{Bit(a, i)} << (position + i)));
  }
  return result;
}

TEST(IntegerOracle, BitFields) {
  std::mt19937_64 random(31);
  for (uint64_t a : {uint64_t{0}, ~uint64_t{0}, uint64_t{0x8000000080000000}, random(), random(), random()}) {
    const uint64_t other = random();
    for (uint32_t b = 0; b < 300; b += 1 + b / 70 * 13) {
      for (uint32_t c = 0; c < 300; c += 1 + c / 70 * 13) {
        const uint32_t low = static_cast<uint32_t>(a);
        ASSERT_EQ(lib::tq_bfe_u32(low, b, c), ExtractReference<uint32_t>(low, b, c, false))
            << a << " " << b << " " << c;
        ASSERT_EQ(static_cast<uint32_t>(lib::tq_bfe_s32(static_cast<int32_t>(low), b, c)),
                  ExtractReference<uint32_t>(low, b, c, true))
            << a << " " << b << " " << c;
        ASSERT_EQ(lib::tq_bfe_u64(a, b, c), ExtractReference<uint64_t>(a, b, c, false));
        ASSERT_EQ(static_cast<uint64_t>(lib::tq_bfe_s64(static_cast<int64_t>(a), b, c)),
                  ExtractReference<uint64_t>(a, b, c, true))
            << a << " " << b << " " << c;
        ASSERT_EQ(lib::tq_bfi_b32(low, static_cast<uint32_t>(other), b, c),
                  InsertReference<uint32_t>(low, static_cast<uint32_t>(other), b, c));
        ASSERT_EQ(lib::tq_bfi_b64(a, other, b, c), InsertReference<uint64_t>(a, other, b, c));
        uint32_t mask = 0, wrapped = 0;
        for (uint32_t i = 0; i < 32; ++i) {
          if (i >= b && i < uint64_t{b} + c) mask |= 1u << i;
          if (i >= b % 32 && i < b % 32 + c % 32) wrapped |= 1u << i;
        }
        ASSERT_EQ(lib::tq_bmsk_clamp_b32(b, c), mask) << b << " " << c;
        ASSERT_EQ(lib::tq_bmsk_wrap_b32(b, c), wrapped) << b << " " << c;
      }
      const uint32_t low = static_cast<uint32_t>(a), high = static_cast<uint32_t>(other);
      const uint32_t clamped = std::min(b, 32u), wrapped = b % 32;
      uint32_t left_clamp = 0, left_wrap = 0, right_clamp = 0, right_wrap = 0, kept = 0;
      const uint64_t both = uint64_t{high} << 32 | low;
      for (int64_t i = 0; i < 32; ++i) {
        left_clamp |= uint32_t{Bit(both, 32 + i - clamped)} << i;
        left_wrap |= uint32_t{Bit(both, 32 + i - wrapped)} << i;
        right_clamp |= uint32_t{Bit(both, i + clamped)} << i;
        right_wrap |= uint32_t{Bit(both, i + wrapped)} << i;
        kept |= uint32_t{i < clamped ? Bit(low, i) : clamped > 0 && Bit(low, clamped - 1)} << i;
      }
      ASSERT_EQ(lib::tq_shf_l_clamp_b32(low, high, b), left_clamp);
      ASSERT_EQ(lib::tq_shf_l_wrap_b32(low, high, b), left_wrap);
      ASSERT_EQ(lib::tq_shf_r_clamp_b32(low, high, b), right_clamp);
      ASSERT_EQ(lib::tq_shf_r_wrap_b32(low, high, b), right_wrap);
      ASSERT_EQ(static_cast<uint32_t>(lib::tq_szext_clamp_s32(static_cast<int32_t>(low), b)), kept) << b;
    }
  }
}

TEST(IntegerOracle, CountingAndFinding) {
  for (uint64_t a : Values<uint64_t>()) {
    uint32_t ones = 0, zeros = 0;
    for (int i = 0; i < 64; ++i) ones += Bit(a, i);
    while (zeros < 64 && !Bit(a, 63 - zeros)) ++zeros;
    ASSERT_EQ(lib::tq_popc_b64(a), ones);
    ASSERT_EQ(lib::tq_clz_b64(a), zeros);
    ASSERT_EQ(lib::tq_bfind_u64(a), a == 0 ? UINT32_MAX : 63 - zeros);
    ASSERT_EQ(lib::tq_bfind_shiftamt_u64(a), a == 0 ? UINT32_MAX : zeros);
    const uint64_t magnitude = static_cast<int64_t>(a) < 0 ? ~a : a;
    ASSERT_EQ(lib::tq_bfind_s64(static_cast<int64_t>(a)), lib::tq_bfind_u64(magnitude));
    const uint32_t low = static_cast<uint32_t>(a);
    ASSERT_EQ(lib::tq_popc_b32(low), lib::tq_popc_b64(low));
    ASSERT_EQ(lib::tq_clz_b32(low), lib::tq_clz_b64(low) - 32);
    ASSERT_EQ(lib::tq_bfind_u32(low), lib::tq_bfind_u64(low));
    for (uint32_t base = 0; base < 33; ++base) {
      for (int32_t offset = -33; offset <= 33; ++offset) {
        // The position of the offset-th one at or after base, counting from 1.
        uint32_t expected = UINT32_MAX;
        if (base < 32 && offset == 0) expected = Bit(low, base) ? base : UINT32_MAX;
        int32_t found = 0;
        for (int64_t at = base; base < 32 && offset != 0 && at >= 0 && at < 32; at += offset > 0 ? 1 : -1) {
          if (Bit(low, at) && ++found == std::abs(offset)) {
            expected = static_cast<uint32_t>(at);
            break;
          }
        }
        ASSERT_EQ(lib::tq_fns_b32(low, base, offset), expected) << low << " " << base << " " << offset;
      }
    }
  }
}

// Table of prmt's modes in the manual: which byte of {b, a} goes to byte 3, 2, 1, 0 for c = 0, 1, 2, 3.
TEST(IntegerOracle, PrmtFollowsTheTables) {
  using Mode = uint32_t (*)(uint32_t, uint32_t, uint32_t);
  struct Row {
    Mode function;
    uint32_t nibbles[4];
  };
  const Row rows[] = {{lib::tq_prmt_b32_f4e, {0x3210, 0x4321, 0x5432, 0x6543}},
                      {lib::tq_prmt_b32_b4e, {0x5670, 0x6701, 0x7012, 0x0123}},
                      {lib::tq_prmt_b32_rc8, {0x0000, 0x1111, 0x2222, 0x3333}},
                      {lib::tq_prmt_b32_ecl, {0x3210, 0x3211, 0x3222, 0x3333}},
                      {lib::tq_prmt_b32_ecr, {0x0000, 0x1110, 0x2210, 0x3210}},
                      {lib::tq_prmt_b32_rc16, {0x1010, 0x3232, 0x1010, 0x3232}}};
  const uint32_t a = 0x83828180, b = 0x07060504;
  auto pick = [&](uint32_t nibbles) {
    uint32_t result = 0;
    for (int i = 0; i < 4; ++i) {
      const uint32_t selector = nibbles >> (4 * i) & 15;
      uint32_t byte = ((selector & 4) ? b : a) >> (8 * (selector & 3)) & 255;
      if (selector & 8) byte = byte >= 128 ? 255 : 0;
      result |= byte << (8 * i);
    }
    return result;
  };
  for (const Row& row : rows) {
    for (uint32_t c = 0; c < 4; ++c) ASSERT_EQ(row.function(a, b, c | 0xfffc), pick(row.nibbles[c])) << c;
  }
  for (uint32_t c = 0; c < 65536; ++c) ASSERT_EQ(lib::tq_prmt_b32(a, b, c | 0xabcd0000), pick(c));
}

TEST(IntegerOracle, DotProductsAndPacking) {
  std::mt19937_64 random(37);
  for (int i = 0; i < 100'000; ++i) {
    const uint32_t a = static_cast<uint32_t>(random()), b = static_cast<uint32_t>(random()),
                   c = static_cast<uint32_t>(random());
    uint32_t uu = c, ss = c, us = c, su = c, lo = c, hi = c;
    for (int k = 0; k < 4; ++k) {
      const int64_t ua = a >> (8 * k) & 255, ub = b >> (8 * k) & 255, sa = ua - (ua > 127 ? 256 : 0),
                    sb = ub - (ub > 127 ? 256 : 0);
      uu += static_cast<uint32_t>(ua * ub);
      ss += static_cast<uint32_t>(sa * sb);
      us += static_cast<uint32_t>(ua * sb);
      su += static_cast<uint32_t>(sa * ub);
    }
    for (int k = 0; k < 2; ++k) {
      const int64_t half = a >> (16 * k) & 0xffff, sa = half - (half > 32767 ? 65536 : 0);
      const int64_t low = b >> (8 * k) & 255, high = b >> (8 * k + 16) & 255;
      lo += static_cast<uint32_t>(sa * (low - (low > 127 ? 256 : 0)));
      hi += static_cast<uint32_t>(half * high);
    }
    ASSERT_EQ(lib::tq_dp4a_u32_u32(a, b, c), uu);
    ASSERT_EQ(lib::tq_dp4a_s32_s32(a, b, c), ss);
    ASSERT_EQ(lib::tq_dp4a_u32_s32(a, b, c), us);
    ASSERT_EQ(lib::tq_dp4a_s32_u32(a, b, c), su);
    ASSERT_EQ(lib::tq_dp2a_lo_s32_s32(a, b, c), lo);
    ASSERT_EQ(lib::tq_dp2a_hi_u32_u32(a, b, c), hi);
    const int32_t x = static_cast<int32_t>(a) >> (b % 31), y = static_cast<int32_t>(c) >> (b % 29);
    auto clamp = [](int64_t v, int64_t low, int64_t high) { return v < low ? low : v > high ? high : v; };
    ASSERT_EQ(lib::tq_cvt_pack_s16_s32(x, y), static_cast<uint32_t>(clamp(x, -32768, 32767)) << 16 |
                                                  (static_cast<uint32_t>(clamp(y, -32768, 32767)) & 0xffff));
    ASSERT_EQ(lib::tq_cvt_pack_u8_s32_b32(x, y, c), c << 16 | static_cast<uint32_t>(clamp(x, 0, 255)) << 8 |
                                                        static_cast<uint32_t>(clamp(y, 0, 255)));
    ASSERT_EQ(lib::tq_cvt_pack_s4_s32_b32(x, y, c), c << 8 |
                                                        (static_cast<uint32_t>(clamp(x, -8, 7)) & 15) << 4 |
                                                        (static_cast<uint32_t>(clamp(y, -8, 7)) & 15));
  }
}

}  // namespace
}  // namespace tq::oracle
