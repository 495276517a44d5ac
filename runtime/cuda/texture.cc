// runtime/api/texture.td: CUDA driver API, "Texture Object Management" and "Texture Reference Management".
#include "api/texture.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/array.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/texture.h"
#include "runtime/core/texture_reference.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::TextureObject;
using core::TextureReference;

// ---- Objects ----

absl::Status cuTexObjectCreate(CUtexObject* pTexObject, const CUDA_RESOURCE_DESC* pResDesc,
                               const CUDA_TEXTURE_DESC* pTexDesc,
                               const CUDA_RESOURCE_VIEW_DESC* pResViewDesc) {
  ASSIGN_OR_RETURN(const TextureObject* const object,
                   TextureObject::Create(*core::Context::Current(), *pResDesc, *pTexDesc, pResViewDesc));
  *pTexObject = object->handle();
  return absl::OkStatus();
}

absl::Status cuTexObjectDestroy(CUtexObject texObject) { return TextureObject::Destroy(texObject); }

absl::Status cuTexObjectGetResourceDesc(CUDA_RESOURCE_DESC* pResDesc, CUtexObject texObject) {
  ASSIGN_OR_RETURN(const TextureObject* const object, TextureObject::Find(texObject));
  *pResDesc = object->resource();
  return absl::OkStatus();
}

absl::Status cuTexObjectGetTextureDesc(CUDA_TEXTURE_DESC* pTexDesc, CUtexObject texObject) {
  ASSIGN_OR_RETURN(const TextureObject* const object, TextureObject::Find(texObject));
  *pTexDesc = object->texture();
  return absl::OkStatus();
}

absl::Status cuTexObjectGetResourceViewDesc(CUDA_RESOURCE_VIEW_DESC* pResViewDesc, CUtexObject texObject) {
  ASSIGN_OR_RETURN(const TextureObject* const object, TextureObject::Find(texObject));
  if (!object->view().has_value()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the texture object was made without a resource view");
  }
  *pResViewDesc = *object->view();
  return absl::OkStatus();
}

// ---- References: what is bound ----

absl::Status cuTexRefCreate(CUtexref* pTexRef) {
  core::Context& context = *core::Context::Current();
  *pTexRef = context.Adopt(std::make_unique<TextureReference>(context, nullptr))->handle();
  return absl::OkStatus();
}

absl::Status cuTexRefDestroy(TextureReference& hTexRef) {
  if (hTexRef.is_of_module()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the texture reference belongs to its module");
  }
  hTexRef.context().Release(&hTexRef).reset();
  return absl::OkStatus();
}

namespace {

absl::Status CheckOverride(unsigned flags) {
  if ((flags & ~unsigned{CU_TRSA_OVERRIDE_FORMAT}) == 0) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE,
                   absl::StrCat("the flags are neither 0 nor CU_TRSA_OVERRIDE_FORMAT (", flags, ")"));
}

absl::Status BindLinear(TextureReference& reference, size_t* offset, CUdeviceptr address, size_t bytes) {
  if (address == 0 && bytes == 0) return reference.Unbind();  // as NVIDIA\'s runtime asks for it
  ASSIGN_OR_RETURN(const int align,
                   reference.context().device().Attribute(CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT));
  const size_t misaligned = address % static_cast<unsigned>(align);
  if (misaligned != 0 && offset == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("0x", absl::Hex(address), " is not aligned to ", align,
                                  " bytes, and there is nowhere to put its offset"));
  }
  CUDA_RESOURCE_DESC resource = {};
  resource.resType = CU_RESOURCE_TYPE_LINEAR;
  resource.res.linear.devPtr = address - misaligned;
  resource.res.linear.format = reference.format();
  resource.res.linear.numChannels = static_cast<unsigned>(reference.channels());
  resource.res.linear.sizeInBytes = bytes + misaligned;
  RETURN_IF_ERROR(reference.Bind(resource));
  if (offset != nullptr) *offset = misaligned;
  return absl::OkStatus();
}

absl::Status BindPitch2D(TextureReference& reference, const CUDA_ARRAY_DESCRIPTOR& desc, CUdeviceptr address,
                         size_t pitch) {
  RETURN_IF_ERROR(reference.SetFormat(desc.Format, static_cast<int>(desc.NumChannels)));
  CUDA_RESOURCE_DESC resource = {};
  resource.resType = CU_RESOURCE_TYPE_PITCH2D;
  resource.res.pitch2D.devPtr = address;
  resource.res.pitch2D.format = desc.Format;
  resource.res.pitch2D.numChannels = desc.NumChannels;
  resource.res.pitch2D.width = desc.Width;
  resource.res.pitch2D.height = desc.Height;
  resource.res.pitch2D.pitchInBytes = pitch;
  return reference.Bind(resource);
}

