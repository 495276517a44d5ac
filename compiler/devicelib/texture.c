// Texture fetches (PTX ISA, "Texture Instructions"; CUDA C++ Programming Guide, "Texture Fetching"). A fetch
// finds the texels it needs, decodes them with one branch on the format, and weighs them. Results are the
// bits of four 32-bit values.
//
// Weights have 8 fractional bits: coordinates in texels are rounded to 1/256, ties upwards, before they are
// split into a texel and a weight. Coordinates are doubles on the way, so that this is exact.
#include "compiler/devicelib/block.h"

// One fetch: what is constant over its levels.
typedef struct fetch {
  const tq_texture* image;
  const tq_texture* sampler;
  uint32_t slice;  // of layered images
  int32_t offset[3];
  float coordinate[3];
  float reference;
  uint32_t flags;  // tq_texture_request
} fetch;

// What lies at up to eight places; null: outside of the image.
typedef struct texels {
  const uint8_t* bytes[8];
  uint32_t index[8];  // in its block
  tq_u4 values[8];
} texels;

#define OUTSIDE -1

// ---- Coordinates ----

TQ_INLINE int64_t floor_of(double x) {
  const int64_t whole = (int64_t)x;
  return whole - (x < (double)whole);
}

// In texels, bounded so that integers hold it. NaN is 0.
TQ_INLINE double in_texels(float x, uint32_t size, _Bool is_normalized) {
  double u = is_normalized ? (double)x * size : (double)x;
  u = u == u ? u : 0;
  u = u > -0x1p40 ? u : -0x1p40;
  return u < 0x1p40 ? u : 0x1p40;
}

static __attribute__((noinline, cold)) int64_t wrapped(int64_t i, int64_t size, uint32_t mode) {
  const int64_t period = mode == TQ_ADDRESS_MIRROR ? 2 * size : size;
  i %= period;
  i = i < 0 ? i + period : i;
  return i < size ? i : period - 1 - i;
}

// A texel's place along one axis by the address mode, or OUTSIDE.
TQ_INLINE int64_t resolve(int64_t i, uint32_t size, uint32_t mode) {
  if ((uint64_t)i < size) return i;
  if (mode == TQ_ADDRESS_CLAMP) return i < 0 ? 0 : (int64_t)size - 1;
  if (mode == TQ_ADDRESS_BORDER) return OUTSIDE;
  return wrapped(i, size, mode);
}

// Wrapping and mirroring have a meaning for normalized coordinates only.
TQ_INLINE uint32_t mode_of(const tq_texture* sampler, uint32_t axis, _Bool is_normalized) {
  const uint32_t mode = sampler->address_mode[axis];
  return !is_normalized && mode != TQ_ADDRESS_BORDER ? (uint32_t)TQ_ADDRESS_CLAMP : mode;
}

// The two texels around a coordinate, and the weight of the second.
typedef struct axis {
  int64_t at[2];
  float weight;
} axis;

TQ_INLINE axis nearest_axis(const fetch* f, uint32_t i, uint32_t size, _Bool is_normalized) {
  const int64_t at = floor_of(in_texels(f->coordinate[i], size, is_normalized)) + f->offset[i];
  return (axis){{resolve(at, size, mode_of(f->sampler, i, is_normalized)), 0}, 0};
}

TQ_INLINE axis linear_axis(const fetch* f, uint32_t i, uint32_t size, _Bool is_normalized) {
  const int64_t fixed = floor_of(in_texels(f->coordinate[i], size, is_normalized) * 256 - 127.5);
  const int64_t at = (fixed >> 8) + f->offset[i];
  const uint32_t mode = mode_of(f->sampler, i, is_normalized);
  return (axis){{resolve(at, size, mode), resolve(at + 1, size, mode)}, (float)(fixed & 255) / 256.0f};
}

// ---- Texels ----

