#include "runtime/core/texture_reference.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/array.h"
#include "runtime/core/copy.h"
#include "runtime/core/error.h"

namespace tq::core {
namespace {

// Puts contents where kernels find them by way of the variable, once none of them runs.
absl::Status Publish(Context& context, std::optional<Descriptor>& descriptor, Allocation& variable,
                     const tq_texture& contents) {
  RETURN_IF_ERROR(context.Synchronize());
  if (descriptor.has_value()) {
    descriptor->Write(contents);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(descriptor, Descriptor::Create(context));
  descriptor->Write(contents);
  const uint64_t handle = descriptor->handle();
  const CopyOperand dst = {.side = MemorySide::kDevice, .address = variable.device_ptr()};
  const CopyOperand src = {.side = MemorySide::kHost, .address = reinterpret_cast<uint64_t>(&handle)};
  return Copy(context.legacy_stream(), dst, src, {.row_bytes = sizeof handle}, CallMode::kSync);
}

}  // namespace

TextureReference::TextureReference(Context& context, Allocation* variable)
    : context_(context), variable_(variable) {
  for (CUaddress_mode& mode : sampler_.addressMode) mode = CU_TR_ADDRESS_MODE_CLAMP;
  sampler_.maxAnisotropy = 1;
}

absl::Status TextureReference::SetFormat(CUarray_format format, int channels) {
  const TexelFormat* const row = FindTexelFormat(format);
  if (row == nullptr || channels < 1 || !row->Takes(static_cast<unsigned>(channels))) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("no texel has ", channels, " channels of format ", format));
  }
  format_ = format;
  channels_ = channels;
  if (!is_bound_ || resource_.resType != CU_RESOURCE_TYPE_LINEAR) return absl::OkStatus();
  resource_.res.linear.format = format;
  resource_.res.linear.numChannels = static_cast<unsigned>(channels);
  return Describe(resource_, sampler_);
}

absl::Status TextureReference::Describe(const CUDA_RESOURCE_DESC& resource,
                                        const CUDA_TEXTURE_DESC& sampler) {
  ASSIGN_OR_RETURN(const tq_texture contents, DescribeTexture(context_, resource, sampler, nullptr));
  if (variable_ == nullptr) return absl::OkStatus();
  return Publish(context_, descriptor_, *variable_, contents);
}

absl::Status TextureReference::SetSampler(const CUDA_TEXTURE_DESC& sampler) {
  // Settings come one by one: until they go together, kernels see those before.
  if (is_bound_) Describe(resource_, sampler).IgnoreError();
  sampler_ = sampler;
  return absl::OkStatus();
}

absl::Status TextureReference::Bind(const CUDA_RESOURCE_DESC& resource) {
  RETURN_IF_ERROR(Describe(resource, sampler_));
  resource_ = resource;
  is_bound_ = true;
  return absl::OkStatus();
}

absl::Status TextureReference::Unbind() {
  is_bound_ = false;
  return descriptor_.has_value() ? Publish(context_, descriptor_, *variable_, {}) : absl::OkStatus();
}

absl::Status SurfaceReference::Bind(const Array& array) {
  CUDA_RESOURCE_DESC resource = {};
  resource.resType = CU_RESOURCE_TYPE_ARRAY;
  resource.res.array.hArray = array.handle<CUarray>();
  ASSIGN_OR_RETURN(const tq_texture contents, DescribeSurface(resource));
  RETURN_IF_ERROR(Publish(context_, descriptor_, *variable_, contents));
  array_ = resource.res.array.hArray;
  return absl::OkStatus();
}

absl::StatusOr<CUarray> SurfaceReference::BoundArray() const {
  if (array_ == nullptr)
    return CudaError(CUDA_ERROR_INVALID_VALUE, "no array is bound to the surface reference");
  return array_;
}

}  // namespace tq::core
