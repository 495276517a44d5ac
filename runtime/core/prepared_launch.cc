#include "runtime/core/prepared_launch.h"

#include <cuda.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "runtime/core/error.h"
#include "runtime/core/function.h"
#include "runtime/core/stream.h"

namespace tq::core {
namespace {

constexpr size_t kMostParamBytes = 32764;  // PTX ISA, "Kernel Function Parameters"

}  // namespace

absl::Status PreparedLaunch::SetBlock(int x, int y, int z) {
  if (x <= 0 || y <= 0 || z <= 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("no block has such a shape (", x, " x ", y, " x ", z, ")"));
  }
  const std::lock_guard lock(mutex_);
  block_ = {static_cast<uint32_t>(x), static_cast<uint32_t>(y), static_cast<uint32_t>(z)};
  return absl::OkStatus();
}

void PreparedLaunch::SetShared(uint32_t size_bytes) {
  const std::lock_guard lock(mutex_);
  shared_bytes_ = size_bytes;
}

absl::Status PreparedLaunch::SetParamSize(size_t size_bytes) {
  if (size_bytes > kMostParamBytes) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("a kernel takes at most ", kMostParamBytes, " bytes (", size_bytes, ")"));
  }
  const std::lock_guard lock(mutex_);
  param_bytes_ = size_bytes;
  if (arguments_.size() < size_bytes) arguments_.resize(size_bytes);
  return absl::OkStatus();
}

absl::Status PreparedLaunch::SetParam(int offset, const void* value, size_t size_bytes) {
  if (offset < 0 || size_bytes > kMostParamBytes ||
      static_cast<size_t>(offset) > kMostParamBytes - size_bytes) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat(size_bytes, " bytes at ", offset, " are no argument of a kernel"));
  }
  const std::lock_guard lock(mutex_);
  const size_t end = static_cast<size_t>(offset) + size_bytes;
  if (arguments_.size() < end) arguments_.resize(end);
  if (size_bytes != 0) std::memcpy(arguments_.data() + offset, value, size_bytes);
  return absl::OkStatus();
}

absl::Status PreparedLaunch::Launch(Function& function, Stream& stream, int grid_width, int grid_height) {
  if (grid_width <= 0 || grid_height <= 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the grid is empty (", grid_width, " x ", grid_height, ")"));
  }
  const std::lock_guard lock(mutex_);
  if (block_.x == 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("kernel ", function.name(), " was given no shape of blocks"));
  }
  LaunchRequest request;
  request.grid = {static_cast<uint32_t>(grid_width), static_cast<uint32_t>(grid_height), 1};
  request.block = block_;
  request.dynamic_shared_bytes = shared_bytes_;
  void* const extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, arguments_.data(), CU_LAUNCH_PARAM_BUFFER_SIZE,
                         &param_bytes_, CU_LAUNCH_PARAM_END};
  return core::Launch(function, stream, request, nullptr, extra);
}

}  // namespace tq::core
