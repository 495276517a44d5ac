#include "bench/harness/opencl.h"

#include "bench/empty_launch/problem.h"

constexpr char kSource[] = R"(
kernel void nothing(global int* word, int writes) {
  if (writes) *word = 1;
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel nothing = device.Kernel("nothing");
  const cl_mem word = device.Upload(problem.word);
  device.Launch(nothing, {1}, {1}, word, 1);
  const auto step = [&] {
    device.Launch(nothing, {1}, {1}, word, 0);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(word, problem.word); });
}
