// f16 and bf16 arithmetic against exact results from MPFR rounded once. Unary functions on all 65,536 inputs,
// binary ones on all inputs against corner values and on random pairs.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/ptx/devicelib.h"
#include "tests/ptx/oracle.h"

namespace tq::oracle {
namespace {

namespace lib = tq::devicelib;

struct HalfFormat {
  const char* name;
  const FloatFormat& format;
  uint16_t one;
};
const HalfFormat kFormats[] = {{"f16", kF16, 0x3c00}, {"bf16", kBf16, 0x3f80}};

bool IsNan(const HalfFormat& f, uint32_t x) { return (x & 0x7fff) > f.format.infinity; }

double ValueOf(const HalfFormat& f, uint32_t x) {
  if (IsNan(f, x)) return NAN;
  if ((x & 0x7fff) == f.format.infinity) return (x & 0x8000) ? -INFINITY : INFINITY;
  return Value(x, f.format);
}

uint16_t RoundTo(const HalfFormat& f, const Exact& exact) {
  if (mpfr_nan_p(exact.get())) return 0x7fff;
  const uint16_t sign = mpfr_signbit(exact.get()) ? 0x8000 : 0;
  if (mpfr_inf_p(exact.get())) return static_cast<uint16_t>(sign | f.format.infinity);
  if (mpfr_zero_p(exact.get())) return sign;
  return static_cast<uint16_t>(Round(exact, f.format, TQ_RN));
}

uint16_t Saturated(const HalfFormat& f, uint16_t x) {
  return IsNan(f, x) || (x & 0x8000) ? 0 : std::min(x, f.one);
}

uint16_t Rectified(const HalfFormat& f, uint16_t x) { return !IsNan(f, x) && (x & 0x8000) ? 0 : x; }

std::vector<uint16_t> Corners() {
  return {0x0000, 0x8000, 0x0001, 0x8001, 0x0002, 0x03ff, 0x0400, 0x8400, 0x007f, 0x0080,
          0x0081, 0x3c00, 0xbc00, 0x3c01, 0x3bff, 0x3f80, 0xbf80, 0x3f81, 0x4000, 0x4200,
          0x5bff, 0x63ff, 0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7c01, 0x7e00, 0x7f7f, 0x7f80,
          0xff80, 0x7fff, 0xffff, 0x1400, 0x2800, 0x3555, 0x0200, 0x6800};
}

using Binary = std::function<void(Exact&, const Exact&, const Exact&)>;

// Scalar and packed forms, with and without .sat, of one operation.
template <typename Scalar, typename Saturating, typename Packed>
void CompareBinary(const HalfFormat& f, Scalar scalar, Saturating scalar_sat, Packed packed,
                   const Binary& exact_operation) {
  Exact x, y, result;
  auto expected = [&](uint16_t a, uint16_t b) {
    mpfr_set_d(x.get(), ValueOf(f, a), MPFR_RNDN);
    mpfr_set_d(y.get(), ValueOf(f, b), MPFR_RNDN);
    exact_operation(result, x, y);
    return RoundTo(f, result);
  };
  auto check = [&](uint16_t a, uint16_t b) {
    const uint16_t want = expected(a, b);
    ASSERT_EQ(scalar(a, b), want) << f.name << std::hex << " " << a << " " << b;
    ASSERT_EQ(scalar_sat(a, b), Saturated(f, want)) << f.name << std::hex << " " << a << " " << b;
    ASSERT_EQ(packed(uint32_t{a} << 16 | b, uint32_t{b} << 16 | a), uint32_t{want} << 16 | expected(b, a))
        << f.name << std::hex << " " << a << " " << b;
  };
  for (uint16_t b : Corners()) {
    for (uint32_t a = 0; a < 65536; a += IsLong() ? 1 : 3) {
      check(static_cast<uint16_t>(a), b);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
  std::mt19937_64 random(17);
  for (int i = 0; i < (IsLong() ? 20'000'000 : 200'000); ++i) {
    const uint64_t r = random();
    check(static_cast<uint16_t>(r), static_cast<uint16_t>(r >> 16));
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(HalfOracle, AddRoundsOnce) {
  const Binary add = [](Exact& r, const Exact& a, const Exact& b) {
    mpfr_add(r.get(), a.get(), b.get(), MPFR_RNDN);
  };
  CompareBinary(kFormats[0], lib::tq_add_f16, lib::tq_add_sat_f16, lib::tq_add_f16x2, add);
  CompareBinary(
      kFormats[1], lib::tq_add_bf16,
      [](uint16_t a, uint16_t b) { return lib::tq_half(a, b, TQ_HALF_ADD, TQ_BF16, TQ_SAT); },
      lib::tq_add_bf16x2, add);
}

TEST(HalfOracle, SubRoundsOnce) {
  const Binary sub = [](Exact& r, const Exact& a, const Exact& b) {
    mpfr_sub(r.get(), a.get(), b.get(), MPFR_RNDN);
  };
  CompareBinary(kFormats[0], lib::tq_sub_f16, lib::tq_sub_sat_f16, lib::tq_sub_f16x2, sub);
  CompareBinary(
      kFormats[1], lib::tq_sub_bf16,
      [](uint16_t a, uint16_t b) { return lib::tq_half(a, b, TQ_HALF_SUB, TQ_BF16, TQ_SAT); },
      lib::tq_sub_bf16x2, sub);
}

TEST(HalfOracle, MulRoundsOnce) {
  const Binary mul = [](Exact& r, const Exact& a, const Exact& b) {
    mpfr_mul(r.get(), a.get(), b.get(), MPFR_RNDN);
  };
  CompareBinary(kFormats[0], lib::tq_mul_f16, lib::tq_mul_sat_f16, lib::tq_mul_f16x2, mul);
  CompareBinary(
      kFormats[1], lib::tq_mul_bf16,
      [](uint16_t a, uint16_t b) { return lib::tq_half(a, b, TQ_HALF_MUL, TQ_BF16, TQ_SAT); },
      lib::tq_mul_bf16x2, mul);
}

TEST(HalfOracle, FmaRoundsOnce) {
  Exact x, y, z, result;
  std::mt19937_64 random(19);
  const std::vector<uint16_t> corners = Corners();
  uint64_t cases = 0;
  auto check = [&](uint16_t a, uint16_t b, uint16_t c) {
    for (const HalfFormat& f : kFormats) {
      mpfr_set_d(x.get(), ValueOf(f, a), MPFR_RNDN);
      mpfr_set_d(y.get(), ValueOf(f, b), MPFR_RNDN);
      mpfr_set_d(z.get(), ValueOf(f, c), MPFR_RNDN);
      mpfr_fma(result.get(), x.get(), y.get(), z.get(), MPFR_RNDN);
      const uint16_t want = RoundTo(f, result);
      const bool is_f16 = &f == &kFormats[0];
      ASSERT_EQ((is_f16 ? lib::tq_fma_f16 : lib::tq_fma_bf16)(a, b, c), want)
          << f.name << std::hex << " " << a << " " << b << " " << c;
      ASSERT_EQ((is_f16 ? lib::tq_fma_relu_f16 : lib::tq_fma_relu_bf16)(a, b, c), Rectified(f, want));
      if (is_f16) {
        ASSERT_EQ(lib::tq_fma_sat_f16(a, b, c), Saturated(f, want));
      }
      const uint32_t pair = (is_f16 ? lib::tq_fma_f16x2 : lib::tq_fma_bf16x2)(a, b, c);
      ASSERT_EQ(pair & 0xffff, want);
      ++cases;
    }
  };
  for (uint16_t a : corners) {
    for (uint16_t b : corners) {
      for (uint16_t c : corners) {
        check(a, b, c);
        if (HasFatalFailure()) return;
      }
    }
  }
  for (int i = 0; i < (IsLong() ? 20'000'000 : 300'000); ++i) {
    const uint64_t r = random();
    uint16_t c = static_cast<uint16_t>(r >> 32);
    // A third of the addends half a unit away from the product, where rounding twice goes wrong.
    if (r % 3 == 0) c = static_cast<uint16_t>((c & 0x83ff) | (0x5000 + (r >> 50 & 0x1c00)));
    check(static_cast<uint16_t>(r), static_cast<uint16_t>(r >> 16), c);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(lib::tq_fma_oob_f16(0xffff, 0x3c00, 0x3c00), 0);
  EXPECT_EQ(lib::tq_fma_oob_f16(0x3c00, 0x3c00, 0x3c00), 0x4000);
  EXPECT_EQ(lib::tq_fma_oob_relu_bf16(0x3f80, 0xffff, 0x3f80), 0);
  std::printf("oracle: fma of halves %lu cases\n", static_cast<unsigned long>(cases));
}

TEST(HalfOracle, MinAndMaxFollowTheRulesForNanAndZero) {
  auto expected = [](const HalfFormat& f, uint16_t a, uint16_t b, bool max, bool nan,
                     bool xorsign) -> uint16_t {
    const bool a_nan = IsNan(f, a), b_nan = IsNan(f, b);
    const uint16_t sign = xorsign ? (a ^ b) & 0x8000 : 0;
    if (a_nan && b_nan) return 0x7fff;
    if (nan && (a_nan || b_nan)) return 0x7fff;
    if (xorsign) a &= 0x7fff, b &= 0x7fff;
    if (a_nan) return b | sign;
    if (b_nan) return a | sign;
    const double x = ValueOf(f, a), y = ValueOf(f, b);
    const bool less = x < y || (x == y && (a & 0x8000) && !(b & 0x8000));
    return (less != max ? a : b) | sign;
  };
  for (uint16_t b : Corners()) {
    for (uint32_t i = 0; i < 65536; ++i) {
      const uint16_t a = static_cast<uint16_t>(i);
      const HalfFormat& f = kFormats[0];
      const HalfFormat& g = kFormats[1];
      ASSERT_EQ(lib::tq_min_f16(a, b), expected(f, a, b, false, false, false)) << std::hex << a << " " << b;
      ASSERT_EQ(lib::tq_max_f16(a, b), expected(f, a, b, true, false, false)) << std::hex << a << " " << b;
      ASSERT_EQ(lib::tq_min_NaN_f16(a, b), expected(f, a, b, false, true, false))
          << std::hex << a << " " << b;
      ASSERT_EQ(lib::tq_max_NaN_bf16(a, b), expected(g, a, b, true, true, false))
          << std::hex << a << " " << b;
      ASSERT_EQ(lib::tq_min_bf16(a, b), expected(g, a, b, false, false, false)) << std::hex << a << " " << b;
      ASSERT_EQ(lib::tq_min_xorsign_abs_f16(a, b), expected(f, a, b, false, false, true))
          << std::hex << a << " " << b;
      ASSERT_EQ(lib::tq_max_NaN_xorsign_abs_bf16(a, b), expected(g, a, b, true, true, true))
          << std::hex << a << b;
      ASSERT_EQ(
          lib::tq_max_f16x2(uint32_t{a} << 16 | b, uint32_t{b} << 16 | a),
          uint32_t{expected(f, a, b, true, false, false)} << 16 | expected(f, b, a, true, false, false));
    }
  }
}

TEST(HalfOracle, NegAndAbsChangeTheSignAlone) {
  for (uint32_t i = 0; i < 65536; ++i) {
    const uint16_t a = static_cast<uint16_t>(i);
    ASSERT_EQ(lib::tq_neg_f16(a), a ^ 0x8000);
    ASSERT_EQ(lib::tq_abs_bf16(a), a & 0x7fff);
    ASSERT_EQ(lib::tq_neg_bf16x2(i << 16 | i), (i << 16 | i) ^ 0x80008000u);
    ASSERT_EQ(lib::tq_abs_f16x2(i << 16 | i), (i << 16 | i) & 0x7fff7fffu);
  }
}

// Bounds of the manual: ex2.f16 2^-9.9 relative, ex2.bf16 2^-7 relative, tanh.f16 2^-10.987 absolute,
// tanh.bf16 2^-8.
TEST(HalfOracle, ApproximationsAreWithinTheManualsBounds) {
  Exact x(0, 64), y(0, 64);
  double worst[4] = {};
  for (uint32_t i = 0; i < 65536; ++i) {
    const uint16_t a = static_cast<uint16_t>(i);
    const double results[] = {
        ValueOf(kFormats[0], lib::tq_ex2_approx_f16(a)), ValueOf(kFormats[1], lib::tq_ex2_approx_ftz_bf16(a)),
        ValueOf(kFormats[0], lib::tq_tanh_approx_f16(a)), ValueOf(kFormats[1], lib::tq_tanh_approx_bf16(a))};
    for (int k = 0; k < 4; ++k) {
      const HalfFormat& f = kFormats[k & 1];
      const double input = ValueOf(f, a);
      if (std::isnan(input)) {
        ASSERT_TRUE(std::isnan(results[k]));
        continue;
      }
      mpfr_set_d(x.get(), input, MPFR_RNDN);
      (k < 2 ? mpfr_exp2 : mpfr_tanh)(y.get(), x.get(), MPFR_RNDN);
      const double exact = mpfr_get_d(y.get(), MPFR_RNDN);
      const double largest = Value(f.format.largest, f.format),
                   least = std::ldexp(1.0, f.format.least_exponent);
      if (exact > largest || exact == 0) {
        ASSERT_TRUE(k < 2 ? results[k] == (exact == 0 ? 0 : INFINITY) || exact < largest * 1.01 : true) << i;
        continue;
      }
      double error = std::fabs(results[k] - exact);
      if (k == 0 || k == 1) error = exact < least ? 0 : error / exact;
      worst[k] = std::max(worst[k], error);
    }
  }
  EXPECT_LE(worst[0], 0x1.13p-10);
  EXPECT_LE(worst[1], 0x1p-7);
  EXPECT_LE(worst[2], 0x1.03p-11);
  EXPECT_LE(worst[3], 0x1p-8);
}

}  // namespace
}  // namespace tq::oracle
