// Texture and surface references of CUDA 11 (Runtime API reference of CUDA 11.8, "Texture Reference
// Management"): variables of the program, each with a twin in the module, which the driver calls CUtexref.
// Bound in the current context.
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "api/cudart_texture_reference.h"
#include "runtime/cudart/channel_format.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/registry.h"

namespace tq::cudart::impl {
namespace {

// Where the first texel lies behind the address that the texture unit got, for cudaGetTextureAlignmentOffset.
// Of references that are bound.
absl::Mutex bindings_mutex;
absl::flat_hash_map<const TextureReference*, size_t>& Bindings() {
  static auto* const bindings = new absl::flat_hash_map<const TextureReference*, size_t>();
  return *bindings;
}

void Remember(const TextureReference* reference, std::optional<size_t> offset) {
  absl::MutexLock lock(&bindings_mutex);
  if (offset.has_value()) {
    Bindings()[reference] = *offset;
  } else {
    Bindings().erase(reference);
  }
}

// Texels must be those that the variable was declared for.
cudaError_t CheckDeclared(const TextureReference& reference, const cudaChannelFormatDesc& desc) {
  const cudaChannelFormatDesc& declared = reference.channelDesc;
  const bool is_alike = declared.x == desc.x && declared.y == desc.y && declared.z == desc.z &&
                        declared.w == desc.w && declared.f == desc.f;
  return is_alike ? cudaSuccess : cudaErrorInvalidValue;
}

// The reference of the current context's module, set as the program has set its variable.
cudaError_t Prepare(const TextureReference& reference, const cudaChannelFormatDesc& desc, CUtexref* out) {
  RegisteredReference registered;
  if (!Registry::Get().FindReference(&reference, &registered)) return cudaErrorInvalidTexture;
  CUmodule module;
  if (const cudaError_t error = registered.binary->Module(&module); error != cudaSuccess) return error;
  TQ_CUDART_RETURN_IF_ERROR(cuModuleGetTexRef(out, module, registered.name.c_str()));

  ChannelFormat format;
  if (const cudaError_t error = ToFormat(desc, &format); error != cudaSuccess) return error;
  if (const cudaError_t error = CheckDeclared(reference, desc); error != cudaSuccess) return error;
  TQ_CUDART_RETURN_IF_ERROR(cuTexRefSetFormat(*out, format.format, static_cast<int>(format.channels)));
  unsigned flags = 0;
  if (!registered.is_normalized) flags |= CU_TRSF_READ_AS_INTEGER;
  if (reference.normalized != 0) flags |= CU_TRSF_NORMALIZED_COORDINATES;
  if (reference.sRGB != 0) flags |= CU_TRSF_SRGB;
  if (reference.disableTrilinearOptimization != 0) flags |= CU_TRSF_DISABLE_TRILINEAR_OPTIMIZATION;
  TQ_CUDART_RETURN_IF_ERROR(cuTexRefSetFlags(*out, flags));
  for (size_t i = 0; i < std::size(reference.addressMode); ++i) {
    TQ_CUDART_RETURN_IF_ERROR(cuTexRefSetAddressMode(*out, static_cast<int>(i),
                                                     static_cast<CUaddress_mode>(reference.addressMode[i])));
  }
  TQ_CUDART_RETURN_IF_ERROR(cuTexRefSetFilterMode(*out, static_cast<CUfilter_mode>(reference.filterMode)));
  TQ_CUDART_RETURN_IF_ERROR(
      cuTexRefSetMipmapFilterMode(*out, static_cast<CUfilter_mode>(reference.mipmapFilterMode)));
  TQ_CUDART_RETURN_IF_ERROR(cuTexRefSetMipmapLevelBias(*out, reference.mipmapLevelBias));
  TQ_CUDART_RETURN_IF_ERROR(
      cuTexRefSetMipmapLevelClamp(*out, reference.minMipmapLevelClamp, reference.maxMipmapLevelClamp));
  return ToRuntimeError(cuTexRefSetMaxAnisotropy(*out, reference.maxAnisotropy));
}

// A program may give UINT_MAX, the default, for all that there is.
cudaError_t ClampToAllocation(CUdeviceptr address, size_t* size_bytes) {
  CUdeviceptr base;
  size_t allocated;
  TQ_CUDART_RETURN_IF_ERROR(cuMemGetAddressRange_v2(&base, &allocated, address));
  *size_bytes = std::min(*size_bytes, static_cast<size_t>(base + allocated - address));
  return cudaSuccess;
}

cudaError_t FinishLinear(const TextureReference* reference, size_t offset, size_t* offset_out) {
  if (offset_out != nullptr) {
    *offset_out = offset;
  } else if (offset != 0) {
    return cudaErrorInvalidValue;  // the kernel could not know where its texels begin
  }
  Remember(reference, offset);
  return cudaSuccess;
}

}  // namespace

void __cudaRegisterTexture(void** handle, const TextureReference* host, const void**, const char* name, int,
                           int is_normalized, int) {
  Registry::Get().AddReference(reinterpret_cast<FatBinary*>(handle), host, name, is_normalized != 0);
}

void __cudaRegisterSurface(void** handle, const SurfaceReference* host, const void**, const char* name, int,
                           int) {
  Registry::Get().AddReference(reinterpret_cast<FatBinary*>(handle), host, name, /*is_normalized=*/false);
}

cudaError_t cudaBindTexture(size_t* offset_out, const TextureReference* reference, const void* pointer,
                            const cudaChannelFormatDesc* desc, size_t size_bytes) {
  const auto address = reinterpret_cast<CUdeviceptr>(pointer);
  CUtexref texture;
  if (const cudaError_t error = Prepare(*reference, *desc, &texture); error != cudaSuccess) return error;
  if (const cudaError_t error = ClampToAllocation(address, &size_bytes); error != cudaSuccess) return error;
  size_t offset = 0;
  TQ_CUDART_RETURN_IF_ERROR(cuTexRefSetAddress_v2(&offset, texture, address, size_bytes));
  return FinishLinear(reference, offset, offset_out);
}

cudaError_t cudaBindTexture2D(size_t* offset_out, const TextureReference* reference, const void* pointer,
                              const cudaChannelFormatDesc* desc, size_t width, size_t height, size_t pitch) {
  CUtexref texture;
  if (const cudaError_t error = Prepare(*reference, *desc, &texture); error != cudaSuccess) return error;
  ChannelFormat format;
  if (const cudaError_t error = ToFormat(*desc, &format); error != cudaSuccess) return error;
  int alignment = 1;
  CUdevice device;
  TQ_CUDART_RETURN_IF_ERROR(cuCtxGetDevice(&device));
  TQ_CUDART_RETURN_IF_ERROR(cuDeviceGetAttribute(&alignment, CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT, device));
  const auto address = reinterpret_cast<CUdeviceptr>(pointer);
  const size_t offset = address % static_cast<size_t>(alignment);
  const CUDA_ARRAY_DESCRIPTOR descriptor = {width, height, format.format, format.channels};
  TQ_CUDART_RETURN_IF_ERROR(cuTexRefSetAddress2D_v3(texture, &descriptor, address - offset, pitch));
  return FinishLinear(reference, offset, offset_out);
}

cudaError_t cudaBindTextureToArray(const TextureReference* reference, cudaArray_const_t array,
                                   const cudaChannelFormatDesc* desc) {
  CUtexref texture;
  if (const cudaError_t error = Prepare(*reference, *desc, &texture); error != cudaSuccess) return error;
  TQ_CUDART_RETURN_IF_ERROR(cuTexRefSetArray(texture, ToDriver(array), CU_TRSA_OVERRIDE_FORMAT));
  Remember(reference, 0);
  return cudaSuccess;
}

cudaError_t cudaBindTextureToMipmappedArray(const TextureReference* reference,
                                            cudaMipmappedArray_const_t array,
                                            const cudaChannelFormatDesc* desc) {
  CUtexref texture;
  if (const cudaError_t error = Prepare(*reference, *desc, &texture); error != cudaSuccess) return error;
  TQ_CUDART_RETURN_IF_ERROR(cuTexRefSetMipmappedArray(texture, ToDriver(array), CU_TRSA_OVERRIDE_FORMAT));
  Remember(reference, 0);
  return cudaSuccess;
}

cudaError_t cudaUnbindTexture(const TextureReference* reference) {
  RegisteredReference registered;
  if (!Registry::Get().FindReference(reference, &registered)) return cudaErrorInvalidTexture;
  CUmodule module;
  if (const cudaError_t error = registered.binary->Module(&module); error != cudaSuccess) return error;
  CUtexref texture;
  TQ_CUDART_RETURN_IF_ERROR(cuModuleGetTexRef(&texture, module, registered.name.c_str()));
  TQ_CUDART_RETURN_IF_ERROR(cuTexRefSetAddress_v2(nullptr, texture, 0, 0));
  Remember(reference, std::nullopt);
  return cudaSuccess;
}

cudaError_t cudaGetTextureAlignmentOffset(size_t* offset, const TextureReference* reference) {
  RegisteredReference registered;
  if (!Registry::Get().FindReference(reference, &registered)) return cudaErrorInvalidTexture;
  absl::MutexLock lock(&bindings_mutex);
  const auto found = Bindings().find(reference);
  if (found == Bindings().end()) return cudaErrorInvalidTextureBinding;
  *offset = found->second;
  return cudaSuccess;
}

cudaError_t cudaGetTextureReference(const TextureReference** reference, const void* symbol) {
  RegisteredReference registered;
  if (!Registry::Get().FindReference(symbol, &registered)) return cudaErrorInvalidTexture;
  *reference = static_cast<const TextureReference*>(symbol);
  return cudaSuccess;
}

cudaError_t cudaGetSurfaceReference(const SurfaceReference** reference, const void* symbol) {
  RegisteredReference registered;
  if (!Registry::Get().FindReference(symbol, &registered)) return cudaErrorInvalidSurface;
  *reference = static_cast<const SurfaceReference*>(symbol);
  return cudaSuccess;
}

cudaError_t cudaBindSurfaceToArray(const SurfaceReference* reference, cudaArray_const_t array,
                                   const cudaChannelFormatDesc*) {
  RegisteredReference registered;
  if (!Registry::Get().FindReference(reference, &registered)) return cudaErrorInvalidSurface;
  CUmodule module;
  if (const cudaError_t error = registered.binary->Module(&module); error != cudaSuccess) return error;
  CUsurfref surface;
  TQ_CUDART_RETURN_IF_ERROR(cuModuleGetSurfRef(&surface, module, registered.name.c_str()));
  return ToRuntimeError(cuSurfRefSetArray(surface, ToDriver(array), 0));
}

}  // namespace tq::cudart::impl
