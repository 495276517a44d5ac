// The .approx functions against MPFR: the largest error must be within the bound of the PTX ISA manual, and
// the special cases must be those of its tables.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/ptx/devicelib.h"
#include "tests/ptx/oracle.h"

namespace tq::oracle {
namespace {

namespace lib = tq::devicelib;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kSubnormal = 0x1p-140f;

using MpfrFunction = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

struct Errors {
  double absolute = 0, relative = 0;
  float worst = 0;
};

// Over `count` inputs spread evenly over the floats of [low, high], both signs when `symmetric`; every one of
// them in a long run. Results below the normal numbers are not counted as relative errors: there the unit is
// absolute.
Errors Measure(float (*function)(float), MpfrFunction reference, float low, float high, bool symmetric) {
  const uint32_t first = BitCast<uint32_t>(low), last = BitCast<uint32_t>(high);
  const uint64_t count = IsLong() ? last - first : 1'000'000;
  Errors errors;
  Exact x(0, 24), y(0, 80), error(0, 80);
  for (uint64_t i = 0; i <= count; ++i) {
    float input = BitCast<float>(static_cast<uint32_t>(first + (last - first) * i / count));
    if (symmetric && i % 2) input = -input;
    mpfr_set_flt(x.get(), input, MPFR_RNDN);
    reference(y.get(), x.get(), MPFR_RNDN);
    mpfr_d_sub(error.get(), function(input), y.get(), MPFR_RNDN);
    mpfr_abs(error.get(), error.get(), MPFR_RNDN);
    const double absolute = mpfr_get_d(error.get(), MPFR_RNDU);
    errors.absolute = std::max(errors.absolute, absolute);
    if (mpfr_zero_p(y.get()) || mpfr_get_exp(y.get()) <= -126) continue;
    mpfr_div(error.get(), error.get(), y.get(), MPFR_RNDN);
    const double relative = std::fabs(mpfr_get_d(error.get(), MPFR_RNDU));
    if (relative > errors.relative) errors.relative = relative, errors.worst = input;
  }
  return errors;
}

void Report(const char* name, const Errors& errors) {
  std::printf("oracle: %-12s absolute 2^%.2f relative 2^%.2f at %a\n", name, std::log2(errors.absolute),
              std::log2(errors.relative), errors.worst);
}

int Reciprocal(mpfr_ptr y, mpfr_srcptr x, mpfr_rnd_t m) { return mpfr_ui_div(y, 1, x, m); }

void ExpectBits(float actual, float expected) {
  if (std::isnan(expected)) {
    EXPECT_EQ(BitCast<uint32_t>(actual), 0x7fffffffu);
  } else {
    EXPECT_EQ(BitCast<uint32_t>(actual), BitCast<uint32_t>(expected)) << actual << " instead of " << expected;
  }
}

TEST(ApproximationOracle, Ex2IsWithinTheManualsBound) {
  const Errors errors = Measure(lib::tq_ex2_approx_f32, mpfr_exp2, 0x1p-30f, 127.99999f, true);
  Report("ex2", errors);
  EXPECT_LT(errors.relative, 0x1.6ap-23);  // 2^-22.5
  for (float x = -149; x <= 127; x += 1)
    ExpectBits(lib::tq_ex2_approx_f32(x), std::ldexp(1.0f, static_cast<int>(x)));
  ExpectBits(lib::tq_ex2_approx_f32(-kInf), 0.0f);
  ExpectBits(lib::tq_ex2_approx_f32(kInf), kInf);
  ExpectBits(lib::tq_ex2_approx_f32(0.0f), 1.0f);
  ExpectBits(lib::tq_ex2_approx_f32(-0.0f), 1.0f);
  ExpectBits(lib::tq_ex2_approx_f32(kSubnormal), 1.0f);
  ExpectBits(lib::tq_ex2_approx_f32(128.0f), kInf);
  ExpectBits(lib::tq_ex2_approx_f32(-151.0f), 0.0f);
  ExpectBits(lib::tq_ex2_approx_f32(kNaN), kNaN);
}

TEST(ApproximationOracle, Ex2RoundsSubnormalResultsOnce) {
  Exact x(0, 24), y(0, 80);
  for (float input = -126.0f; input > -151.0f; input -= 0x1p-12f) {
    mpfr_set_flt(x.get(), input, MPFR_RNDN);
    mpfr_exp2(y.get(), x.get(), MPFR_RNDN);
    const double units = mpfr_get_d(y.get(), MPFR_RNDN) * 0x1p149,
                 actual = lib::tq_ex2_approx_f32(input) * 0x1p149;
    ASSERT_LT(std::fabs(units - actual), 0.5 + units * 0x1p-22) << input;
  }
}

TEST(ApproximationOracle, Lg2IsWithinTheManualsBound) {
  const Errors near_one = Measure(lib::tq_lg2_approx_f32, mpfr_log2, 0.5f, 2.0f, false);
  const Errors elsewhere = Measure(lib::tq_lg2_approx_f32, mpfr_log2, 0x1p-149f, 0.5f, false);
  const Errors above =
      Measure(lib::tq_lg2_approx_f32, mpfr_log2, 2.0f, std::numeric_limits<float>::max(), false);
  Report("lg2 near 1", near_one);
  Report("lg2 below", elsewhere);
  Report("lg2 above", above);
  EXPECT_LT(near_one.absolute, 0x1p-22);
  EXPECT_LT(elsewhere.relative, 0x1p-22);
  EXPECT_LT(above.relative, 0x1p-22);
  for (int e = -149; e <= 127; ++e)
    ExpectBits(lib::tq_lg2_approx_f32(std::ldexp(1.0f, e)), static_cast<float>(e));
  ExpectBits(lib::tq_lg2_approx_f32(0.0f), -kInf);
  ExpectBits(lib::tq_lg2_approx_f32(-0.0f), -kInf);
  ExpectBits(lib::tq_lg2_approx_f32(kInf), kInf);
  ExpectBits(lib::tq_lg2_approx_f32(-kInf), kNaN);
  ExpectBits(lib::tq_lg2_approx_f32(-1.0f), kNaN);
  ExpectBits(lib::tq_lg2_approx_f32(-kSubnormal), kNaN);
  ExpectBits(lib::tq_lg2_approx_f32(kNaN), kNaN);
}

TEST(ApproximationOracle, SineAndCosineAreWithinTheManualsBound) {
  constexpr float kTwoPi = 6.2831853f;
  for (auto [function, reference, name] :
       {std::tuple{&lib::tq_sin_approx_f32, MpfrFunction{mpfr_sin}, "sin"},
        std::tuple{&lib::tq_cos_approx_f32, MpfrFunction{mpfr_cos}, "cos"}}) {
    const Errors one_turn = Measure(function, reference, 0x1p-30f, kTwoPi, true);
    const Errors fifty_turns = Measure(function, reference, kTwoPi, 50 * kTwoPi, true);
    Report(name, one_turn);
    Report(name, fifty_turns);
    EXPECT_LT(one_turn.absolute, 0x1.6ap-21);     // 2^-20.5
    EXPECT_LT(fifty_turns.absolute, 0x1.3bp-15);  // 2^-14.7
    for (float x : {1e6f, 1e10f, 1e30f, std::numeric_limits<float>::max()}) {
      EXPECT_LE(std::fabs(function(x)), 1.0f) << x;
    }
    ExpectBits(function(kInf), kNaN);
    ExpectBits(function(-kInf), kNaN);
    ExpectBits(function(kNaN), kNaN);
  }
  ExpectBits(lib::tq_sin_approx_f32(0.0f), 0.0f);
  ExpectBits(lib::tq_sin_approx_f32(-0.0f), -0.0f);
  ExpectBits(lib::tq_sin_approx_f32(-kSubnormal), -kSubnormal);
  ExpectBits(lib::tq_cos_approx_f32(0.0f), 1.0f);
  ExpectBits(lib::tq_cos_approx_f32(-0.0f), 1.0f);
  ExpectBits(lib::tq_cos_approx_f32(kSubnormal), 1.0f);
}

TEST(ApproximationOracle, TanhIsWithinTheManualsBound) {
  const Errors errors = Measure(lib::tq_tanh_approx_f32, mpfr_tanh, 0x1p-126f, 20.0f, true);
  Report("tanh", errors);
  EXPECT_LT(errors.relative, 0x1p-11);
  ExpectBits(lib::tq_tanh_approx_f32(0.0f), 0.0f);
  ExpectBits(lib::tq_tanh_approx_f32(-0.0f), -0.0f);
  ExpectBits(lib::tq_tanh_approx_f32(kSubnormal), kSubnormal);
  ExpectBits(lib::tq_tanh_approx_f32(kInf), 1.0f);
  ExpectBits(lib::tq_tanh_approx_f32(-kInf), -1.0f);
  ExpectBits(lib::tq_tanh_approx_f32(kNaN), kNaN);
}

TEST(ApproximationOracle, ReciprocalsAndRootsAreWithinTheManualsBound) {
  const float low = 0x1p-149f, high = std::numeric_limits<float>::max();
  const Errors rcp = Measure(lib::tq_rcp_approx_f32, Reciprocal, 0x1p-126f, high, true);
  const Errors rsqrt = Measure(lib::tq_rsqrt_approx_f32, mpfr_rec_sqrt, low, high, false);
  Report("rcp", rcp);
  Report("rsqrt", rsqrt);
  EXPECT_LE(rcp.relative, 0x1p-23);
  EXPECT_LE(rsqrt.relative, 0x1.125p-23);  // 2^-22.9
  ExpectBits(lib::tq_rcp_approx_f32(0.0f), kInf);
  ExpectBits(lib::tq_rcp_approx_f32(-0.0f), -kInf);
  ExpectBits(lib::tq_rcp_approx_f32(-kInf), -0.0f);
  ExpectBits(lib::tq_rcp_approx_f32(kNaN), kNaN);
  ExpectBits(lib::tq_rsqrt_approx_f32(-1.0f), kNaN);
  ExpectBits(lib::tq_rsqrt_approx_f32(-0.0f), -kInf);
  ExpectBits(lib::tq_rsqrt_approx_f32(0.0f), kInf);
  ExpectBits(lib::tq_rsqrt_approx_f32(kInf), 0.0f);
}

TEST(ApproximationOracle, DivisionFollowsTheTableForLargeDivisors) {
  std::mt19937_64 random(1);
  Exact x(0, 24), y(0, 24), q(0, 80);
  for (int i = 0; i < 1'000'000; ++i) {
    const float a = RandomF32(random), b = RandomF32(random);
    const double magnitude = std::fabs(static_cast<double>(b));
    const float quotient = lib::tq_div_approx_f32(a, b);
    if (magnitude > 0x1p126 && magnitude < 0x1p128) {
      ASSERT_EQ(std::isinf(a) || std::isnan(a) ? std::isnan(quotient) : quotient == 0, true) << a << " " << b;
      continue;
    }
    if (!std::isfinite(a) || !std::isfinite(b) || b == 0 || a == 0 || magnitude < 0x1p-126) continue;
    mpfr_set_flt(x.get(), a, MPFR_RNDN);
    mpfr_set_flt(y.get(), b, MPFR_RNDN);
    mpfr_div(q.get(), x.get(), y.get(), MPFR_RNDN);
    const double exact = mpfr_get_d(q.get(), MPFR_RNDN);
    if (std::fabs(exact) < 0x1p-126 || std::fabs(exact) >= 0x1p127) continue;
    ASSERT_LE(std::fabs(quotient - exact), 0x1p-22 * std::fabs(exact)) << a << " " << b;  // 2 units
  }
  EXPECT_TRUE(std::isnan(lib::tq_div_approx_f32(kInf, 0x1p127f)));
  EXPECT_EQ(lib::tq_div_approx_f32(1.0f, kInf), 0.0f);
}

TEST(ApproximationOracle, DoubleReciprocalsKeepTheUpperHalf) {
  std::mt19937_64 random(2);
  const double inf = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 1'000'000; ++i) {
    const double x = BitCast<double>((random() & 0x800fffffffffffff) | (1 + random() % 2044) << 52);
    const double rcp = lib::tq_rcp_approx_ftz_f64(x), rsqrt = lib::tq_rsqrt_approx_ftz_f64(std::fabs(x));
    ASSERT_EQ(BitCast<uint64_t>(rcp) & 0xffffffff, 0u);
    ASSERT_EQ(BitCast<uint64_t>(rsqrt) & 0xffffffff, 0u);
    if (std::fabs(1 / x) >= std::numeric_limits<double>::min()) {
      ASSERT_LE(std::fabs(rcp * x - 1), 0x1p-20) << x;
    }
    ASSERT_LE(std::fabs(rsqrt * std::sqrt(std::fabs(x)) - 1), 0x1p-20) << x;
    ASSERT_LE(std::fabs(lib::tq_rsqrt_approx_f64(std::fabs(x)) * std::sqrt(std::fabs(x)) - 1), 0x1p-51) << x;
  }
  EXPECT_EQ(lib::tq_rcp_approx_ftz_f64(0x1p-1060), inf);
  EXPECT_EQ(lib::tq_rcp_approx_ftz_f64(-0x1p-1060), -inf);
  EXPECT_TRUE(std::signbit(lib::tq_rcp_approx_ftz_f64(-inf)));
  EXPECT_EQ(lib::tq_rsqrt_approx_ftz_f64(-0.0), -inf);
  EXPECT_EQ(lib::tq_rsqrt_approx_ftz_f64(-0x1p-1060), -inf);
  EXPECT_TRUE(std::isnan(lib::tq_rsqrt_approx_ftz_f64(-1.0)));
}

}  // namespace
}  // namespace tq::oracle
