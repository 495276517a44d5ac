#include "runtime/core/array.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"

namespace tq::core {
namespace {

constexpr unsigned kKnownFlags = CUDA_ARRAY3D_LAYERED | CUDA_ARRAY3D_SURFACE_LDST | CUDA_ARRAY3D_CUBEMAP |
                                 CUDA_ARRAY3D_TEXTURE_GATHER | CUDA_ARRAY3D_DEPTH_TEXTURE |
                                 CUDA_ARRAY3D_COLOR_ATTACHMENT | CUDA_ARRAY3D_SPARSE |
                                 CUDA_ARRAY3D_DEFERRED_MAPPING | CUDA_ARRAY3D_VIDEO_ENCODE_DECODE;
constexpr uint64_t kLevelAlignBytes = 512;

// The seven shapes of cuArray3DCreate, by which sizes are given and which flags are set.
enum class Geometry { k1D, k2D, k3D, kLayered1D, kLayered2D, kCube, kLayeredCube };

struct Limits {
  Geometry geometry;
  CUdevice_attribute width, height, depth;  // 0: none
};
constexpr CUdevice_attribute kNone = static_cast<CUdevice_attribute>(0);
constexpr Limits kTextureLimits[] = {
    {Geometry::k1D, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_WIDTH, kNone, kNone},
    {Geometry::k2D, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_WIDTH, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_HEIGHT,
     kNone},
    {Geometry::kLayered1D, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_WIDTH, kNone,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_LAYERS},
    {Geometry::kLayered2D, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_WIDTH,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_HEIGHT,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_LAYERS},
    {Geometry::kCube, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_WIDTH,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_WIDTH, kNone},
    {Geometry::kLayeredCube, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_WIDTH,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_WIDTH,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_LAYERS},
};
constexpr Limits kSurfaceLimits[] = {
    {Geometry::k1D, CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_WIDTH, kNone, kNone},
    {Geometry::k2D, CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_WIDTH, CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_HEIGHT,
     kNone},
    {Geometry::k3D, CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_WIDTH, CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_HEIGHT,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_DEPTH},
    {Geometry::kLayered1D, CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_WIDTH, kNone,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_LAYERS},
    {Geometry::kLayered2D, CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_WIDTH,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_HEIGHT,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_LAYERS},
    {Geometry::kCube, CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_WIDTH,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_WIDTH, kNone},
    {Geometry::kLayeredCube, CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_WIDTH,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_WIDTH,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_LAYERS},
};
constexpr Limits kGatherLimits[] = {{Geometry::k2D, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_WIDTH,
                                     CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_HEIGHT, kNone}};
// Either of them will do.
constexpr Limits k3DLimits[] = {
    {Geometry::k3D, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH},
    {Geometry::k3D, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH_ALTERNATE,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT_ALTERNATE,
     CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH_ALTERNATE},
};

std::string SizeOf(const CUDA_ARRAY3D_DESCRIPTOR& d) {
  return absl::StrCat(d.Width, " x ", d.Height, " x ", d.Depth);
}

absl::Status Impossible(const CUDA_ARRAY3D_DESCRIPTOR& d, absl::string_view why) {
  return CudaError(CUDA_ERROR_INVALID_VALUE,
                   absl::StrCat("there is no array of ", SizeOf(d), " texels with flags 0x",
                                absl::Hex(d.Flags), ": ", why));
}

// CUDA driver API, cuArray3DCreate: the sizes that make the types of arrays.
absl::StatusOr<Geometry> GeometryOf(const CUDA_ARRAY3D_DESCRIPTOR& d) {
  const bool layered = (d.Flags & CUDA_ARRAY3D_LAYERED) != 0;
  if (d.Width == 0) return Impossible(d, "its width is 0");
  if ((d.Flags & CUDA_ARRAY3D_CUBEMAP) != 0) {
    if (d.Width != d.Height) return Impossible(d, "a cube's faces are square");
    if (layered ? d.Depth == 0 || d.Depth % 6 != 0 : d.Depth != 6) {
      return Impossible(d, "a cube has six faces");
    }
    return layered ? Geometry::kLayeredCube : Geometry::kCube;
  }
  if (layered) {
    if (d.Depth == 0) return Impossible(d, "it has no layers");
    return d.Height == 0 ? Geometry::kLayered1D : Geometry::kLayered2D;
  }
  if (d.Depth != 0) {
    if (d.Height == 0) return Impossible(d, "its height is 0");
    return Geometry::k3D;
  }
  return d.Height == 0 ? Geometry::k1D : Geometry::k2D;
}

absl::StatusOr<bool> Fits(const Device& device, const Limits& limits, const CUDA_ARRAY3D_DESCRIPTOR& d) {
  const std::pair<CUdevice_attribute, size_t> sizes[] = {
      {limits.width, d.Width}, {limits.height, d.Height}, {limits.depth, d.Depth}};
  for (const auto& [attribute, size] : sizes) {
    if (attribute == kNone) continue;
    ASSIGN_OR_RETURN(const int most, device.Attribute(attribute));
    if (size > static_cast<size_t>(most)) return false;
  }
  return true;
}

absl::Status CheckSizes(const Device& device, Geometry geometry, const CUDA_ARRAY3D_DESCRIPTOR& d) {
  const auto check = [&](std::span<const Limits> table) -> absl::Status {
    for (const Limits& limits : table) {
      if (limits.geometry != geometry) continue;
      ASSIGN_OR_RETURN(const bool fits, Fits(device, limits, d));
      if (!fits) return Impossible(d, "it is larger than the device's attributes allow");
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(check(kTextureLimits));
  if ((d.Flags & CUDA_ARRAY3D_SURFACE_LDST) != 0) RETURN_IF_ERROR(check(kSurfaceLimits));
  if ((d.Flags & CUDA_ARRAY3D_TEXTURE_GATHER) != 0) {
    if (geometry != Geometry::k2D) return Impossible(d, "only two dimensions can be gathered from");
    RETURN_IF_ERROR(check(kGatherLimits));
  }
  if (geometry != Geometry::k3D) return absl::OkStatus();
  for (const Limits& limits : k3DLimits) {
    ASSIGN_OR_RETURN(const bool fits, Fits(device, limits, d));
    if (fits) return absl::OkStatus();
  }
  return Impossible(d, "it is larger than the device's attributes allow");
}

absl::Status Check(const Device& device, const CUDA_ARRAY3D_DESCRIPTOR& d) {
  if ((d.Flags & ~kKnownFlags) != 0) return Impossible(d, "the flags are unknown");
  if ((d.Flags & (CUDA_ARRAY3D_SPARSE | CUDA_ARRAY3D_DEFERRED_MAPPING)) != 0) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                     "arrays that are mapped later are not supported, as the device's attributes say");
  }
  ASSIGN_OR_RETURN(const Geometry geometry, GeometryOf(d));
  return CheckSizes(device, geometry, d);
}

}  // namespace

absl::StatusOr<Array::Shape> Array::ShapeOf(const CUDA_ARRAY3D_DESCRIPTOR& d) {
  const uint64_t height = std::max<uint64_t>(d.Height, 1), slices = std::max<uint64_t>(d.Depth, 1);
  if (const PlanarFormat* planar = FindPlanarFormat(d.Format)) {
    if (d.NumChannels != planar->channels || d.Depth != 0 || d.Height == 0) {
      return Impossible(d, "a planar format has three channels and two dimensions");
    }
    const uint64_t row_bytes = d.Width * FindTexelFormat(planar->planes[0].format)->channel_bytes;
    uint64_t bytes = 0;
    for (const Plane& plane : planar->planes) {
      if (d.Width % (1u << plane.width_shift) != 0 || d.Height % (1u << plane.height_shift) != 0) {
        return Impossible(d, "its colour planes would have half a texel");
      }
      const uint32_t texel_bytes = FindTexelFormat(plane.format)->UnitBytes(plane.channels);
      bytes += (d.Width >> plane.width_shift) * texel_bytes * (d.Height >> plane.height_shift);
    }
    return Shape{row_bytes, bytes / row_bytes, 1};
  }
  const TexelFormat* const format = FindTexelFormat(d.Format);
  if (format == nullptr || !format->Takes(d.NumChannels)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("an array cannot have ", d.NumChannels, " channels of format ", d.Format));
  }
  const uint64_t side = format->is_block() ? 4 : 1;
  return Shape{(d.Width + side - 1) / side * format->UnitBytes(d.NumChannels), (height + side - 1) / side,
               slices};
}