#define EACH_TEXEL(decode)                                                     \
  _Pragma("clang loop unroll(disable)") for (uint32_t k = 0; k < count; ++k) { \
    const uint8_t* const bytes = t->bytes[k];                                  \
    t->values[k] = bytes != 0 ? (tq_u4)(decode) : border;                      \
  }                                                                            \
  break

static __attribute__((noinline)) void decode(const tq_texture* image, const tq_texture* sampler, texels* t,
                                             uint32_t count) {
  tq_u4 border;
  __builtin_memcpy(&border, sampler->border, sizeof border);
  const uint32_t texel = image->texel, channels = image->channels;
  switch (texel) {
    case TQ_TEXEL_U8:
      EACH_TEXEL(tq_load_texel8(bytes, channels, 1));
    case TQ_TEXEL_U16:
      EACH_TEXEL(tq_load_texel16(bytes, channels, 1));
    case TQ_TEXEL_U32:
    case TQ_TEXEL_S32:
      EACH_TEXEL(tq_load_texel32(bytes, channels, 1));
    case TQ_TEXEL_S8:
      EACH_TEXEL(tq_sign_extend4(tq_load_texel8(bytes, channels, 1), 8));
    case TQ_TEXEL_S16:
      EACH_TEXEL(tq_sign_extend4(tq_load_texel16(bytes, channels, 1), 16));
    case TQ_TEXEL_F16:
      EACH_TEXEL(tq_half4(tq_load_texel16(bytes, channels, TQ_F16_ONE)));
    case TQ_TEXEL_F32:
      EACH_TEXEL(tq_load_texel32(bytes, channels, 0x3f800000u));
    case TQ_TEXEL_UNORM8:
      EACH_TEXEL(tq_normalized4(tq_load_texel8(bytes, channels, 255), 255.0f));
    case TQ_TEXEL_UNORM16:
      EACH_TEXEL(tq_normalized4(tq_load_texel16(bytes, channels, 65535), 65535.0f));
    case TQ_TEXEL_SNORM8:
      EACH_TEXEL(tq_signed_normalized4(tq_sign_extend4(tq_load_texel8(bytes, channels, 127), 8), 127.0f));
    case TQ_TEXEL_SNORM16:
      EACH_TEXEL(
          tq_signed_normalized4(tq_sign_extend4(tq_load_texel16(bytes, channels, 32767), 16), 32767.0f));
    case TQ_TEXEL_SRGB8:
      EACH_TEXEL(tq_srgb4(tq_load_texel8(bytes, channels, 255)));
    case TQ_TEXEL_UNORM10_10_10_2:
      EACH_TEXEL(tq_unorm10_10_10_2(bytes));
    default:
      EACH_TEXEL(tq_decode_block(texel, bytes, t->index[k]));
  }
}

TQ_INLINE void place(const fetch* f, const tq_texture_level* level, texels* t, uint32_t k, int64_t x,
                     int64_t y, int64_t z) {
  const uint32_t shift = f->image->texel >= TQ_TEXEL_FIRST_BLOCK ? 2 : 0;
  t->index[k] = (uint32_t)((x & 3) | (y & 3) << 2);
  const uint64_t offset = (uint64_t)z * level->slice_pitch_bytes +
                          ((uint64_t)y >> shift) * level->row_pitch_bytes +
                          ((uint64_t)x >> shift) * f->image->texel_bytes;
  t->bytes[k] = (x | y | z) < 0 ? 0 : (const uint8_t*)(level->address + offset);
}

TQ_INLINE uint32_t layer_of(const fetch* f, const tq_texture_level* level) {
  return f->slice < level->slices ? f->slice : level->slices - 1;
}

TQ_INLINE tq_u4 compared(tq_u4 value, float reference) {
  return (tq_u4)(tq_f4){reference <= tq_f32_bits(value[0]) ? 1.0f : 0.0f, 0, 0, 1};
}

// ---- Cubes (CUDA C++ Programming Guide, "Cubemap Textures") ----

// The face in which a direction ends, and where on it, in [-1, 1]. Of equal magnitudes z counts before y, and
// y before x.
typedef struct cube_place {
  uint32_t face;
  float s, t, major;
} cube_place;

