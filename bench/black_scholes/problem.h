// Prices of European options by the formula of Black and Scholes.
#pragma once

#include "bench/harness/measure.h"

namespace tq::bench {

struct Problem {
  explicit Problem(const Options& options)
      : n(options.small ? 1024 : 1 << 20),
        prices(RandomFloats(n, 5, 30)),
        strikes(RandomFloats(n, 1, 100, 2)),
        years(RandomFloats(n, 0.25f, 10, 3)),
        calls(n),
        puts(n) {}

  static constexpr float kRate = 0.02f, kVolatility = 0.3f;

  Cost cost() const { return {1e-6 * n, "Moption/s"}; }

  bool IsRight() const {
    const auto normal = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
    for (int i = 0; i < n; i += 7) {
      const double root = std::sqrt(double(years[i]));
      const double d1 = (std::log(double(prices[i]) / strikes[i]) +
                         (kRate + 0.5 * kVolatility * kVolatility) * double(years[i])) /
                        (kVolatility * root);
      const double d2 = d1 - kVolatility * root,
                   discounted = strikes[i] * std::exp(-double(kRate) * years[i]);
      if (!IsClose(calls[i], prices[i] * normal(d1) - discounted * normal(d2), 1e-4)) return false;
      if (!IsClose(puts[i], discounted * normal(-d2) - prices[i] * normal(-d1), 1e-4)) return false;
    }
    return true;
  }

  int n;
  std::vector<float> prices, strikes, years, calls, puts;
};

}  // namespace tq::bench
