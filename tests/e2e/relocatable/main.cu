// Two translation units, compiled with -rdc=true and linked on the device: functions, variables and constants
// across.
#include <cstdio>
#include <cstdlib>

#include "shapes.cuh"

#define CHECK(call)                                                                                  \
  do {                                                                                               \
    const cudaError_t error = (call);                                                                \
    if (error != cudaSuccess) {                                                                      \
      std::fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(error)); \
      std::exit(1);                                                                                  \
    }                                                                                                \
  } while (false)

__global__ void Measure(const Shape* shapes, float* areas, int count) {
  const int i = threadIdx.x;
  if (i < count) areas[i] = Area(shapes[i]);
}

int main() {
  constexpr int kCount = 5;
  Shape* shapes;
  float* areas;
  CHECK(cudaMallocManaged(&shapes, kCount * sizeof(Shape)));
  CHECK(cudaMallocManaged(&areas, kCount * sizeof(float)));
  for (int i = 0; i < kCount; ++i) shapes[i] = {1.0f + i, 2.0f};
  Measure<<<1, 32>>>(shapes, areas, kCount);
  CHECK(cudaDeviceSynchronize());
  const float quarter = 0.25f;
  CHECK(cudaMemcpyToSymbol(unit_area, &quarter, sizeof quarter));
  Measure<<<1, 32>>>(shapes, areas + 1, kCount - 1);
  CHECK(cudaDeviceSynchronize());
  int calls = 0;
  CHECK(cudaMemcpyFromSymbol(&calls, area_calls, sizeof calls));
  std::printf("areas:");
  for (int i = 0; i < kCount; ++i) std::printf(" %.2f", areas[i]);
  std::printf(", %d calls\n", calls);
  CHECK(cudaFree(shapes));
  CHECK(cudaFree(areas));
  return 0;
}