TQ_INLINE cube_place on_cube(float x, float y, float z) {
  const float ax = __builtin_fabsf(x), ay = __builtin_fabsf(y), az = __builtin_fabsf(z);
  if (az >= ax && az >= ay) return z < 0 ? (cube_place){5, -x, -y, az} : (cube_place){4, x, -y, az};
  if (ay >= ax) return y < 0 ? (cube_place){3, x, -z, ay} : (cube_place){2, x, z, ay};
  return x < 0 ? (cube_place){1, z, -y, ax} : (cube_place){0, -z, -y, ax};
}

// The direction of a place on a face: the inverse.
TQ_INLINE void direction_of(uint32_t face, float s, float t, float major, float out[3]) {
  const float signed_major = face & 1 ? -major : major;
  switch (face >> 1) {
    case 0:
      out[0] = signed_major, out[1] = -t, out[2] = face & 1 ? s : -s;
      break;
    case 1:
      out[0] = s, out[1] = signed_major, out[2] = face & 1 ? -t : t;
      break;
    default:
      out[0] = face & 1 ? -s : s, out[1] = -t, out[2] = signed_major;
  }
}

// A texel one step outside of a face along one axis, found on the face that it folds onto.
static __attribute__((noinline, cold)) void place_beyond(const fetch* f, const tq_texture_level* level,
                                                         texels* t, uint32_t k, uint32_t first_slice,
                                                         uint32_t face, int64_t x, int64_t y) {
  const float size = (float)level->width;
  const float inside = 1.0f - 1.0f / size;  // the middle of the outermost texels
  float s = ((float)x * 2 + 1) / size - 1, u = ((float)y * 2 + 1) / size - 1;
  if (x < 0 || x >= (int64_t)level->width) s = x < 0 ? -1.0f : 1.0f;
  if (y < 0 || y >= (int64_t)level->width) u = y < 0 ? -1.0f : 1.0f;
  float direction[3];
  direction_of(face, s, u, inside, direction);
  const cube_place there = on_cube(direction[0], direction[1], direction[2]);
  const int64_t last = (int64_t)level->width - 1;
  int64_t nx = floor_of((double)(there.s + 1) * 0.5 * level->width);
  int64_t ny = floor_of((double)(there.t + 1) * 0.5 * level->width);
  nx = nx < 0 ? 0 : nx > last ? last : nx;
  ny = ny < 0 ? 0 : ny > last ? last : ny;
  const uint32_t slice = first_slice + there.face;
  place(f, level, t, k, nx, ny, slice < level->slices ? slice : level->slices - 1);
}

// The four texels around a place on a face, filtered across edges. Where three faces meet, the corner that
// does not exist is the mean of the other three.
static __attribute__((noinline)) void place_seamless(const fetch* f, const tq_texture_level* level, texels* t,
                                                     const cube_place* on, uint32_t first_slice,
                                                     float weights[2]) {
  const double scale = 0.5 * level->width / on->major;
  double u = ((double)on->s + on->major) * scale, v = ((double)on->t + on->major) * scale;
  u = u == u ? u : 0;
  v = v == v ? v : 0;
  const int64_t fixed_x = floor_of(u * 256 - 127.5), fixed_y = floor_of(v * 256 - 127.5);
  weights[0] = (float)(fixed_x & 255) / 256.0f;
  weights[1] = (float)(fixed_y & 255) / 256.0f;
  const int64_t size = level->width;
  uint32_t corner = 4;
  for (uint32_t k = 0; k < 4; ++k) {
    const int64_t x = (fixed_x >> 8) + (k & 1), y = (fixed_y >> 8) + (k >> 1);
    const _Bool x_out = x < 0 || x >= size, y_out = y < 0 || y >= size;
    if (x_out && y_out) {
      corner = k;
      place(f, level, t, k, 0, 0, 0);  // replaced below
    } else if (x_out || y_out) {
      place_beyond(f, level, t, k, first_slice, on->face, x, y);
    } else {
      const uint32_t slice = first_slice + on->face;
      place(f, level, t, k, x, y, slice < level->slices ? slice : level->slices - 1);
    }
  }
  decode(f->image, f->sampler, t, 4);
  if (corner == 4) return;
  tq_f4 sum = {0, 0, 0, 0};
  for (uint32_t k = 0; k < 4; ++k) {
    if (k != corner) sum += (tq_f4)t->values[k];
  }
  t->values[corner] = (tq_u4)(sum / 3.0f);
}

