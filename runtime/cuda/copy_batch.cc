// Copies by the dozen. The operations of a batch are ordered behind what is in the stream and before what
// follows, not among each other; here they run in the order of the list.
#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "api/copy.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/array.h"
#include "runtime/core/capture.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/process.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Stream;

namespace {

// Which operation failed; SIZE_MAX: none in particular.
struct Failure {
  size_t* index;
  void Name(size_t operation) const {
    if (index != nullptr) *index = operation;
  }
};

absl::Status CheckStream(const Stream& stream) {
  if (stream.kind() != Stream::Kind::kLegacy) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE, "a batch cannot be put into the legacy default stream");
}

absl::Status CheckAttributes(CUmemcpySrcAccessOrder order, unsigned flags) {
  if (order < CU_MEMCPY_SRC_ACCESS_ORDER_STREAM || order > CU_MEMCPY_SRC_ACCESS_ORDER_ANY) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("there is no order of access to the source ", order));
  }
  if ((flags & ~unsigned{CU_MEMCPY_FLAG_PREFER_OVERLAP_WITH_COMPUTE}) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags of a copy are invalid (", flags, ")"));
  }
  return absl::OkStatus();
}

// Attributes hold from their index to the next one's.
absl::Status CheckIndices(const size_t* indices, size_t index_count, size_t operation_count) {
  if (operation_count == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "the batch is empty");
  if (index_count == 0 || index_count > operation_count || indices[0] != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the first operation has no attributes");
  }
  for (size_t i = 1; i < index_count; ++i) {
    if (indices[i] <= indices[i - 1] || indices[i] >= operation_count) {
      return CudaError(
          CUDA_ERROR_INVALID_VALUE,
          absl::StrCat("the indices of attributes do not rise within the batch (", indices[i], ")"));
    }
  }
  return absl::OkStatus();
}

// One copy, its source being read when `order` says.
absl::Status CopyInOrder(CUDA_MEMCPY3D copy, CUmemcpySrcAccessOrder order, Stream& stream) {
  if (order != CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL) return impl::cuMemcpy3DAsync_v2(&copy, stream);
  if (stream.capture() != nullptr) {
    return core::Capture::Refuse(stream, "reading the source of a copy during the call");
  }
  const core::Allocation* const allocation = core::Process::Get().address_space().Find(copy.srcDevice);
  const bool is_readable = copy.srcMemoryType == CU_MEMORYTYPE_UNIFIED &&
                           (allocation == nullptr || allocation->host_ptr() != nullptr);
  if (!is_readable) {
    RETURN_IF_ERROR(impl::cuMemcpy3DAsync_v2(&copy, stream));
    return stream.Synchronize();
  }
  const auto* source = reinterpret_cast<const std::byte*>(copy.srcDevice);
  if (allocation != nullptr) {
    source =
        static_cast<const std::byte*>(allocation->host_ptr()) + (copy.srcDevice - allocation->device_ptr());
  }
  if (copy.WidthInBytes == 0 || copy.Height == 0 || copy.Depth == 0) return absl::OkStatus();
  const size_t pitch = copy.srcPitch == 0 ? copy.WidthInBytes : copy.srcPitch;
  const size_t height = copy.srcHeight == 0 ? copy.Height : copy.srcHeight;
  const size_t span = ((copy.Depth - 1) * height + copy.Height - 1) * pitch + copy.WidthInBytes;
  if (allocation != nullptr &&
      span > allocation->size_bytes() - static_cast<size_t>(copy.srcDevice - allocation->device_ptr())) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the source of a copy runs past its allocation");
  }
  const std::vector<std::byte> now(source, source + span);
  copy.srcMemoryType = CU_MEMORYTYPE_HOST;
  copy.srcHost = now.data();  // pageable: read before the call returns
  return impl::cuMemcpy3DAsync_v2(&copy, stream);
}

struct Operand {
  CUmemorytype type;
  CUdeviceptr pointer;
  CUarray array;
  size_t x_bytes, y, z, pitch, height;
};

// Bytes of what rows and extents count: texels, or bytes between two pointers. 0: unlike arrays.
absl::StatusOr<size_t> ElementBytes(const CUDA_MEMCPY3D_BATCH_OP& operation) {
  size_t bytes = 1;
  for (const CUmemcpy3DOperand* operand : {&operation.src, &operation.dst}) {
    if (operand->type != CU_MEMCPY_OPERAND_TYPE_ARRAY) continue;
    const core::Array* const array = core::Resolve(operand->op.array.array);
    if (array == nullptr) return CudaError(CUDA_ERROR_INVALID_HANDLE, "a side of the copy is no live array");
    const size_t texel = array->row_bytes() / array->descriptor().Width;
    if (bytes != 1 && bytes != texel) {
      return CudaError(CUDA_ERROR_INVALID_VALUE, "the texels of the two arrays are of different sizes");
    }
    bytes = texel;
  }
  return bytes;
}

