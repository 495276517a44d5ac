#include "shapes.cuh"

__device__ int area_calls = 0;
__constant__ float unit_area = 0.5f;

__device__ float Area(const Shape& shape) {
  atomicAdd(&area_calls, 1);
  return shape.width * shape.height * unit_area;
}
