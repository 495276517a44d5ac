// Texture and surface objects: descriptors in device memory (base/texture_abi.h) made from CUDA's. The
// program's CUtexObject is the descriptor's device address, which kernels take as it is.
//
// Thread-safe. An object lives until it is destroyed or its context is. Its descriptor is dead once the
// kernels launched before have ended, so that one that uses it later faults.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "base/texture_abi.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"

namespace tq::core {

// One descriptor in memory of a context's device.
class Descriptor {
 public:
  static absl::StatusOr<Descriptor> Create(Context& context);
  Descriptor(Descriptor&&) = default;
  Descriptor& operator=(Descriptor&&) = default;
  ~Descriptor();

  uint64_t handle() const { return memory_->device_ptr(); }
  // No kernel uses it meanwhile. `contents.self` is filled in.
  void Write(const tq_texture& contents);

 private:
  explicit Descriptor(std::unique_ptr<Allocation> memory) : memory_(std::move(memory)) {}

  std::unique_ptr<Allocation> memory_;
};

// A texture as the descriptors of CUDA say it, or the error that cuTexObjectCreate documents for them.
absl::StatusOr<tq_texture> DescribeTexture(const Context& context, const CUDA_RESOURCE_DESC& resource,
                                           const CUDA_TEXTURE_DESC& texture,
                                           const CUDA_RESOURCE_VIEW_DESC* view);
// A surface on an array made with CUDA_ARRAY3D_SURFACE_LDST.
absl::StatusOr<tq_texture> DescribeSurface(const CUDA_RESOURCE_DESC& resource);

class TextureObject : public ContextChild {
 public:
  // Belongs to `context`. `view` may be null.
  static absl::StatusOr<TextureObject*> Create(Context& context, const CUDA_RESOURCE_DESC& resource,
                                               const CUDA_TEXTURE_DESC& texture,
                                               const CUDA_RESOURCE_VIEW_DESC* view);
  // CUDA_ERROR_INVALID_VALUE unless it is alive.
  static absl::StatusOr<TextureObject*> Find(CUtexObject handle);
  static absl::Status Destroy(CUtexObject handle);
  ~TextureObject() override;

  CUtexObject handle() const { return descriptor_.handle(); }
  const CUDA_RESOURCE_DESC& resource() const { return resource_; }
  const CUDA_TEXTURE_DESC& texture() const { return texture_; }
  const std::optional<CUDA_RESOURCE_VIEW_DESC>& view() const { return view_; }

 private:
  TextureObject(Context& context, Descriptor descriptor, const CUDA_RESOURCE_DESC& resource,
                const CUDA_TEXTURE_DESC& texture, const CUDA_RESOURCE_VIEW_DESC* view);

  Context& context_;
  Descriptor descriptor_;
  const CUDA_RESOURCE_DESC resource_;
  const CUDA_TEXTURE_DESC texture_;
  const std::optional<CUDA_RESOURCE_VIEW_DESC> view_;
};

class SurfaceObject : public ContextChild {
 public:
  static absl::StatusOr<SurfaceObject*> Create(Context& context, const CUDA_RESOURCE_DESC& resource);
  static absl::StatusOr<SurfaceObject*> Find(CUsurfObject handle);
  static absl::Status Destroy(CUsurfObject handle);
  ~SurfaceObject() override;

  CUsurfObject handle() const { return descriptor_.handle(); }
  const CUDA_RESOURCE_DESC& resource() const { return resource_; }

 private:
  SurfaceObject(Context& context, Descriptor descriptor, const CUDA_RESOURCE_DESC& resource);

  Context& context_;
  Descriptor descriptor_;
  const CUDA_RESOURCE_DESC resource_;
};

}  // namespace tq::core
