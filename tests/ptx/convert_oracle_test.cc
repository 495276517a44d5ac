// Conversions against MPFR and, for the small formats, against the list of their values. 16-bit inputs
// exhaustively.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/ptx/devicelib.h"
#include "tests/ptx/oracle.h"

namespace tq::oracle {
namespace {

namespace lib = tq::devicelib;

std::vector<double> DoubleInputs(int count) {
  std::vector<double> values = CornersF64();
  for (float x : CornersF32()) values.push_back(x);
  std::mt19937_64 random(3);
  // Around every power of two that a destination may end at, and halves of small integers, which tie.
  for (int exponent : {7, 8, 15, 16, 31, 32, 63, 64}) {
    for (double delta : {-1.5, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0}) {
      values.push_back(std::ldexp(1.0, exponent) + delta);
      values.push_back(-std::ldexp(1.0, exponent) + delta);
    }
  }
  for (int i = -40; i <= 40; ++i) values.push_back(i / 4.0);
  for (int i = 0; i < count; ++i) values.push_back(RandomF64(random));
  for (int i = 0; i < count; ++i) values.push_back(RandomF32(random));
  return values;
}

// cvt to an integer, by MPFR's integer rounding and the manual's rules for NaN and range.
template <typename To>
To ExpectedInteger(double x, uint32_t mode, bool nan_is_zero) {
  if (std::isnan(x)) {
    return nan_is_zero ? To{0} : static_cast<To>(uint64_t{1} << (8 * sizeof(To) - 1));
  }
  if (std::isinf(x)) return x < 0 ? std::numeric_limits<To>::min() : std::numeric_limits<To>::max();
  Exact exact(x);
  mpfr_rint(exact.get(), exact.get(), RoundingOf(mode));
  if (std::is_signed_v<To>) {
    if (mpfr_cmp_si(exact.get(), static_cast<long>(std::numeric_limits<To>::min())) < 0) {
      return std::numeric_limits<To>::min();
    }
    if (mpfr_cmp_si(exact.get(), static_cast<long>(std::numeric_limits<To>::max())) > 0) {
      return std::numeric_limits<To>::max();
    }
    return static_cast<To>(mpfr_get_si(exact.get(), MPFR_RNDN));
  }
  if (mpfr_sgn(exact.get()) < 0) return 0;
  if (mpfr_cmp_ui(exact.get(), std::numeric_limits<To>::max()) > 0) return std::numeric_limits<To>::max();
  return static_cast<To>(mpfr_get_ui(exact.get(), MPFR_RNDN));
}

template <typename To>
void CompareToInteger(To (*from_f64)(double, uint32_t), To (*from_f32)(float, uint32_t)) {
  for (double x : DoubleInputs(IsLong() ? 2'000'000 : 60'000)) {
    for (uint32_t mode : {TQ_RN, TQ_RZ, TQ_RM, TQ_RP}) {
      ASSERT_EQ(from_f64(x, mode), ExpectedInteger<To>(x, mode, false))
          << std::hexfloat << x << " mode " << mode;
      const float single = static_cast<float>(x);
      ASSERT_EQ(from_f32(single, mode), ExpectedInteger<To>(single, mode, sizeof(To) < 8))
          << std::hexfloat << single << " mode " << mode;
    }
  }
}

TEST(ConvertOracle, FloatToSignedIntegersClampAndRound) {
  CompareToInteger<int8_t>(lib::tq_cvt_s8_f64, lib::tq_cvt_s8_f32);
  CompareToInteger<int16_t>(lib::tq_cvt_s16_f64, lib::tq_cvt_s16_f32);
  CompareToInteger<int32_t>(lib::tq_cvt_s32_f64, lib::tq_cvt_s32_f32);
  CompareToInteger<int64_t>(lib::tq_cvt_s64_f64, lib::tq_cvt_s64_f32);
}

TEST(ConvertOracle, FloatToUnsignedIntegersClampAndRound) {
  CompareToInteger<uint8_t>(lib::tq_cvt_u8_f64, lib::tq_cvt_u8_f32);
  CompareToInteger<uint16_t>(lib::tq_cvt_u16_f64, lib::tq_cvt_u16_f32);
  CompareToInteger<uint32_t>(lib::tq_cvt_u32_f64, lib::tq_cvt_u32_f32);
  CompareToInteger<uint64_t>(lib::tq_cvt_u64_f64, lib::tq_cvt_u64_f32);
}

TEST(ConvertOracle, RoundingToIntegralKeepsSignAndSpecials) {
  for (double x : DoubleInputs(60'000)) {
    for (uint32_t mode : {TQ_RN, TQ_RZ, TQ_RM, TQ_RP}) {
      Exact exact(x);
      if (std::isfinite(x)) mpfr_rint(exact.get(), exact.get(), RoundingOf(mode));
      const double expected = mpfr_get_d(exact.get(), MPFR_RNDN), actual = lib::tq_rint_f64(x, mode);
      if (std::isnan(x)) {
        ASSERT_TRUE(std::isnan(actual));
        continue;
      }
      ASSERT_EQ(BitCast<uint64_t>(actual), BitCast<uint64_t>(expected))
          << std::hexfloat << x << " mode " << mode;
      const float single = static_cast<float>(x);
      Exact exact_single(single);
      if (std::isfinite(single)) mpfr_rint(exact_single.get(), exact_single.get(), RoundingOf(mode));
      ASSERT_EQ(BitCast<uint32_t>(lib::tq_rint_f32(single, mode)),
                BitCast<uint32_t>(mpfr_get_flt(exact_single.get(), MPFR_RNDN)));
    }
  }
}

template <typename From>
std::vector<From> Integers() {
  std::vector<From> values = {0, 1, 2, 3, static_cast<From>(-1), static_cast<From>(-2)};
  for (int bit = 3; bit < 64; ++bit) {
    for (int delta = -2; delta <= 2; ++delta) {
      values.push_back(static_cast<From>((uint64_t{1} << bit) + delta));
      values.push_back(static_cast<From>(0 - (uint64_t{1} << bit) + delta));
      values.push_back(static_cast<From>((uint64_t{3} << (bit - 1)) + delta));
    }
  }
  std::mt19937_64 random(5);
  for (int i = 0; i < 100'000; ++i) values.push_back(static_cast<From>(random() >> (random() % 64)));
  return values;
}

template <typename From>
void CompareFromInteger(float (*to_f32)(From, uint32_t), double (*to_f64)(From, uint32_t),
                        uint16_t (*to_f16)(From, uint32_t, uint32_t),
                        uint16_t (*to_bf16)(From, uint32_t, uint32_t)) {
  for (From x : Integers<From>()) {
    Exact exact;
    if (std::is_signed_v<From>) {
      mpfr_set_si(exact.get(), static_cast<long>(x), MPFR_RNDN);
    } else {
      mpfr_set_ui(exact.get(), x, MPFR_RNDN);
    }
    for (uint32_t mode : {TQ_RN, TQ_RZ, TQ_RM, TQ_RP}) {
      auto expected = [&](const FloatFormat& format) { return x == 0 ? 0 : Round(exact, format, mode); };
      ASSERT_EQ(BitCast<uint32_t>(to_f32(x, mode)), expected(kF32)) << x << " mode " << mode;
      ASSERT_EQ(BitCast<uint64_t>(to_f64(x, mode)), expected(kF64)) << x << " mode " << mode;
      ASSERT_EQ(to_f16(x, mode, 0), expected(kF16)) << x << " mode " << mode;
      ASSERT_EQ(to_bf16(x, mode, 0), expected(kBf16)) << x << " mode " << mode;
    }
  }
}

TEST(ConvertOracle, IntegersRoundOnceIntoEveryFloat) {
  CompareFromInteger<int64_t>(lib::tq_cvt_f32_s64, lib::tq_cvt_f64_s64, lib::tq_cvt_f16_s64,
                              lib::tq_cvt_bf16_s64);
  CompareFromInteger<uint64_t>(lib::tq_cvt_f32_u64, lib::tq_cvt_f64_u64, lib::tq_cvt_f16_u64,
                               lib::tq_cvt_bf16_u64);
}

TEST(ConvertOracle, HalvesWidenExactly) {
  for (uint32_t x = 0; x < 65536; ++x) {
    const float f16 = lib::tq_cvt_f32_f16(static_cast<uint16_t>(x)),
                bf16 = lib::tq_cvt_f32_bf16(static_cast<uint16_t>(x));
    const uint32_t magnitude = x & 0x7fff;
    if (magnitude > 0x7c00) {
      ASSERT_TRUE(std::isnan(f16));
    } else {
      const double expected = magnitude == 0x7c00 ? (x & 0x8000 ? -INFINITY : INFINITY) : Value(x, kF16);
      ASSERT_EQ(BitCast<uint32_t>(f16), BitCast<uint32_t>(static_cast<float>(expected))) << x;
    }
    ASSERT_EQ(BitCast<uint32_t>(bf16), x << 16);
  }
}

// Into f16, bf16 and tf32 in every mode; ties are what random inputs miss, so every midpoint of f16 is among
// them.
std::vector<double> NarrowingInputs() {
  std::vector<double> values = DoubleInputs(IsLong() ? 2'000'000 : 50'000);
  for (uint32_t x = 0; x < 0x7c00; ++x) {
    const double here = Value(x, kF16), next = x + 1 == 0x7c00 ? 65536.0 : Value(x + 1, kF16),
                 middle = (here + next) / 2;
    for (double v : {here, middle, std::nextafter(middle, 0.0), std::nextafter(middle, 1e9)}) {
      values.push_back(v);
      values.push_back(-v);
    }
  }
  return values;
}

TEST(ConvertOracle, FloatsNarrowToHalvesInEveryMode) {
  uint64_t cases = 0;
  for (double x : NarrowingInputs()) {
    for (double y : {x, static_cast<double>(static_cast<float>(x))}) {
      const bool is_single = BitCast<uint64_t>(x) != BitCast<uint64_t>(y) || static_cast<float>(y) == y;
      const Exact exact(y);
      for (uint32_t mode : {TQ_RN, TQ_RZ, TQ_RM, TQ_RP}) {
        auto expected = [&](const FloatFormat& format, bool satfinite) -> uint64_t {
          if (std::isnan(y)) return 0x7fff;
          const uint64_t sign = std::signbit(y) ? 0x8000 : 0;
          if (std::isinf(y)) return sign | (satfinite ? format.largest : format.infinity);
          return y == 0 ? sign : Round(exact, format, mode, satfinite);
        };
        auto relu = [](uint64_t fields) { return (fields & 0x8000) ? 0 : fields; };
        ASSERT_EQ(lib::tq_cvt_f16_f64(y, mode, 0), expected(kF16, false))
            << std::hexfloat << y << " mode " << mode;
        ASSERT_EQ(lib::tq_cvt_bf16_f64(y, mode, 0), expected(kBf16, false))
            << std::hexfloat << y << " mode " << mode;
        ++cases;
        if (!is_single) continue;
        const float single = static_cast<float>(y);
        ASSERT_EQ(lib::tq_cvt_f16_f32(single, mode, 0), expected(kF16, false))
            << std::hexfloat << y << " mode " << mode;
        ASSERT_EQ(lib::tq_cvt_bf16_f32(single, mode, 0), expected(kBf16, false))
            << std::hexfloat << y << " " << mode;
        ASSERT_EQ(lib::tq_cvt_f16_f32(single, mode, TQ_SATFINITE), expected(kF16, true))
            << std::hexfloat << y;
        ASSERT_EQ(lib::tq_cvt_bf16_f32(single, mode, TQ_RELU), relu(expected(kBf16, false)))
            << std::hexfloat << y;
        cases += 4;
      }
    }
  }
  std::printf("oracle: narrowing to f16 and bf16 %lu cases\n", static_cast<unsigned long>(cases));
}

TEST(ConvertOracle, DoublesNarrowToSingleInEveryMode) {
  for (double x : NarrowingInputs()) {
    for (uint32_t mode : {TQ_RN, TQ_RZ, TQ_RM, TQ_RP}) {
      const float actual = lib::tq_cvt_f32_f64(x, mode);
      if (!std::isfinite(x) || x == 0) {
        ASSERT_TRUE(std::isnan(x) ? std::isnan(actual) : actual == x);
        continue;
      }
      ASSERT_EQ(BitCast<uint32_t>(actual), Round(Exact(x), kF32, mode))
          << std::hexfloat << x << " mode " << mode;
    }
  }
}

TEST(ConvertOracle, Tf32RoundsToTenDigits) {
  for (double x : NarrowingInputs()) {
    const float single = static_cast<float>(x);
    for (uint32_t mode : {TQ_RN, TQ_RZ, TQ_RNA}) {
      uint64_t expected;
      if (std::isnan(single)) {
        expected = 0x7fffffff;
      } else if (std::isinf(single) || single == 0) {
        expected = BitCast<uint32_t>(single);
      } else {
        expected = Round(Exact(single), kTf32, mode) << 13;
      }
      ASSERT_EQ(lib::tq_cvt_tf32_f32(single, mode, 0), expected)
          << std::hexfloat << single << " mode " << mode;
    }
  }
}

// ---- 8, 6 and 4 bits, from the definitions of the formats in the PTX ISA and the OCP specifications ----

struct SmallFormat {
  const char* name;
  int digits, least_exponent;
  uint32_t largest, infinity, nan, sign_bit;
};
constexpr SmallFormat kSmall[] = {
    {"e4m3", 3, -6, 0x7e, 0, 0x7f, 0x80}, {"e5m2", 2, -14, 0x7b, 0x7c, 0x7f, 0x80},
    {"e2m3", 3, 0, 0x1f, 0, 0, 0x20},     {"e3m2", 2, -2, 0x1f, 0, 0, 0x20},
    {"e2m1", 1, 0, 0x7, 0, 0, 0x8},
};

double SmallValue(const SmallFormat& f, uint32_t fields) {
  const uint32_t fraction = fields & ((1u << f.digits) - 1),
                 exponent = (fields & (f.sign_bit - 1)) >> f.digits;
  const double magnitude =
      exponent == 0 ? std::ldexp(fraction, f.least_exponent - f.digits)
                    : std::ldexp(fraction + (1u << f.digits), f.least_exponent + exponent - 1 - f.digits);
  return (fields & f.sign_bit) ? -magnitude : magnitude;
}

// The nearest of all values; a tie goes to the even code. The sums of neighbours are exact.
uint32_t Nearest(const SmallFormat& f, float x, bool relu) {
  if (std::isnan(x)) return f.nan ? f.nan : f.largest;
  if (relu && std::signbit(x)) return 0;
  const double magnitude = std::fabs(static_cast<double>(x));
  uint32_t best = f.largest;
  for (uint32_t code = 0; code < f.largest; ++code) {
    const double middle = (SmallValue(f, code) + SmallValue(f, code + 1)) / 2;
    if (magnitude < middle || (magnitude == middle && code % 2 == 0)) {
      best = code;
      break;
    }
  }
  return best | (std::signbit(x) ? f.sign_bit : 0);
}

template <typename To>
void CompareSmall(const SmallFormat& f, To (*from_f32)(float, float), To (*relu_from_f32)(float, float),
                  To (*from_f16x2)(uint32_t), uint32_t (*to_f16x2)(To), int width) {
  std::vector<float> inputs = CornersF32();
  for (uint32_t code = 0; code <= f.largest; ++code) {
    const float here = static_cast<float>(SmallValue(f, code));
    const float middle = static_cast<float>((SmallValue(f, code) + SmallValue(f, code + 1)) / 2);
    for (float v : {here, middle, std::nextafter(middle, 0.0f), std::nextafter(middle, 1e9f)}) {
      inputs.push_back(v);
      inputs.push_back(-v);
    }
  }
  std::mt19937_64 random(11);
  for (int i = 0; i < 100'000; ++i) inputs.push_back(RandomF32(random));
  for (float x : inputs) {
    const float y = inputs[random() % inputs.size()];
    ASSERT_EQ(from_f32(x, y), static_cast<To>(Nearest(f, x, false) << width | Nearest(f, y, false)))
        << f.name << std::hexfloat << " " << x << " " << y;
    ASSERT_EQ(relu_from_f32(x, y), static_cast<To>(Nearest(f, x, true) << width | Nearest(f, y, true)))
        << f.name;
  }
  for (uint32_t x = 0; x < 65536; ++x) {
    const uint32_t y = static_cast<uint32_t>(random()) & 0xffff;
    const float high = lib::tq_cvt_f32_f16(static_cast<uint16_t>(x)),
                low = lib::tq_cvt_f32_f16(static_cast<uint16_t>(y));
    ASSERT_EQ(from_f16x2(x << 16 | y),
              static_cast<To>(Nearest(f, high, false) << width | Nearest(f, low, false)));
  }
  for (uint32_t code = 0; code < 2 * f.sign_bit; ++code) {
    const uint32_t magnitude = code & (f.sign_bit - 1), actual = to_f16x2(static_cast<To>(code << width | 1));
    ASSERT_EQ(Value(actual & 0xffff, kF16), SmallValue(f, 1));
    if (f.infinity && magnitude == f.infinity) {
      ASSERT_EQ(actual >> 16, (code & f.sign_bit) ? 0xfc00u : 0x7c00u);
    } else if (magnitude > f.largest) {
      ASSERT_EQ(actual >> 16, 0x7fffu) << f.name << code;
    } else {
      ASSERT_EQ(Value(actual >> 16, kF16), SmallValue(f, code)) << f.name << code;
      ASSERT_EQ(actual >> 31, (code & f.sign_bit) != 0);
    }
  }
}

TEST(ConvertOracle, EightBitFormatsTakeTheNearestValue) {
  CompareSmall(kSmall[0], lib::tq_cvt_e4m3x2_f32, lib::tq_cvt_relu_e4m3x2_f32, lib::tq_cvt_e4m3x2_f16x2,
               lib::tq_cvt_f16x2_e4m3x2, 8);
  CompareSmall(kSmall[1], lib::tq_cvt_e5m2x2_f32, lib::tq_cvt_relu_e5m2x2_f32, lib::tq_cvt_e5m2x2_f16x2,
               lib::tq_cvt_f16x2_e5m2x2, 8);
}

TEST(ConvertOracle, SixAndFourBitFormatsTakeTheNearestValue) {
  CompareSmall(kSmall[2], lib::tq_cvt_e2m3x2_f32, lib::tq_cvt_relu_e2m3x2_f32, lib::tq_cvt_e2m3x2_f16x2,
               lib::tq_cvt_f16x2_e2m3x2, 8);
  CompareSmall(kSmall[3], lib::tq_cvt_e3m2x2_f32, lib::tq_cvt_relu_e3m2x2_f32, lib::tq_cvt_e3m2x2_f16x2,
               lib::tq_cvt_f16x2_e3m2x2, 8);
  CompareSmall(kSmall[4], lib::tq_cvt_e2m1x2_f32, lib::tq_cvt_relu_e2m1x2_f32, lib::tq_cvt_e2m1x2_f16x2,
               lib::tq_cvt_f16x2_e2m1x2, 4);
}

// Scales: the power of two at or below the magnitude, or at or above it.
TEST(ConvertOracle, ScalesArePowersOfTwo) {
  std::vector<float> inputs = CornersF32();
  std::mt19937_64 random(13);
  for (int i = 0; i < 100'000; ++i) inputs.push_back(RandomF32(random));
  auto expected = [](float x, bool up, bool satfinite) -> uint32_t {
    if (std::isnan(x)) return 0xff;
    const double magnitude = std::fabs(static_cast<double>(x));
    if (magnitude <= 0x1p-127) return 0;
    int exponent = std::ilogb(magnitude);
    if (up && std::ldexp(1.0, exponent) < magnitude) ++exponent;
    if (exponent > 127) return satfinite ? 0xfe : 0xff;
    return static_cast<uint32_t>(exponent + 127);
  };
  for (float x : inputs) {
    ASSERT_EQ(lib::tq_cvt_rz_ue8m0x2_f32(x, 1.0f),
              expected(std::isinf(x) ? INFINITY : x, false, false) << 8 | 127)
        << x;
    ASSERT_EQ(lib::tq_cvt_rz_satfinite_ue8m0x2_f32(1.0f, x), expected(x, false, true) | 127 << 8) << x;
    ASSERT_EQ(lib::tq_cvt_rp_ue8m0x2_f32(x, 1.0f), expected(x, true, false) << 8 | 127) << x;
    ASSERT_EQ(lib::tq_cvt_rp_satfinite_ue8m0x2_f32(1.0f, x), expected(x, true, true) | 127 << 8) << x;
  }
  for (uint32_t code = 0; code < 256; ++code) {
    const uint32_t pair = lib::tq_cvt_bf16x2_ue8m0x2(static_cast<uint16_t>(code << 8 | 128));
    EXPECT_EQ(pair & 0xffff, 0x4000u);
    if (code == 0xff) {
      EXPECT_EQ(pair >> 16, 0x7fffu);
    } else {
      EXPECT_EQ(Value(pair >> 16, kBf16), std::ldexp(1.0, static_cast<int>(code) - 127));
    }
  }
}

}  // namespace
}  // namespace tq::oracle
