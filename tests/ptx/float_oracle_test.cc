// f32 and f64 arithmetic in every rounding mode against MPFR.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/ptx/devicelib.h"
#include "tests/ptx/oracle.h"

namespace tq::oracle {
namespace {

namespace lib = tq::devicelib;

constexpr const char* kModes[] = {"rn", "rz", "rm", "rp"};

template <typename T>
struct Traits;
template <>
struct Traits<float> {
  using Bits = uint32_t;
  static constexpr FloatFormat kFormat = kF32;
  static std::vector<float> Corners() { return CornersF32(); }
  static float Random(std::mt19937_64& random) { return RandomF32(random); }
};
template <>
struct Traits<double> {
  using Bits = uint64_t;
  static constexpr FloatFormat kFormat = kF64;
  static std::vector<double> Corners() { return CornersF64(); }
  static double Random(std::mt19937_64& random) { return RandomF64(random); }
};

// The result of rounding what MPFR computed, as the operation's own type.
template <typename T>
T Expected(const Exact& exact, uint32_t mode) {
  if (mpfr_nan_p(exact.get())) return std::nan("");
  const bool negative = mpfr_signbit(exact.get()) != 0;
  if (mpfr_inf_p(exact.get())) return negative ? -INFINITY : INFINITY;
  if (mpfr_zero_p(exact.get())) return negative ? T{-0.0} : T{0.0};
  return BitCast<T>(static_cast<typename Traits<T>::Bits>(Round(exact, Traits<T>::kFormat, mode)));
}

template <typename T>
bool Same(T a, T b) {
  return (a != a && b != b) || BitCast<typename Traits<T>::Bits>(a) == BitCast<typename Traits<T>::Bits>(b);
}

template <typename T>
using Operation = std::function<T(T, T, T, uint32_t)>;
using ExactOperation = std::function<void(Exact&, const Exact&, const Exact&, const Exact&, mpfr_rnd_t)>;

// Corners against corners, then random operands; `arity` of them matter.
template <typename T>
void Compare(const char* name, int arity, const Operation<T>& operation,
             const ExactOperation& exact_operation, std::vector<uint32_t> modes) {
  const std::vector<T> corners = Traits<T>::Corners();
  std::mt19937_64 random(20240229);
  Exact a, b, c, result;
  uint64_t cases = 0;
  auto check = [&](T x, T y, T z) {
    mpfr_set_d(a.get(), x, MPFR_RNDN);
    mpfr_set_d(b.get(), y, MPFR_RNDN);
    mpfr_set_d(c.get(), z, MPFR_RNDN);
    for (uint32_t mode : modes) {
      exact_operation(result, a, b, c, RoundingOf(mode));
      const T expected = Expected<T>(result, mode);
      const T actual = operation(x, y, z, mode);
      ++cases;
      if (!Same(expected, actual)) {
        ADD_FAILURE() << name << "." << kModes[mode] << std::hexfloat << "(" << x << ", " << y << ", " << z
                      << ") is " << actual << ", expected " << expected;
        return false;
      }
    }
    return true;
  };
  for (T x : corners) {
    for (T y : corners) {
      if (arity < 2 && y != corners[0]) continue;
      for (int i = 0; i < (arity == 3 ? 12 : 1); ++i) {
        if (!check(x, y, corners[random() % corners.size()])) return;
      }
    }
  }
  const uint64_t target = (IsLong() ? 20'000'000 : 100'000) * modes.size();
  while (cases < target) {
    if (!check(Traits<T>::Random(random), Traits<T>::Random(random), Traits<T>::Random(random))) return;
  }
  ::testing::Test::RecordProperty("cases", std::to_string(cases));
  std::printf("oracle: %-8s %lu cases\n", name, static_cast<unsigned long>(cases));
}

void Add(Exact& r, const Exact& a, const Exact& b, const Exact&, mpfr_rnd_t m) {
  mpfr_add(r.get(), a.get(), b.get(), m);
}
void Sub(Exact& r, const Exact& a, const Exact& b, const Exact&, mpfr_rnd_t m) {
  mpfr_sub(r.get(), a.get(), b.get(), m);
}
void Mul(Exact& r, const Exact& a, const Exact& b, const Exact&, mpfr_rnd_t m) {
  mpfr_mul(r.get(), a.get(), b.get(), m);
}
void Fma(Exact& r, const Exact& a, const Exact& b, const Exact& c, mpfr_rnd_t m) {
  mpfr_fma(r.get(), a.get(), b.get(), c.get(), m);
}
// Quotients and roots are either exact or far, at this precision, from everything that rounding decides on.
void Div(Exact& r, const Exact& a, const Exact& b, const Exact&, mpfr_rnd_t) {
  Exact quotient(0, 300);
  mpfr_div(quotient.get(), a.get(), b.get(), MPFR_RNDZ);
  mpfr_set(r.get(), quotient.get(), MPFR_RNDN);
}
void Rcp(Exact& r, const Exact& a, const Exact&, const Exact&, mpfr_rnd_t m) {
  const Exact one(1);
  Div(r, one, a, one, m);
}
void Sqrt(Exact& r, const Exact& a, const Exact&, const Exact&, mpfr_rnd_t) {
  Exact root(0, 300);
  mpfr_sqrt(root.get(), a.get(), MPFR_RNDZ);
  mpfr_set(r.get(), root.get(), MPFR_RNDN);
}

const std::vector<uint32_t> kAll = {TQ_RN, TQ_RZ, TQ_RM, TQ_RP};

TEST(FloatOracle, AddF32RoundsAsMpfr) {
  Compare<float>(
      "add.f32", 2, [](float a, float b, float, uint32_t m) { return lib::tq_add_f32(a, b, m); }, Add, kAll);
}
TEST(FloatOracle, SubF32RoundsAsMpfr) {
  Compare<float>(
      "sub.f32", 2, [](float a, float b, float, uint32_t m) { return lib::tq_sub_f32(a, b, m); }, Sub, kAll);
}
TEST(FloatOracle, MulF32RoundsAsMpfr) {
  Compare<float>(
      "mul.f32", 2, [](float a, float b, float, uint32_t m) { return lib::tq_mul_f32(a, b, m); }, Mul, kAll);
}
TEST(FloatOracle, FmaF32RoundsAsMpfr) { Compare<float>("fma.f32", 3, lib::tq_fma_f32, Fma, kAll); }
TEST(FloatOracle, DivF32RoundsAsMpfr) {
  Compare<float>(
      "div.f32", 2, [](float a, float b, float, uint32_t m) { return lib::tq_div_f32(a, b, m); }, Div, kAll);
}
TEST(FloatOracle, RcpF32RoundsAsMpfr) {
  auto rcp = [](float a, float, float, uint32_t m) {
    return m == TQ_RN   ? lib::tq_rcp_rn_f32(a)
           : m == TQ_RZ ? lib::tq_rcp_rz_f32(a)
           : m == TQ_RM ? lib::tq_rcp_rm_f32(a)
                        : lib::tq_rcp_rp_f32(a);
  };
  Compare<float>("rcp.f32", 1, rcp, Rcp, kAll);
}
TEST(FloatOracle, SqrtF32RoundsAsMpfr) {
  Compare<float>(
      "sqrt.f32", 1, [](float a, float, float, uint32_t m) { return lib::tq_sqrt_f32(a, m); }, Sqrt, kAll);
}

TEST(FloatOracle, AddF64RoundsAsMpfr) {
  Compare<double>(
      "add.f64", 2, [](double a, double b, double, uint32_t m) { return lib::tq_add_f64(a, b, m); }, Add,
      kAll);
}
TEST(FloatOracle, SubF64RoundsAsMpfr) {
  auto sub = [](double a, double b, double, uint32_t m) {
    return m == TQ_RZ   ? lib::tq_sub_rz_f64(a, b)
           : m == TQ_RM ? lib::tq_sub_rm_f64(a, b)
                        : lib::tq_sub_rp_f64(a, b);
  };
  Compare<double>("sub.f64", 2, sub, Sub, {TQ_RZ, TQ_RM, TQ_RP});
}
TEST(FloatOracle, MulF64RoundsAsMpfr) {
  Compare<double>(
      "mul.f64", 2, [](double a, double b, double, uint32_t m) { return lib::tq_mul_f64(a, b, m); }, Mul,
      kAll);
}
TEST(FloatOracle, FmaF64RoundsAsMpfr) { Compare<double>("fma.f64", 3, lib::tq_fma_f64, Fma, kAll); }
TEST(FloatOracle, DivF64RoundsAsMpfr) {
  Compare<double>(
      "div.f64", 2, [](double a, double b, double, uint32_t m) { return lib::tq_div_f64(a, b, m); }, Div,
      kAll);
}
TEST(FloatOracle, RcpF64RoundsAsMpfr) {
  auto rcp = [](double a, double, double, uint32_t m) {
    return m == TQ_RN   ? lib::tq_rcp_rn_f64(a)
           : m == TQ_RZ ? lib::tq_rcp_rz_f64(a)
           : m == TQ_RM ? lib::tq_rcp_rm_f64(a)
                        : lib::tq_rcp_rp_f64(a);
  };
  Compare<double>("rcp.f64", 1, rcp, Rcp, kAll);
}
TEST(FloatOracle, SqrtF64RoundsAsMpfr) {
  Compare<double>(
      "sqrt.f64", 1, [](double a, double, double, uint32_t m) { return lib::tq_sqrt_f64(a, m); }, Sqrt, kAll);
}

TEST(FloatOracle, ReplacementsOfMachineFmaRoundAsMpfr) {
  Compare<float>("fmaf", 3, [](float a, float b, float c, uint32_t) { return lib::fmaf(a, b, c); }, Fma,
                 {TQ_RN});
  Compare<double>("fma", 3, [](double a, double b, double c, uint32_t) { return lib::fma(a, b, c); }, Fma,
                  {TQ_RN});
}

TEST(FloatOracle, PairsOfF32AreTwoScalars) {
  std::mt19937_64 random(7);
  auto pair = [](float high, float low) {
    return uint64_t{BitCast<uint32_t>(high)} << 32 | BitCast<uint32_t>(low);
  };
  auto same = [](uint64_t x, uint64_t y) {
    return Same(BitCast<float>(uint32_t(x)), BitCast<float>(uint32_t(y))) &&
           Same(BitCast<float>(uint32_t(x >> 32)), BitCast<float>(uint32_t(y >> 32)));
  };
  for (int i = 0; i < 10000; ++i) {
    float a = RandomF32(random), b = RandomF32(random), c = RandomF32(random);
    float x = RandomF32(random), y = RandomF32(random), z = RandomF32(random);
    uint64_t p = pair(a, x), q = pair(b, y), r = pair(c, z);
    ASSERT_TRUE(same(lib::tq_add_f32x2(p, q), pair(a + b, x + y)));
    ASSERT_TRUE(
        same(lib::tq_sub_rz_f32x2(p, q), pair(lib::tq_sub_f32(a, b, TQ_RZ), lib::tq_sub_f32(x, y, TQ_RZ))));
    ASSERT_TRUE(
        same(lib::tq_mul_rm_f32x2(p, q), pair(lib::tq_mul_f32(a, b, TQ_RM), lib::tq_mul_f32(x, y, TQ_RM))));
    ASSERT_TRUE(same(lib::tq_fma_rp_f32x2(p, q, r),
                     pair(lib::tq_fma_f32(a, b, c, TQ_RP), lib::tq_fma_f32(x, y, z, TQ_RP))));
  }
}

// min and max: every pair of corners, by the manual's rules spelt out.
TEST(FloatOracle, MinAndMaxFollowTheRulesForNanAndZero) {
  auto less = [](float a, float b) { return a < b || (a == b && std::signbit(a) && !std::signbit(b)); };
  for (float a : CornersF32()) {
    for (float b : CornersF32()) {
      const bool a_nan = std::isnan(a), b_nan = std::isnan(b);
      const float low = less(a, b) ? a : b, high = less(a, b) ? b : a;
      const float expected_min = a_nan ? b : b_nan ? a : low, expected_max = a_nan ? b : b_nan ? a : high;
      ASSERT_TRUE(Same(lib::tq_min_f32(a, b), expected_min)) << a << " " << b;
      ASSERT_TRUE(Same(lib::tq_max_f32(a, b), expected_max)) << a << " " << b;
      const bool any_nan = a_nan || b_nan;
      ASSERT_EQ(BitCast<uint32_t>(lib::tq_min_NaN_f32(a, b)), any_nan ? 0x7fffffffu : BitCast<uint32_t>(low));
      ASSERT_EQ(BitCast<uint32_t>(lib::tq_max_NaN_f32(a, b)),
                any_nan ? 0x7fffffffu : BitCast<uint32_t>(high));
      if (a_nan && b_nan) {
        ASSERT_EQ(BitCast<uint32_t>(lib::tq_min_f32(a, b)), 0x7fffffffu);
      }
      if (!any_nan) {
        const float smaller = std::fabs(a) < std::fabs(b) ? std::fabs(a) : std::fabs(b);
        const float signed_smaller = std::signbit(a) != std::signbit(b) ? -smaller : smaller;
        ASSERT_TRUE(Same(lib::tq_min_xorsign_abs_f32(a, b), signed_smaller));
      }
      ASSERT_TRUE(Same<double>(lib::tq_min_f64(a, b), expected_min));
      ASSERT_TRUE(Same<double>(lib::tq_max_f64(a, b), expected_max));
      ASSERT_TRUE(Same(lib::tq_min3_f32(a, b, 1.0f), lib::tq_min_f32(lib::tq_min_f32(a, b), 1.0f)));
      ASSERT_EQ(BitCast<uint32_t>(lib::tq_copysign_f32(a, b)),
                (BitCast<uint32_t>(b) & 0x7fffffffu) | (BitCast<uint32_t>(a) & 0x80000000u));
    }
    ASSERT_EQ(lib::tq_testp_finite_f32(a), std::isfinite(a));
    ASSERT_EQ(lib::tq_testp_infinite_f32(a), std::isinf(a));
    ASSERT_EQ(lib::tq_testp_number_f32(a), !std::isnan(a));
    ASSERT_EQ(lib::tq_testp_notanumber_f32(a), std::isnan(a));
    ASSERT_EQ(lib::tq_testp_normal_f32(a), std::isnormal(a));
    ASSERT_EQ(lib::tq_testp_subnormal_f32(a), std::fpclassify(a) == FP_SUBNORMAL);
  }
  for (double a : CornersF64()) {
    ASSERT_EQ(lib::tq_testp_normal_f64(a), std::isnormal(a));
    ASSERT_EQ(lib::tq_testp_subnormal_f64(a), std::fpclassify(a) == FP_SUBNORMAL);
  }
}

}  // namespace
}  // namespace tq::oracle
