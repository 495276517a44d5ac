// Device code of the tests, registered as any compiler's host code registers it.
#include "tests/cudart/kernels.h"

__device__ int cells[16];
__constant__ int factors[4];

// *cell = *cell * factor + addend: the order in which several ran can be read from the result.
__global__ void Affine(int* cell, int factor, int addend) { *cell = *cell * factor + addend; }

__global__ void Iota(int* out, int count) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) out[i] = i;
}

__global__ void ReadSymbols(int* out) { out[threadIdx.x] = cells[threadIdx.x] * factors[threadIdx.x % 4]; }

const void* AffineKernel() { return reinterpret_cast<const void*>(&Affine); }
const void* IotaKernel() { return reinterpret_cast<const void*>(&Iota); }
const void* ReadSymbolsKernel() { return reinterpret_cast<const void*>(&ReadSymbols); }
const void* CellsSymbol() { return &cells; }
const void* FactorsSymbol() { return &factors; }

cudaError_t LaunchAffine(int* cell, int factor, int addend, cudaStream_t stream) {
  Affine<<<1, 1, 0, stream>>>(cell, factor, addend);
  return cudaGetLastError();
}
