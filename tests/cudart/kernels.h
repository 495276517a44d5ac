// What the tests know of kernels.cu, which another compiler compiles.
#pragma once

#include <cuda_runtime_api.h>

const void* AffineKernel();       // (int* cell, int factor, int addend)
const void* IotaKernel();         // (int* out, int count)
const void* ReadSymbolsKernel();  // (int* out), 16 threads: out[i] = cells[i] * factors[i % 4]
const void* CellsSymbol();        // __device__ int[16]
const void* FactorsSymbol();      // __constant__ int[4]

cudaError_t LaunchAffine(int* cell, int factor, int addend, cudaStream_t stream);  // by <<< >>>
