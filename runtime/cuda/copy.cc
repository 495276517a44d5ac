#include "runtime/core/copy.h"

#include <cuda.h>

#include "absl/strings/str_cat.h"
#include "api/copy.h"
#include "base/status.h"
#include "runtime/core/array.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/graph_operation.h"
#include "runtime/core/stream.h"
#include "runtime/cuda/graph_node.h"

namespace tq::cuda::impl {

using core::CallMode;
using core::CopyExtent;
using core::CopyOperand;
using core::CudaError;
using core::MemorySide;
using core::Stream;

namespace {

CopyOperand Host(const void* pointer) { return {MemorySide::kHost, reinterpret_cast<uintptr_t>(pointer)}; }
CopyOperand OnDevice(CUdeviceptr address) { return {MemorySide::kDevice, address}; }
CopyOperand Unified(CUdeviceptr address) { return {MemorySide::kUnified, address}; }

absl::Status Linear(Stream& stream, const CopyOperand& dst, const CopyOperand& src, size_t bytes,
                    CallMode mode) {
  return core::Copy(stream, dst, src, {bytes, 1, 1}, mode);
}

// `bytes` of an array from `offset` on, whose rows lie behind each other.
absl::StatusOr<CopyOperand> InArray(const core::Array& array, size_t offset, size_t bytes) {
  if (offset > array.size_bytes() || bytes > array.size_bytes() - offset) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the copy runs past the array (", array.size_bytes(), " bytes)"));
  }
  return OnDevice(array.device_ptr() + offset);
}

// One side of a CUDA_MEMCPY2D or 3D.
struct Side {
  CUmemorytype type;
  const void* host;
  CUdeviceptr device;
  CUarray array;
  size_t x_bytes, y, z;
  size_t pitch, height;
};

absl::StatusOr<CopyOperand> Locate(const Side& side, const CopyExtent& extent) {
  CopyOperand operand;
  size_t pitch = side.pitch;
  size_t height = side.height;
  switch (side.type) {
    case CU_MEMORYTYPE_HOST:
      operand = Host(side.host);
      break;
    case CU_MEMORYTYPE_DEVICE:
      operand = OnDevice(side.device);
      break;
    case CU_MEMORYTYPE_UNIFIED:
      operand = Unified(side.device);
      break;
    case CU_MEMORYTYPE_ARRAY: {
      const core::Array* const array = core::Resolve(side.array);
      if (array == nullptr)
        return CudaError(CUDA_ERROR_INVALID_HANDLE, "a side of the copy is no live array");
      if (side.x_bytes + extent.row_bytes > array->row_bytes() || side.y + extent.rows > array->rows() ||
          side.z + extent.slices > array->slices()) {
        return CudaError(CUDA_ERROR_INVALID_VALUE, "the copy runs past the array");
      }
      operand = OnDevice(array->device_ptr());
      pitch = array->row_bytes();
      height = array->rows();
      break;
    }
    default:
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no memory type ", side.type));
  }
  // A pitch or a height of 0 is that of tightly packed rows or slices.
  if (pitch == 0) pitch = side.x_bytes + extent.row_bytes;
  if (height == 0) height = side.y + extent.rows;
  const bool several_rows = extent.rows > 1 || extent.slices > 1 || side.y != 0 || side.z != 0;
  if ((several_rows && pitch < side.x_bytes + extent.row_bytes) ||
      ((extent.slices > 1 || side.z != 0) && height < side.y + extent.rows)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("rows of ", pitch, " bytes and slices of ",
                                                            height, " rows are too small for the copy"));
  }
  operand.row_pitch = pitch;
  operand.slice_pitch = pitch * height;
  operand.address += side.x_bytes + side.y * pitch + side.z * operand.slice_pitch;
  return operand;
}

absl::Status CopySides(Stream& stream, const Side& dst, const Side& src, const CopyExtent& extent,
                       CallMode mode) {
  if (extent.row_bytes == 0 || extent.rows == 0 || extent.slices == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const CopyOperand to, Locate(dst, extent));
  ASSIGN_OR_RETURN(const CopyOperand from, Locate(src, extent));
  return core::Copy(stream, to, from, extent, mode);
}

// cuMemcpy2D, unlike cuMemcpy2DUnaligned, may refuse pitches above this.
absl::Status CheckPitch(const Stream& stream, const CUDA_MEMCPY2D& copy) {
  ASSIGN_OR_RETURN(const int most, stream.context().device().Attribute(CU_DEVICE_ATTRIBUTE_MAX_PITCH));
  if (copy.srcPitch > static_cast<size_t>(most) || copy.dstPitch > static_cast<size_t>(most)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("a pitch is above CU_DEVICE_ATTRIBUTE_MAX_PITCH (", most, ")"));
  }
  return absl::OkStatus();
}

