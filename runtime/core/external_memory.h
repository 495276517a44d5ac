// A CUexternalMemory: memory that another API has allocated, known by a file descriptor. Buffers and arrays
// that are mapped from it are the program's to free, and outlive it. Thread-safe.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "runtime/core/context.h"
#include "runtime/core/handle.h"
#include "runtime/core/owned_fd.h"

namespace tq::core {

class Allocation;
class MipmappedArray;

class ExternalMemory : public ContextChild {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kExternalMemory;

  // Takes the descriptor over if it succeeds. CUDA_ERROR_INVALID_HANDLE for what is no memory of that size,
  // CUDA_ERROR_NOT_SUPPORTED for another type than an opaque descriptor.
  static absl::StatusOr<std::unique_ptr<ExternalMemory>> Import(
      Context& context, const CUDA_EXTERNAL_MEMORY_HANDLE_DESC& described);

  template <typename CudaHandle>
  CudaHandle handle() const {
    return handle_.as<CudaHandle>();
  }
  Context& context() const { return context_; }

  // Each has addresses of its own. CUDA_ERROR_INVALID_VALUE for what is not inside.
  absl::StatusOr<std::unique_ptr<Allocation>> MapBuffer(uint64_t offset_bytes, uint64_t size_bytes);
  // Levels as a mipmapped array of ours has them: rows behind rows, without padding.
  absl::StatusOr<std::unique_ptr<MipmappedArray>> MapArray(uint64_t offset_bytes,
                                                           const CUDA_ARRAY3D_DESCRIPTOR& descriptor,
                                                           unsigned levels);

 private:
  ExternalMemory(Context& context, uint64_t size_bytes) : context_(context), size_bytes_(size_bytes) {}
  absl::StatusOr<std::unique_ptr<Allocation>> Map(uint64_t offset_bytes, uint64_t size_bytes, bool is_array);

  Context& context_;
  const uint64_t size_bytes_;
  OwnedFd file_;
  uint64_t begin_bytes_ = 0;  // of the memory, in the file
  Handle<ExternalMemory> handle_{this};
};

}  // namespace tq::core
