// Surfaces, and what may be asked of textures and surfaces (PTX ISA, "Surface Instructions").
#include "compiler/devicelib/texel.h"

// The address of `size` bytes at a surface's coordinates; x counts bytes, or samples with `is_scaled`. 0:
// outside, and neither to be clamped. `slice` is the layer of a layered surface; of others z is.
TQ_DEVICE_OUTLINED uint64_t tq_surface_address(uint64_t handle, int32_t x, int32_t y, int32_t z,
                                               uint32_t size, uint32_t is_scaled, uint32_t clamp) {
  const tq_texture* const surface = (const tq_texture*)handle;
  const tq_texture_level* const level = &surface->levels[0];
  int64_t at = is_scaled ? (int64_t)x * surface->texel_bytes : x;
  int64_t row = y, slice = z;
  const int64_t width = (int64_t)level->width * surface->texel_bytes;
  const _Bool is_inside = at >= 0 && at + size <= width && row >= 0 && row < (int64_t)level->height &&
                          slice >= 0 && slice < (int64_t)level->slices;
  if (!is_inside) {
    if (clamp != TQ_SURFACE_CLAMP || width < (int64_t)size) return 0;
    const int64_t last = (width - size) / size * size;
    at = at < 0 ? 0 : at > last ? last : at;
    row = row < 0 ? 0 : row >= (int64_t)level->height ? (int64_t)level->height - 1 : row;
    slice = slice < 0 ? 0 : slice >= (int64_t)level->slices ? (int64_t)level->slices - 1 : slice;
  }
  return level->address + (uint64_t)slice * level->slice_pitch_bytes +
         (uint64_t)row * level->row_pitch_bytes + (uint64_t)at;
}

TQ_INLINE uint32_t clamped_integer(uint32_t value, uint32_t bits, _Bool is_signed) {
  if (is_signed) {
    const int32_t most = (int32_t)((1u << (bits - 1)) - 1), v = (int32_t)value;
    return (uint32_t)(v > most ? most : v < -most - 1 ? -most - 1 : v);
  }
  const uint32_t most = (1u << bits) - 1;
  return value > most ? most : value;
}

TQ_INLINE uint32_t quantized(float value, float most, _Bool is_signed) {
  const float least = is_signed ? -1.0f : 0.0f;
  value = value > least ? value : value == value ? least : 0.0f;
  value = value < 1.0f ? value : 1.0f;
  const float scaled = value * most;
  return (uint32_t)(int32_t)(scaled + (scaled < 0 ? -0.5f : 0.5f));
}

TQ_INLINE void store_channel(uint8_t* bytes, uint32_t value, uint32_t size) {
  if (size == 1) *bytes = (uint8_t)value;
  if (size == 2) __builtin_memcpy(bytes, &value, 2);
  if (size == 4) __builtin_memcpy(bytes, &value, 4);
}

// sust.p: the 32-bit values become a texel of the surface's format. Integers beyond it are clamped.
TQ_DEVICE_OUTLINED void tq_surface_store(uint64_t handle, uint64_t address, uint32_t r, uint32_t g,
                                         uint32_t b, uint32_t a) {
  const tq_texture* const surface = (const tq_texture*)handle;
  uint8_t* bytes = (uint8_t*)address;
  const uint32_t values[4] = {r, g, b, a};
  for (uint32_t i = 0; i < surface->channels; ++i) {
    const uint32_t value = values[i];
    const float real = tq_f32_bits(value);
    switch (surface->texel) {
      case TQ_TEXEL_U8:
        store_channel(bytes + i, clamped_integer(value, 8, 0), 1);
        break;
      case TQ_TEXEL_S8:
        store_channel(bytes + i, clamped_integer(value, 8, 1), 1);
        break;
      case TQ_TEXEL_U16:
        store_channel(bytes + 2 * i, clamped_integer(value, 16, 0), 2);
        break;
      case TQ_TEXEL_S16:
        store_channel(bytes + 2 * i, clamped_integer(value, 16, 1), 2);
        break;
      case TQ_TEXEL_UNORM8:
        store_channel(bytes + i, quantized(real, 255.0f, 0), 1);
        break;
      case TQ_TEXEL_SNORM8:
        store_channel(bytes + i, quantized(real, 127.0f, 1), 1);
        break;
      case TQ_TEXEL_UNORM16:
        store_channel(bytes + 2 * i, quantized(real, 65535.0f, 0), 2);
        break;
      case TQ_TEXEL_SNORM16:
        store_channel(bytes + 2 * i, quantized(real, 32767.0f, 1), 2);
        break;
      case TQ_TEXEL_F16:
        store_channel(bytes + 2 * i, tq_encode_f16(real), 2);
        break;
      case TQ_TEXEL_U32:
      case TQ_TEXEL_S32:
      case TQ_TEXEL_F32:
        store_channel(bytes + 4 * i, value, 4);
        break;
      default:  // the runtime makes no surface of other formats
        break;
    }
  }
}

