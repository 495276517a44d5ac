#include "bench/harness/opencl.h"

#include "bench/harness/opencl_collectives.h"
#include "bench/layernorm/problem.h"

constexpr char kSource[] = R"(
kernel void normalize_rows(global const float* x, global float* y, float epsilon) {
  local float parts[256];
  const int thread = get_local_id(0);
  global const float* from = x + get_group_id(0) * 1024;
  float own[4], sum = 0, squares = 0;
  for (int i = 0; i < 4; ++i) sum += own[i] = from[i * 256 + thread];
  const float mean = reduce(sum, parts, 0) / 1024;
  for (int i = 0; i < 4; ++i) squares += (own[i] - mean) * (own[i] - mean);
  const float scale = native_rsqrt(reduce(squares, parts, 0) / 1024 + epsilon);
  for (int i = 0; i < 4; ++i) y[get_group_id(0) * 1024 + i * 256 + thread] = (own[i] - mean) * scale;
}
)";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device({kReduceSource, kSource});
  const cl_kernel normalize = device.Kernel("normalize_rows");
  const cl_mem x = device.Upload(problem.x), y = device.Allocate<float>(problem.y.size());
  const auto step = [&] {
    device.Launch(normalize, {size_t(problem.rows)}, {Problem::kThreads}, x, y, Problem::kEpsilon);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(y, problem.y); });
}