absl::Status Copy2D(Stream& stream, const CUDA_MEMCPY2D& copy, CallMode mode) {
  return CopySides(stream,
                   {copy.dstMemoryType, copy.dstHost, copy.dstDevice, copy.dstArray, copy.dstXInBytes,
                    copy.dstY, 0, copy.dstPitch, 0},
                   {copy.srcMemoryType, copy.srcHost, copy.srcDevice, copy.srcArray, copy.srcXInBytes,
                    copy.srcY, 0, copy.srcPitch, 0},
                   {copy.WidthInBytes, copy.Height, 1}, mode);
}

// CUDA_MEMCPY3D and CUDA_MEMCPY3D_PEER share these fields.
template <typename Copy3DParams>
Side DestinationOf(const Copy3DParams& copy) {
  return {copy.dstMemoryType, copy.dstHost, copy.dstDevice, copy.dstArray, copy.dstXInBytes,
          copy.dstY,          copy.dstZ,    copy.dstPitch,  copy.dstHeight};
}
template <typename Copy3DParams>
Side SourceOf(const Copy3DParams& copy) {
  return {copy.srcMemoryType, copy.srcHost, copy.srcDevice, copy.srcArray, copy.srcXInBytes,
          copy.srcY,          copy.srcZ,    copy.srcPitch,  copy.srcHeight};
}

template <typename Copy3DParams>
absl::Status Copy3D(Stream& stream, const Copy3DParams& copy, CallMode mode) {
  if (copy.srcLOD != 0 || copy.dstLOD != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the level of detail of a copy is not 0");
  }
  return CopySides(stream, DestinationOf(copy), SourceOf(copy), {copy.WidthInBytes, copy.Height, copy.Depth},
                   mode);
}

absl::Status Fill(Stream& stream, CUdeviceptr address, uint32_t element_bytes, uint32_t pattern,
                  size_t elements, CallMode mode) {
  return core::Fill(stream, {address, element_bytes, pattern, elements, 1, 0}, mode);
}

absl::Status Fill2D(Stream& stream, CUdeviceptr address, size_t pitch, uint32_t element_bytes,
                    uint32_t pattern, size_t width, size_t height, CallMode mode) {
  return core::Fill(stream, {address, element_bytes, pattern, width, height, pitch}, mode);
}

}  // namespace

absl::StatusOr<core::CopyOperation> MakeCopyOperation(const CUDA_MEMCPY3D& copy, core::Context& context) {
  core::CopyOperation operation;
  operation.given = copy;
  operation.context = &context;
  operation.extent = {copy.WidthInBytes, copy.Height, copy.Depth};
  ASSIGN_OR_RETURN(operation.dst, Locate(DestinationOf(copy), operation.extent));
  ASSIGN_OR_RETURN(operation.src, Locate(SourceOf(copy), operation.extent));
  return operation;
}

absl::Status cuMemcpy(Stream& default_stream, CUdeviceptr dst, CUdeviceptr src, size_t ByteCount) {
  return Linear(default_stream, Unified(dst), Unified(src), ByteCount, CallMode::kSync);
}
absl::Status cuMemcpyAsync(CUdeviceptr dst, CUdeviceptr src, size_t ByteCount, Stream& hStream) {
  return Linear(hStream, Unified(dst), Unified(src), ByteCount, CallMode::kAsync);
}
absl::Status cuMemcpyHtoD_v2(Stream& default_stream, CUdeviceptr dstDevice, const void* srcHost,
                             size_t ByteCount) {
  return Linear(default_stream, OnDevice(dstDevice), Host(srcHost), ByteCount, CallMode::kSync);
}
absl::Status cuMemcpyHtoDAsync_v2(CUdeviceptr dstDevice, const void* srcHost, size_t ByteCount,
                                  Stream& hStream) {
  return Linear(hStream, OnDevice(dstDevice), Host(srcHost), ByteCount, CallMode::kAsync);
}
absl::Status cuMemcpyDtoH_v2(Stream& default_stream, void* dstHost, CUdeviceptr srcDevice, size_t ByteCount) {
  return Linear(default_stream, Host(dstHost), OnDevice(srcDevice), ByteCount, CallMode::kSync);
}
absl::Status cuMemcpyDtoHAsync_v2(void* dstHost, CUdeviceptr srcDevice, size_t ByteCount, Stream& hStream) {
  return Linear(hStream, Host(dstHost), OnDevice(srcDevice), ByteCount, CallMode::kAsync);
}
absl::Status cuMemcpyDtoD_v2(Stream& default_stream, CUdeviceptr dstDevice, CUdeviceptr srcDevice,
                             size_t ByteCount) {
  return Linear(default_stream, OnDevice(dstDevice), OnDevice(srcDevice), ByteCount, CallMode::kSync);
}
absl::Status cuMemcpyDtoDAsync_v2(CUdeviceptr dstDevice, CUdeviceptr srcDevice, size_t ByteCount,
                                  Stream& hStream) {
  return Linear(hStream, OnDevice(dstDevice), OnDevice(srcDevice), ByteCount, CallMode::kAsync);
}

