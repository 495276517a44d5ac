// Operations of one 32-bit operand, over all of its 2^32 values in a long run and over a million of them
// else, on all cores. Exact operations: a result is right when the true value lies where the mode allows on
// the same side of its neighbours, which doubles decide without error (products have at most 50 bits).
// Approximations: against the host's double functions, whose error is 2^-29 of the bounds.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>
#include <tuple>
#include <vector>

#include "tests/ptx/devicelib.h"
#include "tests/ptx/oracle.h"

namespace tq::oracle {
namespace {

namespace lib = tq::devicelib;

constexpr uint64_t kInputs = uint64_t{1} << 32;
constexpr uint32_t kModes[] = {TQ_RN, TQ_RZ, TQ_RM, TQ_RP};
constexpr uint32_t kCanonicalNaN = 0x7fffffff;  // of the approximations; what follows gives it to the others

// Every input on which `is_right` is false is counted, and the first one is told.
template <typename IsRight>
void Sweep(const char* name, IsRight is_right) {
  const uint64_t step = IsLong() ? 1 : 4093;  // prime: every exponent and every low bit comes by
  const unsigned count = std::max(1u, std::thread::hardware_concurrency());
  std::atomic<uint64_t> wrong{0};
  std::atomic<uint64_t> first{kInputs};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      for (uint64_t input = i * step; input < kInputs; input += count * step) {
        if (is_right(static_cast<uint32_t>(input))) continue;
        ++wrong;
        uint64_t known = first.load();
        while (input < known && !first.compare_exchange_weak(known, input)) {
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0u) << name << ", first at 0x" << std::hex << first.load();
}

// ---- Exact operations ----

// The numbers of a format in their order, with infinity where the next number would be.
double OnGrid(int64_t place, const FloatFormat& format) {
  const auto infinity = static_cast<int64_t>(format.infinity);
  const int64_t magnitude = place < 0 ? -place : place;
  const double value = magnitude == infinity ? std::ldexp(1.0, 2 - format.least_exponent)
                       : format.bits == 32   ? BitCast<float>(static_cast<uint32_t>(magnitude))
                                             : Value(static_cast<uint64_t>(magnitude), format);
  return place < 0 ? -value : value;
}

// Whether `fields` is what a nonzero number rounds to; `side(d)` is the sign of that number less d.
template <typename Side>
bool IsRounded(uint64_t fields, const FloatFormat& format, uint32_t mode, Side side) {
  const uint64_t sign_bit = uint64_t{1} << (format.bits - 1);
  const auto magnitude = static_cast<int64_t>(fields & (sign_bit - 1));
  const auto infinity = static_cast<int64_t>(format.infinity);
  if (magnitude > infinity) return false;
  const bool is_negative = side(0.0) < 0;
  if (((fields & sign_bit) != 0) != is_negative) return false;
  const int64_t place = is_negative ? -magnitude : magnitude;
  const double here = OnGrid(place, format);
  if (mode == TQ_RN) {
    const bool is_even = magnitude % 2 == 0;
    if (place < infinity) {
      const int above = side((here + OnGrid(place + 1, format)) / 2);
      if (above > 0 || (above == 0 && !is_even)) return false;
    }
    if (place > -infinity) {
      const int below = side((here + OnGrid(place - 1, format)) / 2);
      if (below < 0 || (below == 0 && !is_even)) return false;
    }
    return true;
  }
  const bool is_down = mode == TQ_RM || (mode == TQ_RZ && !is_negative);
  if (is_down) {
    return place != infinity && (place == -infinity || side(here) >= 0) &&
           (place == infinity - 1 || side(OnGrid(place + 1, format)) < 0);
  }
  return place != -infinity && (place == infinity || side(here) <= 0) &&
         (place == 1 - infinity || side(OnGrid(place - 1, format)) > 0);
}

int Sign(double x) { return (x > 0) - (x < 0); }

bool IsFiniteAndNotZero(float x) { return std::isfinite(x) && x != 0; }

TEST(SweepOracle, ReciprocalsRoundExactly) {
  for (uint32_t mode : kModes) {
    Sweep("rcp", [mode](uint32_t bits) {
      const auto x = BitCast<float>(bits);
      const float y = mode == TQ_RN   ? lib::tq_rcp_rn_f32(x)
                      : mode == TQ_RZ ? lib::tq_rcp_rz_f32(x)
                      : mode == TQ_RM ? lib::tq_rcp_rm_f32(x)
                                      : lib::tq_rcp_rp_f32(x);
      const auto fields = BitCast<uint32_t>(y);
      if (std::isnan(x)) return std::isnan(y);
      if (!IsFiniteAndNotZero(x)) return fields == BitCast<uint32_t>(1 / x);
      return IsRounded(fields, kF32, mode, [x](double d) { return Sign(1 - d * x) * Sign(x); });
    });
  }
}

TEST(SweepOracle, RootsRoundExactly) {
  for (uint32_t mode : kModes) {
    Sweep("sqrt", [mode](uint32_t bits) {
      const auto x = BitCast<float>(bits);
      const float y = lib::tq_sqrt_f32(x, mode);
      const auto fields = BitCast<uint32_t>(y);
      if (std::isnan(x) || x < 0) return std::isnan(y);
      if (!IsFiniteAndNotZero(x)) return fields == bits;
      return IsRounded(fields, kF32, mode, [x](double d) { return d < 0 ? 1 : Sign(x - d * d); });
    });
  }
}

double ToIntegral(double x, uint32_t mode) {
  return mode == TQ_RN   ? std::nearbyint(x)
         : mode == TQ_RZ ? std::trunc(x)
         : mode == TQ_RM ? std::floor(x)
                         : std::ceil(x);
}

TEST(SweepOracle, RoundingToIntegralIsExact) {
  for (uint32_t mode : kModes) {
    Sweep("cvt.r*i.f32.f32", [mode](uint32_t bits) {
      const auto x = BitCast<float>(bits);
      const float y = lib::tq_rint_f32(x, mode);
      if (std::isnan(x)) return std::isnan(y);
      return BitCast<uint32_t>(y) == BitCast<uint32_t>(static_cast<float>(ToIntegral(x, mode)));
    });
  }
}

// PTX ISA, cvt: out of range clamps, NaN is 0 where the integer is not wider than the float.
template <typename To>
void SweepToInteger(const char* name, To (*convert)(float, uint32_t)) {
  constexpr auto kLeast = std::numeric_limits<To>::min(), kMost = std::numeric_limits<To>::max();
  for (uint32_t mode : kModes) {
    Sweep(name, [mode, convert](uint32_t bits) {
      const auto x = BitCast<float>(bits);
      const double integral = ToIntegral(x, mode);
      const To expected = std::isnan(x)                             ? To{0}
                          : integral <= static_cast<double>(kLeast) ? kLeast
                          : integral >= static_cast<double>(kMost)  ? kMost
                                                                    : static_cast<To>(integral);
      return convert(x, mode) == expected;
    });
  }
}

TEST(SweepOracle, FloatsBecomeIntegers) {
  SweepToInteger<int32_t>("cvt.s32.f32", lib::tq_cvt_s32_f32);
  SweepToInteger<uint32_t>("cvt.u32.f32", lib::tq_cvt_u32_f32);
}

TEST(SweepOracle, IntegersBecomeFloats) {
  for (uint32_t mode : kModes) {
    Sweep("cvt.f32.s32", [mode](uint32_t bits) {
      const auto x = static_cast<int32_t>(bits);
      const auto fields = BitCast<uint32_t>(lib::tq_cvt_f32_s64(x, mode));
      if (x == 0) return fields == 0;
      return IsRounded(fields, kF32, mode, [x](double d) { return Sign(x - d); });
    });
    Sweep("cvt.f32.u32", [mode](uint32_t bits) {
      const auto fields = BitCast<uint32_t>(lib::tq_cvt_f32_u64(bits, mode));
      if (bits == 0) return fields == 0;
      return IsRounded(fields, kF32, mode, [bits](double d) { return Sign(bits - d); });
    });
  }
}

TEST(SweepOracle, FloatsNarrowToHalves) {
  using Narrow = uint16_t (*)(float, uint32_t, uint32_t);
  for (auto [name, format, narrow] : {std::tuple{"cvt.f16.f32", kF16, Narrow{lib::tq_cvt_f16_f32}},
                                      std::tuple{"cvt.bf16.f32", kBf16, Narrow{lib::tq_cvt_bf16_f32}}}) {
    for (uint32_t mode : kModes) {
      Sweep(name, [mode, format = format, narrow = narrow](uint32_t bits) {
        const auto x = BitCast<float>(bits);
        const uint16_t fields = narrow(x, mode, 0);
        const uint32_t sign = bits >> 31 << 15;
        if (std::isnan(x)) return fields == 0x7fff;
        if (x == 0) return fields == sign;
        if (std::isinf(x)) return fields == (sign | format.infinity);
        return IsRounded(fields, format, mode, [x](double d) { return Sign(x - d); });
      });
    }
  }
}

// ---- Approximations ----

// The manual's bounds for |x| <= `up_to`; 0: none of the kind. Beyond the last row, only that the result is
// no larger than 1 (sine and cosine). A result below the normal numbers may be off by one unit.
struct Bound {
  double up_to, absolute, relative;
};
struct Approximation {
  const char* name;
  float (*function)(float);
  double (*reference)(double);
  std::vector<Bound> bounds;
};

constexpr double kTwoPi = 6.2831853071795862;
const double kAll = std::numeric_limits<double>::infinity();

const std::vector<Approximation>& Approximations() {
  static const std::vector<Approximation> all = {
      {"rcp", lib::tq_rcp_approx_f32, [](double x) { return 1 / x; }, {{kAll, 0, 0x1p-23}}},
      {"rsqrt",
       lib::tq_rsqrt_approx_f32,
       [](double x) { return 1 / std::sqrt(x); },
       {{kAll, 0, 0x1.125p-23}}},
      {"ex2", lib::tq_ex2_approx_f32, [](double x) { return std::exp2(x); }, {{kAll, 0, 0x1.6ap-23}}},
      {"lg2",
       lib::tq_lg2_approx_f32,
       [](double x) { return std::log2(x); },
       {{0.5, 0, 0x1p-22}, {2, 0x1p-22, 0}, {kAll, 0, 0x1p-22}}},
      {"sin",
       lib::tq_sin_approx_f32,
       [](double x) { return std::sin(x); },
       {{kTwoPi, 0x1.6ap-21, 0}, {50 * kTwoPi, 0x1.3bp-15, 0}}},
      {"cos",
       lib::tq_cos_approx_f32,
       [](double x) { return std::cos(x); },
       {{kTwoPi, 0x1.6ap-21, 0}, {50 * kTwoPi, 0x1.3bp-15, 0}}},
      {"tanh", lib::tq_tanh_approx_f32, [](double x) { return std::tanh(x); }, {{kAll, 0, 0x1p-11}}},
  };
  return all;
}

bool IsWithin(const Approximation& of, float x) {
  const double y = of.function(x), exact = of.reference(x);
  if (std::isnan(exact)) return BitCast<uint32_t>(static_cast<float>(y)) == kCanonicalNaN;
  if (std::isinf(exact) || exact == 0) return y == exact && std::signbit(y) == std::signbit(exact);
  for (const Bound& bound : of.bounds) {
    if (std::fabs(x) > bound.up_to) continue;
    const double error = std::fabs(y - exact);
    if (bound.absolute != 0) return error <= bound.absolute;
    // As the nearest number would.
    if (std::fabs(exact) >= 0x1.ffffffp127) return std::isinf(y) || std::fabs(y) == 0x1.fffffep127;
    return error <= std::max(bound.relative * std::fabs(exact), 0x1p-149);
  }
  return std::fabs(y) <= 1;
}

TEST(SweepOracle, ApproximationsAreWithinTheManualsBounds) {
  for (const Approximation& of : Approximations())
    Sweep(of.name, [&of](uint32_t bits) { return IsWithin(of, BitCast<float>(bits)); });
}

}  // namespace
}  // namespace tq::oracle
