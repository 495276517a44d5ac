// The one path from an exported symbol of libcudart to its implementation: lazy initialisation,
// implementation, record of the error for cudaGetLastError. The driver API underneath validates, traces and
// logs.
//
// The runtime has no contexts of its own: it works in the calling thread's current driver context, and makes
// the primary context of the thread's device current when there is none (CUDA C++ Programming Guide,
// "Initialization").
#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <atomic>
#include <bit>
#include <type_traits>

namespace tq::cudart {

// cuInit, and a current context for this thread. Safe to call again and again; a few nanoseconds once it is
// done.
cudaError_t EnsureDriver();
cudaError_t EnsureContext();

// Remembers a failure for cudaGetLastError of this thread; success changes nothing.
cudaError_t Record(cudaError_t error);

// Names `symbol` in the log, once, and records cudaErrorNotSupported.
cudaError_t NotImplemented(const char* symbol);
template <typename Result>
Result NothingBehind(const char* symbol) {
  NotImplemented(symbol);
  return Result();
}

// Both APIs share their error numbers.
inline cudaError_t ToRuntimeError(CUresult result) { return static_cast<cudaError_t>(result); }

template <bool kNeedsContext, typename Body>
cudaError_t Enter(Body body) {
  const cudaError_t ready = kNeedsContext ? EnsureContext() : EnsureDriver();
  if (ready != cudaSuccess) [[unlikely]]
    return Record(ready);
  const cudaError_t error = body();
  return error == cudaSuccess ? error : Record(error);
}

// Turns a runtime API argument into the driver API's type for the same thing.
template <typename To, typename From>
To Cast(From value) {
  if constexpr (std::is_class_v<From>) {
    return std::bit_cast<To>(value);
  } else {
    return (To)value;  // NOLINT: pointers, handles, device addresses and enumerations of both APIs
  }
}

template <typename... Params, typename... Args>
cudaError_t Forward(CUresult (*function)(Params...), Args... args) {
  return ToRuntimeError(function(Cast<Params>(args)...));
}

inline cudaStream_t PerThread(cudaStream_t stream) {
  return stream == nullptr ? cudaStreamPerThread : stream;
}

}  // namespace tq::cudart

// For implementations: leaves with the error of a driver call.
#define TQ_CUDART_RETURN_IF_ERROR(call)                               \
  do {                                                                \
    if (const CUresult tq_result = (call); tq_result != CUDA_SUCCESS) \
      return ::tq::cudart::ToRuntimeError(tq_result);                 \
  } while (false)
