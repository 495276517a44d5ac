// DMA buffers of ranges of device memory, for drivers of other devices (Linux, "udmabuf"): what the memory
// file of an allocation holds, as a descriptor that pins it. Thread-safe.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"

namespace tq::core {

class Device;

// Whether the kernel makes DMA buffers for this process.
bool HasDmaBufs(const Device& device);

// A descriptor that the caller owns. CUDA_ERROR_INVALID_VALUE for what is not whole pages of one allocation,
// CUDA_ERROR_NOT_SUPPORTED for memory that is not cuMemAlloc's and for machines without /dev/udmabuf.
absl::StatusOr<int> MakeDmaBuf(uint64_t address, uint64_t size_bytes);

}  // namespace tq::core