// ---- Filtering ----

TQ_INLINE tq_f4 weighed(tq_u4 value, float weight) {
  // What has no weight has no influence, be it infinite.
  const tq_s4 counts = (tq_s4){-(weight != 0), -(weight != 0), -(weight != 0), -(weight != 0)};
  return (tq_f4)((tq_u4)((tq_f4)value * weight) & (tq_u4)counts);
}

TQ_INLINE _Bool is_real(const fetch* f) { return f->image->texel >= TQ_TEXEL_FIRST_FILTERED; }

// Short integers are filtered too, and rounded: CUDA promises nothing, but programs count on it.
TQ_INLINE _Bool is_filtered(const fetch* f) {
  const uint32_t texel = f->image->texel;
  return f->sampler->filter == TQ_FILTER_LINEAR && texel != TQ_TEXEL_U32 && texel != TQ_TEXEL_S32;
}

TQ_INLINE tq_u4 rounded(tq_f4 v) {
  const tq_s4 below = v < 0.0f;
  const tq_f4 half = (tq_f4)(((tq_u4)below & 0x80000000u) | 0x3f000000u);
  return (tq_u4) __builtin_convertvector(v + half, tq_s4);
}

TQ_INLINE tq_u4 filtered(const fetch* f, texels* t, const float* weights, uint32_t dimensions) {
  const _Bool is_integer = !is_real(f);
  if (is_integer) {
    for (uint32_t k = 0; k < 1u << dimensions; ++k) {
      t->values[k] = (tq_u4) __builtin_convertvector((tq_s4)t->values[k], tq_f4);
    }
  }
  tq_f4 sum = {0, 0, 0, 0};
  for (uint32_t k = 0; k < 1u << dimensions; ++k) {
    float weight = k & 1 ? weights[0] : 1 - weights[0];
    if (dimensions > 1) weight *= k & 2 ? weights[1] : 1 - weights[1];
    if (dimensions > 2) weight *= k & 4 ? weights[2] : 1 - weights[2];
    const tq_u4 value = f->flags & TQ_TEXTURE_COMPARE ? compared(t->values[k], f->reference) : t->values[k];
    sum += weighed(value, weight);
  }
  return is_integer ? rounded(sum) : (tq_u4)sum;
}

TQ_INLINE tq_u4 sample_level(const fetch* f, uint32_t number, uint32_t dimensions) {
  const tq_texture_level* const level = &f->image->levels[number];
  const _Bool is_normalized = f->image->flags & f->sampler->flags & TQ_TEXTURE_NORMALIZED;
  texels t;
  if (!is_filtered(f)) {
    const axis x = nearest_axis(f, 0, level->width, is_normalized);
    const axis y = dimensions > 1 ? nearest_axis(f, 1, level->height, is_normalized) : (axis){{0, 0}, 0};
    const axis z = dimensions > 2 ? nearest_axis(f, 2, level->slices, is_normalized)
                                  : (axis){{layer_of(f, level), 0}, 0};
    place(f, level, &t, 0, x.at[0], y.at[0], z.at[0]);
    decode(f->image, f->sampler, &t, 1);
    return f->flags & TQ_TEXTURE_COMPARE ? compared(t.values[0], f->reference) : t.values[0];
  }
  const axis x = linear_axis(f, 0, level->width, is_normalized);
  const axis y = dimensions > 1 ? linear_axis(f, 1, level->height, is_normalized) : (axis){{0, 0}, 0};
  const axis z =
      dimensions > 2 ? linear_axis(f, 2, level->slices, is_normalized) : (axis){{layer_of(f, level), 0}, 0};
  for (uint32_t k = 0; k < 1u << dimensions; ++k) {
    place(f, level, &t, k, x.at[k & 1], y.at[k >> 1 & 1], z.at[k >> 2]);
  }
  decode(f->image, f->sampler, &t, 1u << dimensions);
  return filtered(f, &t, (const float[]){x.weight, y.weight, z.weight}, dimensions);
}

