// Streams and events, where the runtime differs from the driver (CUDA Runtime API, "Stream Management").
#include <memory>

#include "api/cudart_event.h"
#include "api/cudart_stream.h"
#include "runtime/cudart/entry.h"

namespace tq::cudart::impl {
namespace {

struct Callback {
  cudaStreamCallback_t function;
  void* data;
};

void RunCallback(CUstream stream, CUresult status, void* data) {
  const std::unique_ptr<Callback> callback(static_cast<Callback*>(data));
  callback->function(stream, ToRuntimeError(status), callback->data);
}

}  // namespace

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return ToRuntimeError(cuStreamCreate(stream, CU_STREAM_DEFAULT));
}

cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t function, void* data,
                                  unsigned int flags) {
  if (function == nullptr || flags != 0) return cudaErrorInvalidValue;
  auto callback = std::make_unique<Callback>(Callback{function, data});
  TQ_CUDART_RETURN_IF_ERROR(cuStreamAddCallback(stream, RunCallback, callback.get(), flags));
  callback.release();  // RunCallback's from here on
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return ToRuntimeError(cuEventCreate(event, CU_EVENT_DEFAULT));
}

}  // namespace tq::cudart::impl
