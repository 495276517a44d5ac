// __global__, __device__ and the other words that CUDA C++ adds to C++ (CUDA C++ Programming Guide, "C++
// Language Extensions"). Outside of -x cuda they mean nothing, so that host compilers read the same headers.
#ifndef TIANQIAO_QUALIFIERS_H_
#define TIANQIAO_QUALIFIERS_H_

#ifdef __CUDA__
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __host__ __attribute__((host))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __managed__ __attribute__((managed))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __grid_constant__ __attribute__((grid_constant))
#else
#define __global__
#define __device__
#define __host__
#define __shared__
#define __constant__
#define __managed__
#define __launch_bounds__(...)
#define __grid_constant__
#endif

#define __forceinline__ __inline__ __attribute__((always_inline))
#define __restrict__ __restrict

#endif  // TIANQIAO_QUALIFIERS_H_
