#include "bench/spmv/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  const int rows = problem.rows;
  const auto step = [&, starts = problem.starts.data(), columns = problem.columns.data(),
                     entries = problem.entries.data(), x = problem.x.data(), y = problem.y.data()] {
#pragma omp parallel for schedule(static, 256)
    for (int row = 0; row < rows; ++row) {
      float sum = 0;
      for (int i = starts[row]; i < starts[row + 1]; ++i) sum += entries[i] * x[columns[i]];
      y[row] = sum;
    }
  };
  return Measure(options, problem, step, [] {});
}