Array::Array(std::shared_ptr<Allocation> memory, uint64_t offset_bytes,
             const CUDA_ARRAY3D_DESCRIPTOR& descriptor, const Shape& shape, bool is_part)
    : memory_(std::move(memory)),
      offset_bytes_(offset_bytes),
      descriptor_(descriptor),
      format_(FindTexelFormat(descriptor.Format)),
      shape_(shape),
      is_part_(is_part) {
  const PlanarFormat* const planar = FindPlanarFormat(descriptor.Format);
  if (planar == nullptr) return;
  uint64_t at = offset_bytes;
  for (const Plane& plane : planar->planes) {
    CUDA_ARRAY3D_DESCRIPTOR part = descriptor;
    part.Width >>= plane.width_shift;
    part.Height >>= plane.height_shift;
    part.Format = plane.format;
    part.NumChannels = plane.channels;
    const Shape part_shape = *ShapeOf(part);
    planes_.push_back(std::unique_ptr<Array>(new Array(memory_, at, part, part_shape, /*is_part=*/true)));
    at += planes_.back()->size_bytes();
  }
}

absl::StatusOr<std::unique_ptr<Array>> Array::Create(Context& context,
                                                     const CUDA_ARRAY3D_DESCRIPTOR& descriptor) {
  RETURN_IF_ERROR(Check(context.device(), descriptor));
  ASSIGN_OR_RETURN(const Shape shape, ShapeOf(descriptor));
  uint64_t size = 0;
  if (__builtin_mul_overflow(shape.row_bytes, shape.rows, &size) ||
      __builtin_mul_overflow(size, shape.slices, &size)) {
    return CudaError(CUDA_ERROR_OUT_OF_MEMORY, "the array is larger than any memory");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Allocation> memory,
                   Allocation::Create(context, Allocation::Kind::kArray, size));
  return std::unique_ptr<Array>(new Array(std::move(memory), 0, descriptor, shape, /*is_part=*/false));
}

