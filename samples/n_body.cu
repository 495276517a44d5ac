// Bodies that attract each other, advanced by the leapfrog method. Every thread owns one body; a block brings
// the others into shared memory a tile at a time. The total energy of the system must stay what it was.
#include <cuda_runtime.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#define CHECK(call)                                                                                  \
  do {                                                                                               \
    const cudaError_t error = (call);                                                                \
    if (error != cudaSuccess) {                                                                      \
      std::fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(error)); \
      std::exit(1);                                                                                  \
    }                                                                                                \
  } while (false)

constexpr int kBodies = 512;
constexpr int kThreads = 128;
constexpr int kSteps = 20;
constexpr float kTimeStep = 0.002f;
constexpr float kSoftening = 0.05f;  // keeps close encounters finite

// The acceleration of a body at `position`. Positions carry the mass in w. Called by whole blocks.
__device__ float3 Acceleration(float4 position, const float4* positions) {
  __shared__ float4 tile[kThreads];
  float3 sum = make_float3(0.0f, 0.0f, 0.0f);
  for (int start = 0; start < kBodies; start += kThreads) {
    tile[threadIdx.x] = positions[start + threadIdx.x];
    __syncthreads();
    for (int other = 0; other < kThreads; ++other) {
      const float dx = tile[other].x - position.x;
      const float dy = tile[other].y - position.y;
      const float dz = tile[other].z - position.z;
      const float inverse = rsqrtf(dx * dx + dy * dy + dz * dz + kSoftening * kSoftening);
      const float pull = tile[other].w * inverse * inverse * inverse;
      sum.x += pull * dx;
      sum.y += pull * dy;
      sum.z += pull * dz;
    }
    __syncthreads();
  }
  return sum;
}

// Half a step of velocity, a step of position. The second half of the velocity needs everybody's new
// position, hence another launch.
__global__ void KickAndDrift(const float4* positions, float4* next_positions, float3* velocities) {
  const int i = blockIdx.x * kThreads + threadIdx.x;
  float4 position = positions[i];
  const float3 acceleration = Acceleration(position, positions);
  float3 velocity = velocities[i];
  velocity.x += 0.5f * kTimeStep * acceleration.x;
  velocity.y += 0.5f * kTimeStep * acceleration.y;
  velocity.z += 0.5f * kTimeStep * acceleration.z;
  position.x += kTimeStep * velocity.x;
  position.y += kTimeStep * velocity.y;
  position.z += kTimeStep * velocity.z;
  velocities[i] = velocity;
  next_positions[i] = position;
}

__global__ void Kick(const float4* positions, float3* velocities) {
  const int i = blockIdx.x * kThreads + threadIdx.x;
  const float3 acceleration = Acceleration(positions[i], positions);
  velocities[i].x += 0.5f * kTimeStep * acceleration.x;
  velocities[i].y += 0.5f * kTimeStep * acceleration.y;
  velocities[i].z += 0.5f * kTimeStep * acceleration.z;
}

double TotalEnergy(const std::vector<float4>& positions, const std::vector<float3>& velocities) {
  double energy = 0;
  for (int i = 0; i < kBodies; ++i) {
    const float3 v = velocities[i];
    energy += 0.5 * positions[i].w * (double(v.x) * v.x + double(v.y) * v.y + double(v.z) * v.z);
    for (int j = i + 1; j < kBodies; ++j) {
      const double dx = positions[j].x - positions[i].x, dy = positions[j].y - positions[i].y,
                   dz = positions[j].z - positions[i].z;
      energy -= double(positions[i].w) * positions[j].w /
                std::sqrt(dx * dx + dy * dy + dz * dz + double(kSoftening) * kSoftening);
    }
  }
  return energy;
}

int main() {
  std::vector<float4> positions(kBodies);
  std::vector<float3> velocities(kBodies);
  unsigned state = 3;
  const auto next = [&state] {  // in [-1, 1)
    state = state * 1664525u + 1013904223u;
    return static_cast<float>(state >> 8) / (1 << 23) - 1.0f;
  };
  for (int i = 0; i < kBodies; ++i) {
    const float x = next(), y = next(), z = next();  // one after another: arguments have no order
    positions[i] = make_float4(x, y, z, 1.0f / kBodies);
    // A slow turn around the z axis.
    velocities[i] = make_float3(-0.5f * positions[i].y, 0.5f * positions[i].x, 0.0f);
  }
  const double energy_before = TotalEnergy(positions, velocities);

  float4 *device_positions, *device_next;
  float3* device_velocities;
  CHECK(cudaMalloc(&device_positions, kBodies * sizeof(float4)));
  CHECK(cudaMalloc(&device_next, kBodies * sizeof(float4)));
  CHECK(cudaMalloc(&device_velocities, kBodies * sizeof(float3)));
  CHECK(cudaMemcpy(device_positions, positions.data(), kBodies * sizeof(float4), cudaMemcpyHostToDevice));
  CHECK(cudaMemcpy(device_velocities, velocities.data(), kBodies * sizeof(float3), cudaMemcpyHostToDevice));

  for (int step = 0; step < kSteps; ++step) {
    KickAndDrift<<<kBodies / kThreads, kThreads>>>(device_positions, device_next, device_velocities);
    Kick<<<kBodies / kThreads, kThreads>>>(device_next, device_velocities);
    std::swap(device_positions, device_next);
  }
  CHECK(cudaGetLastError());
  CHECK(cudaMemcpy(positions.data(), device_positions, kBodies * sizeof(float4), cudaMemcpyDeviceToHost));
  CHECK(cudaMemcpy(velocities.data(), device_velocities, kBodies * sizeof(float3), cudaMemcpyDeviceToHost));

  const double energy_after = TotalEnergy(positions, velocities);
  const double drift = std::fabs((energy_after - energy_before) / energy_before);
  const bool right = drift < 1e-4;
  std::printf("n_body: %d bodies, %d steps, energy %.2f, drift %s 1e-4\n", kBodies, kSteps, energy_after,
              right ? "below" : "above");

  CHECK(cudaFree(device_positions));
  CHECK(cudaFree(device_next));
  CHECK(cudaFree(device_velocities));
  return right ? 0 : 1;
}
