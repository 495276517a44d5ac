#include <cuda.h>

#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "api/copy.h"
#include "base/log.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/capture.h"
#include "runtime/core/context.h"
#include "runtime/core/decompress.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/process.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

using core::CudaError;

namespace {

struct Item {
  CUmemDecompressAlgorithm algorithm;
  std::span<const uint8_t> from;
  std::span<uint8_t> to;
  cuuint32_t* written;
};

// From the pointer to the end of the memory that it lies in.
absl::StatusOr<std::span<uint8_t>> Reachable(const void* pointer, size_t least, const char* what) {
  const auto address = reinterpret_cast<uint64_t>(pointer);
  const core::Allocation* const allocation = core::Process::Get().address_space().Find(address);
  const uint64_t left =
      allocation == nullptr ? 0 : allocation->device_ptr() + allocation->size_bytes() - address;
  if (allocation == nullptr || left < least ||
      !allocation->context().device().hal().Has(HAL_DEVICE_UNIFIED_ADDRESSES)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat(what, " is no memory of ", least, " bytes that can be decompressed"));
  }
  return std::span(reinterpret_cast<uint8_t*>(address), left);
}

absl::StatusOr<Item> Describe(const CUmemDecompressParams& params) {
  if (params.algo == 0 || (params.algo & ~core::kDecompressMask) != 0 ||
      (params.algo & (params.algo - 1)) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("there is no such algorithm (", params.algo, ")"));
  }
  if (params.srcNumBytes == 0 || params.srcNumBytes > core::kMostDecompressedBytes) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("a block has 1 to ", core::kMostDecompressedBytes,
                                                            " bytes (", params.srcNumBytes, ")"));
  }
  ASSIGN_OR_RETURN(const std::span<uint8_t> from, Reachable(params.src, params.srcNumBytes, "src"));
  // What is to be expected is a hint; the end of the memory is not.
  ASSIGN_OR_RETURN(const std::span<uint8_t> to, Reachable(params.dst, params.dstNumBytes, "dst"));
  ASSIGN_OR_RETURN(const std::span<uint8_t> written,
                   Reachable(params.dstActBytes, sizeof(cuuint32_t), "dstActBytes"));
  return Item{params.algo, from.first(params.srcNumBytes), to, reinterpret_cast<cuuint32_t*>(written.data())};
}

// A damaged block has written nothing: there is no other way to learn of it.
void Run(absl::Span<const Item> items) {
  for (const Item& item : items) {
    const auto written = core::Decompress(item.algorithm, item.from, item.to);
    if (!written.has_value())
      Log(LogLevel::kError, "a block of %zu bytes cannot be decompressed", item.from.size());
    const auto bytes = static_cast<cuuint32_t>(written.value_or(0));
    std::memcpy(item.written, &bytes, sizeof bytes);
  }
}

}  // namespace

absl::Status cuMemBatchDecompressAsync(CUmemDecompressParams* paramsArray, size_t count, unsigned int flags,
                                       size_t* errorIndex, core::Stream& stream) {
  if (errorIndex != nullptr) *errorIndex = SIZE_MAX;
  if (flags != 0 || count == 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the flags are not 0 (", flags, "), or there is no block"));
  }
  if (stream.capture() != nullptr) return core::Capture::Refuse(stream, "decompressing");
  std::vector<Item> items;
  for (size_t i = 0; i < count; ++i) {
    absl::StatusOr<Item> item = Describe(paramsArray[i]);
    if (!item.ok()) {
      if (errorIndex != nullptr) *errorIndex = i;
      return item.status();
    }
    items.push_back(*item);
  }
  return stream.CallHost([items = std::move(items)](int) { Run(items); }, core::Stream::OnError::kSkip);
}

}  // namespace tq::cuda::impl