absl::StatusOr<CUdeviceptr> BoundAddress(const TextureReference& reference) {
  const CUDA_RESOURCE_DESC& resource = reference.resource();
  if (reference.is_bound() && resource.resType == CU_RESOURCE_TYPE_LINEAR) return resource.res.linear.devPtr;
  if (reference.is_bound() && resource.resType == CU_RESOURCE_TYPE_PITCH2D)
    return resource.res.pitch2D.devPtr;
  return CudaError(CUDA_ERROR_INVALID_VALUE, "no memory is bound to the texture reference");
}

}  // namespace

absl::Status cuTexRefSetArray(TextureReference& hTexRef, core::Array& hArray, unsigned int Flags) {
  RETURN_IF_ERROR(CheckOverride(Flags));
  CUDA_RESOURCE_DESC resource = {};
  resource.resType = CU_RESOURCE_TYPE_ARRAY;
  resource.res.array.hArray = hArray.handle<CUarray>();
  RETURN_IF_ERROR(hTexRef.Bind(resource));
  if (Flags == 0) return absl::OkStatus();
  const CUDA_ARRAY3D_DESCRIPTOR& descriptor = hArray.descriptor();
  return hTexRef.SetFormat(descriptor.Format, static_cast<int>(descriptor.NumChannels));
}

absl::Status cuTexRefSetMipmappedArray(TextureReference& hTexRef, core::MipmappedArray& hMipmappedArray,
                                       unsigned int Flags) {
  RETURN_IF_ERROR(CheckOverride(Flags));
  CUDA_RESOURCE_DESC resource = {};
  resource.resType = CU_RESOURCE_TYPE_MIPMAPPED_ARRAY;
  resource.res.mipmap.hMipmappedArray = hMipmappedArray.handle<CUmipmappedArray>();
  RETURN_IF_ERROR(hTexRef.Bind(resource));
  if (Flags == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const core::Array* const base, hMipmappedArray.Level(0));
  return hTexRef.SetFormat(base->descriptor().Format, static_cast<int>(base->descriptor().NumChannels));
}

absl::Status cuTexRefSetAddress_v2(size_t* ByteOffset, TextureReference& hTexRef, CUdeviceptr dptr,
                                   size_t bytes) {
  return BindLinear(hTexRef, ByteOffset, dptr, bytes);
}

absl::Status cuTexRefSetAddress2D_v3(TextureReference& hTexRef, const CUDA_ARRAY_DESCRIPTOR* desc,
                                     CUdeviceptr dptr, size_t Pitch) {
  return BindPitch2D(hTexRef, *desc, dptr, Pitch);
}

absl::Status cuTexRefGetAddress_v2(CUdeviceptr* pdptr, TextureReference& hTexRef) {
  ASSIGN_OR_RETURN(*pdptr, BoundAddress(hTexRef));
  return absl::OkStatus();
}

absl::Status cuTexRefGetArray(CUarray* phArray, TextureReference& hTexRef) {
  if (!hTexRef.is_bound() || hTexRef.resource().resType != CU_RESOURCE_TYPE_ARRAY) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "no array is bound to the texture reference");
  }
  *phArray = hTexRef.resource().res.array.hArray;
  return absl::OkStatus();
}

absl::Status cuTexRefGetMipmappedArray(CUmipmappedArray* phMipmappedArray, TextureReference& hTexRef) {
  if (!hTexRef.is_bound() || hTexRef.resource().resType != CU_RESOURCE_TYPE_MIPMAPPED_ARRAY) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "no mipmapped array is bound to the texture reference");
  }
  *phMipmappedArray = hTexRef.resource().res.mipmap.hMipmappedArray;
  return absl::OkStatus();
}

// ---- References: settings ----

namespace {

template <typename Change>
absl::Status ChangeSampler(TextureReference& reference, Change change) {
  CUDA_TEXTURE_DESC sampler = reference.sampler();
  change(sampler);
  return reference.SetSampler(sampler);
}

absl::Status CheckDimension(int dimension) {
  if (dimension >= 0 && dimension < 3) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("textures have no dimension ", dimension));
}

absl::Status CheckFilter(CUfilter_mode mode) {
  if (mode == CU_TR_FILTER_MODE_POINT || mode == CU_TR_FILTER_MODE_LINEAR) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no filter mode ", mode));
}

}  // namespace

absl::Status cuTexRefSetFormat(TextureReference& hTexRef, CUarray_format fmt, int NumPackedComponents) {
  return hTexRef.SetFormat(fmt, NumPackedComponents);
}

absl::Status cuTexRefSetAddressMode(TextureReference& hTexRef, int dim, CUaddress_mode am) {
  RETURN_IF_ERROR(CheckDimension(dim));
  if (static_cast<unsigned>(am) > CU_TR_ADDRESS_MODE_BORDER) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no address mode ", am));
  }
  return ChangeSampler(hTexRef, [&](CUDA_TEXTURE_DESC& sampler) { sampler.addressMode[dim] = am; });
}

