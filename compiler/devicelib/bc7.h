// Block compression BC7: one texel of a block (Khronos Data Format Specification, "BPTC Compressed Texture
// Image Formats"). The tables are the format's.
#ifndef TIANQIAO_COMPILER_DEVICELIB_BC7_H_
#define TIANQIAO_COMPILER_DEVICELIB_BC7_H_

#include "compiler/devicelib/texel.h"

// clang-format off
// Which subset a texel is in: a bit for each texel, two bits for each.
static const uint16_t tq_bc7_pairs[64] = {
    0xcccc, 0x8888, 0xeeee, 0xecc8, 0xc880, 0xfeec, 0xfec8, 0xec80, 0xc800, 0xffec, 0xfe80, 0xe800,
    0xffe8, 0xff00, 0xfff0, 0xf000, 0xf710, 0x008e, 0x7100, 0x08ce, 0x008c, 0x7310, 0x3100, 0x8cce,
    0x088c, 0x3110, 0x6666, 0x366c, 0x17e8, 0x0ff0, 0x718e, 0x399c, 0xaaaa, 0xf0f0, 0x5a5a, 0x33cc,
    0x3c3c, 0x55aa, 0x9696, 0xa55a, 0x73ce, 0x13c8, 0x324c, 0x3bdc, 0x6996, 0xc33c, 0x9966, 0x0660,
    0x0272, 0x04e4, 0x4e40, 0x2720, 0xc936, 0x936c, 0x39c6, 0x639c, 0x9336, 0x9cc6, 0x817e, 0xe718,
    0xccf0, 0x0fcc, 0x7744, 0xee22,
};
static const uint32_t tq_bc7_triples[64] = {
    0xaa685050, 0x6a5a5040, 0x5a5a4200, 0x5450a0a8, 0xa5a50000, 0xa0a05050, 0x5555a0a0, 0x5a5a5050,
    0xaa550000, 0xaa555500, 0xaaaa5500, 0x90909090, 0x94949494, 0xa4a4a4a4, 0xa9a59450, 0x2a0a4250,
    0xa5945040, 0x0a425054, 0xa5a5a500, 0x55a0a0a0, 0xa8a85454, 0x6a6a4040, 0xa4a45000, 0x1a1a0500,
    0x0050a4a4, 0xaaa59090, 0x14696914, 0x69691400, 0xa08585a0, 0xaa821414, 0x50a4a450, 0x6a5a0200,
    0xa9a58000, 0x5090a0a8, 0xa8a09050, 0x24242424, 0x00aa5500, 0x24924924, 0x24499224, 0x50a50a50,
    0x500aa550, 0xaaaa4444, 0x66660000, 0xa5a0a5a0, 0x50a050a0, 0x69286928, 0x44aaaa44, 0x66666600,
    0xaa444444, 0x54a854a8, 0x95809580, 0x96969600, 0xa85454a8, 0x80959580, 0xaa141414, 0x96960000,
    0xaaaa1414, 0xa05050a0, 0xa0a5a5a0, 0x96000000, 0x40804080, 0xa9a8a9a8, 0xaaaaaa44, 0x2a4a5254,
};
// The texel in each further subset whose index has a bit less. In the first it is texel 0.
static const uint8_t tq_bc7_pair_anchor[64] = {
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 2, 8, 2, 2, 8, 8, 15,
    2, 8, 2, 2, 8, 8, 2, 2, 15, 15, 6, 8, 2, 8, 15, 15, 2, 8, 2, 2, 2, 15, 15, 6,
    6, 2, 6, 8, 15, 15, 2, 2, 15, 15, 15, 15, 15, 2, 2, 15,
};
static const uint8_t tq_bc7_triple_anchors[2][64] = {{
    3, 3, 15, 15, 8, 3, 15, 15, 8, 8, 6, 6, 6, 5, 3, 3, 3, 3, 8, 15, 3, 3, 6, 10,
    5, 8, 8, 6, 8, 5, 15, 15, 8, 15, 3, 5, 6, 10, 8, 15, 15, 3, 15, 5, 15, 15, 15, 15,
    3, 15, 5, 5, 5, 8, 5, 10, 5, 10, 8, 13, 15, 12, 3, 3,
}, {
    15, 8, 8, 3, 15, 15, 3, 8, 15, 15, 15, 15, 15, 15, 15, 8, 15, 8, 15, 3, 15, 8, 15, 8,
    3, 15, 6, 10, 15, 15, 10, 8, 15, 3, 15, 10, 10, 8, 9, 10, 6, 15, 8, 15, 3, 6, 6, 8,
    15, 3, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 3, 15, 15, 8,
}};
// clang-format on

// Weights of the second end, in 64ths, for indices of 2, 3 and 4 bits.
static const uint8_t tq_bc7_weights[3][16] = {
    {0, 21, 43, 64},
    {0, 9, 18, 27, 37, 46, 55, 64},
    {0, 4, 9, 13, 17, 21, 26, 30, 34, 38, 43, 47, 51, 55, 60, 64},
};

