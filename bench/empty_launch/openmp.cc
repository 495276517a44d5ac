// The nearest thing that OpenMP has: a parallel region.
#include "bench/empty_launch/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  int* word = problem.word.data();
#pragma omp parallel
  *word = 1;
  const auto step = [&] {
#pragma omp parallel
    __asm__ volatile("" ::: "memory");
  };
  return Measure(options, problem, step, [] {});
}
