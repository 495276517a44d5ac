// That the approximations tested here are those that fuse, and not the baseline's once more.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/ptx/devicelib.h"

namespace tq::oracle {
namespace {

// The polynomial of tq_sin_approx_f32 within a quarter turn, where nothing is reduced: the products rounded
// or not.
float Sine(float r, bool fuses) {
  const auto step = [fuses](float p, float x, float c) {
    if (fuses) return std::fma(p, x, c);
    const volatile float product = p * x;
    return product + c;
  };
  const float u = r * r;
  float p = 0x1.5dbdf0p-19f;
  for (const float c : {-0x1.9f6ffep-13f, 0x1.110ed4p-7f, -0x1.55554cp-3f}) p = step(p, u, c);
  return step(p, u * r, r);
}

TEST(Fused, ProductsAndSumsAreRoundedOnce) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> angle(0.1f, 1.5f);
  int told_apart = 0;
  for (int i = 0; i < 10000; ++i) {
    const float r = angle(random);
    ASSERT_EQ(devicelib::tq_sin_approx_f32(r), Sine(r, /*fuses=*/true)) << r;
    told_apart += Sine(r, true) != Sine(r, false);
  }
  EXPECT_GT(told_apart, 100);
}

}  // namespace
}  // namespace tq::oracle
