// Integer arithmetic (PTX ISA, "Integer Arithmetic Instructions"). Names end in the instruction's type.
#include "compiler/devicelib/device.h"

// Division by zero gives all ones on NVIDIA's hardware, the remainder the dividend (the manual leaves it
// open); the least number divided by -1 wraps. Neither may trap the host: the division that is made has a
// divisor for which it is defined, whatever is selected afterwards.
#define DIVIDE_UNSIGNED(type, suffix)               \
  TQ_DEVICE type tq_div_##suffix(type a, type b) {  \
    type quotient = (type)(a / (b ? b : (type)1));  \
    return b ? quotient : (type) ~(type)0;          \
  }                                                 \
  TQ_DEVICE type tq_rem_##suffix(type a, type b) {  \
    type remainder = (type)(a % (b ? b : (type)1)); \
    return b ? remainder : a;                       \
  }
#define DIVIDE_SIGNED(type, unsigned_type, suffix)                                                           \
  TQ_DEVICE type tq_div_##suffix(type a, type b) {                                                           \
    _Bool plain = (b != 0) & (b != -1);                                                                      \
    type quotient = (type)(a / (plain ? b : (type)1)), opposite = (type)(0 - (unsigned_type)a);              \
    type special = b == 0 ? (type) - 1 : opposite;                                                           \
    return plain ? quotient : special;                                                                       \
  }                                                                                                          \
  TQ_DEVICE type tq_rem_##suffix(type a, type b) {                                                           \
    _Bool plain = (b != 0) & (b != -1);                                                                      \
    type remainder = (type)(a % (plain ? b : (type)1)), special = b == 0 ? a : (type)0;                      \
    return plain ? remainder : special;                                                                      \
  }                                                                                                          \
  TQ_DEVICE type tq_abs_##suffix(type a) { return (type)(a < 0 ? 0 - (unsigned_type)a : (unsigned_type)a); } \
  TQ_DEVICE type tq_neg_##suffix(type a) { return (type)(0 - (unsigned_type)a); }
DIVIDE_UNSIGNED(uint16_t, u16)
DIVIDE_UNSIGNED(uint32_t, u32)
DIVIDE_UNSIGNED(uint64_t, u64)
DIVIDE_SIGNED(int16_t, uint16_t, s16)
DIVIDE_SIGNED(int32_t, uint32_t, s32)
DIVIDE_SIGNED(int64_t, uint64_t, s64)

#define MULTIPLY(type, unsigned_type, wide, suffix, bits)                                               \
  TQ_DEVICE type tq_mul_hi_##suffix(type a, type b) { return (type)((wide)a * b >> bits); }             \
  TQ_DEVICE type tq_mad_hi_##suffix(type a, type b, type c) {                                           \
    return (type)((unsigned_type)((wide)a * b >> bits) + (unsigned_type)c);                             \
  }                                                                                                     \
  TQ_DEVICE type tq_mad_lo_##suffix(type a, type b, type c) {                                           \
    return (type)(unsigned_type)((uint64_t)a * (uint64_t)b + (uint64_t)c);                              \
  }                                                                                                     \
  TQ_DEVICE type tq_sad_##suffix(type a, type b, type c) {                                              \
    return (type)((unsigned_type)c +                                                                    \
                  (a < b ? (unsigned_type)b - (unsigned_type)a : (unsigned_type)a - (unsigned_type)b)); \
  }
MULTIPLY(uint16_t, uint16_t, uint32_t, u16, 16)
MULTIPLY(uint32_t, uint32_t, uint64_t, u32, 32)
MULTIPLY(uint64_t, uint64_t, tq_u128, u64, 64)
MULTIPLY(int16_t, uint16_t, int32_t, s16, 16)
MULTIPLY(int32_t, uint32_t, int64_t, s32, 32)
MULTIPLY(int64_t, uint64_t, tq_s128, s64, 64)

#define MULTIPLY_WIDE(type, wide, unsigned_wide, suffix)                            \
  TQ_DEVICE wide tq_mul_wide_##suffix(type a, type b) { return (wide)a * (wide)b; } \
  TQ_DEVICE wide tq_mad_wide_##suffix(type a, type b, wide c) {                     \
    return (wide)((unsigned_wide)((wide)a * (wide)b) + (unsigned_wide)c);           \
  }
MULTIPLY_WIDE(uint16_t, uint32_t, uint32_t, u16)
MULTIPLY_WIDE(uint32_t, uint64_t, uint64_t, u32)
MULTIPLY_WIDE(int16_t, int32_t, uint32_t, s16)
MULTIPLY_WIDE(int32_t, int64_t, uint64_t, s32)

TQ_INLINE int32_t clamp_s32(int64_t x) {
  return x < INT32_MIN ? INT32_MIN : x > INT32_MAX ? INT32_MAX : (int32_t)x;
}

TQ_DEVICE int32_t tq_mad_hi_sat_s32(int32_t a, int32_t b, int32_t c) {
  return clamp_s32(((int64_t)a * b >> 32) + c);
}