absl::StatusOr<Operand> Locate(const CUmemcpy3DOperand& operand, size_t element_bytes) {
  switch (operand.type) {
    case CU_MEMCPY_OPERAND_TYPE_POINTER: {
      const auto& at = operand.op.ptr;
      return Operand{CU_MEMORYTYPE_UNIFIED,        at.ptr,        nullptr, 0, 0, 0,
                     at.rowLength * element_bytes, at.layerHeight};
    }
    case CU_MEMCPY_OPERAND_TYPE_ARRAY: {
      const auto& at = operand.op.array;
      return Operand{CU_MEMORYTYPE_ARRAY, 0,           at.array, at.offset.x * element_bytes,
                     at.offset.y,         at.offset.z, 0,        0};
    }
    default:
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no type of operand ", operand.type));
  }
}

absl::Status Copy3D(const CUDA_MEMCPY3D_BATCH_OP& operation, Stream& stream) {
  RETURN_IF_ERROR(CheckAttributes(operation.srcAccessOrder, operation.flags));
  ASSIGN_OR_RETURN(const size_t element_bytes, ElementBytes(operation));
  ASSIGN_OR_RETURN(const Operand src, Locate(operation.src, element_bytes));
  ASSIGN_OR_RETURN(const Operand dst, Locate(operation.dst, element_bytes));
  CUDA_MEMCPY3D copy = {};
  copy.srcMemoryType = src.type, copy.dstMemoryType = dst.type;
  copy.srcDevice = src.pointer, copy.dstDevice = dst.pointer;
  copy.srcArray = src.array, copy.dstArray = dst.array;
  copy.srcXInBytes = src.x_bytes, copy.dstXInBytes = dst.x_bytes;
  copy.srcY = src.y, copy.dstY = dst.y;
  copy.srcZ = src.z, copy.dstZ = dst.z;
  copy.srcPitch = src.pitch, copy.dstPitch = dst.pitch;
  copy.srcHeight = src.height, copy.dstHeight = dst.height;
  copy.WidthInBytes = operation.extent.width * element_bytes;
  copy.Height = operation.extent.height;
  copy.Depth = operation.extent.depth;
  return CopyInOrder(copy, operation.srcAccessOrder, stream);
}

}  // namespace

absl::Status cuMemcpyBatchAsync(CUdeviceptr* dsts, CUdeviceptr* srcs, size_t* sizes, size_t count,
                                CUmemcpyAttributes* attrs, size_t* attrsIdxs, size_t numAttrs,
                                size_t* failIdx, Stream& hStream) {
  const Failure failure = {failIdx};
  failure.Name(SIZE_MAX);
  RETURN_IF_ERROR(CheckStream(hStream));
  RETURN_IF_ERROR(CheckIndices(attrsIdxs, numAttrs, count));
  for (size_t i = 0; i < numAttrs; ++i) {
    const absl::Status checked = CheckAttributes(attrs[i].srcAccessOrder, attrs[i].flags);
    if (checked.ok()) continue;
    failure.Name(attrsIdxs[i]);
    return checked;
  }
  size_t attribute = 0;
  for (size_t i = 0; i < count; ++i) {
    if (attribute + 1 < numAttrs && attrsIdxs[attribute + 1] == i) ++attribute;
    CUDA_MEMCPY3D copy = {};
    copy.srcMemoryType = copy.dstMemoryType = CU_MEMORYTYPE_UNIFIED;
    copy.srcDevice = srcs[i];
    copy.dstDevice = dsts[i];
    copy.WidthInBytes = sizes[i];
    copy.Height = copy.Depth = 1;
    const absl::Status copied =
        sizes[i] == 0 ? CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("operation ", i, " copies nothing"))
                      : CopyInOrder(copy, attrs[attribute].srcAccessOrder, hStream);
    if (copied.ok()) continue;
    failure.Name(i);
    return copied;
  }
  return absl::OkStatus();
}

absl::Status cuMemcpyBatchAsync_v2(CUdeviceptr* dsts, CUdeviceptr* srcs, size_t* sizes, size_t count,
                                   CUmemcpyAttributes* attrs, size_t* attrsIdxs, size_t numAttrs,
                                   Stream& hStream) {
  return impl::cuMemcpyBatchAsync(dsts, srcs, sizes, count, attrs, attrsIdxs, numAttrs, nullptr, hStream);
}

absl::Status cuMemcpy3DBatchAsync(size_t numOps, CUDA_MEMCPY3D_BATCH_OP* opList, size_t* failIdx,
                                  unsigned long long flags, Stream& hStream) {
  const Failure failure = {failIdx};
  failure.Name(SIZE_MAX);
  RETURN_IF_ERROR(CheckStream(hStream));
  if (numOps == 0 || flags != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the batch is empty or its flags are not 0 (", flags, ")"));
  }
  for (size_t i = 0; i < numOps; ++i) {
    const absl::Status copied = Copy3D(opList[i], hStream);
    if (copied.ok()) continue;
    failure.Name(i);
    return copied;
  }
  return absl::OkStatus();
}

absl::Status cuMemcpy3DBatchAsync_v2(size_t numOps, CUDA_MEMCPY3D_BATCH_OP* opList, unsigned long long flags,
                                     Stream& hStream) {
  return impl::cuMemcpy3DBatchAsync(numOps, opList, nullptr, flags, hStream);
}

}  // namespace tq::cuda::impl
