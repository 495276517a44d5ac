// A CUarray: rows of texels. Kept as plain pitched memory, slices behind each other, since the texture path
// of the compiler addresses it that way and hosts copy it as such.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/handle.h"

namespace tq::core {

class Array : public ContextChild {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kArray;

  static absl::StatusOr<std::unique_ptr<Array>> Create(Context& context,
                                                       const CUDA_ARRAY3D_DESCRIPTOR& descriptor);

  template <typename CudaHandle>
  CudaHandle handle() const {
    return handle_.as<CudaHandle>();
  }
  Context& context() const { return memory_->context(); }
  const CUDA_ARRAY3D_DESCRIPTOR& descriptor() const { return descriptor_; }
  uint64_t device_ptr() const { return memory_->device_ptr(); }
  uint64_t size_bytes() const { return slice_pitch() * slices(); }
  uint64_t row_bytes() const { return row_bytes_; }
  uint64_t rows() const { return descriptor_.Height == 0 ? 1 : descriptor_.Height; }
  uint64_t slices() const { return descriptor_.Depth == 0 ? 1 : descriptor_.Depth; }
  uint64_t slice_pitch() const { return row_bytes_ * rows(); }

 private:
  Array(std::unique_ptr<Allocation> memory, const CUDA_ARRAY3D_DESCRIPTOR& descriptor, uint64_t row_bytes)
      : memory_(std::move(memory)), descriptor_(descriptor), row_bytes_(row_bytes) {}

  const std::unique_ptr<Allocation> memory_;
  const CUDA_ARRAY3D_DESCRIPTOR descriptor_;
  const uint64_t row_bytes_;
  Handle<Array> handle_{this};
};

// Bytes of one channel; 0 for a format that arrays of plain texels cannot have.
uint32_t ChannelBytes(CUarray_format format);

}  // namespace tq::core