// The low 24 bits of both factors; .lo keeps bits 0..31 of the product, .hi bits 16..47.
TQ_INLINE int64_t product24_s32(int32_t a, int32_t b) {
  return (int64_t)((int32_t)((uint32_t)a << 8) >> 8) * ((int32_t)((uint32_t)b << 8) >> 8);
}

TQ_INLINE uint64_t product24_u32(uint32_t a, uint32_t b) { return (uint64_t)(a & 0xffffff) * (b & 0xffffff); }

#define MULTIPLY_24(suffix, type)                                                                        \
  TQ_DEVICE type tq_mul24_lo_##suffix(type a, type b) { return (type)product24_##suffix(a, b); }         \
  TQ_DEVICE type tq_mul24_hi_##suffix(type a, type b) { return (type)(product24_##suffix(a, b) >> 16); } \
  TQ_DEVICE type tq_mad24_lo_##suffix(type a, type b, type c) {                                          \
    return (type)((uint32_t)product24_##suffix(a, b) + (uint32_t)c);                                     \
  }                                                                                                      \
  TQ_DEVICE type tq_mad24_hi_##suffix(type a, type b, type c) {                                          \
    return (type)((uint32_t)(product24_##suffix(a, b) >> 16) + (uint32_t)c);                             \
  }
MULTIPLY_24(u32, uint32_t)
MULTIPLY_24(s32, int32_t)

TQ_DEVICE int32_t tq_mad24_hi_sat_s32(int32_t a, int32_t b, int32_t c) {
  return clamp_s32((int64_t)(int32_t)(product24_s32(a, b) >> 16) + c);
}

// ---- Pairs of 16 bits ----

#define PAIR(operation)                          \
  uint32_t result = 0;                           \
  for (int shift = 0; shift < 32; shift += 16) { \
    operation;                                   \
  }                                              \
  return result

#define PAIRS(suffix, type)                                                     \
  TQ_DEVICE uint32_t tq_add_##suffix(uint32_t a, uint32_t b) {                  \
    PAIR(result |= (uint32_t)(uint16_t)((a >> shift) + (b >> shift)) << shift); \
  }                                                                             \
  TQ_DEVICE uint32_t tq_min_##suffix(uint32_t a, uint32_t b) {                  \
    PAIR(type x = (type)(a >> shift); type y = (type)(b >> shift);              \
         result |= (uint32_t)(uint16_t)(x < y ? x : y) << shift);               \
  }                                                                             \
  TQ_DEVICE uint32_t tq_max_##suffix(uint32_t a, uint32_t b) {                  \
    PAIR(type x = (type)(a >> shift); type y = (type)(b >> shift);              \
         result |= (uint32_t)(uint16_t)(x > y ? x : y) << shift);               \
  }
PAIRS(u16x2, uint16_t)
PAIRS(s16x2, int16_t)

// .relu: negative results become zero; unsigned ones never are.
TQ_INLINE uint32_t relu_s16x2(uint32_t x) {
  return ((x & 0x8000u) ? 0 : x & 0xffffu) | ((x & 0x80000000u) ? 0 : x & 0xffff0000u);
}

TQ_DEVICE uint32_t tq_min_relu_s16x2(uint32_t a, uint32_t b) { return relu_s16x2(tq_min_s16x2(a, b)); }
TQ_DEVICE uint32_t tq_max_relu_s16x2(uint32_t a, uint32_t b) { return relu_s16x2(tq_max_s16x2(a, b)); }
TQ_DEVICE uint32_t tq_min_relu_u16x2(uint32_t a, uint32_t b) { return tq_min_u16x2(a, b); }
TQ_DEVICE uint32_t tq_max_relu_u16x2(uint32_t a, uint32_t b) { return tq_max_u16x2(a, b); }

TQ_DEVICE int32_t tq_min_relu_s32(int32_t a, int32_t b) {
  int32_t least = a < b ? a : b;
  return least < 0 ? 0 : least;
}

TQ_DEVICE int32_t tq_max_relu_s32(int32_t a, int32_t b) {
  int32_t most = a > b ? a : b;
  return most < 0 ? 0 : most;
}

// ---- Dot products ----

#define BYTE_OF_u32(x, i) (int64_t)(uint8_t)((x) >> (8 * (i)))
#define BYTE_OF_s32(x, i) (int64_t)(int8_t)((x) >> (8 * (i)))
#define HALF_OF_u32(x, i) (int64_t)(uint16_t)((x) >> (16 * (i)))
#define HALF_OF_s32(x, i) (int64_t)(int16_t)((x) >> (16 * (i)))

