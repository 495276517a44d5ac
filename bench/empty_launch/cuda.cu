#include "bench/empty_launch/problem.h"
#include "bench/harness/cuda.h"

__global__ void Nothing(int* word) {
  if (word != nullptr) *word = 1;
}

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Buffer<int> word(problem.word);
  Nothing<<<1, 1>>>(word);
  const auto step = [&] {
    Nothing<<<1, 1>>>(nullptr);
    Synchronize();
  };
  return Measure(options, problem, step, [&] { word.Fetch(problem.word); });
}
