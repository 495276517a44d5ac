#include "bench/harness/opencl.h"

#include "bench/black_scholes/problem.h"

constexpr char kSource[] = R"(
float normal(float d) {
  const float k = 1.0f / (1.0f + 0.2316419f * fabs(d));
  const float poly =
      k * (0.31938153f + k * (-0.356563782f + k * (1.781477937f + k * (-1.821255978f + k * 1.330274429f))));
  const float tail = 0.39894228f * native_exp(-0.5f * d * d) * poly;
  return d > 0 ? 1.0f - tail : tail;
}

kernel void price(global const float* prices, global const float* strikes, global const float* years,
                  global float* calls, global float* puts, float rate, float volatility, int n) {
  const int i = get_global_id(0);
  if (i >= n) return;
  const float root = sqrt(years[i]);
  const float d1 = (native_log(prices[i] / strikes[i]) + (rate + 0.5f * volatility * volatility) * years[i]) /
                   (volatility * root);
  const float d2 = d1 - volatility * root;
  const float in_d1 = normal(d1), in_d2 = normal(d2), discounted = strikes[i] * native_exp(-rate * years[i]);
  calls[i] = prices[i] * in_d1 - discounted * in_d2;
  puts[i] = discounted * (1.0f - in_d2) - prices[i] * (1.0f - in_d1);
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel price = device.Kernel("price");
  const cl_mem prices = device.Upload(problem.prices), strikes = device.Upload(problem.strikes),
               years = device.Upload(problem.years), calls = device.Allocate<float>(problem.n),
               puts = device.Allocate<float>(problem.n);
  const auto step = [&] {
    device.Launch(price, {(problem.n + 255u) / 256}, {256}, prices, strikes, years, calls, puts,
                  Problem::kRate, Problem::kVolatility, problem.n);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] {
    device.Fetch(calls, problem.calls);
    device.Fetch(puts, problem.puts);
  });
}
