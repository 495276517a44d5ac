#include "bench/harness/opencl.h"

#include "bench/n_body/problem.h"

constexpr char kSource[] = R"(
kernel void attract(global const float4* bodies, global float4* pulls, int n, float softening) {
  local float4 tile[128];
  const int thread = get_local_id(0);
  const float4 body = bodies[get_global_id(0)];
  float x = 0, y = 0, z = 0;
  for (int start = 0; start < n; start += 128) {
    tile[thread] = bodies[start + thread];
    barrier(CLK_LOCAL_MEM_FENCE);
    #pragma unroll 4
    for (int other = 0; other < 128; ++other) {
      const float dx = tile[other].x - body.x, dy = tile[other].y - body.y, dz = tile[other].z - body.z;
      const float inverse = native_rsqrt(dx * dx + dy * dy + dz * dz + softening);
      const float pull = tile[other].w * inverse * inverse * inverse;
      x += pull * dx;
      y += pull * dy;
      z += pull * dz;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  pulls[get_global_id(0)] = (float4)(x, y, z, 0);
})";

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  Device device(kSource);
  const cl_kernel attract = device.Kernel("attract");
  const cl_mem bodies = device.Upload(problem.bodies), pulls = device.Allocate<float>(problem.pulls.size());
  const auto step = [&] {
    device.Launch(attract, {size_t(problem.n / Problem::kThreads)}, {Problem::kThreads}, bodies, pulls,
                  problem.n, Problem::kSoftening);
    device.Synchronize();
  };
  return Measure(options, problem, step, [&] { device.Fetch(pulls, problem.pulls); });
}
