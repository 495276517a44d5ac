// What cuFuncSetBlockShape, cuParamSetv and their kin gather for the next cuLaunch of a function (CUDA driver
// API, "Execution Control [DEPRECATED]"). It stays for later launches. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "runtime/core/launch.h"

namespace tq::core {

class Function;
class Stream;

class PreparedLaunch {
 public:
  // CUDA_ERROR_INVALID_VALUE for sizes that no block has.
  absl::Status SetBlock(int x, int y, int z);
  void SetShared(uint32_t size_bytes);
  // CUDA_ERROR_INVALID_VALUE beyond what a kernel can take.
  absl::Status SetParamSize(size_t size_bytes);
  absl::Status SetParam(int offset, const void* value, size_t size_bytes);

  // CUDA_ERROR_INVALID_VALUE without a block shape, or with less arguments than the kernel takes.
  absl::Status Launch(Function& function, Stream& stream, int grid_width, int grid_height);

 private:
  std::mutex mutex_;
  hal_dim3 block_ = {0, 0, 0};
  uint32_t shared_bytes_ = 0;
  size_t param_bytes_ = 0;
  std::vector<uint8_t> arguments_;
};

}  // namespace tq::core
