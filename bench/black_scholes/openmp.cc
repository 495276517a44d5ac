#include "bench/black_scholes/problem.h"

inline float Normal(float d) {
  const float k = 1.0f / (1.0f + 0.2316419f * std::fabs(d));
  const float poly =
      k * (0.31938153f + k * (-0.356563782f + k * (1.781477937f + k * (-1.821255978f + k * 1.330274429f))));
  const float tail = 0.39894228f * std::exp(-0.5f * d * d) * poly;
  return d > 0 ? 1.0f - tail : tail;
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  const auto step = [&, prices = problem.prices.data(), strikes = problem.strikes.data(),
                     years = problem.years.data(), calls = problem.calls.data(), puts = problem.puts.data()] {
    constexpr float kRate = Problem::kRate, kVolatility = Problem::kVolatility;
#pragma omp parallel for simd
    for (int i = 0; i < n; ++i) {
      const float root = std::sqrt(years[i]);
      const float d1 =
          (std::log(prices[i] / strikes[i]) + (kRate + 0.5f * kVolatility * kVolatility) * years[i]) /
          (kVolatility * root);
      const float d2 = d1 - kVolatility * root;
      const float in_d1 = Normal(d1), in_d2 = Normal(d2),
                  discounted = strikes[i] * std::exp(-kRate * years[i]);
      calls[i] = prices[i] * in_d1 - discounted * in_d2;
      puts[i] = discounted * (1.0f - in_d2) - prices[i] * (1.0f - in_d1);
    }
  };
  return Measure(options, problem, step, [] {});
}
