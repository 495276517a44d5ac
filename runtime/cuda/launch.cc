#include "runtime/core/launch.h"

#include <cuda.h>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "api/launch.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/event.h"
#include "runtime/core/function.h"
#include "runtime/core/stream.h"
#include "runtime/cuda/launch_attribute.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Function;
using core::LaunchRequest;
using core::Stream;

absl::Status cuLaunchKernel(Function& f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                            unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                            unsigned int sharedMemBytes, Stream& hStream, void** kernelParams, void** extra) {
  LaunchRequest request;
  request.grid = {gridDimX, gridDimY, gridDimZ};
  request.block = {blockDimX, blockDimY, blockDimZ};
  request.dynamic_shared_bytes = sharedMemBytes;
  return core::Launch(f, hStream, request, kernelParams, extra);
}

absl::Status cuLaunchCooperativeKernel(Function& f, unsigned int gridDimX, unsigned int gridDimY,
                                       unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY,
                                       unsigned int blockDimZ, unsigned int sharedMemBytes, Stream& hStream,
                                       void** kernelParams) {
  LaunchRequest request;
  request.grid = {gridDimX, gridDimY, gridDimZ};
  request.block = {blockDimX, blockDimY, blockDimZ};
  request.dynamic_shared_bytes = sharedMemBytes;
  request.is_cooperative = true;
  return core::Launch(f, hStream, request, kernelParams, nullptr);
}

absl::Status cuLaunchKernelEx(Stream& default_stream, const CUlaunchConfig* config, Function& f,
                              void** kernelParams, void** extra) {
  Stream* stream = &default_stream;
  if (config->hStream != nullptr) stream = core::Resolve(config->hStream, core::DefaultStream::kLegacy);
  if (stream == nullptr) return CudaError(CUDA_ERROR_INVALID_HANDLE, "the stream of the launch is not alive");
  if (config->numAttrs != 0 && config->attrs == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat(config->numAttrs, " launch attributes are at no address"));
  }
  LaunchRequest request;
  request.grid = {config->gridDimX, config->gridDimY, config->gridDimZ};
  request.block = {config->blockDimX, config->blockDimY, config->blockDimZ};
  request.dynamic_shared_bytes = config->sharedMemBytes;
  LaunchEvents events;
  for (const CUlaunchAttribute& attribute : absl::MakeSpan(config->attrs, config->numAttrs)) {
    RETURN_IF_ERROR(ApplyLaunchAttribute(attribute, request, events));
  }
  RETURN_IF_ERROR(core::Launch(f, *stream, request, kernelParams, extra));
  return events.record == nullptr ? absl::OkStatus() : events.record->Record(*stream);
}

}  // namespace tq::cuda::impl
