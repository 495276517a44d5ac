// Copies of the runtime API as the driver's descriptors say them.
#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <cstddef>

namespace tq::cudart::impl {

// cudaErrorInvalidMemcpyDirection, or cudaErrorInvalidValue for sides that do not go together.
cudaError_t Describe3D(CUDA_MEMCPY3D& copy, const cudaMemcpy3DParms& params);

// Where the part [offset, offset + count) of a __device__ or __constant__ variable is.
cudaError_t SymbolRange(const void* symbol, size_t offset, size_t count, void** address);

}  // namespace tq::cudart::impl
