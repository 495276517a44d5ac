// Copies to, from and between arrays (CUDA Runtime API, "Memory Management"). Offsets and widths are bytes.
#include <algorithm>

#include "api/cudart_copy.h"
#include "runtime/cudart/channel_format.h"
#include "runtime/cudart/entry.h"

namespace tq::cudart::impl {
namespace {

// In which order a copy runs.
struct Order {
  cudaStream_t stream;
  bool is_async;
};

cudaError_t Run(const CUDA_MEMCPY2D& copy, const Order& order) {
  if (copy.WidthInBytes == 0 || copy.Height == 0) return cudaSuccess;
  if (order.is_async) return ToRuntimeError(cuMemcpy2DAsync_v2(&copy, order.stream));
  const auto run =
      order.stream == cudaStreamPerThread ? &::cuMemcpy2DUnaligned_v2_ptds : &::cuMemcpy2DUnaligned_v2;
  return ToRuntimeError(run(&copy));
}

// A place in an array, or in memory with rows of `pitch` bytes.
struct Place {
  CUmemorytype type;
  CUarray array;
  CUdeviceptr memory;
  size_t x_bytes, y, pitch;
};

Place InArray(cudaArray_const_t array, size_t x_bytes, size_t y) {
  return {CU_MEMORYTYPE_ARRAY, ToDriver(array), 0, x_bytes, y, 0};
}

Place InMemory(const void* pointer, size_t pitch, bool is_host, bool is_known) {
  const CUmemorytype type = !is_known ? CU_MEMORYTYPE_UNIFIED
                            : is_host ? CU_MEMORYTYPE_HOST
                                      : CU_MEMORYTYPE_DEVICE;
  return {type, nullptr, reinterpret_cast<CUdeviceptr>(pointer), 0, 0, pitch};
}

CUDA_MEMCPY2D Describe(const Place& dst, const Place& src, size_t width, size_t height) {
  CUDA_MEMCPY2D copy = {};
  copy.dstMemoryType = dst.type;
  copy.dstArray = dst.array;
  copy.dstDevice = dst.memory;
  copy.dstHost = reinterpret_cast<void*>(dst.memory);
  copy.dstPitch = dst.pitch;
  copy.dstXInBytes = dst.x_bytes;
  copy.dstY = dst.y;
  copy.srcMemoryType = src.type;
  copy.srcArray = src.array;
  copy.srcDevice = src.memory;
  copy.srcHost = reinterpret_cast<const void*>(src.memory);
  copy.srcPitch = src.pitch;
  copy.srcXInBytes = src.x_bytes;
  copy.srcY = src.y;
  copy.WidthInBytes = width;
  copy.Height = height;
  return copy;
}

bool IsKnown(cudaMemcpyKind kind) { return kind != cudaMemcpyDefault; }

cudaError_t CheckToArray(cudaMemcpyKind kind) {
  const bool fits =
      kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice || kind == cudaMemcpyDefault;
  return fits ? cudaSuccess : cudaErrorInvalidMemcpyDirection;
}
cudaError_t CheckFromArray(cudaMemcpyKind kind) {
  const bool fits =
      kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice || kind == cudaMemcpyDefault;
  return fits ? cudaSuccess : cudaErrorInvalidMemcpyDirection;
}

cudaError_t ToArray2D(cudaArray_t dst, size_t x, size_t y, const void* src, size_t pitch, size_t width,
                      size_t height, cudaMemcpyKind kind, const Order& order) {
  if (const cudaError_t error = CheckToArray(kind); error != cudaSuccess) return error;
  if (height > 1 && width > pitch) return cudaErrorInvalidPitchValue;
  const Place from = InMemory(src, pitch, kind == cudaMemcpyHostToDevice, IsKnown(kind));
  return Run(Describe(InArray(dst, x, y), from, width, height), order);
}

cudaError_t FromArray2D(void* dst, size_t pitch, cudaArray_const_t src, size_t x, size_t y, size_t width,
                        size_t height, cudaMemcpyKind kind, const Order& order) {
  if (const cudaError_t error = CheckFromArray(kind); error != cudaSuccess) return error;
  if (height > 1 && width > pitch) return cudaErrorInvalidPitchValue;
  const Place to = InMemory(dst, pitch, kind == cudaMemcpyDeviceToHost, IsKnown(kind));
  return Run(Describe(to, InArray(src, x, y), width, height), order);
}

cudaError_t RowBytes(cudaArray_const_t array, size_t* bytes) {
  CUDA_ARRAY3D_DESCRIPTOR descriptor;
  TQ_CUDART_RETURN_IF_ERROR(cuArray3DGetDescriptor_v2(&descriptor, ToDriver(array)));
  const cudaChannelFormatDesc desc = ToChannelDesc({descriptor.Format, descriptor.NumChannels});
  *bytes = descriptor.Width * static_cast<size_t>(desc.x + desc.y + desc.z + desc.w) / 8;
  return *bytes == 0 ? cudaErrorInvalidValue : cudaSuccess;
}

// A run of bytes, which in an array goes on in the next row. Memory is one endless row.
class Run1D {
 public:
  Run1D(const Place& place, size_t row_bytes) : place_(place), row_bytes_(row_bytes) {}
  size_t LeftInRow(size_t count) const {
    return row_bytes_ == 0 ? count : std::min(count, row_bytes_ - std::min(row_bytes_, place_.x_bytes));
  }
  const Place& place() const { return place_; }
  void Advance(size_t bytes) {
    if (row_bytes_ == 0) {
      place_.memory += bytes;
      return;
    }
    place_.x_bytes += bytes;
    if (place_.x_bytes < row_bytes_) return;
    place_.x_bytes = 0;
    ++place_.y;
  }

