// What the load calls of modules and libraries have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "runtime/core/code.h"
#include "runtime/core/jit_options.h"
#include "runtime/core/module.h"
#include "runtime/fatbin/image.h"

namespace tq::cuda {

// An image as a caller gives it: a pointer, or the bytes of a file.
class ImageSource {
 public:
  static ImageSource FromPointer(const void* image) { return {image, {}}; }
  static ImageSource FromBytes(std::span<const uint8_t> bytes) { return {nullptr, bytes}; }
  // CUDA_ERROR_INVALID_IMAGE; CUDA_ERROR_INVALID_VALUE for a null pointer.
  absl::StatusOr<fatbin::Container> Read() const;

 private:
  ImageSource(const void* image, std::span<const uint8_t> bytes) : image_(image), bytes_(bytes) {}
  const void* image_;
  std::span<const uint8_t> bytes_;
};

// Messages for the caller's error log are in `request` afterwards.
absl::StatusOr<std::shared_ptr<const core::Code>> LoadCode(const ImageSource& source,
                                                           fatbin::Text::Storage storage,
                                                           core::JitRequest& request);

// Compiles at once where the caller would hear of errors of the PTX from this call alone: it asked for a log,
// or gave PTX text, which nobody else has checked; and the kernels are few.
absl::Status CompileIfExpected(core::Module& module, core::JitRequest& request);

absl::StatusOr<core::Module*> LoadModule(core::Context& context, const ImageSource& source,
                                         core::JitRequest& request);

// cuFuncGetParamInfo and cuKernelGetParamInfo: CUDA_ERROR_INVALID_VALUE behind the last parameter.
absl::Status ParameterInfo(std::span<const ptx::IndexedParameter> parameters, size_t index, size_t* offset,
                           size_t* size);

}  // namespace tq::cuda
