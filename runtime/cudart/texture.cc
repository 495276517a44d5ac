// Texture and surface objects (CUDA Runtime API, "Texture Object Management"): the driver's, whose
// descriptors say the same in other words.
#include <bit>
#include <cstring>
#include <iterator>

#include "api/cudart_texture.h"
#include "api/cudart_texture_reference.h"
#include "runtime/cudart/channel_format.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/release.h"

namespace tq::cudart::impl {
namespace {

cudaError_t ToDriver(const cudaResourceDesc& from, CUDA_RESOURCE_DESC* to, ChannelFormat* format) {
  *to = {};
  to->resType = static_cast<CUresourcetype>(from.resType);
  *format = {};
  CUDA_ARRAY3D_DESCRIPTOR descriptor;
  switch (from.resType) {
    case cudaResourceTypeArray:
      to->res.array.hArray = cudart::ToDriver(from.res.array.array);
      TQ_CUDART_RETURN_IF_ERROR(cuArray3DGetDescriptor_v2(&descriptor, to->res.array.hArray));
      *format = {descriptor.Format, descriptor.NumChannels};
      return cudaSuccess;
    case cudaResourceTypeMipmappedArray: {
      to->res.mipmap.hMipmappedArray = cudart::ToDriver(from.res.mipmap.mipmap);
      CUarray level;
      TQ_CUDART_RETURN_IF_ERROR(cuMipmappedArrayGetLevel(&level, to->res.mipmap.hMipmappedArray, 0));
      TQ_CUDART_RETURN_IF_ERROR(cuArray3DGetDescriptor_v2(&descriptor, level));
      *format = {descriptor.Format, descriptor.NumChannels};
      return cudaSuccess;
    }
    case cudaResourceTypeLinear:
      if (const cudaError_t error = ToFormat(from.res.linear.desc, format); error != cudaSuccess)
        return error;
      to->res.linear.devPtr = reinterpret_cast<CUdeviceptr>(from.res.linear.devPtr);
      to->res.linear.format = format->format;
      to->res.linear.numChannels = format->channels;
      to->res.linear.sizeInBytes = from.res.linear.sizeInBytes;
      return cudaSuccess;
    case cudaResourceTypePitch2D:
      if (const cudaError_t error = ToFormat(from.res.pitch2D.desc, format); error != cudaSuccess)
        return error;
      to->res.pitch2D.devPtr = reinterpret_cast<CUdeviceptr>(from.res.pitch2D.devPtr);
      to->res.pitch2D.format = format->format;
      to->res.pitch2D.numChannels = format->channels;
      to->res.pitch2D.width = from.res.pitch2D.width;
      to->res.pitch2D.height = from.res.pitch2D.height;
      to->res.pitch2D.pitchInBytes = from.res.pitch2D.pitchInBytes;
      return cudaSuccess;
  }
  return cudaErrorInvalidValue;
}

cudaResourceDesc ToRuntime(const CUDA_RESOURCE_DESC& from) {
  cudaResourceDesc to = {};
  to.resType = static_cast<cudaResourceType>(from.resType);
  switch (from.resType) {
    case CU_RESOURCE_TYPE_ARRAY:
      to.res.array.array = reinterpret_cast<cudaArray_t>(from.res.array.hArray);
      break;
    case CU_RESOURCE_TYPE_MIPMAPPED_ARRAY:
      to.res.mipmap.mipmap = reinterpret_cast<cudaMipmappedArray_t>(from.res.mipmap.hMipmappedArray);
      break;
    case CU_RESOURCE_TYPE_LINEAR:
      to.res.linear.devPtr = reinterpret_cast<void*>(from.res.linear.devPtr);
      to.res.linear.desc = ToChannelDesc({from.res.linear.format, from.res.linear.numChannels});
      to.res.linear.sizeInBytes = from.res.linear.sizeInBytes;
      break;
    case CU_RESOURCE_TYPE_PITCH2D:
      to.res.pitch2D.devPtr = reinterpret_cast<void*>(from.res.pitch2D.devPtr);
      to.res.pitch2D.desc = ToChannelDesc({from.res.pitch2D.format, from.res.pitch2D.numChannels});
      to.res.pitch2D.width = from.res.pitch2D.width;
      to.res.pitch2D.height = from.res.pitch2D.height;
      to.res.pitch2D.pitchInBytes = from.res.pitch2D.pitchInBytes;
      break;
  }
  return to;
}

// Which field of cudaTextureDesc is which flag.
struct FlagRow {
  unsigned flag;
  int cudaTextureDesc::* field;
};
constexpr FlagRow kFlags[] = {
    {CU_TRSF_SRGB, &cudaTextureDesc::sRGB},
    {CU_TRSF_NORMALIZED_COORDINATES, &cudaTextureDesc::normalizedCoords},
    {CU_TRSF_DISABLE_TRILINEAR_OPTIMIZATION, &cudaTextureDesc::disableTrilinearOptimization},
    {CU_TRSF_SEAMLESS_CUBEMAP, &cudaTextureDesc::seamlessCubemap},
};

CUDA_TEXTURE_DESC ToDriver(const cudaTextureDesc& from) {
  CUDA_TEXTURE_DESC to = {};
  for (size_t i = 0; i < std::size(to.addressMode); ++i) {
    to.addressMode[i] = static_cast<CUaddress_mode>(from.addressMode[i]);
  }
  to.filterMode = static_cast<CUfilter_mode>(from.filterMode);
  if (from.readMode == cudaReadModeElementType) to.flags |= CU_TRSF_READ_AS_INTEGER;
  for (const FlagRow& row : kFlags) {
    if (from.*row.field != 0) to.flags |= row.flag;
  }
  to.maxAnisotropy = from.maxAnisotropy;
  to.mipmapFilterMode = static_cast<CUfilter_mode>(from.mipmapFilterMode);
  to.mipmapLevelBias = from.mipmapLevelBias;
  to.minMipmapLevelClamp = from.minMipmapLevelClamp;
  to.maxMipmapLevelClamp = from.maxMipmapLevelClamp;
  std::memcpy(to.borderColor, from.borderColor, sizeof to.borderColor);
  return to;
}

cudaTextureDesc ToRuntime(const CUDA_TEXTURE_DESC& from) {
  cudaTextureDesc to = {};
  for (size_t i = 0; i < std::size(to.addressMode); ++i) {
    to.addressMode[i] = static_cast<cudaTextureAddressMode>(from.addressMode[i]);
  }
  to.filterMode = static_cast<cudaTextureFilterMode>(from.filterMode);
  to.readMode =
      (from.flags & CU_TRSF_READ_AS_INTEGER) != 0 ? cudaReadModeElementType : cudaReadModeNormalizedFloat;
  for (const FlagRow& row : kFlags) to.*row.field = (from.flags & row.flag) != 0 ? 1 : 0;
  to.maxAnisotropy = from.maxAnisotropy;
  to.mipmapFilterMode = static_cast<cudaTextureFilterMode>(from.mipmapFilterMode);
  to.mipmapLevelBias = from.mipmapLevelBias;
  to.minMipmapLevelClamp = from.minMipmapLevelClamp;
  to.maxMipmapLevelClamp = from.maxMipmapLevelClamp;
  std::memcpy(to.borderColor, from.borderColor, sizeof to.borderColor);
  return to;
}

// Resource views have the same fields on both sides, either way.
template <typename To, typename From>
To ToView(const From& from) {
  To to = {};
  to.format = static_cast<decltype(to.format)>(from.format);
  to.width = from.width;
  to.height = from.height;
  to.depth = from.depth;
  to.firstMipmapLevel = from.firstMipmapLevel;
  to.lastMipmapLevel = from.lastMipmapLevel;
  to.firstLayer = from.firstLayer;
  to.lastLayer = from.lastLayer;
  return to;
}

// The runtime has errors of its own for settings that the element type does not allow.
cudaError_t CheckSettings(const cudaTextureDesc& texture, const ChannelFormat& format) {
  const cudaChannelFormatDesc desc = ToChannelDesc(format);
  const bool is_integer = desc.f == cudaChannelFormatKindSigned || desc.f == cudaChannelFormatKindUnsigned;
  const bool is_normalized = texture.readMode == cudaReadModeNormalizedFloat;
  if (is_normalized && is_integer && desc.x == 32) return cudaErrorInvalidNormSetting;
  if (texture.filterMode == cudaFilterModeLinear && is_integer && !is_normalized) {
    return cudaErrorInvalidFilterSetting;
  }
  return cudaSuccess;
}

cudaError_t CreateTexture(cudaTextureObject_t* object, const cudaResourceDesc* resource,
                          const cudaTextureDesc& texture, const cudaResourceViewDesc* view) {
  CUDA_RESOURCE_DESC driver_resource;
  ChannelFormat format;
  if (const cudaError_t error = ToDriver(*resource, &driver_resource, &format); error != cudaSuccess)
    return error;
  if (view == nullptr) {
    if (const cudaError_t error = CheckSettings(texture, format); error != cudaSuccess) return error;
  }
  const CUDA_TEXTURE_DESC driver_texture = ToDriver(texture);
  CUDA_RESOURCE_VIEW_DESC driver_view = {};
  if (view != nullptr) driver_view = ToView<CUDA_RESOURCE_VIEW_DESC>(*view);
  return ToRuntimeError(
      cuTexObjectCreate(object, &driver_resource, &driver_texture, view == nullptr ? nullptr : &driver_view));
}

cudaError_t ReadTexture(cudaTextureDesc* texture, size_t size_bytes, cudaTextureObject_t object) {
  CUDA_TEXTURE_DESC driver_texture;
  TQ_CUDART_RETURN_IF_ERROR(cuTexObjectGetTextureDesc(&driver_texture, object));
  WriteFirst(texture, ToRuntime(driver_texture), size_bytes);
  return cudaSuccess;
}

}  // namespace

cudaError_t cudaCreateTextureObject(cudaTextureObject_t* object, const cudaResourceDesc* resource,
                                    const cudaTextureDesc* texture, const cudaResourceViewDesc* view) {
  return CreateTexture(object, resource, ReadFirst(texture, kRelease.texture_bytes), view);
}

cudaError_t cudaCreateTextureObject_v2(cudaTextureObject_t* object, const cudaResourceDesc* resource,
                                       const cudaTextureDesc* texture, const cudaResourceViewDesc* view) {
  return CreateTexture(object, resource, *texture, view);
}

cudaError_t cudaDestroyTextureObject(cudaTextureObject_t object) {
  return object == 0 ? cudaSuccess : ToRuntimeError(cuTexObjectDestroy(object));
}

cudaError_t cudaGetTextureObjectResourceDesc(cudaResourceDesc* resource, cudaTextureObject_t object) {
  CUDA_RESOURCE_DESC driver_resource;
  TQ_CUDART_RETURN_IF_ERROR(cuTexObjectGetResourceDesc(&driver_resource, object));
  WriteFirst(resource, ToRuntime(driver_resource), kRelease.resource_bytes);
  return cudaSuccess;
}

cudaError_t cudaGetTextureObjectTextureDesc(cudaTextureDesc* texture, cudaTextureObject_t object) {
  return ReadTexture(texture, kRelease.texture_bytes, object);
}

cudaError_t cudaGetTextureObjectTextureDesc_v2(cudaTextureDesc* texture, cudaTextureObject_t object) {
  return ReadTexture(texture, sizeof *texture, object);
}

cudaError_t cudaGetTextureObjectResourceViewDesc(cudaResourceViewDesc* view, cudaTextureObject_t object) {
  CUDA_RESOURCE_VIEW_DESC driver_view;
  TQ_CUDART_RETURN_IF_ERROR(cuTexObjectGetResourceViewDesc(&driver_view, object));
  WriteFirst(view, ToView<cudaResourceViewDesc>(driver_view), kRelease.resource_view_bytes);
  return cudaSuccess;
}

cudaError_t cudaCreateSurfaceObject(cudaSurfaceObject_t* object, const cudaResourceDesc* resource) {
  CUDA_RESOURCE_DESC driver_resource;
  ChannelFormat format;
  if (const cudaError_t error = ToDriver(*resource, &driver_resource, &format); error != cudaSuccess)
    return error;
  return ToRuntimeError(cuSurfObjectCreate(object, &driver_resource));
}

cudaError_t cudaDestroySurfaceObject(cudaSurfaceObject_t object) {
  return object == 0 ? cudaSuccess : ToRuntimeError(cuSurfObjectDestroy(object));
}

cudaError_t cudaGetSurfaceObjectResourceDesc(cudaResourceDesc* resource, cudaSurfaceObject_t object) {
  CUDA_RESOURCE_DESC driver_resource;
  TQ_CUDART_RETURN_IF_ERROR(cuSurfObjectGetResourceDesc(&driver_resource, object));
  WriteFirst(resource, ToRuntime(driver_resource), kRelease.resource_bytes);
  return cudaSuccess;
}

}  // namespace tq::cudart::impl
