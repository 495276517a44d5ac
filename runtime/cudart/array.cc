// Arrays (CUDA Runtime API, "Memory Management"): the driver's, with the runtime's description of texels.
#include "api/cudart_array.h"
#include "api/cudart_external.h"
#include "runtime/cudart/channel_format.h"
#include "runtime/cudart/entry.h"

namespace tq::cudart::impl {
namespace {

cudaError_t Describe(const cudaChannelFormatDesc& desc, const cudaExtent& extent, unsigned flags,
                     CUDA_ARRAY3D_DESCRIPTOR* descriptor) {
  ChannelFormat format;
  if (const cudaError_t error = ToFormat(desc, &format); error != cudaSuccess) return error;
  *descriptor = {extent.width, extent.height, extent.depth, format.format, format.channels, flags};
  return cudaSuccess;
}

}  // namespace

cudaError_t cudaMalloc3DArray(cudaArray_t* array, const cudaChannelFormatDesc* desc, cudaExtent extent,
                              unsigned int flags) {
  CUDA_ARRAY3D_DESCRIPTOR descriptor;
  if (const cudaError_t error = Describe(*desc, extent, flags, &descriptor); error != cudaSuccess)
    return error;
  return ToRuntimeError(cuArray3DCreate_v2(reinterpret_cast<CUarray*>(array), &descriptor));
}

cudaError_t cudaMallocArray(cudaArray_t* array, const cudaChannelFormatDesc* desc, size_t width,
                            size_t height, unsigned int flags) {
  return impl::cudaMalloc3DArray(array, desc, {width, height, 0}, flags);
}

cudaError_t cudaMallocMipmappedArray(cudaMipmappedArray_t* mipmap, const cudaChannelFormatDesc* desc,
                                     cudaExtent extent, unsigned int levels, unsigned int flags) {
  CUDA_ARRAY3D_DESCRIPTOR descriptor;
  if (const cudaError_t error = Describe(*desc, extent, flags, &descriptor); error != cudaSuccess)
    return error;
  return ToRuntimeError(
      cuMipmappedArrayCreate(reinterpret_cast<CUmipmappedArray*>(mipmap), &descriptor, levels));
}

cudaError_t cudaFreeArray(cudaArray_t array) {
  return array == nullptr ? cudaSuccess : ToRuntimeError(cuArrayDestroy(ToDriver(array)));
}

cudaError_t cudaFreeMipmappedArray(cudaMipmappedArray_t mipmap) {
  return mipmap == nullptr ? cudaSuccess : ToRuntimeError(cuMipmappedArrayDestroy(ToDriver(mipmap)));
}

cudaError_t cudaGetMipmappedArrayLevel(cudaArray_t* level_array, cudaMipmappedArray_const_t mipmap,
                                       unsigned int level) {
  return ToRuntimeError(
      cuMipmappedArrayGetLevel(reinterpret_cast<CUarray*>(level_array), ToDriver(mipmap), level));
}

cudaError_t cudaArrayGetInfo(cudaChannelFormatDesc* desc, cudaExtent* extent, unsigned int* flags,
                             cudaArray_t array) {
  CUDA_ARRAY3D_DESCRIPTOR descriptor;
  TQ_CUDART_RETURN_IF_ERROR(cuArray3DGetDescriptor_v2(&descriptor, ToDriver(array)));
  if (desc != nullptr) *desc = ToChannelDesc({descriptor.Format, descriptor.NumChannels});
  if (extent != nullptr) *extent = {descriptor.Width, descriptor.Height, descriptor.Depth};
  if (flags != nullptr) *flags = descriptor.Flags;
  return cudaSuccess;
}

cudaError_t cudaGetChannelDesc(cudaChannelFormatDesc* desc, cudaArray_const_t array) {
  return impl::cudaArrayGetInfo(desc, nullptr, nullptr, const_cast<cudaArray_t>(array));
}

cudaChannelFormatDesc cudaCreateChannelDesc(int x, int y, int z, int w, cudaChannelFormatKind kind) {
  return {x, y, z, w, kind};
}

cudaError_t cudaArrayGetPlane(cudaArray_t* plane, cudaArray_t array, unsigned int index) {
  return ToRuntimeError(cuArrayGetPlane(reinterpret_cast<CUarray*>(plane), ToDriver(array), index));
}

cudaError_t cudaArrayGetMemoryRequirements(cudaArrayMemoryRequirements* requirements, cudaArray_t array,
                                           int device) {
  return ToRuntimeError(cuArrayGetMemoryRequirements(
      reinterpret_cast<CUDA_ARRAY_MEMORY_REQUIREMENTS*>(requirements), ToDriver(array), device));
}

cudaError_t cudaMipmappedArrayGetMemoryRequirements(cudaArrayMemoryRequirements* requirements,
                                                    cudaMipmappedArray_t mipmap, int device) {
  return ToRuntimeError(cuMipmappedArrayGetMemoryRequirements(
      reinterpret_cast<CUDA_ARRAY_MEMORY_REQUIREMENTS*>(requirements), ToDriver(mipmap), device));
}

cudaError_t cudaArrayGetSparseProperties(cudaArraySparseProperties* properties, cudaArray_t array) {
  return ToRuntimeError(cuArrayGetSparseProperties(
      reinterpret_cast<CUDA_ARRAY_SPARSE_PROPERTIES*>(properties), ToDriver(array)));
}

cudaError_t cudaMipmappedArrayGetSparseProperties(cudaArraySparseProperties* properties,
                                                  cudaMipmappedArray_t mipmap) {
  return ToRuntimeError(cuMipmappedArrayGetSparseProperties(
      reinterpret_cast<CUDA_ARRAY_SPARSE_PROPERTIES*>(properties), ToDriver(mipmap)));
}

cudaError_t cudaExternalMemoryGetMappedMipmappedArray(
    cudaMipmappedArray_t* mipmap, cudaExternalMemory_t extMem,
    const cudaExternalMemoryMipmappedArrayDesc* mipmapDesc) {
  CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC description = {};
  description.offset = mipmapDesc->offset;
  description.numLevels = mipmapDesc->numLevels;
  if (const cudaError_t error =
          Describe(mipmapDesc->formatDesc, mipmapDesc->extent, mipmapDesc->flags, &description.arrayDesc);
      error != cudaSuccess) {
    // The handle is judged first.
    description.numLevels = 0;
    const CUresult result =
        cuExternalMemoryGetMappedMipmappedArray(reinterpret_cast<CUmipmappedArray*>(mipmap),
                                                reinterpret_cast<CUexternalMemory>(extMem), &description);
    return result == CUDA_ERROR_INVALID_HANDLE ? cudaErrorInvalidResourceHandle : error;
  }
  return ToRuntimeError(cuExternalMemoryGetMappedMipmappedArray(
      reinterpret_cast<CUmipmappedArray*>(mipmap), reinterpret_cast<CUexternalMemory>(extMem), &description));
}

}  // namespace tq::cudart::impl
