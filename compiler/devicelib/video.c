// Video instructions (PTX ISA, "Video Instructions"): operands are bytes, halves or whole words widened to an
// exact intermediate, operated on, clamped if asked, and merged into or combined with a third operand.
#include "compiler/devicelib/device.h"

TQ_INLINE int64_t select_part(uint32_t x, uint32_t select, _Bool is_signed) {
  uint32_t bits = select == TQ_WHOLE ? 32 : select <= TQ_B3 ? 8 : 16;
  uint32_t shift = select == TQ_WHOLE ? 0 : select <= TQ_B3 ? 8 * (select - TQ_B0) : 16 * (select - TQ_H0);
  uint64_t field = (uint64_t)(x >> shift) << (64 - bits);
  return is_signed ? (int64_t)field >> (64 - bits) : (int64_t)(field >> (64 - bits));
}

TQ_INLINE int64_t clamp(int64_t x, uint32_t bits, _Bool is_signed) {
  int64_t low = is_signed ? -(1ll << (bits - 1)) : 0,
          high = is_signed ? (1ll << (bits - 1)) - 1 : (1ll << bits) - 1;
  return x < low ? low : x > high ? high : x;
}

TQ_INLINE int64_t operate(uint32_t op, int64_t a, int64_t b, uint32_t bits, uint32_t flags) {
  switch (op) {
    case TQ_VADD:
      return a + b;
    case TQ_VSUB:
      return a - b;
    case TQ_VABSDIFF:
      return a < b ? b - a : a - b;
    case TQ_VMIN:
      return a < b ? a : b;
    case TQ_VMAX:
      return a > b ? a : b;
    case TQ_VAVRG:
      // Rounded up when positive, away from zero when negative.
      return (a + b + (a + b >= 0)) >> 1;
    default: {
      uint64_t count = (uint64_t)b & 0xffffffffu;
      count = (flags & TQ_VIDEO_WRAP) ? count & (bits - 1) : count > bits ? bits : count;
      return op == TQ_VSHL ? (int64_t)((uint64_t)a << count) : a >> count;
    }
  }
}

// Places or combines a 32-bit result with c.
TQ_INLINE uint32_t merge(int64_t result, uint32_t c, uint32_t how, uint32_t flags) {
  uint32_t low = (uint32_t)result;
  _Bool is_signed = flags & TQ_VIDEO_D_SIGNED;
  switch (how) {
    case TQ_MERGE_NONE:
      return low;
    case TQ_MERGE_ADD:
      return low + c;
    case TQ_MERGE_MIN:
      return is_signed ? ((int32_t)low < (int32_t)c ? low : c) : (low < c ? low : c);
    case TQ_MERGE_MAX:
      return is_signed ? ((int32_t)low > (int32_t)c ? low : c) : (low > c ? low : c);
    case TQ_MERGE_H0:
    case TQ_MERGE_H1: {
      uint32_t shift = 16 * (how - TQ_MERGE_H0);
      return (c & ~(0xffffu << shift)) | (low & 0xffff) << shift;
    }
    default: {
      uint32_t shift = 8 * (how - TQ_MERGE_B0);
      return (c & ~(0xffu << shift)) | (low & 0xff) << shift;
    }
  }
}

TQ_INLINE uint32_t merge_bits(uint32_t how) { return how < TQ_MERGE_B0 ? 32 : how <= TQ_MERGE_B3 ? 8 : 16; }

// vadd vsub vabsdiff vmin vmax vshl vshr. Saturation is to the width that is merged.
TQ_DEVICE uint32_t tq_video(uint32_t a, uint32_t b, uint32_t c, uint32_t op, uint32_t a_select,
                            uint32_t b_select, uint32_t how, uint32_t flags) {
  int64_t x = select_part(a, a_select, flags & TQ_VIDEO_A_SIGNED);
  int64_t y = select_part(b, b_select, flags & TQ_VIDEO_B_SIGNED);
  int64_t result = operate(op, x, y, 32, flags);
  if (flags & TQ_VIDEO_SAT) result = clamp(result, merge_bits(how), flags & TQ_VIDEO_D_SIGNED);
  return merge(result, c, how, flags);
}

// vset: 1 or 0. `op` is one of TQ_EQ .. TQ_GE.
TQ_DEVICE uint32_t tq_video_set(uint32_t a, uint32_t b, uint32_t c, uint32_t op, uint32_t a_select,
                                uint32_t b_select, uint32_t how, uint32_t flags) {
  int64_t x = select_part(a, a_select, flags & TQ_VIDEO_A_SIGNED);
  int64_t y = select_part(b, b_select, flags & TQ_VIDEO_B_SIGNED);
  _Bool holds = op == TQ_EQ   ? x == y
                : op == TQ_NE ? x != y
                : op == TQ_LT ? x < y
                : op == TQ_LE ? x <= y
                : op == TQ_GT ? x > y
                              : x >= y;
  return merge(holds, c, how, flags & ~(uint32_t)TQ_VIDEO_D_SIGNED);
}

