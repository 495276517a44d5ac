// The library's, as what can be reached here.
#include <cblas.h>

#include "bench/sgemm/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int n = problem.n;
  const auto step = [&] {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0f, problem.a.data(), n,
                problem.b.data(), n, 0.0f, problem.c.data(), n);
  };
  return Measure(options, problem, step, [] {});
}
