// A CUarray: rows of texels, or of blocks of texels. Kept as plain memory, rows and slices behind each other,
// since the texture path of the compiler addresses it that way (base/texture_abi.h) and hosts copy it as
// such. Levels of a MipmappedArray and planes of a planar array are arrays too, which share memory with the
// whole and live as long as it does.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/handle.h"
#include "runtime/core/texel_format.h"

namespace tq::core {

class Array : public ContextChild {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kArray;

  // CUDA_ERROR_INVALID_VALUE for what no array can be, CUDA_ERROR_NOT_SUPPORTED for what none is here,
  // CUDA_ERROR_OUT_OF_MEMORY.
  static absl::StatusOr<std::unique_ptr<Array>> Create(Context& context,
                                                       const CUDA_ARRAY3D_DESCRIPTOR& descriptor);

  template <typename CudaHandle>
  CudaHandle handle() const {
    return handle_.as<CudaHandle>();
  }
  Context& context() const { return memory_->context(); }
  const CUDA_ARRAY3D_DESCRIPTOR& descriptor() const { return descriptor_; }
  // A level or a plane: not the program's to destroy.
  bool is_part() const { return is_part_; }
  // Null for a planar array as a whole.
  const TexelFormat* format() const { return format_; }
  bool is_layered() const { return (descriptor_.Flags & CUDA_ARRAY3D_LAYERED) != 0; }
  bool is_cube() const { return (descriptor_.Flags & CUDA_ARRAY3D_CUBEMAP) != 0; }

  uint64_t device_ptr() const { return memory_->device_ptr() + offset_bytes_; }
  uint64_t size_bytes() const { return slice_pitch() * slices(); }
  uint64_t row_bytes() const { return shape_.row_bytes; }
  uint64_t rows() const { return shape_.rows; }  // of texels, or of blocks
  uint64_t slices() const { return shape_.slices; }
  uint64_t slice_pitch() const { return shape_.row_bytes * shape_.rows; }

  // CUDA_ERROR_INVALID_VALUE where there is no such plane.
  absl::StatusOr<Array*> PlaneAt(unsigned index) const;

 private:
  friend class MipmappedArray;
  struct Shape {
    uint64_t row_bytes, rows, slices;
  };
  static absl::StatusOr<Shape> ShapeOf(const CUDA_ARRAY3D_DESCRIPTOR& descriptor);
  Array(std::shared_ptr<Allocation> memory, uint64_t offset_bytes, const CUDA_ARRAY3D_DESCRIPTOR& descriptor,
        const Shape& shape, bool is_part);

  const std::shared_ptr<Allocation> memory_;
  const uint64_t offset_bytes_;
  const CUDA_ARRAY3D_DESCRIPTOR descriptor_;
  const TexelFormat* const format_;
  const Shape shape_;
  const bool is_part_;
  std::vector<std::unique_ptr<Array>> planes_;
  Handle<Array> handle_{this};
};

// A CUmipmappedArray: each level is an array of its own, half as large as the one before.
class MipmappedArray : public ContextChild {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kMipmappedArray;

  // `levels` is brought into the range that the sizes allow.
  static absl::StatusOr<std::unique_ptr<MipmappedArray>> Create(Context& context,
                                                                const CUDA_ARRAY3D_DESCRIPTOR& descriptor,
                                                                unsigned levels);
  // In memory of the size that `allocate` is asked for.
  using AllocateArray = absl::FunctionRef<absl::StatusOr<std::unique_ptr<Allocation>>(uint64_t size_bytes)>;
  static absl::StatusOr<std::unique_ptr<MipmappedArray>> CreateIn(Context& context,
                                                                  const CUDA_ARRAY3D_DESCRIPTOR& descriptor,
                                                                  unsigned levels, AllocateArray allocate);

  template <typename CudaHandle>
  CudaHandle handle() const {
    return handle_.as<CudaHandle>();
  }
  Context& context() const { return levels_[0]->context(); }
  size_t level_count() const { return levels_.size(); }
  // CUDA_ERROR_INVALID_VALUE past the last.
  absl::StatusOr<Array*> Level(unsigned index) const;

 private:
  explicit MipmappedArray(std::vector<std::unique_ptr<Array>> levels) : levels_(std::move(levels)) {}

  const std::vector<std::unique_ptr<Array>> levels_;
  Handle<MipmappedArray> handle_{this};
};

}  // namespace tq::core