#define DOT(atype, btype)                                                                 \
  TQ_DEVICE uint32_t tq_dp4a_##atype##_##btype(uint32_t a, uint32_t b, uint32_t c) {      \
    int64_t sum = 0;                                                                      \
    for (int i = 0; i < 4; i++) sum += BYTE_OF_##atype(a, i) * BYTE_OF_##btype(b, i);     \
    return c + (uint32_t)sum;                                                             \
  }                                                                                       \
  TQ_DEVICE uint32_t tq_dp2a_lo_##atype##_##btype(uint32_t a, uint32_t b, uint32_t c) {   \
    int64_t sum = 0;                                                                      \
    for (int i = 0; i < 2; i++) sum += HALF_OF_##atype(a, i) * BYTE_OF_##btype(b, i);     \
    return c + (uint32_t)sum;                                                             \
  }                                                                                       \
  TQ_DEVICE uint32_t tq_dp2a_hi_##atype##_##btype(uint32_t a, uint32_t b, uint32_t c) {   \
    int64_t sum = 0;                                                                      \
    for (int i = 0; i < 2; i++) sum += HALF_OF_##atype(a, i) * BYTE_OF_##btype(b, i + 2); \
    return c + (uint32_t)sum;                                                             \
  }
DOT(u32, u32)
DOT(u32, s32)
DOT(s32, u32)
DOT(s32, s32)

// ---- cvt.pack (PTX ISA, "cvt.pack") ----

TQ_INLINE uint32_t clamp_bits(int32_t x, uint32_t bits, _Bool is_signed) {
  int32_t low = is_signed ? -(1 << (bits - 1)) : 0,
          high = is_signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
  x = x < low ? low : x > high ? high : x;
  return (uint32_t)x & ((1u << bits) - 1);
}

// a above b; the three-operand forms put the pair below what c had there, shifted up.
#define PACK(suffix, bits, is_signed)                                                   \
  TQ_DEVICE uint32_t tq_cvt_pack_##suffix##_s32(int32_t a, int32_t b) {                 \
    return clamp_bits(a, bits, is_signed) << bits | clamp_bits(b, bits, is_signed);     \
  }                                                                                     \
  TQ_DEVICE uint32_t tq_cvt_pack_##suffix##_s32_b32(int32_t a, int32_t b, uint32_t c) { \
    return (uint32_t)((uint64_t)c << (2 * bits)) | tq_cvt_pack_##suffix##_s32(a, b);    \
  }
PACK(u16, 16, 0)
PACK(s16, 16, 1)
PACK(u8, 8, 0)
PACK(s8, 8, 1)
PACK(u4, 4, 0)
PACK(s4, 4, 1)
PACK(u2, 2, 0)
PACK(s2, 2, 1)

// ---- PTX ISA 9.2: four bytes in a register, and sums that clamp ----

#define EACH_BYTE(name, element, expression)                \
  TQ_DEVICE uint32_t name(uint32_t a, uint32_t b) {         \
    uint32_t d = 0;                                         \
    for (uint32_t i = 0; i < 32; i += 8) {                  \
      int32_t x = (element)(a >> i), y = (element)(b >> i); \
      d |= ((uint32_t)(expression) & 0xff) << i;            \
    }                                                       \
    return d;                                               \
  }
#define BYTES(type, element)                       \
  EACH_BYTE(tq_add_##type, element, x + y)         \
  EACH_BYTE(tq_sub_##type, element, x - y)         \
  EACH_BYTE(tq_min_##type, element, x < y ? x : y) \
  EACH_BYTE(tq_max_##type, element, x > y ? x : y)
BYTES(u8x4, uint8_t)
BYTES(s8x4, int8_t)

TQ_DEVICE uint32_t tq_neg_s8x4(uint32_t a) { return tq_sub_s8x4(0, a); }

TQ_INLINE int32_t clamp(int32_t x, int32_t low, int32_t high) { return x < low ? low : x > high ? high : x; }

TQ_DEVICE uint32_t tq_add_sat_u32(uint32_t a, uint32_t b) { return a + b < a ? UINT32_MAX : a + b; }

TQ_DEVICE uint32_t tq_add_sat_u16x2(uint32_t a, uint32_t b) {
  uint32_t low = (a & 0xffff) + (b & 0xffff), high = (a >> 16) + (b >> 16);
  return (uint32_t)clamp((int32_t)high, 0, 0xffff) << 16 | (uint32_t)clamp((int32_t)low, 0, 0xffff);
}

TQ_DEVICE uint32_t tq_add_sat_s16x2(uint32_t a, uint32_t b) {
  int32_t low = (int16_t)a + (int16_t)b, high = (int16_t)(a >> 16) + (int16_t)(b >> 16);
  return (uint32_t)clamp(high, INT16_MIN, INT16_MAX) << 16 |
         ((uint32_t)clamp(low, INT16_MIN, INT16_MAX) & 0xffff);
}

// Products over the field of two elements: sums without carries.
TQ_DEVICE uint64_t tq_clmad_lo_u64(uint64_t a, uint64_t b, uint64_t c) {
  for (uint32_t i = 0; i < 64; i++) c ^= (0 - (a >> i & 1)) & b << i;
  return c;
}
TQ_DEVICE uint64_t tq_clmad_hi_u64(uint64_t a, uint64_t b, uint64_t c) {
  for (uint32_t i = 1; i < 64; i++) c ^= (0 - (a >> i & 1)) & b >> (64 - i);
  return c;
}
