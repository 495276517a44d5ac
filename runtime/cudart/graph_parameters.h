// What both ways of making the nodes of graphs translate alike.
#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include "runtime/cudart/registry.h"

namespace tq::cudart::impl {

// The calling thread's context, NULL without one.
inline CUcontext CurrentContext() {
  CUcontext context = nullptr;
  cuCtxGetCurrent(&context);
  return context;
}

// Fills the fields that all versions of a kernel node's parameters have.
template <typename From, typename To>
cudaError_t ToDriverKernel(const From& from, To& to) {
  CUkernel kernel = nullptr;
  const cudaError_t error = Registry::Get().FindKernel(from.func, &kernel);
  if (error != cudaSuccess && error != cudaErrorInvalidDeviceFunction) return error;
  to.kern = kernel;
  // No host function: a cudaKernel_t or cudaFunction_t then, as cudaGraphKernelNodeGetParams gives them.
  if (kernel == nullptr) to.func = static_cast<CUfunction>(from.func);
  to.gridDimX = from.gridDim.x;
  to.gridDimY = from.gridDim.y;
  to.gridDimZ = from.gridDim.z;
  to.blockDimX = from.blockDim.x;
  to.blockDimY = from.blockDim.y;
  to.blockDimZ = from.blockDim.z;
  to.sharedMemBytes = from.sharedMemBytes;
  to.kernelParams = from.kernelParams;
  to.extra = from.extra;
  return cudaSuccess;
}

}  // namespace tq::cudart::impl
