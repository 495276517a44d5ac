// Block compression BC1 to BC5 and BC7: one texel of a block of 4 x 4 (Khronos Data Format Specification,
// "S3TC Compressed Texture Image Formats" and "RGTC Compressed Texture Image Formats").
#ifndef TIANQIAO_COMPILER_DEVICELIB_BLOCK_H_
#define TIANQIAO_COMPILER_DEVICELIB_BLOCK_H_

#include "compiler/devicelib/bc7.h"
#include "compiler/devicelib/texel.h"

TQ_INLINE tq_f4 tq_color565(uint32_t v) {
  return (tq_f4){(float)(v >> 11) / 31.0f, (float)(v >> 5 & 63) / 63.0f, (float)(v & 31) / 31.0f, 1};
}

// Two end colours and two bits a texel. With `has_alpha` the first end below the second means three colours
// and a transparent black.
TQ_INLINE tq_f4 tq_block_color(const uint8_t* block, uint32_t index, _Bool has_alpha) {
  uint16_t ends[2];
  uint32_t bits;
  __builtin_memcpy(ends, block, sizeof ends);
  __builtin_memcpy(&bits, block + 4, sizeof bits);
  const uint32_t code = bits >> (2 * index) & 3;
  const tq_f4 a = tq_color565(ends[0]), b = tq_color565(ends[1]);
  if (code == 0) return a;
  if (code == 1) return b;
  if (has_alpha && ends[0] <= ends[1]) return code == 2 ? (a + b) / 2.0f : (tq_f4){0, 0, 0, 0};
  return code == 2 ? (2.0f * a + b) / 3.0f : (a + 2.0f * b) / 3.0f;
}

// Two end values and three bits a texel: eight steps, or six and the two ends of the range.
TQ_INLINE float tq_block_value(const uint8_t* block, uint32_t index, _Bool is_signed) {
  uint64_t bits;
  __builtin_memcpy(&bits, block, sizeof bits);
  int32_t a = block[0], b = block[1];
  if (is_signed) {
    a = (int8_t)block[0], b = (int8_t)block[1];
    a = a < -127 ? -127 : a;
    b = b < -127 ? -127 : b;
  }
  const float most = is_signed ? 127.0f : 255.0f;
  const int32_t code = (int32_t)(bits >> (16 + 3 * index) & 7);
  if (code == 0) return (float)a / most;
  if (code == 1) return (float)b / most;
  if (a > b) return (float)(a * (8 - code) + b * (code - 1)) / (7.0f * most);
  if (code == 6) return is_signed ? -1.0f : 0.0f;
  if (code == 7) return 1.0f;
  return (float)(a * (6 - code) + b * (code - 1)) / (5.0f * most);
}

TQ_INLINE tq_f4 tq_block_to_linear(tq_f4 color) {
  return (tq_f4){tq_srgb_to_linear[(uint32_t)(color[0] * 255.0f + 0.5f)],
                 tq_srgb_to_linear[(uint32_t)(color[1] * 255.0f + 0.5f)],
                 tq_srgb_to_linear[(uint32_t)(color[2] * 255.0f + 0.5f)], color[3]};
}

static __attribute__((noinline, cold)) tq_f4 tq_decode_block(uint32_t texel, const uint8_t* block,
                                                             uint32_t index) {
  tq_f4 color = {0, 0, 0, 1};
  switch (texel) {
    case TQ_TEXEL_BC7:
      return (tq_f4)tq_normalized4(tq_decode_bc7(block, index), 255.0f);
    case TQ_TEXEL_BC7_SRGB:
      return (tq_f4)tq_srgb4(tq_decode_bc7(block, index));
    case TQ_TEXEL_BC1:
    case TQ_TEXEL_BC1_SRGB:
      color = tq_block_color(block, index, 1);
      break;
    case TQ_TEXEL_BC2:
    case TQ_TEXEL_BC2_SRGB:
      color = tq_block_color(block + 8, index, 0);
      color[3] = (float)(block[index / 2] >> (index % 2 * 4) & 15) / 15.0f;
      break;
    case TQ_TEXEL_BC3:
    case TQ_TEXEL_BC3_SRGB:
      color = tq_block_color(block + 8, index, 0);
      color[3] = tq_block_value(block, index, 0);
      break;
    case TQ_TEXEL_BC5:
    case TQ_TEXEL_BC5_SIGNED:
      color[1] = tq_block_value(block + 8, index, texel == TQ_TEXEL_BC5_SIGNED);
      color[0] = tq_block_value(block, index, texel == TQ_TEXEL_BC5_SIGNED);
      break;
    case TQ_TEXEL_BC4:
    case TQ_TEXEL_BC4_SIGNED:
      color[0] = tq_block_value(block, index, texel == TQ_TEXEL_BC4_SIGNED);
      break;
    default:
      break;
  }
  const _Bool is_srgb =
      texel == TQ_TEXEL_BC1_SRGB || texel == TQ_TEXEL_BC2_SRGB || texel == TQ_TEXEL_BC3_SRGB;
  return is_srgb ? tq_block_to_linear(color) : color;
}

#endif  // TIANQIAO_COMPILER_DEVICELIB_BLOCK_H_