// Unified addressing: the contexts say nothing that the addresses do not.
absl::Status cuMemcpyPeer(Stream& default_stream, CUdeviceptr dstDevice, core::Context& dstContext,
                          CUdeviceptr srcDevice, core::Context& srcContext, size_t ByteCount) {
  return Linear(default_stream, OnDevice(dstDevice), OnDevice(srcDevice), ByteCount, CallMode::kSync);
}
absl::Status cuMemcpyPeerAsync(CUdeviceptr dstDevice, core::Context& dstContext, CUdeviceptr srcDevice,
                               core::Context& srcContext, size_t ByteCount, Stream& hStream) {
  return Linear(hStream, OnDevice(dstDevice), OnDevice(srcDevice), ByteCount, CallMode::kAsync);
}
absl::Status cuMemcpy3DPeer(Stream& default_stream, const CUDA_MEMCPY3D_PEER* pCopy) {
  return Copy3D(default_stream, *pCopy, CallMode::kSync);
}
absl::Status cuMemcpy3DPeerAsync(const CUDA_MEMCPY3D_PEER* pCopy, Stream& hStream) {
  return Copy3D(hStream, *pCopy, CallMode::kAsync);
}

absl::Status cuMemcpy2D_v2(Stream& default_stream, const CUDA_MEMCPY2D* pCopy) {
  RETURN_IF_ERROR(CheckPitch(default_stream, *pCopy));
  return Copy2D(default_stream, *pCopy, CallMode::kSync);
}
absl::Status cuMemcpy2DUnaligned_v2(Stream& default_stream, const CUDA_MEMCPY2D* pCopy) {
  return Copy2D(default_stream, *pCopy, CallMode::kSync);
}
absl::Status cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* pCopy, Stream& hStream) {
  RETURN_IF_ERROR(CheckPitch(hStream, *pCopy));
  return Copy2D(hStream, *pCopy, CallMode::kAsync);
}
absl::Status cuMemcpy3D_v2(Stream& default_stream, const CUDA_MEMCPY3D* pCopy) {
  return Copy3D(default_stream, *pCopy, CallMode::kSync);
}
absl::Status cuMemcpy3DAsync_v2(const CUDA_MEMCPY3D* pCopy, Stream& hStream) {
  return Copy3D(hStream, *pCopy, CallMode::kAsync);
}

absl::Status cuMemcpyDtoA_v2(Stream& default_stream, core::Array& dstArray, size_t dstOffset,
                             CUdeviceptr srcDevice, size_t ByteCount) {
  ASSIGN_OR_RETURN(const CopyOperand dst, InArray(dstArray, dstOffset, ByteCount));
  return Linear(default_stream, dst, OnDevice(srcDevice), ByteCount, CallMode::kSync);
}
absl::Status cuMemcpyAtoD_v2(Stream& default_stream, CUdeviceptr dstDevice, core::Array& srcArray,
                             size_t srcOffset, size_t ByteCount) {
  ASSIGN_OR_RETURN(const CopyOperand src, InArray(srcArray, srcOffset, ByteCount));
  return Linear(default_stream, OnDevice(dstDevice), src, ByteCount, CallMode::kSync);
}
absl::Status cuMemcpyHtoA_v2(Stream& default_stream, core::Array& dstArray, size_t dstOffset,
                             const void* srcHost, size_t ByteCount) {
  ASSIGN_OR_RETURN(const CopyOperand dst, InArray(dstArray, dstOffset, ByteCount));
  return Linear(default_stream, dst, Host(srcHost), ByteCount, CallMode::kSync);
}
absl::Status cuMemcpyHtoAAsync_v2(core::Array& dstArray, size_t dstOffset, const void* srcHost,
                                  size_t ByteCount, Stream& hStream) {
  ASSIGN_OR_RETURN(const CopyOperand dst, InArray(dstArray, dstOffset, ByteCount));
  return Linear(hStream, dst, Host(srcHost), ByteCount, CallMode::kAsync);
}
absl::Status cuMemcpyAtoH_v2(Stream& default_stream, void* dstHost, core::Array& srcArray, size_t srcOffset,
                             size_t ByteCount) {
  ASSIGN_OR_RETURN(const CopyOperand src, InArray(srcArray, srcOffset, ByteCount));
  return Linear(default_stream, Host(dstHost), src, ByteCount, CallMode::kSync);
}
absl::Status cuMemcpyAtoHAsync_v2(void* dstHost, core::Array& srcArray, size_t srcOffset, size_t ByteCount,
                                  Stream& hStream) {
  ASSIGN_OR_RETURN(const CopyOperand src, InArray(srcArray, srcOffset, ByteCount));
  return Linear(hStream, Host(dstHost), src, ByteCount, CallMode::kAsync);
}
absl::Status cuMemcpyAtoA_v2(Stream& default_stream, core::Array& dstArray, size_t dstOffset,
                             core::Array& srcArray, size_t srcOffset, size_t ByteCount) {
  ASSIGN_OR_RETURN(const CopyOperand dst, InArray(dstArray, dstOffset, ByteCount));
  ASSIGN_OR_RETURN(const CopyOperand src, InArray(srcArray, srcOffset, ByteCount));
  return Linear(default_stream, dst, src, ByteCount, CallMode::kSync);
}

