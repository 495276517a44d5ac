// Copies and fills (CUDA Runtime API, "Memory Management"). Addresses are unified, so that the direction is
// checked and otherwise left to the driver.
#include <algorithm>

#include "api/cudart_copy.h"
#include "runtime/cudart/channel_format.h"
#include "runtime/cudart/copy_description.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/registry.h"
#include "runtime/cudart/thread_state.h"

namespace tq::cudart::impl {
namespace {

CUdeviceptr Address(const void* pointer) { return reinterpret_cast<CUdeviceptr>(pointer); }

bool IsPerThread(cudaStream_t stream) { return stream == cudaStreamPerThread; }

cudaError_t CheckKind(cudaMemcpyKind kind) {
  return kind >= cudaMemcpyHostToHost && kind <= cudaMemcpyDefault ? cudaSuccess
                                                                   : cudaErrorInvalidMemcpyDirection;
}

// Which side of a copy is the host's, as the driver's descriptors say it.
CUmemorytype SourceType(cudaMemcpyKind kind) {
  if (kind == cudaMemcpyDefault) return CU_MEMORYTYPE_UNIFIED;
  return kind == cudaMemcpyHostToHost || kind == cudaMemcpyHostToDevice ? CU_MEMORYTYPE_HOST
                                                                        : CU_MEMORYTYPE_DEVICE;
}
CUmemorytype DestinationType(cudaMemcpyKind kind) {
  if (kind == cudaMemcpyDefault) return CU_MEMORYTYPE_UNIFIED;
  return kind == cudaMemcpyHostToHost || kind == cudaMemcpyDeviceToHost ? CU_MEMORYTYPE_HOST
                                                                        : CU_MEMORYTYPE_DEVICE;
}

template <typename Descriptor>
void SetSource(Descriptor& copy, const void* pointer, size_t pitch, cudaMemcpyKind kind) {
  copy.srcMemoryType = SourceType(kind);
  copy.srcPitch = pitch;
  if (copy.srcMemoryType == CU_MEMORYTYPE_HOST) {
    copy.srcHost = pointer;
  } else {
    copy.srcDevice = Address(pointer);
  }
}
template <typename Descriptor>
void SetDestination(Descriptor& copy, void* pointer, size_t pitch, cudaMemcpyKind kind) {
  copy.dstMemoryType = DestinationType(kind);
  copy.dstPitch = pitch;
  if (copy.dstMemoryType == CU_MEMORYTYPE_HOST) {
    copy.dstHost = pointer;
  } else {
    copy.dstDevice = Address(pointer);
  }
}

cudaError_t Describe2D(CUDA_MEMCPY2D& copy, void* dst, size_t dst_pitch, const void* src, size_t src_pitch,
                       size_t width, size_t height, cudaMemcpyKind kind) {
  if (const cudaError_t error = CheckKind(kind); error != cudaSuccess) return error;
  if (height > 1 && (width > dst_pitch || width > src_pitch)) return cudaErrorInvalidPitchValue;
  copy = {};
  SetSource(copy, src, src_pitch, kind);
  SetDestination(copy, dst, dst_pitch, kind);
  copy.WidthInBytes = width;
  copy.Height = height;
  return cudaSuccess;
}

// Bytes of a texel of an array; 1 without one.
cudaError_t ElementBytes(cudaArray_t array, size_t* bytes) {
  *bytes = 1;
  if (array == nullptr) return cudaSuccess;
  CUDA_ARRAY3D_DESCRIPTOR descriptor;
  TQ_CUDART_RETURN_IF_ERROR(cuArray3DGetDescriptor_v2(&descriptor, ToDriver(array)));
  const cudaChannelFormatDesc desc = ToChannelDesc({descriptor.Format, descriptor.NumChannels});
  *bytes = static_cast<size_t>(desc.x + desc.y + desc.z + desc.w) / 8;
  return cudaSuccess;
}

}  // namespace

// Positions count elements of their own side, the extent those of an array where there is one.
cudaError_t Describe3D(CUDA_MEMCPY3D& copy, const cudaMemcpy3DParms& p) {
  if (const cudaError_t error = CheckKind(p.kind); error != cudaSuccess) return error;
  if ((p.srcArray != nullptr && p.srcPtr.ptr != nullptr) ||
      (p.dstArray != nullptr && p.dstPtr.ptr != nullptr)) {
    return cudaErrorInvalidValue;
  }
  size_t src_bytes = 1, dst_bytes = 1;
  if (const cudaError_t error = ElementBytes(p.srcArray, &src_bytes); error != cudaSuccess) return error;
  if (const cudaError_t error = ElementBytes(p.dstArray, &dst_bytes); error != cudaSuccess) return error;
  if (p.srcArray != nullptr && p.dstArray != nullptr && src_bytes != dst_bytes) return cudaErrorInvalidValue;
  copy = {};
  SetSource(copy, p.srcPtr.ptr, p.srcPtr.pitch, p.kind);
  SetDestination(copy, p.dstPtr.ptr, p.dstPtr.pitch, p.kind);
  if (p.srcArray != nullptr) {
    copy.srcMemoryType = CU_MEMORYTYPE_ARRAY;
    copy.srcArray = ToDriver(p.srcArray);
  }
  if (p.dstArray != nullptr) {
    copy.dstMemoryType = CU_MEMORYTYPE_ARRAY;
    copy.dstArray = ToDriver(p.dstArray);
  }
  copy.srcHeight = p.srcPtr.ysize;
  copy.dstHeight = p.dstPtr.ysize;
  copy.srcXInBytes = p.srcPos.x * src_bytes;
  copy.srcY = p.srcPos.y;
  copy.srcZ = p.srcPos.z;
  copy.dstXInBytes = p.dstPos.x * dst_bytes;
  copy.dstY = p.dstPos.y;
  copy.dstZ = p.dstPos.z;
  copy.WidthInBytes = p.extent.width * std::max(src_bytes, dst_bytes);
  copy.Height = p.extent.height;
  copy.Depth = p.extent.depth;
  return cudaSuccess;
}

cudaError_t SymbolRange(const void* symbol, size_t offset, size_t count, void** address) {
  CUdeviceptr base = 0;
  size_t size_bytes = 0;
  if (const cudaError_t error = Registry::Get().FindVariable(symbol, &base, &size_bytes);
      error != cudaSuccess) {
    return error;
  }
  if (offset > size_bytes || count > size_bytes - offset) return cudaErrorInvalidValue;
  *address = reinterpret_cast<void*>(base + offset);
  return cudaSuccess;
}

namespace {

bool IsToDevice(cudaMemcpyKind kind) {
  return kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice || kind == cudaMemcpyDefault;
}
bool IsFromDevice(cudaMemcpyKind kind) {
  return kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice || kind == cudaMemcpyDefault;
}

}  // namespace

cudaError_t cudaMemcpy(cudaStream_t default_stream, void* dst, const void* src, size_t count,
                       cudaMemcpyKind kind) {
  if (const cudaError_t error = CheckKind(kind); error != cudaSuccess) return error;
  if (count == 0) return cudaSuccess;
  const auto copy = IsPerThread(default_stream) ? &::cuMemcpy_ptds : &::cuMemcpy;
  return ToRuntimeError(copy(Address(dst), Address(src), count));
}

cudaError_t cudaMemcpyAsync(void* dst, const void* src, size_t count, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  if (const cudaError_t error = CheckKind(kind); error != cudaSuccess) return error;
  if (count == 0) return cudaSuccess;
  return ToRuntimeError(cuMemcpyAsync(Address(dst), Address(src), count, stream));
}

namespace {

cudaError_t Primaries(int dst_device, int src_device, CUcontext* dst, CUcontext* src) {
  if (const cudaError_t error = PrimaryContext(dst_device, dst); error != cudaSuccess) return error;
  return PrimaryContext(src_device, src);
}

}  // namespace

cudaError_t cudaMemcpyPeer(void* dst, int dst_device, const void* src, int src_device, size_t count) {
  CUcontext dst_context;
  CUcontext src_context;
  if (const cudaError_t error = Primaries(dst_device, src_device, &dst_context, &src_context);
      error != cudaSuccess) {
    return error;
  }
  return ToRuntimeError(cuMemcpyPeer(Address(dst), dst_context, Address(src), src_context, count));
}

cudaError_t cudaMemcpyPeerAsync(void* dst, int dst_device, const void* src, int src_device, size_t count,
                                cudaStream_t stream) {
  CUcontext dst_context;
  CUcontext src_context;
  if (const cudaError_t error = Primaries(dst_device, src_device, &dst_context, &src_context);
      error != cudaSuccess) {
    return error;
  }
  return ToRuntimeError(
      cuMemcpyPeerAsync(Address(dst), dst_context, Address(src), src_context, count, stream));
}

cudaError_t cudaMemcpyToSymbol(cudaStream_t default_stream, const void* symbol, const void* src, size_t count,
                               size_t offset, cudaMemcpyKind kind) {
  if (!IsToDevice(kind)) return cudaErrorInvalidMemcpyDirection;
  void* dst;
  if (const cudaError_t error = SymbolRange(symbol, offset, count, &dst); error != cudaSuccess) return error;
  return impl::cudaMemcpy(default_stream, dst, src, count, kind);
}

cudaError_t cudaMemcpyToSymbolAsync(const void* symbol, const void* src, size_t count, size_t offset,
                                    cudaMemcpyKind kind, cudaStream_t stream) {
  if (!IsToDevice(kind)) return cudaErrorInvalidMemcpyDirection;
  void* dst;
  if (const cudaError_t error = SymbolRange(symbol, offset, count, &dst); error != cudaSuccess) return error;
  return impl::cudaMemcpyAsync(dst, src, count, kind, stream);
}

cudaError_t cudaMemcpyFromSymbol(cudaStream_t default_stream, void* dst, const void* symbol, size_t count,
                                 size_t offset, cudaMemcpyKind kind) {
  if (!IsFromDevice(kind)) return cudaErrorInvalidMemcpyDirection;
  void* src;
  if (const cudaError_t error = SymbolRange(symbol, offset, count, &src); error != cudaSuccess) return error;
  return impl::cudaMemcpy(default_stream, dst, src, count, kind);
}

cudaError_t cudaMemcpyFromSymbolAsync(void* dst, const void* symbol, size_t count, size_t offset,
                                      cudaMemcpyKind kind, cudaStream_t stream) {
  if (!IsFromDevice(kind)) return cudaErrorInvalidMemcpyDirection;
  void* src;
  if (const cudaError_t error = SymbolRange(symbol, offset, count, &src); error != cudaSuccess) return error;
  return impl::cudaMemcpyAsync(dst, src, count, kind, stream);
}

cudaError_t cudaMemcpy2D(cudaStream_t default_stream, void* dst, size_t dst_pitch, const void* src,
                         size_t src_pitch, size_t width, size_t height, cudaMemcpyKind kind) {
  CUDA_MEMCPY2D copy;
  if (const cudaError_t error = Describe2D(copy, dst, dst_pitch, src, src_pitch, width, height, kind);
      error != cudaSuccess) {
    return error;
  }
  if (width == 0 || height == 0) return cudaSuccess;
  const auto run = IsPerThread(default_stream) ? &::cuMemcpy2DUnaligned_v2_ptds : &::cuMemcpy2DUnaligned_v2;
  return ToRuntimeError(run(&copy));
}

cudaError_t cudaMemcpy2DAsync(void* dst, size_t dst_pitch, const void* src, size_t src_pitch, size_t width,
                              size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  CUDA_MEMCPY2D copy;
  if (const cudaError_t error = Describe2D(copy, dst, dst_pitch, src, src_pitch, width, height, kind);
      error != cudaSuccess) {
    return error;
  }
  if (width == 0 || height == 0) return cudaSuccess;
  return ToRuntimeError(cuMemcpy2DAsync_v2(&copy, stream));
}

cudaError_t cudaMemcpy3D(cudaStream_t default_stream, const cudaMemcpy3DParms* p) {
  CUDA_MEMCPY3D copy;
  if (const cudaError_t error = Describe3D(copy, *p); error != cudaSuccess) return error;
  const auto run = IsPerThread(default_stream) ? &::cuMemcpy3D_v2_ptds : &::cuMemcpy3D_v2;
  return ToRuntimeError(run(&copy));
}

cudaError_t cudaMemcpy3DAsync(const cudaMemcpy3DParms* p, cudaStream_t stream) {
  CUDA_MEMCPY3D copy;
  if (const cudaError_t error = Describe3D(copy, *p); error != cudaSuccess) return error;
  return ToRuntimeError(cuMemcpy3DAsync_v2(&copy, stream));
}

namespace {

cudaError_t DescribePeer(CUDA_MEMCPY3D_PEER& copy, const cudaMemcpy3DPeerParms& p) {
  CUDA_MEMCPY3D plain;
  const cudaMemcpy3DParms params = {p.srcArray, p.srcPos, p.srcPtr, p.dstArray,
                                    p.dstPos,   p.dstPtr, p.extent, cudaMemcpyDefault};
  if (const cudaError_t error = Describe3D(plain, params); error != cudaSuccess) return error;
  copy = {};
  copy.srcXInBytes = plain.srcXInBytes;
  copy.srcY = plain.srcY;
  copy.srcZ = plain.srcZ;
  copy.srcMemoryType = plain.srcMemoryType;
  copy.srcDevice = plain.srcDevice;
  copy.srcArray = plain.srcArray;
  copy.srcPitch = plain.srcPitch;
  copy.srcHeight = plain.srcHeight;
  copy.dstXInBytes = plain.dstXInBytes;
  copy.dstY = plain.dstY;
  copy.dstZ = plain.dstZ;
  copy.dstMemoryType = plain.dstMemoryType;
  copy.dstDevice = plain.dstDevice;
  copy.dstArray = plain.dstArray;
  copy.dstPitch = plain.dstPitch;
  copy.dstHeight = plain.dstHeight;
  copy.WidthInBytes = plain.WidthInBytes;
  copy.Height = plain.Height;
  copy.Depth = plain.Depth;
  return Primaries(p.dstDevice, p.srcDevice, &copy.dstContext, &copy.srcContext);
}

}  // namespace

cudaError_t cudaMemcpy3DPeer(cudaStream_t default_stream, const cudaMemcpy3DPeerParms* p) {
  CUDA_MEMCPY3D_PEER copy;
  if (const cudaError_t error = DescribePeer(copy, *p); error != cudaSuccess) return error;
  const auto run = IsPerThread(default_stream) ? &::cuMemcpy3DPeer_ptds : &::cuMemcpy3DPeer;
  return ToRuntimeError(run(&copy));
}

cudaError_t cudaMemcpy3DPeerAsync(const cudaMemcpy3DPeerParms* p, cudaStream_t stream) {
  CUDA_MEMCPY3D_PEER copy;
  if (const cudaError_t error = DescribePeer(copy, *p); error != cudaSuccess) return error;
  return ToRuntimeError(cuMemcpy3DPeerAsync(&copy, stream));
}

cudaError_t cudaMemset(cudaStream_t default_stream, void* pointer, int value, size_t count) {
  if (count == 0) return cudaSuccess;
  const auto fill = IsPerThread(default_stream) ? &::cuMemsetD8_v2_ptds : &::cuMemsetD8_v2;
  return ToRuntimeError(fill(Address(pointer), static_cast<unsigned char>(value), count));
}

cudaError_t cudaMemsetAsync(void* pointer, int value, size_t count, cudaStream_t stream) {
  if (count == 0) return cudaSuccess;
  return ToRuntimeError(cuMemsetD8Async(Address(pointer), static_cast<unsigned char>(value), count, stream));
}

cudaError_t cudaMemset2D(cudaStream_t default_stream, void* pointer, size_t pitch, int value, size_t width,
                         size_t height) {
  if (width == 0 || height == 0) return cudaSuccess;
  const auto fill = IsPerThread(default_stream) ? &::cuMemsetD2D8_v2_ptds : &::cuMemsetD2D8_v2;
  return ToRuntimeError(fill(Address(pointer), pitch, static_cast<unsigned char>(value), width, height));
}

cudaError_t cudaMemset2DAsync(void* pointer, size_t pitch, int value, size_t width, size_t height,
                              cudaStream_t stream) {
  if (width == 0 || height == 0) return cudaSuccess;
  return ToRuntimeError(
      cuMemsetD2D8Async(Address(pointer), pitch, static_cast<unsigned char>(value), width, height, stream));
}

cudaError_t cudaMemset3D(cudaStream_t default_stream, cudaPitchedPtr pointer, int value, cudaExtent extent) {
  const cudaError_t error = impl::cudaMemset3DAsync(pointer, value, extent, default_stream);
  return error == cudaSuccess ? ToRuntimeError(cuStreamSynchronize(default_stream)) : error;
}

// A box is `depth` slices of ysize rows; where it spans whole slices it is one tall rectangle.
cudaError_t cudaMemset3DAsync(cudaPitchedPtr pointer, int value, cudaExtent extent, cudaStream_t stream) {
  if (extent.height == pointer.ysize || extent.depth <= 1) {
    return impl::cudaMemset2DAsync(pointer.ptr, pointer.pitch, value, extent.width,
                                   extent.height * extent.depth, stream);
  }
  auto* slice = static_cast<char*>(pointer.ptr);
  for (size_t z = 0; z < extent.depth; ++z, slice += pointer.pitch * pointer.ysize) {
    const cudaError_t error =
        impl::cudaMemset2DAsync(slice, pointer.pitch, value, extent.width, extent.height, stream);
    if (error != cudaSuccess) return error;
  }
  return cudaSuccess;
}

}  // namespace tq::cudart::impl
