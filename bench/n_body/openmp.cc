// Coordinates apart, as vectors want them.
#include "bench/n_body/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  std::vector<float> x(n), y(n), z(n), mass(n);
  for (int i = 0; i < n; ++i) {
    x[i] = problem.bodies[i * 4];
    y[i] = problem.bodies[i * 4 + 1];
    z[i] = problem.bodies[i * 4 + 2];
    mass[i] = problem.bodies[i * 4 + 3];
  }
  const auto step = [&, x = x.data(), y = y.data(), z = z.data(), mass = mass.data()] {
#pragma omp parallel for
    for (int i = 0; i < n; ++i) {
      float ax = 0, ay = 0, az = 0;
#pragma omp simd reduction(+ : ax, ay, az)
      for (int j = 0; j < n; ++j) {
        const float dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
        const float inverse = 1.0f / std::sqrt(dx * dx + dy * dy + dz * dz + Problem::kSoftening);
        const float pull = mass[j] * inverse * inverse * inverse;
        ax += pull * dx;
        ay += pull * dy;
        az += pull * dz;
      }
      problem.pulls[i * 4] = ax;
      problem.pulls[i * 4 + 1] = ay;
      problem.pulls[i * 4 + 2] = az;
    }
  };
  return Measure(options, problem, step, [] {});
}
