// Writes and waits of a stream on words of memory (cuStreamWriteValue32 and kin).
#pragma once

#include <cuda.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace tq::core {

class Stream;

// CUDA_ERROR_INVALID_VALUE for an address that is not mapped or not a multiple of `width_bytes` (4 or 8).
absl::Status WriteValue(Stream& stream, uint64_t address, uint64_t value, uint32_t width_bytes,
                        unsigned flags);
absl::Status WaitValue(Stream& stream, uint64_t address, uint64_t value, uint32_t width_bytes,
                       unsigned flags);
// In order, as one batch. Nothing is done when any of them is invalid.
absl::Status BatchMemoryOps(Stream& stream, absl::Span<const CUstreamBatchMemOpParams> operations);

}  // namespace tq::core