// By geometry, one copy of the code each: kernels carry what they use.
typedef tq_u4 level_sampler(const fetch* f, uint32_t number);
static __attribute__((noinline)) tq_u4 sample_1d(const fetch* f, uint32_t number) {
  return sample_level(f, number, 1);
}
static __attribute__((noinline)) tq_u4 sample_2d(const fetch* f, uint32_t number) {
  return sample_level(f, number, 2);
}
static __attribute__((noinline)) tq_u4 sample_3d(const fetch* f, uint32_t number) {
  return sample_level(f, number, 3);
}

TQ_INLINE tq_u4 sample_cube_level(const fetch* f, uint32_t number) {
  const tq_texture_level* const level = &f->image->levels[number];
  const cube_place on = on_cube(f->coordinate[0], f->coordinate[1], f->coordinate[2]);
  const uint32_t cubes = level->slices / 6;
  const uint32_t first_slice = (f->slice < cubes ? f->slice : cubes - (cubes != 0)) * 6;
  const _Bool is_linear = f->sampler->filter == TQ_FILTER_LINEAR && is_real(f);
  if (is_linear && f->sampler->flags & TQ_TEXTURE_SEAMLESS) {
    texels t;
    float weights[2];
    place_seamless(f, level, &t, &on, first_slice, weights);
    return filtered(f, &t, weights, 2);
  }
  fetch face = *f;
  face.slice = first_slice + on.face;
  face.coordinate[0] = (on.s / on.major + 1) * 0.5f;
  face.coordinate[1] = (on.t / on.major + 1) * 0.5f;
  return sample_2d(&face, number);
}

static __attribute__((noinline)) tq_u4 sample_cube(const fetch* f, uint32_t number) {
  return sample_cube_level(f, number);
}

// The level of detail picks a level, or two that are mixed with a weight of 8 bits.
TQ_INLINE tq_u4 sample(const fetch* f, float lod, level_sampler* sample_at) {
  const uint32_t last = f->image->level_count - 1u;
  if (last == 0) return sample_at(f, 0);
  if (f->flags & TQ_TEXTURE_EXPLICIT_LOD) lod += f->sampler->lod_bias;
  lod = lod > f->sampler->min_lod ? lod : f->sampler->min_lod;  // NaN too
  lod = lod < f->sampler->max_lod ? lod : f->sampler->max_lod;
  lod = lod > 0 ? lod : 0;
  lod = lod < (float)last ? lod : (float)last;
  const uint32_t fixed = (uint32_t)(lod * 256 + 0.5f);
  if (f->sampler->mip_filter == TQ_FILTER_NEAREST || !is_real(f)) {
    return sample_at(f, (fixed + 128) >> 8);
  }
  const uint32_t number = fixed >> 8;
  const float weight = (float)(fixed & 255) / 256.0f;
  const tq_u4 first = sample_at(f, number);
  if (weight == 0) return first;
  const tq_u4 second = sample_at(f, number + 1);
  return (tq_u4)((tq_f4)first * (1 - weight) + (tq_f4)second * weight);
}

// Offsets of -8 to 7, a byte each.
TQ_INLINE fetch request(uint64_t image, uint64_t sampler, uint32_t slice, uint32_t offsets, uint32_t flags,
                        float x, float y, float z, float reference) {
  return (fetch){(const tq_texture*)image,
                 (const tq_texture*)sampler,
                 slice,
                 {(int8_t)offsets, (int8_t)(offsets >> 8), (int8_t)(offsets >> 16)},
                 {x, y, z},
                 reference,
                 flags};
}

