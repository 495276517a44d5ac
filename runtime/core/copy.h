// Copies and fills with CUDA's rules on when a call may return (CUDA driver API, "API synchronization
// behavior"):
//
//   call    from or to pageable memory            pinned host memory   device to device
//   sync    host waits                            host waits           host goes on
//   async   from: staged before the call returns  host goes on         host goes on
//           to: host waits
//   host to host: the host waits, always. Fills: as device to device, but a sync one of pinned memory waits.
//
// Small ones whose stream is idle are done at once by the calling thread where it sees the device's memory:
// no device, no thread switch.
#pragma once

#include <cstdint>

#include "absl/status/status.h"

namespace tq::core {

class Stream;

enum class CallMode { kSync, kAsync };

// What the caller says an operand is. kUnified: find out from the address.
enum class MemorySide { kHost, kDevice, kUnified };

struct CopyOperand {
  MemorySide side = MemorySide::kUnified;
  uint64_t address = 0;
  uint64_t row_pitch = 0, slice_pitch = 0;  // bytes; of no meaning for one row, one slice
};

struct CopyExtent {
  uint64_t row_bytes = 0, rows = 1, slices = 1;
};

// CUDA_ERROR_INVALID_VALUE when a device operand does not lie inside one allocation, or a host operand is
// null.
absl::Status Copy(Stream& stream, const CopyOperand& dst, const CopyOperand& src, const CopyExtent& extent,
                  CallMode mode);

// For a node of a graph: nothing is done before its turn, of pageable memory neither. Otherwise as an
// asynchronous one.
absl::Status CopyInTurn(Stream& stream, const CopyOperand& dst, const CopyOperand& src,
                        const CopyExtent& extent);

struct FillRequest {
  uint64_t address = 0;
  uint32_t element_bytes = 1;  // 1, 2 or 4; the address and the pitch are multiples of it
  uint32_t pattern = 0;
  uint64_t row_elements = 0, rows = 1, row_pitch = 0;
};
absl::Status Fill(Stream& stream, const FillRequest& request, CallMode mode);
absl::Status FillInTurn(Stream& stream, const FillRequest& request);

}  // namespace tq::core
