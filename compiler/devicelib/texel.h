// From the bytes of texels to their four values (base/texture_abi.h: tq_texel).
#ifndef TIANQIAO_COMPILER_DEVICELIB_TEXEL_H_
#define TIANQIAO_COMPILER_DEVICELIB_TEXEL_H_

#include "base/texture_abi.h"
#include "compiler/devicelib/narrow.h"
#include "compiler/devicelib/srgb.h"

typedef uint32_t tq_u4 __attribute__((vector_size(16)));
typedef int32_t tq_s4 __attribute__((vector_size(16)));
typedef float tq_f4 __attribute__((vector_size(16)));

// The integers of a texel; `last` stands in for a missing alpha. Textures on linear memory may lie at any
// address.
#define TQ_LOAD_TEXEL(name, type)                                                \
  TQ_INLINE tq_u4 name(const uint8_t* bytes, uint32_t channels, uint32_t last) { \
    type raw[4];                                                                 \
    if (channels == 4) {                                                         \
      __builtin_memcpy(raw, bytes, sizeof raw);                                  \
      return (tq_u4){raw[0], raw[1], raw[2], raw[3]};                            \
    }                                                                            \
    if (channels == 2) {                                                         \
      __builtin_memcpy(raw, bytes, 2 * sizeof raw[0]);                           \
      return (tq_u4){raw[0], raw[1], 0, last};                                   \
    }                                                                            \
    __builtin_memcpy(raw, bytes, sizeof raw[0]);                                 \
    return (tq_u4){raw[0], 0, 0, last};                                          \
  }
TQ_LOAD_TEXEL(tq_load_texel8, uint8_t)
TQ_LOAD_TEXEL(tq_load_texel16, uint16_t)
TQ_LOAD_TEXEL(tq_load_texel32, uint32_t)
#undef TQ_LOAD_TEXEL

TQ_INLINE tq_s4 tq_sign_extend4(tq_u4 v, uint32_t bits) {
  return (tq_s4)(v << (32 - bits)) >> (int32_t)(32 - bits);
}

TQ_INLINE tq_u4 tq_normalized4(tq_u4 v, float most) {
  return (tq_u4)(__builtin_convertvector((tq_s4)v, tq_f4) / most);
}

// The least integer stands for -1 too.
TQ_INLINE tq_u4 tq_signed_normalized4(tq_s4 v, float most) {
  const tq_f4 value = __builtin_convertvector(v, tq_f4) / most;
  const tq_s4 below = value < -1.0f;
  return ((tq_u4)value & ~(tq_u4)below) | ((tq_u4)(tq_f4){-1, -1, -1, -1} & (tq_u4)below);
}

TQ_INLINE tq_u4 tq_srgb4(tq_u4 v) {
  return (tq_u4)(tq_f4){tq_srgb_to_linear[v[0]], tq_srgb_to_linear[v[1]], tq_srgb_to_linear[v[2]],
                        (float)v[3] / 255.0f};
}

TQ_INLINE tq_u4 tq_half4(tq_u4 v) {
  return (tq_u4)(tq_f4){tq_decode_f16((uint16_t)v[0]), tq_decode_f16((uint16_t)v[1]),
                        tq_decode_f16((uint16_t)v[2]), tq_decode_f16((uint16_t)v[3])};
}

TQ_INLINE tq_u4 tq_unorm10_10_10_2(const uint8_t* bytes) {
  uint32_t v;
  __builtin_memcpy(&v, bytes, sizeof v);
  return (tq_u4)(tq_f4){(float)(v & 1023) / 1023.0f, (float)(v >> 10 & 1023) / 1023.0f,
                        (float)(v >> 20 & 1023) / 1023.0f, (float)(v >> 30) / 3.0f};
}

#endif  // TIANQIAO_COMPILER_DEVICELIB_TEXEL_H_