// ---- Entries ----

// Whether a handle is that of something alive, of one of the kinds in a mask of bits. The address may be
// anything: reading it may fault, as the caller wants.
TQ_DEVICE uint32_t tq_texture_is_alive(uint64_t handle, uint32_t kinds) {
  if (handle % TQ_TEXTURE_ALIGN_BYTES != 0) return 0;
  const tq_texture* const texture = (const tq_texture*)handle;
  return texture->self == handle && (kinds >> (texture->kind & 31) & 1);
}

#define SAMPLE_ENTRY(name, sampler_of_level)                                                             \
  TQ_DEVICE_OUTLINED tq_u4 name(uint64_t image, uint64_t sampler, uint32_t slice, uint32_t offsets,      \
                                uint32_t flags, float x, float y, float z, float lod, float reference) { \
    const fetch f = request(image, sampler, slice, offsets, flags, x, y, z, reference);                  \
    return sample(&f, lod, sampler_of_level);                                                            \
  }
SAMPLE_ENTRY(tq_texture_sample_1d, sample_1d)
SAMPLE_ENTRY(tq_texture_sample_2d, sample_2d)
SAMPLE_ENTRY(tq_texture_sample_3d, sample_3d)
SAMPLE_ENTRY(tq_texture_sample_cube, sample_cube)
#undef SAMPLE_ENTRY

// One texel by integer coordinates: never filtered or normalized.
TQ_DEVICE_OUTLINED tq_u4 tq_texture_fetch(uint64_t image, uint64_t sampler, uint32_t slice, int32_t x,
                                          int32_t y, int32_t z, int32_t lod, uint32_t flags) {
  const fetch f = request(image, sampler, slice, 0, flags, 0, 0, 0, 0);
  const uint32_t last = f.image->level_count - 1u, dimensions = flags & TQ_TEXTURE_DIMENSIONS;
  const tq_texture_level* const level = &f.image->levels[lod < 0                ? 0
                                                         : (uint32_t)lod < last ? (uint32_t)lod
                                                                                : last];
  if (f.image->flags & TQ_TEXTURE_BUFFER && (uint32_t)x >= level->width) return (tq_u4){0, 0, 0, 0};
  const int64_t at_x = resolve(x, level->width, mode_of(f.sampler, 0, 0));
  const int64_t at_y = dimensions > 1 ? resolve(y, level->height, mode_of(f.sampler, 1, 0)) : 0;
  const int64_t at_z =
      dimensions > 2 ? resolve(z, level->slices, mode_of(f.sampler, 2, 0)) : (int64_t)layer_of(&f, level);
  texels t;
  place(&f, level, &t, 0, at_x, at_y, at_z);
  decode(f.image, f.sampler, &t, 1);
  return t.values[0];
}