// Whether sured.p takes the surface's samples for signed integers.
TQ_DEVICE uint32_t tq_surface_is_signed(uint64_t handle) {
  const uint32_t texel = ((const tq_texture*)handle)->texel;
  return texel == TQ_TEXEL_S8 || texel == TQ_TEXEL_S16 || texel == TQ_TEXEL_S32;
}

// istypep. Any handle at all may be asked about; memory that is not there is a fault.
TQ_DEVICE uint32_t tq_texture_kind_is(uint64_t handle, uint32_t kind) {
  if (handle % TQ_TEXTURE_ALIGN_BYTES != 0) return 0;
  const tq_texture* const texture = (const tq_texture*)handle;
  return texture->self == handle && texture->kind == kind;
}

// Address modes in the order in which the manual names them: wrap, mirror, clamp_ogl, clamp_to_edge,
// clamp_to_border.
TQ_INLINE uint32_t address_mode_code(uint32_t mode) {
  return mode == TQ_ADDRESS_WRAP ? 0 : mode == TQ_ADDRESS_MIRROR ? 1 : mode == TQ_ADDRESS_CLAMP ? 3 : 4;
}

// txq and suq (PTX ISA, "Texture Instructions: txq"). A level past the last has no size.
TQ_DEVICE_OUTLINED uint32_t tq_texture_query(uint64_t handle, uint32_t query, int32_t lod) {
  const tq_texture* const texture = (const tq_texture*)handle;
  if (lod < 0 || lod >= texture->level_count) return 0;
  const tq_texture_level* const level = &texture->levels[lod];
  switch (query) {
    case TQ_QUERY_WIDTH:
      return level->width;
    case TQ_QUERY_HEIGHT:
      return level->height;
    case TQ_QUERY_DEPTH:
      return texture->flags & TQ_TEXTURE_LAYERED ? 1 : level->slices;
    case TQ_QUERY_CHANNEL_DATA_TYPE:
      return texture->channel_data_type;
    case TQ_QUERY_CHANNEL_ORDER:
      return texture->channel_order;
    case TQ_QUERY_NORMALIZED_COORDS:
      return (texture->flags & TQ_TEXTURE_NORMALIZED) != 0;
    case TQ_QUERY_ARRAY_SIZE:
      return texture->array_size;
    case TQ_QUERY_NUM_MIPMAP_LEVELS:
      return texture->level_count;
    case TQ_QUERY_NUM_SAMPLES:
      return 1;
    case TQ_QUERY_FORCE_UNNORMALIZED_COORDS:
      return (texture->flags & TQ_TEXTURE_NORMALIZED) == 0;
    case TQ_QUERY_FILTER_MODE:
      return texture->filter;
    case TQ_QUERY_MEMORY_LAYOUT:
      return (texture->flags & TQ_TEXTURE_BUFFER) != 0;
    default:
      return address_mode_code(texture->address_mode[query - TQ_QUERY_ADDR_MODE_0]);
  }
}