absl::StatusOr<Array*> Array::PlaneAt(unsigned index) const {
  if (index >= planes_.size()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the array has no plane ", index, " (", planes_.size(), " planes)"));
  }
  return planes_[index].get();
}

absl::StatusOr<std::unique_ptr<MipmappedArray>> MipmappedArray::Create(
    Context& context, const CUDA_ARRAY3D_DESCRIPTOR& descriptor, unsigned levels) {
  return CreateIn(context, descriptor, levels, [&](uint64_t size_bytes) {
    return Allocation::Create(context, Allocation::Kind::kArray, size_bytes);
  });
}

absl::StatusOr<std::unique_ptr<MipmappedArray>> MipmappedArray::CreateIn(
    Context& context, const CUDA_ARRAY3D_DESCRIPTOR& descriptor, unsigned levels, AllocateArray allocate) {
  RETURN_IF_ERROR(Check(context.device(), descriptor));
  const bool is_layered = (descriptor.Flags & (CUDA_ARRAY3D_LAYERED | CUDA_ARRAY3D_CUBEMAP)) != 0;
  const size_t longest =
      std::max({descriptor.Width, descriptor.Height, is_layered ? size_t{1} : descriptor.Depth});
  const auto most = static_cast<unsigned>(std::bit_width(longest));
  const unsigned count = std::clamp(levels, 1u, most);

  struct Part {
    uint64_t offset_bytes;
    CUDA_ARRAY3D_DESCRIPTOR descriptor;
    Array::Shape shape;
  };
  std::vector<Part> parts;
  uint64_t size = 0;
  for (unsigned i = 0; i < count; ++i) {
    CUDA_ARRAY3D_DESCRIPTOR part = descriptor;
    const auto halved = [i](size_t side) { return side == 0 ? side : std::max<size_t>(side >> i, 1); };
    part.Width = halved(descriptor.Width);
    part.Height = halved(descriptor.Height);
    if (!is_layered) part.Depth = halved(descriptor.Depth);
    ASSIGN_OR_RETURN(const Array::Shape shape, Array::ShapeOf(part));
    parts.push_back({size, part, shape});
    uint64_t bytes = 0;
    if (__builtin_mul_overflow(shape.row_bytes, shape.rows, &bytes) ||
        __builtin_mul_overflow(bytes, shape.slices, &bytes) || bytes > std::numeric_limits<int64_t>::max()) {
      return CudaError(CUDA_ERROR_OUT_OF_MEMORY, "the array is larger than any memory");
    }
    size += (bytes + kLevelAlignBytes - 1) / kLevelAlignBytes * kLevelAlignBytes;
  }
  ASSIGN_OR_RETURN(std::shared_ptr<Allocation> memory, allocate(size));
  std::vector<std::unique_ptr<Array>> arrays;
  for (const Part& part : parts) {
    arrays.push_back(std::unique_ptr<Array>(
        new Array(memory, part.offset_bytes, part.descriptor, part.shape, /*is_part=*/true)));
  }
  return std::unique_ptr<MipmappedArray>(new MipmappedArray(std::move(arrays)));
}

absl::StatusOr<Array*> MipmappedArray::Level(unsigned index) const {
  if (index >= levels_.size()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the mipmapped array has no level ", index, " (",
                                                            levels_.size(), " levels)"));
  }
  return levels_[index].get();
}

}  // namespace tq::core