// tld4: one component of the four texels that a bilinear fetch weighs, counter-clockwise from the lower left.
TQ_DEVICE_OUTLINED tq_u4 tq_texture_gather(uint64_t image, uint64_t sampler, uint32_t slice, uint32_t offsets,
                                           uint32_t flags, float x, float y, float z, float reference) {
  fetch f = request(image, sampler, slice, offsets, flags, x, y, z, reference);
  const tq_texture_level* const level = &f.image->levels[0];
  texels t;
  const cube_place on = on_cube(x, y, z);
  const uint32_t cubes = level->slices / 6;
  const uint32_t first_slice = (slice < cubes ? slice : cubes - (cubes != 0)) * 6;
  if (flags & TQ_TEXTURE_CUBE && f.sampler->flags & TQ_TEXTURE_SEAMLESS && is_real(&f)) {
    float weights[2];
    place_seamless(&f, level, &t, &on, first_slice, weights);
  } else {
    _Bool is_normalized = f.image->flags & f.sampler->flags & TQ_TEXTURE_NORMALIZED;
    if (flags & TQ_TEXTURE_CUBE) {
      f.slice = first_slice + on.face;
      f.coordinate[0] = (on.s / on.major + 1) * 0.5f;
      f.coordinate[1] = (on.t / on.major + 1) * 0.5f;
    }
    const axis along_x = linear_axis(&f, 0, level->width, is_normalized);
    const axis along_y = linear_axis(&f, 1, level->height, is_normalized);
    for (uint32_t k = 0; k < 4; ++k) {
      place(&f, level, &t, k, along_x.at[k & 1], along_y.at[k >> 1], layer_of(&f, level));
    }
    decode(f.image, f.sampler, &t, 4);
  }
  const uint32_t component = flags >> TQ_TEXTURE_COMPONENT & 3;
  if (flags & TQ_TEXTURE_COMPARE) {
    for (uint32_t k = 0; k < 4; ++k) t.values[k][component] = compared(t.values[k], reference)[0];
  }
  return (tq_u4){t.values[2][component], t.values[3][component], t.values[1][component],
                 t.values[0][component]};
}

// log2 of the longer of the two footprints, in texels of the first level.
TQ_DEVICE float tq_lg2_approx_f32(float x);

TQ_INLINE float lod_of(const float x[3], const float y[3]) {
  const float along_x = x[0] * x[0] + x[1] * x[1] + x[2] * x[2];
  const float along_y = y[0] * y[0] + y[1] * y[1] + y[2] * y[2];
  return 0.5f * tq_lg2_approx_f32(along_x > along_y ? along_x : along_y);
}

TQ_DEVICE_OUTLINED float tq_texture_lod(uint64_t image, uint64_t sampler, uint32_t flags, float x0, float x1,
                                        float x2, float y0, float y1, float y2) {
  const tq_texture* const texture = (const tq_texture*)image;
  const tq_texture_level* const level = &texture->levels[0];
  const uint32_t dimensions = flags & TQ_TEXTURE_DIMENSIONS;
  float scale[3] = {1, dimensions > 1, dimensions > 2};
  if (texture->flags & ((const tq_texture*)sampler)->flags & TQ_TEXTURE_NORMALIZED) {
    scale[0] *= (float)level->width, scale[1] *= (float)level->height, scale[2] *= (float)level->slices;
  }
  return lod_of((const float[]){x0 * scale[0], x1 * scale[1], x2 * scale[2]},
                (const float[]){y0 * scale[0], y1 * scale[1], y2 * scale[2]});
}

// Of a direction that changes by x and by y: the change of the place on the face, by the quotient rule.
TQ_DEVICE_OUTLINED float tq_texture_lod_cube(uint64_t image, float x, float y, float z, float x0, float x1,
                                             float x2, float y0, float y1, float y2) {
  const tq_texture_level* const level = &((const tq_texture*)image)->levels[0];
  const cube_place on = on_cube(x, y, z);
  const float steps[2][3] = {{x0, x1, x2}, {y0, y1, y2}};
  float moves[2][3] = {{0, 0, 0}, {0, 0, 0}};
  for (uint32_t i = 0; i < 2; ++i) {
    // How s, t and the major axis change: the same choice of axes and signs as for the direction itself.
    const float* const step = steps[i];
    float ds, dt, dm;
    const float sign = on.face & 1 ? -1.0f : 1.0f;
    if (on.face < 2) {
      ds = -sign * step[2], dt = -step[1], dm = sign * step[0];
    } else if (on.face < 4) {
      ds = step[0], dt = sign * step[2], dm = sign * step[1];
    } else {
      ds = sign * step[0], dt = -step[1], dm = sign * step[2];
    }
    const float factor = 0.5f * (float)level->width / (on.major * on.major);
    moves[i][0] = (ds * on.major - on.s * dm) * factor;
    moves[i][1] = (dt * on.major - on.t * dm) * factor;
  }
  return lod_of(moves[0], moves[1]);
}
