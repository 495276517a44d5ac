#include "bench/black_scholes/problem.h"
#include "bench/harness/cuda.h"

// The normal distribution, by formula 26.2.17 of Abramowitz and Stegun.
__device__ float Normal(float d) {
  const float k = 1.0f / (1.0f + 0.2316419f * fabsf(d));
  const float poly =
      k * (0.31938153f + k * (-0.356563782f + k * (1.781477937f + k * (-1.821255978f + k * 1.330274429f))));
  const float tail = 0.39894228f * __expf(-0.5f * d * d) * poly;
  return d > 0 ? 1.0f - tail : tail;
}

__global__ void Price(const float* prices, const float* strikes, const float* years, float* calls,
                      float* puts, float rate, float volatility, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float root = sqrtf(years[i]);
  const float d1 = (__logf(prices[i] / strikes[i]) + (rate + 0.5f * volatility * volatility) * years[i]) /
                   (volatility * root);
  const float d2 = d1 - volatility * root;
  const float in_d1 = Normal(d1), in_d2 = Normal(d2), discounted = strikes[i] * __expf(-rate * years[i]);
  calls[i] = prices[i] * in_d1 - discounted * in_d2;
  puts[i] = discounted * (1.0f - in_d2) - prices[i] * (1.0f - in_d1);
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  Buffer<float> prices(problem.prices), strikes(problem.strikes), years(problem.years), calls(n), puts(n);
  const auto step = [&] {
    Price<<<(n + 255) / 256, 256>>>(prices, strikes, years, calls, puts, Problem::kRate, Problem::kVolatility,
                                    n);
    Synchronize();
  };
  return Measure(options, problem, step, [&] {
    calls.Fetch(problem.calls);
    puts.Fetch(problem.puts);
  });
}