absl::Status cuMemsetD8_v2(Stream& default_stream, CUdeviceptr dstDevice, unsigned char uc, size_t N) {
  return Fill(default_stream, dstDevice, 1, uc, N, CallMode::kSync);
}
absl::Status cuMemsetD16_v2(Stream& default_stream, CUdeviceptr dstDevice, unsigned short us, size_t N) {
  return Fill(default_stream, dstDevice, 2, us, N, CallMode::kSync);
}
absl::Status cuMemsetD32_v2(Stream& default_stream, CUdeviceptr dstDevice, unsigned int ui, size_t N) {
  return Fill(default_stream, dstDevice, 4, ui, N, CallMode::kSync);
}
absl::Status cuMemsetD8Async(CUdeviceptr dstDevice, unsigned char uc, size_t N, Stream& hStream) {
  return Fill(hStream, dstDevice, 1, uc, N, CallMode::kAsync);
}
absl::Status cuMemsetD16Async(CUdeviceptr dstDevice, unsigned short us, size_t N, Stream& hStream) {
  return Fill(hStream, dstDevice, 2, us, N, CallMode::kAsync);
}
absl::Status cuMemsetD32Async(CUdeviceptr dstDevice, unsigned int ui, size_t N, Stream& hStream) {
  return Fill(hStream, dstDevice, 4, ui, N, CallMode::kAsync);
}
absl::Status cuMemsetD2D8_v2(Stream& default_stream, CUdeviceptr dstDevice, size_t dstPitch, unsigned char uc,
                             size_t Width, size_t Height) {
  return Fill2D(default_stream, dstDevice, dstPitch, 1, uc, Width, Height, CallMode::kSync);
}
absl::Status cuMemsetD2D16_v2(Stream& default_stream, CUdeviceptr dstDevice, size_t dstPitch,
                              unsigned short us, size_t Width, size_t Height) {
  return Fill2D(default_stream, dstDevice, dstPitch, 2, us, Width, Height, CallMode::kSync);
}
absl::Status cuMemsetD2D32_v2(Stream& default_stream, CUdeviceptr dstDevice, size_t dstPitch, unsigned int ui,
                              size_t Width, size_t Height) {
  return Fill2D(default_stream, dstDevice, dstPitch, 4, ui, Width, Height, CallMode::kSync);
}
absl::Status cuMemsetD2D8Async(CUdeviceptr dstDevice, size_t dstPitch, unsigned char uc, size_t Width,
                               size_t Height, Stream& hStream) {
  return Fill2D(hStream, dstDevice, dstPitch, 1, uc, Width, Height, CallMode::kAsync);
}
absl::Status cuMemsetD2D16Async(CUdeviceptr dstDevice, size_t dstPitch, unsigned short us, size_t Width,
                                size_t Height, Stream& hStream) {
  return Fill2D(hStream, dstDevice, dstPitch, 2, us, Width, Height, CallMode::kAsync);
}
absl::Status cuMemsetD2D32Async(CUdeviceptr dstDevice, size_t dstPitch, unsigned int ui, size_t Width,
                                size_t Height, Stream& hStream) {
  return Fill2D(hStream, dstDevice, dstPitch, 4, ui, Width, Height, CallMode::kAsync);
}

}  // namespace tq::cuda::impl