typedef struct tq_bc7_mode {
  uint8_t subsets, partition_bits, rotation_bits, selector_bits, color_bits, alpha_bits;
  uint8_t end_parity, subset_parity;  // a lowest bit for each end, or for both of a subset
  uint8_t index_bits, second_index_bits;
} tq_bc7_mode;
static const tq_bc7_mode tq_bc7_modes[8] = {
    {3, 4, 0, 0, 4, 0, 1, 0, 3, 0}, {2, 6, 0, 0, 6, 0, 0, 1, 3, 0}, {3, 6, 0, 0, 5, 0, 0, 0, 2, 0},
    {2, 6, 0, 0, 7, 0, 1, 0, 2, 0}, {1, 0, 2, 1, 5, 6, 0, 0, 2, 3}, {1, 0, 2, 0, 7, 8, 0, 0, 2, 2},
    {1, 0, 0, 0, 7, 7, 1, 0, 4, 0}, {2, 6, 0, 0, 5, 5, 1, 0, 2, 0},
};

TQ_INLINE uint32_t tq_bc7_bits(tq_u128 block, uint32_t at, uint32_t count) {
  return (uint32_t)(block >> at) & ((1u << count) - 1);
}

// One channel between the two ends.
TQ_INLINE uint32_t tq_bc7_between(uint32_t first, uint32_t second, uint32_t bits, uint32_t weight) {
  first = first << (8 - bits) | first << (8 - bits) >> bits;
  second = second << (8 - bits) | second << (8 - bits) >> bits;
  return ((64 - weight) * first + weight * second + 32) >> 6;
}

// The four channels of a texel, 0 to 255.
static __attribute__((noinline, cold)) tq_u4 tq_decode_bc7(const uint8_t* bytes, uint32_t texel) {
  tq_u128 block;
  __builtin_memcpy(&block, bytes, sizeof block);
  if (bytes[0] == 0) return (tq_u4){0, 0, 0, 0};  // reserved
  const uint32_t number = (uint32_t)__builtin_ctz(bytes[0]);
  const tq_bc7_mode* const mode = &tq_bc7_modes[number];
  uint32_t at = number + 1;
  const uint32_t partition = tq_bc7_bits(block, at, mode->partition_bits);
  at += mode->partition_bits;
  const uint32_t rotation = tq_bc7_bits(block, at, mode->rotation_bits);
  at += mode->rotation_bits;
  const uint32_t selector = tq_bc7_bits(block, at, mode->selector_bits);
  at += mode->selector_bits;

  uint32_t subset = 0, anchors[2] = {16, 16};
  if (mode->subsets == 2) {
    subset = tq_bc7_pairs[partition] >> texel & 1;
    anchors[0] = tq_bc7_pair_anchor[partition];
  } else if (mode->subsets == 3) {
    subset = tq_bc7_triples[partition] >> (2 * texel) & 3;
    anchors[0] = tq_bc7_triple_anchors[0][partition];
    anchors[1] = tq_bc7_triple_anchors[1][partition];
  }

  // Ends: all of red, then of green, blue, alpha; then the parity bits.
  const uint32_t end_count = 2u * mode->subsets;
  uint32_t ends[4][2], bits[4];
  for (uint32_t c = 0; c < 4; ++c) {
    bits[c] = c < 3 ? mode->color_bits : mode->alpha_bits;
    for (uint32_t e = 0; e < 2; ++e)
      ends[c][e] = tq_bc7_bits(block, at + (2 * subset + e) * bits[c], bits[c]);
    at += end_count * bits[c];
  }
  if (mode->end_parity | mode->subset_parity) {
    for (uint32_t e = 0; e < 2; ++e) {
      const uint32_t parity = tq_bc7_bits(block, at + (mode->end_parity ? 2 * subset + e : subset), 1);
      for (uint32_t c = 0; c < 4; ++c) ends[c][e] = ends[c][e] << 1 | parity;
    }
    at += mode->end_parity ? end_count : mode->subsets;
    for (uint32_t c = 0; c < 4; ++c) bits[c] += bits[c] != 0;
  }

  // Indices: anchors are a bit shorter, and shift those behind them.
  const _Bool is_anchor = texel == 0 || texel == anchors[0] || texel == anchors[1];
  const uint32_t shorter = (texel > 0) + (texel > anchors[0]) + (texel > anchors[1]);
  const uint32_t index =
      tq_bc7_bits(block, at + texel * mode->index_bits - shorter, mode->index_bits - is_anchor);
  uint32_t weights[2];
  weights[0] = weights[1] = tq_bc7_weights[mode->index_bits - 2][index];
  if (mode->second_index_bits != 0) {
    const uint32_t second_at = at + 16u * mode->index_bits - mode->subsets;
    const uint32_t second = tq_bc7_bits(block, second_at + texel * mode->second_index_bits - (texel > 0),
                                        mode->second_index_bits - (texel == 0));
    weights[1 - selector] = tq_bc7_weights[mode->second_index_bits - 2][second];
  }

  tq_u4 color = {0, 0, 0, 255};
  for (uint32_t c = 0; c < 4; ++c) {
    if (bits[c] != 0) color[c] = tq_bc7_between(ends[c][0], ends[c][1], bits[c], weights[c == 3]);
  }
  if (rotation != 0) {
    const uint32_t alpha = color[3];
    color[3] = color[rotation - 1];
    color[rotation - 1] = alpha;
  }
  return color;
}

#endif  // TIANQIAO_COMPILER_DEVICELIB_BC7_H_
