#include "runtime/core/array.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/error.h"

namespace tq::core {
namespace {

struct FormatRow {
  CUarray_format format;
  uint32_t channel_bytes;
};
constexpr FormatRow kFormats[] = {
    {CU_AD_FORMAT_UNSIGNED_INT8, 1}, {CU_AD_FORMAT_UNSIGNED_INT16, 2}, {CU_AD_FORMAT_UNSIGNED_INT32, 4},
    {CU_AD_FORMAT_SIGNED_INT8, 1},   {CU_AD_FORMAT_SIGNED_INT16, 2},   {CU_AD_FORMAT_SIGNED_INT32, 4},
    {CU_AD_FORMAT_HALF, 2},          {CU_AD_FORMAT_FLOAT, 4},
};

}  // namespace

uint32_t ChannelBytes(CUarray_format format) {
  for (const FormatRow& row : kFormats) {
    if (row.format == format) return row.channel_bytes;
  }
  return 0;
}

absl::StatusOr<std::unique_ptr<Array>> Array::Create(Context& context,
                                                     const CUDA_ARRAY3D_DESCRIPTOR& descriptor) {
  const uint32_t channel_bytes = ChannelBytes(descriptor.Format);
  const unsigned channels = descriptor.NumChannels;
  if (channel_bytes == 0 || (channels != 1 && channels != 2 && channels != 4)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("an array cannot have ", channels,
                                                            " channels of format ", descriptor.Format));
  }
  if (descriptor.Width == 0 ||
      (descriptor.Depth != 0 && descriptor.Height == 0 && (descriptor.Flags & CUDA_ARRAY3D_LAYERED) == 0)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("an array cannot be ", descriptor.Width, " x ",
                                                            descriptor.Height, " x ", descriptor.Depth));
  }
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  if (descriptor.Width > kMost || descriptor.Height > kMost || descriptor.Depth > kMost) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "an array's side is longer than 32 bits count");
  }
  const uint64_t row_bytes = descriptor.Width * channel_bytes * channels;
  uint64_t size = 0;
  if (__builtin_mul_overflow(row_bytes, std::max<uint64_t>(descriptor.Height, 1), &size) ||
      __builtin_mul_overflow(size, std::max<uint64_t>(descriptor.Depth, 1), &size)) {
    return CudaError(CUDA_ERROR_OUT_OF_MEMORY, "the array is larger than any memory");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Allocation> memory,
                   Allocation::Create(context, Allocation::Kind::kArray, size));
  return std::unique_ptr<Array>(new Array(std::move(memory), descriptor, row_bytes));
}

}  // namespace tq::core
