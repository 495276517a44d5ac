#include "runtime/core/stream_memop.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/capture.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/process.h"
#include "runtime/core/stream.h"

namespace tq::core {
namespace {

constexpr hal_memop_kind kWaits[] = {HAL_MEMOP_WAIT_GEQ, HAL_MEMOP_WAIT_EQ, HAL_MEMOP_WAIT_AND,
                                     HAL_MEMOP_WAIT_NOR};
static_assert(CU_STREAM_WAIT_VALUE_GEQ == 0 && CU_STREAM_WAIT_VALUE_EQ == 1 &&
              CU_STREAM_WAIT_VALUE_AND == 2 && CU_STREAM_WAIT_VALUE_NOR == 3);

absl::StatusOr<hal_memop> MakeOp(const Stream& stream, hal_memop_kind kind, uint64_t address, uint64_t value,
                                 uint32_t width_bytes) {
  const Allocation* allocation = Process::Get().address_space().Find(address);
  const bool reachable = stream.context().device().hal().Has(HAL_DEVICE_READS_HOST_MEMORY);
  if (address == 0 || address % width_bytes != 0 || (allocation == nullptr && !reachable)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the device cannot reach ", width_bytes,
                                                            " bytes at 0x", absl::Hex(address)));
  }
  hal_memop op = {};
  op.size = sizeof(op);
  op.kind = kind;
  op.va = address;
  op.value = value;
  op.width_bytes = width_bytes;
  return op;
}

absl::StatusOr<hal_memop> MakeWrite(const Stream& stream, uint64_t address, uint64_t value,
                                    uint32_t width_bytes, unsigned flags) {
  // Writes always come after the stream's earlier work, which is more than NO_MEMORY_BARRIER asks.
  if ((flags & ~CU_STREAM_WRITE_VALUE_NO_MEMORY_BARRIER) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the write flags are invalid (0x", absl::Hex(flags), ")"));
  }
  return MakeOp(stream, HAL_MEMOP_WRITE, address, value, width_bytes);
}

absl::StatusOr<hal_memop> MakeWait(const Stream& stream, uint64_t address, uint64_t value,
                                   uint32_t width_bytes, unsigned flags) {
  if ((flags & CU_STREAM_WAIT_VALUE_FLUSH) != 0) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the device cannot flush remote writes");
  }
  if (flags > CU_STREAM_WAIT_VALUE_NOR) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the wait flags are invalid (0x", absl::Hex(flags), ")"));
  }
  return MakeOp(stream, kWaits[flags], address, value, width_bytes);
}

absl::Status SubmitOps(Stream& stream, absl::Span<const hal_memop> ops) {
  return stream.Submit([&](hal::Commands& commands) -> absl::Status {
    for (const hal_memop& op : ops) RETURN_IF_ERROR(commands.MemoryOp(op));
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status WriteValue(Stream& stream, uint64_t address, uint64_t value, uint32_t width_bytes,
                        unsigned flags) {
  if (stream.capture() != nullptr) [[unlikely]] {
    CUstreamBatchMemOpParams operation = {};
    operation.writeValue.operation =
        width_bytes == 4 ? CU_STREAM_MEM_OP_WRITE_VALUE_32 : CU_STREAM_MEM_OP_WRITE_VALUE_64;
    operation.writeValue.address = address;
    operation.writeValue.value64 = value;
    operation.writeValue.flags = flags;
    return BatchMemoryOps(stream, {&operation, 1});
  }
  ASSIGN_OR_RETURN(const hal_memop op, MakeWrite(stream, address, value, width_bytes, flags));
  return SubmitOps(stream, {&op, 1});
}

absl::Status WaitValue(Stream& stream, uint64_t address, uint64_t value, uint32_t width_bytes,
                       unsigned flags) {
  if (stream.capture() != nullptr) [[unlikely]] {
    CUstreamBatchMemOpParams operation = {};
    operation.waitValue.operation =
        width_bytes == 4 ? CU_STREAM_MEM_OP_WAIT_VALUE_32 : CU_STREAM_MEM_OP_WAIT_VALUE_64;
    operation.waitValue.address = address;
    operation.waitValue.value64 = value;
    operation.waitValue.flags = flags;
    return BatchMemoryOps(stream, {&operation, 1});
  }
  ASSIGN_OR_RETURN(const hal_memop op, MakeWait(stream, address, value, width_bytes, flags));
  return SubmitOps(stream, {&op, 1});
}

absl::Status BatchMemoryOps(Stream& stream, absl::Span<const CUstreamBatchMemOpParams> operations) {
  if (operations.size() > 256) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("a batch has at most 256 operations (", operations.size(), ")"));
  }
  std::vector<hal_memop> ops;
  ops.reserve(operations.size());
  for (const CUstreamBatchMemOpParams& operation : operations) {
    const auto& write = operation.writeValue;
    const auto& wait = operation.waitValue;
    absl::StatusOr<hal_memop> op;
    switch (operation.operation) {
      case CU_STREAM_MEM_OP_WRITE_VALUE_32:
        op = MakeWrite(stream, write.address, write.value, 4, write.flags);
        break;
      case CU_STREAM_MEM_OP_WRITE_VALUE_64:
        op = MakeWrite(stream, write.address, write.value64, 8, write.flags);
        break;
      case CU_STREAM_MEM_OP_WAIT_VALUE_32:
        op = MakeWait(stream, wait.address, wait.value, 4, wait.flags);
        break;
      case CU_STREAM_MEM_OP_WAIT_VALUE_64:
        op = MakeWait(stream, wait.address, wait.value64, 8, wait.flags);
        break;
      case CU_STREAM_MEM_OP_BARRIER:
        continue;  // operations of a stream are ordered anyway
      default:
        return CudaError(CUDA_ERROR_INVALID_VALUE,
                         absl::StrCat("there is no stream operation ", operation.operation));
    }
    if (!op.ok()) return op.status();
    ops.push_back(*op);
  }
  if (stream.capture() != nullptr) [[unlikely]] {
    return Capture::Add(stream,
                        MemoryOpsOperation{&stream.context(), {operations.begin(), operations.end()}});
  }
  return ops.empty() ? absl::OkStatus() : SubmitOps(stream, ops);
}

}  // namespace tq::core
