// The way from the runtime to the driver (CUDA Runtime API, "Version Management", "Driver Entry Point
// Access").
#include "api/cudart_library.h"
#include "api/cudart_registration.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/release.h"

namespace tq::cudart::impl {
namespace {

cudaError_t Find(const char* symbol, void** function, unsigned int version, unsigned long long flags,
                 cudaDriverEntryPointQueryResult* status) {
  CUdriverProcAddressQueryResult found = CU_GET_PROC_ADDRESS_SUCCESS;
  const CUresult result = cuGetProcAddress_v2(symbol, function, static_cast<int>(version), flags, &found);
  if (status != nullptr) *status = static_cast<cudaDriverEntryPointQueryResult>(found);
  // With a status to look at, a missing symbol is an answer; without one it is an error.
  if (result == CUDA_ERROR_NOT_FOUND && status != nullptr) return cudaSuccess;
  if (result == CUDA_SUCCESS && status == nullptr && found != CU_GET_PROC_ADDRESS_SUCCESS) {
    return cudaErrorSymbolNotFound;
  }
  return ToRuntimeError(result);
}

}  // namespace

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = kRelease.version;
  return cudaSuccess;
}

cudaError_t cudaGetDriverEntryPoint(cudaStream_t default_stream, const char* symbol, void** function,
                                    unsigned long long flags, cudaDriverEntryPointQueryResult* status) {
  return cudaGetDriverEntryPointByVersion(default_stream, symbol, function, kRelease.version, flags, status);
}

cudaError_t cudaGetDriverEntryPointByVersion(cudaStream_t default_stream, const char* symbol, void** function,
                                             unsigned int version, unsigned long long flags,
                                             cudaDriverEntryPointQueryResult* status) {
  if (flags == cudaEnableDefault && default_stream == cudaStreamPerThread) {
    flags = CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM;
  }
  return Find(symbol, function, version, flags, status);
}

cudaError_t __cudaGetProcAddress(const char* symbol, void** function, int version, unsigned long long flags) {
  return Find(symbol, function, static_cast<unsigned int>(version), flags, nullptr);
}

}  // namespace tq::cudart::impl