absl::Status cuTexRefSetFilterMode(TextureReference& hTexRef, CUfilter_mode fm) {
  RETURN_IF_ERROR(CheckFilter(fm));
  return ChangeSampler(hTexRef, [&](CUDA_TEXTURE_DESC& sampler) { sampler.filterMode = fm; });
}

absl::Status cuTexRefSetMipmapFilterMode(TextureReference& hTexRef, CUfilter_mode fm) {
  RETURN_IF_ERROR(CheckFilter(fm));
  return ChangeSampler(hTexRef, [&](CUDA_TEXTURE_DESC& sampler) { sampler.mipmapFilterMode = fm; });
}

absl::Status cuTexRefSetMipmapLevelBias(TextureReference& hTexRef, float bias) {
  return ChangeSampler(hTexRef, [&](CUDA_TEXTURE_DESC& sampler) { sampler.mipmapLevelBias = bias; });
}

absl::Status cuTexRefSetMipmapLevelClamp(TextureReference& hTexRef, float minMipmapLevelClamp,
                                         float maxMipmapLevelClamp) {
  return ChangeSampler(hTexRef, [&](CUDA_TEXTURE_DESC& sampler) {
    sampler.minMipmapLevelClamp = minMipmapLevelClamp;
    sampler.maxMipmapLevelClamp = maxMipmapLevelClamp;
  });
}

absl::Status cuTexRefSetMaxAnisotropy(TextureReference& hTexRef, unsigned int maxAniso) {
  return ChangeSampler(hTexRef, [&](CUDA_TEXTURE_DESC& sampler) { sampler.maxAnisotropy = maxAniso; });
}

absl::Status cuTexRefSetBorderColor(TextureReference& hTexRef, float* pBorderColor) {
  return ChangeSampler(hTexRef, [&](CUDA_TEXTURE_DESC& sampler) {
    std::copy_n(pBorderColor, std::size(sampler.borderColor), sampler.borderColor);
  });
}

absl::Status cuTexRefSetFlags(TextureReference& hTexRef, unsigned int Flags) {
  constexpr unsigned kFlags = CU_TRSF_READ_AS_INTEGER | CU_TRSF_NORMALIZED_COORDINATES | CU_TRSF_SRGB |
                              CU_TRSF_DISABLE_TRILINEAR_OPTIMIZATION | CU_TRSF_SEAMLESS_CUBEMAP;
  if ((Flags & ~kFlags) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the flags are unknown (0x", absl::Hex(Flags), ")"));
  }
  return ChangeSampler(hTexRef, [&](CUDA_TEXTURE_DESC& sampler) { sampler.flags = Flags; });
}

absl::Status cuTexRefGetAddressMode(CUaddress_mode* pam, TextureReference& hTexRef, int dim) {
  RETURN_IF_ERROR(CheckDimension(dim));
  *pam = hTexRef.sampler().addressMode[dim];
  return absl::OkStatus();
}

absl::Status cuTexRefGetFilterMode(CUfilter_mode* pfm, TextureReference& hTexRef) {
  *pfm = hTexRef.sampler().filterMode;
  return absl::OkStatus();
}

absl::Status cuTexRefGetFormat(CUarray_format* pFormat, int* pNumChannels, TextureReference& hTexRef) {
  *pFormat = hTexRef.format();
  *pNumChannels = hTexRef.channels();
  return absl::OkStatus();
}

absl::Status cuTexRefGetMipmapFilterMode(CUfilter_mode* pfm, TextureReference& hTexRef) {
  *pfm = hTexRef.sampler().mipmapFilterMode;
  return absl::OkStatus();
}

absl::Status cuTexRefGetMipmapLevelBias(float* pbias, TextureReference& hTexRef) {
  *pbias = hTexRef.sampler().mipmapLevelBias;
  return absl::OkStatus();
}

absl::Status cuTexRefGetMipmapLevelClamp(float* pminMipmapLevelClamp, float* pmaxMipmapLevelClamp,
                                         TextureReference& hTexRef) {
  *pminMipmapLevelClamp = hTexRef.sampler().minMipmapLevelClamp;
  *pmaxMipmapLevelClamp = hTexRef.sampler().maxMipmapLevelClamp;
  return absl::OkStatus();
}

absl::Status cuTexRefGetMaxAnisotropy(int* pmaxAniso, TextureReference& hTexRef) {
  *pmaxAniso = static_cast<int>(hTexRef.sampler().maxAnisotropy);
  return absl::OkStatus();
}

absl::Status cuTexRefGetBorderColor(float* pBorderColor, TextureReference& hTexRef) {
  std::copy(std::begin(hTexRef.sampler().borderColor), std::end(hTexRef.sampler().borderColor), pBorderColor);
  return absl::OkStatus();
}

absl::Status cuTexRefGetFlags(unsigned int* pFlags, TextureReference& hTexRef) {
  *pFlags = hTexRef.sampler().flags;
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