 private:
  Place place_;
  size_t row_bytes_;
};

cudaError_t CopyRun(Run1D dst, Run1D src, size_t count, const Order& order) {
  while (count != 0) {
    const size_t bytes = std::min(dst.LeftInRow(count), src.LeftInRow(count));
    if (bytes == 0) return cudaErrorInvalidValue;  // the offset is behind the row
    if (const cudaError_t error = Run(Describe(dst.place(), src.place(), bytes, 1), order);
        error != cudaSuccess)
      return error;
    dst.Advance(bytes);
    src.Advance(bytes);
    count -= bytes;
  }
  return cudaSuccess;
}

cudaError_t ToArray(cudaArray_t dst, size_t x, size_t y, const void* src, size_t count, cudaMemcpyKind kind,
                    const Order& order) {
  if (const cudaError_t error = CheckToArray(kind); error != cudaSuccess) return error;
  size_t row_bytes = 0;
  if (const cudaError_t error = RowBytes(dst, &row_bytes); error != cudaSuccess) return error;
  const Place from = InMemory(src, count, kind == cudaMemcpyHostToDevice, IsKnown(kind));
  return CopyRun({InArray(dst, x, y), row_bytes}, {from, 0}, count, order);
}

cudaError_t FromArray(void* dst, cudaArray_const_t src, size_t x, size_t y, size_t count, cudaMemcpyKind kind,
                      const Order& order) {
  if (const cudaError_t error = CheckFromArray(kind); error != cudaSuccess) return error;
  size_t row_bytes = 0;
  if (const cudaError_t error = RowBytes(src, &row_bytes); error != cudaSuccess) return error;
  const Place to = InMemory(dst, count, kind == cudaMemcpyDeviceToHost, IsKnown(kind));
  return CopyRun({to, 0}, {InArray(src, x, y), row_bytes}, count, order);
}

}  // namespace

cudaError_t cudaMemcpy2DToArray(cudaStream_t default_stream, cudaArray_t dst, size_t x, size_t y,
                                const void* src, size_t pitch, size_t width, size_t height,
                                cudaMemcpyKind kind) {
  return ToArray2D(dst, x, y, src, pitch, width, height, kind, {default_stream, false});
}
cudaError_t cudaMemcpy2DToArrayAsync(cudaArray_t dst, size_t x, size_t y, const void* src, size_t pitch,
                                     size_t width, size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  return ToArray2D(dst, x, y, src, pitch, width, height, kind, {stream, true});
}
cudaError_t cudaMemcpy2DFromArray(cudaStream_t default_stream, void* dst, size_t pitch, cudaArray_const_t src,
                                  size_t x, size_t y, size_t width, size_t height, cudaMemcpyKind kind) {
  return FromArray2D(dst, pitch, src, x, y, width, height, kind, {default_stream, false});
}
cudaError_t cudaMemcpy2DFromArrayAsync(void* dst, size_t pitch, cudaArray_const_t src, size_t x, size_t y,
                                       size_t width, size_t height, cudaMemcpyKind kind,
                                       cudaStream_t stream) {
  return FromArray2D(dst, pitch, src, x, y, width, height, kind, {stream, true});
}
cudaError_t cudaMemcpy2DArrayToArray(cudaStream_t default_stream, cudaArray_t dst, size_t dst_x, size_t dst_y,
                                     cudaArray_const_t src, size_t src_x, size_t src_y, size_t width,
                                     size_t height, cudaMemcpyKind kind) {
  if (kind != cudaMemcpyDeviceToDevice && kind != cudaMemcpyDefault) return cudaErrorInvalidMemcpyDirection;
  return Run(Describe(InArray(dst, dst_x, dst_y), InArray(src, src_x, src_y), width, height),
             {default_stream, false});
}

cudaError_t cudaMemcpyToArray(cudaStream_t default_stream, cudaArray_t dst, size_t x, size_t y,
                              const void* src, size_t count, cudaMemcpyKind kind) {
  return ToArray(dst, x, y, src, count, kind, {default_stream, false});
}
cudaError_t cudaMemcpyToArrayAsync(cudaArray_t dst, size_t x, size_t y, const void* src, size_t count,
                                   cudaMemcpyKind kind, cudaStream_t stream) {
  return ToArray(dst, x, y, src, count, kind, {stream, true});
}
cudaError_t cudaMemcpyFromArray(cudaStream_t default_stream, void* dst, cudaArray_const_t src, size_t x,
                                size_t y, size_t count, cudaMemcpyKind kind) {
  return FromArray(dst, src, x, y, count, kind, {default_stream, false});
}
cudaError_t cudaMemcpyFromArrayAsync(void* dst, cudaArray_const_t src, size_t x, size_t y, size_t count,
                                     cudaMemcpyKind kind, cudaStream_t stream) {
  return FromArray(dst, src, x, y, count, kind, {stream, true});
}
cudaError_t cudaMemcpyArrayToArray(cudaStream_t default_stream, cudaArray_t dst, size_t dst_x, size_t dst_y,
                                   cudaArray_const_t src, size_t src_x, size_t src_y, size_t count,
                                   cudaMemcpyKind kind) {
  if (kind != cudaMemcpyDeviceToDevice && kind != cudaMemcpyDefault) return cudaErrorInvalidMemcpyDirection;
  size_t dst_row = 0, src_row = 0;
  if (const cudaError_t error = RowBytes(dst, &dst_row); error != cudaSuccess) return error;
  if (const cudaError_t error = RowBytes(src, &src_row); error != cudaSuccess) return error;
  return CopyRun({InArray(dst, dst_x, dst_y), dst_row}, {InArray(src, src_x, src_y), src_row}, count,
                 {default_stream, false});
}

}  // namespace tq::cudart::impl
