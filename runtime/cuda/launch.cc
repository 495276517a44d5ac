#include "runtime/core/launch.h"

#include <cuda.h>

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "api/launch.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
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

namespace {

// All streams wait for what is in each of them now.
absl::Status JoinStreams(absl::Span<Stream* const> streams) {
  std::vector<core::TimelinePoint> points;
  for (Stream* const stream : streams) {
    ASSIGN_OR_RETURN(const core::TimelinePoint point, stream->Record());
    points.push_back(point);
  }
  for (Stream* const stream : streams) {
    for (const core::TimelinePoint& point : points) RETURN_IF_ERROR(stream->WaitFor(point));
  }
  return absl::OkStatus();
}

absl::Status CheckTogether(const CUDA_LAUNCH_PARAMS& first, const CUDA_LAUNCH_PARAMS& launch) {
  const bool is_alike = first.gridDimX == launch.gridDimX && first.gridDimY == launch.gridDimY &&
                        first.gridDimZ == launch.gridDimZ && first.blockDimX == launch.blockDimX &&
                        first.blockDimY == launch.blockDimY && first.blockDimZ == launch.blockDimZ &&
                        first.sharedMemBytes == launch.sharedMemBytes;
  if (is_alike) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE, "the launches have grids or blocks of different sizes");
}

}  // namespace

absl::Status cuLaunchCooperativeKernelMultiDevice(CUDA_LAUNCH_PARAMS* launches, unsigned int count,
                                                  unsigned int flags) {
  constexpr unsigned kNoSyncBefore = CUDA_COOPERATIVE_LAUNCH_MULTI_DEVICE_NO_PRE_LAUNCH_SYNC;
  constexpr unsigned kNoSyncAfter = CUDA_COOPERATIVE_LAUNCH_MULTI_DEVICE_NO_POST_LAUNCH_SYNC;
  if ((flags & ~(kNoSyncBefore | kNoSyncAfter)) != 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are unknown (", flags, ")"));
  if (count == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "there are no launches");
  std::vector<Stream*> streams;
  std::set<const core::Device*> devices;
  for (const CUDA_LAUNCH_PARAMS& launch : absl::MakeSpan(launches, count)) {
    Stream* const stream =
        launch.hStream == nullptr ? nullptr : core::Resolve(launch.hStream, core::DefaultStream::kLegacy);
    if (stream == nullptr || stream->is_default())
      return CudaError(CUDA_ERROR_INVALID_HANDLE, "each launch is in a stream of its own");
    if (!devices.insert(&stream->context().device()).second)
      return CudaError(CUDA_ERROR_INVALID_DEVICE, "two launches are on one device");
    RETURN_IF_ERROR(CheckTogether(launches[0], launch));
    streams.push_back(stream);
  }
  std::vector<Function*> functions;
  for (unsigned i = 0; i < count; ++i) {
    // A CUkernel is the function of its stream's context.
    core::Context::Push(&streams[i]->context());
    Function* const function = core::Resolve(launches[i].function);
    RETURN_IF_ERROR(core::Context::Pop().status());
    if (function == nullptr)
      return CudaError(CUDA_ERROR_INVALID_HANDLE, "the kernel of a launch is not alive");
    functions.push_back(function);
  }
  if ((flags & kNoSyncBefore) == 0) RETURN_IF_ERROR(JoinStreams(streams));
  for (unsigned i = 0; i < count; ++i) {
    const CUDA_LAUNCH_PARAMS& launch = launches[i];
    LaunchRequest request;
    request.grid = {launch.gridDimX, launch.gridDimY, launch.gridDimZ};
    request.block = {launch.blockDimX, launch.blockDimY, launch.blockDimZ};
    request.dynamic_shared_bytes = launch.sharedMemBytes;
    request.is_cooperative = true;
    RETURN_IF_ERROR(core::Launch(*functions[i], *streams[i], request, launch.kernelParams, nullptr));
  }
  return (flags & kNoSyncAfter) == 0 ? JoinStreams(streams) : absl::OkStatus();
}

}  // namespace tq::cuda::impl
