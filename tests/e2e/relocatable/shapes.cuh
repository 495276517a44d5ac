// Declared here, defined in the other translation unit: the device linker has to bring them together.
#pragma once

struct Shape {
  float width, height;
};

extern __device__ int area_calls;
extern __constant__ float unit_area;

__device__ float Area(const Shape& shape);
