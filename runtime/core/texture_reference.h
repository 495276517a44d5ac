// Texture and surface references: what CUDA had before texture objects (CUDA driver API, "Texture Reference
// Management"). A module's reference is a variable of type .texref or .surfref, whose 8 bytes in device
// memory get the handle of the reference's descriptor; one of cuTexRefCreate is settings alone.
//
// A change waits for the context's work, since kernels in flight read the descriptor: each launch uses what
// was set before it. Calls on one reference are the program's to keep apart.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/handle.h"
#include "runtime/core/texture.h"

namespace tq::core {

class Array;
class MipmappedArray;

class TextureReference : public ContextChild {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kTextureReference;

  // `variable`: where a module's kernels look for the handle; null for one that no kernel names.
  TextureReference(Context& context, Allocation* variable);

  CUtexref handle() const { return handle_.as<CUtexref>(); }
  Context& context() const { return context_; }
  bool is_of_module() const { return variable_ != nullptr; }

  const CUDA_TEXTURE_DESC& sampler() const { return sampler_; }
  const CUDA_RESOURCE_DESC& resource() const { return resource_; }
  bool is_bound() const { return is_bound_; }
  CUarray_format format() const { return format_; }
  int channels() const { return channels_; }

  // How memory is read, that which is bound already too.
  absl::Status SetFormat(CUarray_format format, int channels);
  // Replaces settings; what is bound is described anew.
  absl::Status SetSampler(const CUDA_TEXTURE_DESC& sampler);
  // Binds arrays as they are, memory by the format that was set.
  absl::Status Bind(const CUDA_RESOURCE_DESC& resource);
  // Kernels that use it from now on fault.
  absl::Status Unbind();

 private:
  absl::Status Describe(const CUDA_RESOURCE_DESC& resource, const CUDA_TEXTURE_DESC& sampler);

  Context& context_;
  Allocation* const variable_;
  CUarray_format format_ = CU_AD_FORMAT_FLOAT;
  int channels_ = 1;
  CUDA_TEXTURE_DESC sampler_ = {};
  CUDA_RESOURCE_DESC resource_ = {};
  bool is_bound_ = false;
  std::optional<Descriptor> descriptor_;
  Handle<TextureReference> handle_{this};
};

class SurfaceReference : public ContextChild {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kSurfaceReference;

  SurfaceReference(Context& context, Allocation* variable) : context_(context), variable_(variable) {}

  CUsurfref handle() const { return handle_.as<CUsurfref>(); }
  absl::Status Bind(const Array& array);
  // CUDA_ERROR_INVALID_VALUE while nothing is bound.
  absl::StatusOr<CUarray> BoundArray() const;

 private:
  Context& context_;
  Allocation* const variable_;
  CUarray array_ = nullptr;
  std::optional<Descriptor> descriptor_;
  Handle<SurfaceReference> handle_{this};
};

}  // namespace tq::core
