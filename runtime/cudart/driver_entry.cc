// The way from the runtime to the driver (CUDA Runtime API, "Version Management", "Driver Entry Point
// Access").
#include "api/cudart_library.h"
#include "api/cudart_registration.h"
#include "runtime/cudart/entry.h"

namespace tq::cudart::impl {
namespace {

constexpr int kRuntimeVersion = 13000;  // of the interface, as cudart.so.13 of CUDA 13.0 reports it

cudaError_t Find(const char* symbol, void** function, unsigned int version, unsigned long long flags,
                 cudaDriverEntryPointQueryResult* status) {
  CUdriverProcAddressQueryResult found = CU_GET_PROC_ADDRESS_SUCCESS;
  const CUresult result = cuGetProcAddress_v2(symbol, function, static_cast<int>(version), flags, &found);
  if (status != nullptr) *status = static_cast<cudaDriverEntryPointQueryResult>(found);
  // With a status to look at, a missing symbol is an answer and no error.
  if (result == CUDA_ERROR_NOT_FOUND && status != nullptr) return cudaSuccess;
  return ToRuntimeError(result);
}

}  // namespace

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = kRuntimeVersion;
  return cudaSuccess;
}

cudaError_t cudaGetDriverEntryPoint(cudaStream_t default_stream, const char* symbol, void** function,
                                    unsigned long long flags, cudaDriverEntryPointQueryResult* status) {
  return cudaGetDriverEntryPointByVersion(default_stream, symbol, function, kRuntimeVersion, flags, status);
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
