#include "bench/harness/opencl.h"

#include "bench/attention/problem.h"

constexpr char kSource[] = R"(
kernel void attend(global const float* q, global const float* k, global const float* v, global float* out,
                   int length, float scale) {
  local float keys[32][64], values[32][64];
  const int thread = get_local_id(0), row = get_group_id(1) * length + get_group_id(0) * 64 + thread;
  float query[64], sum[64], most = -INFINITY, total = 0;
  for (int d = 0; d < 64; ++d) {
    query[d] = q[row * 64 + d] * scale;
    sum[d] = 0;
  }
  for (int start = 0; start < length; start += 32) {
    const int first = (get_group_id(1) * length + start) * 64;
    for (int i = thread; i < 32 * 64; i += 64) {
      keys[i / 64][i % 64] = k[first + i];
      values[i / 64][i % 64] = v[first + i];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int j = 0; j < 32; ++j) {
      float score = 0;
      for (int d = 0; d < 64; ++d) score += query[d] * keys[j][d];
      if (score > most) {
        const float shrink = most == -INFINITY ? 0 : native_exp(most - score);
        total *= shrink;
        for (int d = 0; d < 64; ++d) sum[d] *= shrink;
        most = score;
      }
      const float weight = native_exp(score - most);
      total += weight;
      for (int d = 0; d < 64; ++d) sum[d] += weight * values[j][d];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  for (int d = 0; d < 64; ++d) out[row * 64 + d] = sum[d] / total;
}
)";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel attend = device.Kernel("attend");
  const cl_mem q = device.Upload(problem.q), k = device.Upload(problem.k), v = device.Upload(problem.v),
               out = device.Allocate<float>(problem.out.size());
  const size_t tiles = problem.length / 64, heads = problem.heads;
  const auto step = [&] {
    device.Launch(attend, {tiles, heads}, {64, 1}, q, k, v, out, problem.length, Problem::kScale);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(out, problem.out); });
}
