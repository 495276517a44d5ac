#include "runtime/core/texture.h"

#include <algorithm>
#include <cstring>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "api/resolve.h"
#include "base/status.h"
#include "runtime/core/array.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"

namespace tq::core {
namespace {

static_assert(TQ_ADDRESS_WRAP == int{CU_TR_ADDRESS_MODE_WRAP} &&
              TQ_ADDRESS_CLAMP == int{CU_TR_ADDRESS_MODE_CLAMP} &&
              TQ_ADDRESS_MIRROR == int{CU_TR_ADDRESS_MODE_MIRROR} &&
              TQ_ADDRESS_BORDER == int{CU_TR_ADDRESS_MODE_BORDER});
static_assert(TQ_FILTER_NEAREST == int{CU_TR_FILTER_MODE_POINT} &&
              TQ_FILTER_LINEAR == int{CU_TR_FILTER_MODE_LINEAR});

constexpr unsigned kTextureFlags = CU_TRSF_READ_AS_INTEGER | CU_TRSF_NORMALIZED_COORDINATES | CU_TRSF_SRGB |
                                   CU_TRSF_DISABLE_TRILINEAR_OPTIMIZATION | CU_TRSF_SEAMLESS_CUBEMAP;

absl::Status Invalid(std::string_view what) { return CudaError(CUDA_ERROR_INVALID_VALUE, what); }

// ---- Images ----

// What a resource and its view have to say, before a sampler reads it.
struct Image {
  tq_texture descriptor = {};
  const TexelFormat* format = nullptr;
  unsigned channels = 0;
};

absl::Status SetFormat(Image& image, CUarray_format format, unsigned channels) {
  image.format = FindTexelFormat(format);
  if (image.format == nullptr || !image.format->Takes(channels)) {
    return Invalid(absl::StrCat("no texel has ", channels, " channels of format ", format));
  }
  image.channels = channels;
  image.descriptor.texel = static_cast<uint8_t>(image.format->texel);
  image.descriptor.channels = static_cast<uint8_t>(channels);
  image.descriptor.texel_bytes = static_cast<uint8_t>(image.format->UnitBytes(channels));
  image.descriptor.channel_data_type = image.format->channel_data_type;
  image.descriptor.channel_order = image.format->ChannelOrder(channels);
  return absl::OkStatus();
}

tq_texture_level LevelOf(const Array& array) {
  const CUDA_ARRAY3D_DESCRIPTOR& d = array.descriptor();
  tq_texture_level level = {};
  level.address = array.device_ptr();
  level.row_pitch_bytes = array.row_bytes();
  level.slice_pitch_bytes = array.slice_pitch();
  level.width = static_cast<uint32_t>(d.Width);
  level.height = static_cast<uint32_t>(std::max<size_t>(d.Height, 1));
  level.slices = static_cast<uint32_t>(array.slices());
  return level;
}

absl::Status AddArray(Image& image, const Array& array) {
  const CUDA_ARRAY3D_DESCRIPTOR& d = array.descriptor();
  RETURN_IF_ERROR(SetFormat(image, d.Format, d.NumChannels));
  tq_texture& out = image.descriptor;
  out.levels[0] = LevelOf(array);
  out.level_count = 1;
  if (array.is_layered() || array.is_cube()) out.flags |= TQ_TEXTURE_LAYERED;
  if (array.is_layered()) out.array_size = out.levels[0].slices / (array.is_cube() ? 6 : 1);
  return absl::OkStatus();
}

absl::Status AddMipmappedArray(Image& image, const MipmappedArray& mipmap) {
  ASSIGN_OR_RETURN(const Array* const base, mipmap.Level(0));
  RETURN_IF_ERROR(AddArray(image, *base));
  for (unsigned i = 0; i < mipmap.level_count(); ++i) {
    ASSIGN_OR_RETURN(const Array* const level, mipmap.Level(i));
    image.descriptor.levels[i] = LevelOf(*level);
  }
  image.descriptor.level_count = static_cast<uint8_t>(mipmap.level_count());
  return absl::OkStatus();
}

absl::Status CheckAddress(const Device& device, CUdeviceptr address) {
  ASSIGN_OR_RETURN(const int align, device.Attribute(CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT));
  if (address != 0 && address % static_cast<unsigned>(align) == 0) return absl::OkStatus();
  return Invalid(absl::StrCat("the texture's memory (0x", absl::Hex(address), ") is not aligned to ", align,
                              " bytes, CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT"));
}

absl::Status CheckLimit(const Device& device, CUdevice_attribute attribute, uint64_t value,
                        const char* what) {
  ASSIGN_OR_RETURN(const int most, device.Attribute(attribute));
  if (value != 0 && value <= static_cast<unsigned>(most)) return absl::OkStatus();
  return Invalid(absl::StrCat("the texture's ", what, " is not between 1 and ", most, " (", value, ")"));
}

absl::Status AddLinear(Image& image, const Device& device, const CUDA_RESOURCE_DESC& resource) {
  const auto& linear = resource.res.linear;
  RETURN_IF_ERROR(SetFormat(image, linear.format, linear.numChannels));
  if (image.format->is_block()) return Invalid("linear memory holds no blocks of texels");
  RETURN_IF_ERROR(CheckAddress(device, linear.devPtr));
  const uint64_t width = linear.sizeInBytes / image.descriptor.texel_bytes;
  RETURN_IF_ERROR(CheckLimit(device, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LINEAR_WIDTH, width, "width"));
  image.descriptor.levels[0] = {
      linear.devPtr, linear.sizeInBytes, linear.sizeInBytes, static_cast<uint32_t>(width), 1, 1, 0};
  image.descriptor.level_count = 1;
  image.descriptor.flags |= TQ_TEXTURE_BUFFER;
  return absl::OkStatus();
}

absl::Status AddPitch2D(Image& image, const Device& device, const CUDA_RESOURCE_DESC& resource) {
  const auto& plane = resource.res.pitch2D;
  RETURN_IF_ERROR(SetFormat(image, plane.format, plane.numChannels));
  if (image.format->is_block()) return Invalid("linear memory holds no blocks of texels");
  RETURN_IF_ERROR(CheckAddress(device, plane.devPtr));
  RETURN_IF_ERROR(
      CheckLimit(device, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_WIDTH, plane.width, "width"));
  RETURN_IF_ERROR(
      CheckLimit(device, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_HEIGHT, plane.height, "height"));
  RETURN_IF_ERROR(
      CheckLimit(device, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_PITCH, plane.pitchInBytes, "pitch"));
  ASSIGN_OR_RETURN(const int align, device.Attribute(CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT));
  const uint64_t row_bytes = plane.width * image.descriptor.texel_bytes;
  if (plane.pitchInBytes % static_cast<unsigned>(align) != 0 || plane.pitchInBytes < row_bytes) {
    return Invalid(absl::StrCat("the texture's pitch (", plane.pitchInBytes, ") is no multiple of ", align,
                                " bytes of at least ", row_bytes));
  }
  image.descriptor.levels[0] = {plane.devPtr,
                                plane.pitchInBytes,
                                plane.pitchInBytes * plane.height,
                                static_cast<uint32_t>(plane.width),
                                static_cast<uint32_t>(plane.height),
                                1,
                                0};
  image.descriptor.level_count = 1;
  return absl::OkStatus();
}

absl::Status AddResource(Image& image, const Device& device, const CUDA_RESOURCE_DESC& resource) {
  if (resource.flags != 0)
    return Invalid(absl::StrCat("the resource's flags are not 0 (", resource.flags, ")"));
  switch (resource.resType) {
    case CU_RESOURCE_TYPE_ARRAY:
      if (const Array* array = Resolve(resource.res.array.hArray)) return AddArray(image, *array);
      return CudaError(CUDA_ERROR_INVALID_HANDLE, "the resource is no live array");
    case CU_RESOURCE_TYPE_MIPMAPPED_ARRAY:
      if (const MipmappedArray* mipmap = Resolve(resource.res.mipmap.hMipmappedArray)) {
        return AddMipmappedArray(image, *mipmap);
      }
      return CudaError(CUDA_ERROR_INVALID_HANDLE, "the resource is no live mipmapped array");
    case CU_RESOURCE_TYPE_LINEAR:
      return AddLinear(image, device, resource);
    case CU_RESOURCE_TYPE_PITCH2D:
      return AddPitch2D(image, device, resource);
  }
  return Invalid(absl::StrCat("there is no resource type ", resource.resType));
}

// ---- Views ----

// Integers of an array read as texels of another format of the same size, or as compressed blocks.
absl::Status Reinterpret(Image& image, const CUDA_RESOURCE_VIEW_DESC& view) {
  if (view.format == CU_RES_VIEW_FORMAT_NONE) return absl::OkStatus();
  const ViewFormat* const row = FindViewFormat(view.format);
  if (row == nullptr) {
    return view.format <= CU_RES_VIEW_FORMAT_UNSIGNED_BC7
               ? CudaError(CUDA_ERROR_NOT_SUPPORTED, "views as BC6H are not supported")
               : Invalid(absl::StrCat("there is no view format ", view.format));
  }
  const CUarray_format was = image.format->format;
  const uint32_t unit_bytes = image.descriptor.texel_bytes;
  RETURN_IF_ERROR(SetFormat(image, row->format, row->channels));
  if (image.descriptor.texel_bytes != unit_bytes ||
      (image.format->is_block() && was != CU_AD_FORMAT_UNSIGNED_INT32)) {
    return Invalid(absl::StrCat("texels of ", unit_bytes, " bytes cannot be viewed as format ", view.format));
  }
  if (!image.format->is_block()) return absl::OkStatus();
  for (tq_texture_level& level : image.descriptor.levels) level.width *= 4, level.height *= 4;
  return absl::OkStatus();
}

absl::Status ApplyView(Image& image, const CUDA_RESOURCE_VIEW_DESC& view) {
  tq_texture& out = image.descriptor;
  RETURN_IF_ERROR(Reinterpret(image, view));
  const tq_texture_level& base = out.levels[0];
  if (view.width != base.width || std::max<size_t>(view.height, 1) != base.height) {
    return Invalid(absl::StrCat("a view of ", view.width, " x ", view.height,
                                " texels does not fit an image of ", base.width, " x ", base.height));
  }
  if (view.firstMipmapLevel > view.lastMipmapLevel || view.lastMipmapLevel >= out.level_count) {
    return Invalid(
        absl::StrCat("the image has no levels ", view.firstMipmapLevel, " to ", view.lastMipmapLevel));
  }
  out.level_count = static_cast<uint8_t>(view.lastMipmapLevel - view.firstMipmapLevel + 1);
  if (view.firstMipmapLevel != 0) {
    std::memmove(&out.levels[0], &out.levels[view.firstMipmapLevel], out.level_count * sizeof out.levels[0]);
  }
  if ((out.flags & TQ_TEXTURE_LAYERED) == 0) return absl::OkStatus();
  if (view.firstLayer > view.lastLayer || view.lastLayer >= base.slices) {
    return Invalid(absl::StrCat("the image has no layers ", view.firstLayer, " to ", view.lastLayer));
  }
  const uint32_t layers = view.lastLayer - view.firstLayer + 1;
  if (out.array_size != 0) out.array_size = out.array_size * layers / base.slices;
  for (uint32_t i = 0; i < out.level_count; ++i) {
    out.levels[i].address += view.firstLayer * out.levels[i].slice_pitch_bytes;
    out.levels[i].slices = layers;
  }
  return absl::OkStatus();
}

// ---- Samplers ----

absl::Status CheckSampler(const CUDA_TEXTURE_DESC& texture) {
  for (const CUaddress_mode mode : texture.addressMode) {
    if (static_cast<unsigned>(mode) > CU_TR_ADDRESS_MODE_BORDER)
      return Invalid(absl::StrCat("there is no address mode ", mode));
  }
  for (const CUfilter_mode mode : {texture.filterMode, texture.mipmapFilterMode}) {
    if (static_cast<unsigned>(mode) > CU_TR_FILTER_MODE_LINEAR)
      return Invalid(absl::StrCat("there is no filter mode ", mode));
  }
  if ((texture.flags & ~kTextureFlags) != 0) {
    return Invalid(absl::StrCat("the texture's flags are unknown (0x", absl::Hex(texture.flags), ")"));
  }
  return absl::OkStatus();
}

void SetTexel(Image& image, unsigned flags) {
  tq_texel texel = image.format->normalized;
  if ((flags & CU_TRSF_READ_AS_INTEGER) != 0) {
    texel = image.format->texel;
  } else if ((flags & CU_TRSF_SRGB) != 0) {
    texel = image.format->srgb;
  }
  image.descriptor.texel = static_cast<uint8_t>(texel);
}

void SetBorder(Image& image, const float (&color)[4]) {
  std::memcpy(image.descriptor.border, color, sizeof color);
  // Channels that the texels lack read 0, 0, 1 outside too.
  const bool is_integer = image.descriptor.texel < TQ_TEXEL_FIRST_FILTERED;
  const float one = 1.0f;
  uint32_t alpha = 1;
  if (!is_integer) std::memcpy(&alpha, &one, sizeof alpha);
  for (unsigned c = image.channels; c < 4; ++c) image.descriptor.border[c] = c == 3 ? alpha : 0;
}

// ---- Handles ----

// The live objects of a class by the device address that the program knows them by.
template <typename Object>
class Table {
 public:
  static Table& Get() {
    static Table& table = *new Table;
    return table;
  }
  void Insert(uint64_t handle, Object* object) {
    absl::MutexLock lock(&mutex_);
    objects_[handle] = object;
  }
  void Erase(uint64_t handle) {
    absl::MutexLock lock(&mutex_);
    objects_.erase(handle);
  }
  absl::StatusOr<Object*> Find(uint64_t handle, absl::string_view what) {
    absl::MutexLock lock(&mutex_);
    const auto found = objects_.find(handle);
    if (found != objects_.end()) return found->second;
    return Invalid(absl::StrCat("0x", absl::Hex(handle), " is no live ", what, " object"));
  }
  // The same, and nobody finds it any more.
  absl::StatusOr<Object*> Take(uint64_t handle, absl::string_view what) {
    ASSIGN_OR_RETURN(Object* const object, Find(handle, what));
    Erase(handle);
    return object;
  }

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<uint64_t, Object*> objects_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<Descriptor> Descriptor::Create(Context& context) {
  ASSIGN_OR_RETURN(std::unique_ptr<Allocation> memory,
                   Allocation::Create(context, Allocation::Kind::kRuntime, sizeof(tq_texture)));
  TQ_CHECK(memory->host_ptr() != nullptr && memory->device_ptr() % TQ_TEXTURE_ALIGN_BYTES == 0);
  return Descriptor(std::move(memory));
}

Descriptor::~Descriptor() {
  if (memory_ != nullptr) std::memset(memory_->host_ptr(), 0, offsetof(tq_texture, levels));
}

void Descriptor::Write(const tq_texture& contents) {
  tq_texture complete = contents;
  complete.self = handle();
  std::memcpy(memory_->host_ptr(), &complete, sizeof complete);
}

absl::StatusOr<tq_texture> DescribeTexture(const Context& context, const CUDA_RESOURCE_DESC& resource,
                                           const CUDA_TEXTURE_DESC& texture,
                                           const CUDA_RESOURCE_VIEW_DESC* view) {
  Image image;
  RETURN_IF_ERROR(AddResource(image, context.device(), resource));
  const bool is_array =
      resource.resType == CU_RESOURCE_TYPE_ARRAY || resource.resType == CU_RESOURCE_TYPE_MIPMAPPED_ARRAY;
  if (view != nullptr) {
    if (!is_array) return Invalid("only arrays and mipmapped arrays have views");
    RETURN_IF_ERROR(ApplyView(image, *view));
  }
  tq_texture& out = image.descriptor;
  out.kind = TQ_TEXTURE_TEXTURE;
  SetTexel(image, texture.flags);
  // Of linear memory nothing of the sampler has a meaning.
  if (resource.resType == CU_RESOURCE_TYPE_LINEAR) return out;
  RETURN_IF_ERROR(CheckSampler(texture));
  for (int i = 0; i < 3; ++i) out.address_mode[i] = static_cast<uint8_t>(texture.addressMode[i]);
  out.filter = static_cast<uint8_t>(texture.filterMode);
  out.mip_filter = static_cast<uint8_t>(texture.mipmapFilterMode);
  out.max_anisotropy = static_cast<uint8_t>(std::clamp(texture.maxAnisotropy, 1u, 16u));
  if ((texture.flags & CU_TRSF_NORMALIZED_COORDINATES) != 0) out.flags |= TQ_TEXTURE_NORMALIZED;
  if ((texture.flags & CU_TRSF_SEAMLESS_CUBEMAP) != 0) out.flags |= TQ_TEXTURE_SEAMLESS;
  out.lod_bias = texture.mipmapLevelBias;
  out.min_lod = texture.minMipmapLevelClamp;
  out.max_lod = texture.maxMipmapLevelClamp;
  SetBorder(image, texture.borderColor);
  return out;
}

absl::StatusOr<tq_texture> DescribeSurface(const CUDA_RESOURCE_DESC& resource) {
  if (resource.resType != CU_RESOURCE_TYPE_ARRAY || resource.flags != 0)
    return Invalid("a surface needs an array");
  const Array* const array = Resolve(resource.res.array.hArray);
  if (array == nullptr) return CudaError(CUDA_ERROR_INVALID_HANDLE, "the resource is no live array");
  if ((array->descriptor().Flags & CUDA_ARRAY3D_SURFACE_LDST) == 0) {
    return Invalid("the array was made without CUDA_ARRAY3D_SURFACE_LDST");
  }
  Image image;
  RETURN_IF_ERROR(AddArray(image, *array));
  if (image.format->is_block()) return Invalid("surfaces have no compressed formats");
  image.descriptor.kind = TQ_TEXTURE_SURFACE;
  return image.descriptor;
}

TextureObject::TextureObject(Context& context, Descriptor descriptor, const CUDA_RESOURCE_DESC& resource,
                             const CUDA_TEXTURE_DESC& texture, const CUDA_RESOURCE_VIEW_DESC* view)
    : context_(context),
      descriptor_(std::move(descriptor)),
      resource_(resource),
      texture_(texture),
      view_(view == nullptr ? std::nullopt : std::optional(*view)) {
  Table<TextureObject>::Get().Insert(handle(), this);
}

TextureObject::~TextureObject() { Table<TextureObject>::Get().Erase(handle()); }

absl::StatusOr<TextureObject*> TextureObject::Create(Context& context, const CUDA_RESOURCE_DESC& resource,
                                                     const CUDA_TEXTURE_DESC& texture,
                                                     const CUDA_RESOURCE_VIEW_DESC* view) {
  ASSIGN_OR_RETURN(const tq_texture contents, DescribeTexture(context, resource, texture, view));
  ASSIGN_OR_RETURN(Descriptor descriptor, Descriptor::Create(context));
  descriptor.Write(contents);
  return context.Adopt(std::unique_ptr<TextureObject>(
      new TextureObject(context, std::move(descriptor), resource, texture, view)));
}

absl::Status TextureObject::Destroy(CUtexObject handle) {
  ASSIGN_OR_RETURN(TextureObject* const object, Table<TextureObject>::Get().Take(handle, "texture"));
  object->context_.Retire(object);
  return absl::OkStatus();
}

absl::StatusOr<TextureObject*> TextureObject::Find(CUtexObject handle) {
  return Table<TextureObject>::Get().Find(handle, "texture");
}

SurfaceObject::SurfaceObject(Context& context, Descriptor descriptor, const CUDA_RESOURCE_DESC& resource)
    : context_(context), descriptor_(std::move(descriptor)), resource_(resource) {
  Table<SurfaceObject>::Get().Insert(handle(), this);
}

SurfaceObject::~SurfaceObject() { Table<SurfaceObject>::Get().Erase(handle()); }

absl::StatusOr<SurfaceObject*> SurfaceObject::Create(Context& context, const CUDA_RESOURCE_DESC& resource) {
  ASSIGN_OR_RETURN(const tq_texture contents, DescribeSurface(resource));
  ASSIGN_OR_RETURN(Descriptor descriptor, Descriptor::Create(context));
  descriptor.Write(contents);
  return context.Adopt(
      std::unique_ptr<SurfaceObject>(new SurfaceObject(context, std::move(descriptor), resource)));
}

absl::Status SurfaceObject::Destroy(CUsurfObject handle) {
  ASSIGN_OR_RETURN(SurfaceObject* const object, Table<SurfaceObject>::Get().Take(handle, "surface"));
  object->context_.Retire(object);
  return absl::OkStatus();
}

absl::StatusOr<SurfaceObject*> SurfaceObject::Find(CUsurfObject handle) {
  return Table<SurfaceObject>::Get().Find(handle, "surface");
}

}  // namespace tq::core