// vmad: a * b + c, scaled down by 7 or 15 bits. `negate`: 1 the product, 2 c, 3 plus one (.po).
TQ_DEVICE uint32_t tq_video_mad(uint32_t a, uint32_t b, uint32_t c, uint32_t a_select, uint32_t b_select,
                                uint32_t negate, uint32_t scale, uint32_t flags) {
  _Bool is_signed = flags & TQ_VIDEO_D_SIGNED;
  tq_s128 product = (tq_s128)select_part(a, a_select, flags & TQ_VIDEO_A_SIGNED) *
                    select_part(b, b_select, flags & TQ_VIDEO_B_SIGNED);
  tq_s128 addend = is_signed ? (tq_s128)(int32_t)c : (tq_s128)c;
  tq_s128 sum = (negate == 1 ? -product : product) + (negate == 2 ? -addend : addend) + (negate == 3);
  sum >>= scale;
  tq_s128 low = is_signed ? INT32_MIN : 0, high = is_signed ? INT32_MAX : UINT32_MAX;
  if (flags & TQ_VIDEO_SAT) sum = sum < low ? low : sum > high ? high : sum;
  return (uint32_t)sum;
}

// vadd2, vadd4 and so on: part i of {a, b} (b above a) as `a_select` and `b_select` name it by 4-bit digits,
// for the parts in `mask`; the others keep c, or with `accumulate` all are summed onto c.
TQ_INLINE uint32_t simd_video(uint32_t a, uint32_t b, uint32_t c, uint32_t op, uint32_t bits,
                              uint32_t a_select, uint32_t b_select, uint32_t mask, _Bool accumulate,
                              uint32_t flags, _Bool set) {
  uint32_t parts = 32 / bits, result = c, total = c;
  uint64_t both = (uint64_t)b << 32 | a;
  for (uint32_t i = 0; i < parts; i++) {
    uint32_t part_a = (uint32_t)(both >> (bits * (a_select >> (4 * i) & 15))) << (32 - bits);
    uint32_t part_b = (uint32_t)(both >> (bits * (b_select >> (4 * i) & 15))) << (32 - bits);
    int64_t x =
        (flags & TQ_VIDEO_A_SIGNED) ? (int32_t)part_a >> (32 - bits) : (int64_t)(part_a >> (32 - bits));
    int64_t y =
        (flags & TQ_VIDEO_B_SIGNED) ? (int32_t)part_b >> (32 - bits) : (int64_t)(part_b >> (32 - bits));
    int64_t value;
    if (set) {
      value = op == TQ_EQ   ? x == y
              : op == TQ_NE ? x != y
              : op == TQ_LT ? x < y
              : op == TQ_LE ? x <= y
              : op == TQ_GT ? x > y
                            : x >= y;
    } else {
      value = operate(op, x, y, bits, flags);
    }
    if (flags & TQ_VIDEO_SAT) value = clamp(value, bits, flags & TQ_VIDEO_D_SIGNED);
    if (!(mask >> i & 1)) continue;
    uint32_t field = (uint32_t)((1ull << bits) - 1) << (bits * i);
    result = (result & ~field) | ((uint32_t)value << (bits * i) & field);
    total += (uint32_t)value;
  }
  return accumulate ? total : result;
}

TQ_DEVICE uint32_t tq_video2(uint32_t a, uint32_t b, uint32_t c, uint32_t op, uint32_t a_select,
                             uint32_t b_select, uint32_t mask, uint32_t accumulate, uint32_t flags) {
  return simd_video(a, b, c, op, 16, a_select, b_select, mask, accumulate != 0, flags, 0);
}

TQ_DEVICE uint32_t tq_video4(uint32_t a, uint32_t b, uint32_t c, uint32_t op, uint32_t a_select,
                             uint32_t b_select, uint32_t mask, uint32_t accumulate, uint32_t flags) {
  return simd_video(a, b, c, op, 8, a_select, b_select, mask, accumulate != 0, flags, 0);
}

TQ_DEVICE uint32_t tq_video_set2(uint32_t a, uint32_t b, uint32_t c, uint32_t op, uint32_t a_select,
                                 uint32_t b_select, uint32_t mask, uint32_t accumulate, uint32_t flags) {
  return simd_video(a, b, c, op, 16, a_select, b_select, mask, accumulate != 0, flags, 1);
}

TQ_DEVICE uint32_t tq_video_set4(uint32_t a, uint32_t b, uint32_t c, uint32_t op, uint32_t a_select,
                                 uint32_t b_select, uint32_t mask, uint32_t accumulate, uint32_t flags) {
  return simd_video(a, b, c, op, 8, a_select, b_select, mask, accumulate != 0, flags, 1);
}
