// Bits of integers: counting, fields, permutation, funnel shifts (PTX ISA, "Integer Arithmetic Instructions",
// "Logic and Shift Instructions", prmt).
#include "compiler/devicelib/device.h"

TQ_DEVICE uint32_t tq_popc_b32(uint32_t a) { return (uint32_t)__builtin_popcount(a); }
TQ_DEVICE uint32_t tq_popc_b64(uint64_t a) { return (uint32_t)__builtin_popcountll(a); }
TQ_DEVICE uint32_t tq_clz_b32(uint32_t a) { return a ? (uint32_t)__builtin_clz(a) : 32; }
TQ_DEVICE uint32_t tq_clz_b64(uint64_t a) { return a ? (uint32_t)__builtin_clzll(a) : 64; }

// Position of the most significant bit that is not a sign bit, all ones if there is none; .shiftamt gives the
// shift that brings it to the top.
#define BFIND(suffix, unsigned_type, type, bits, clz)     \
  TQ_DEVICE uint32_t tq_bfind_##suffix(type a) {          \
    unsigned_type x = (unsigned_type)(a < 0 ? ~a : a);    \
    return x ? (bits) - 1 - clz(x) : UINT32_MAX;          \
  }                                                       \
  TQ_DEVICE uint32_t tq_bfind_shiftamt_##suffix(type a) { \
    unsigned_type x = (unsigned_type)(a < 0 ? ~a : a);    \
    return x ? clz(x) : UINT32_MAX;                       \
  }
BFIND(u32, uint32_t, uint32_t, 32, tq_clz_b32)
BFIND(u64, uint64_t, uint64_t, 64, tq_clz_b64)
BFIND(s32, uint32_t, int32_t, 32, tq_clz_b32)
BFIND(s64, uint64_t, int64_t, 64, tq_clz_b64)

// The offset-th set bit from `base` on, upwards for a positive offset, downwards for a negative one; 0 tests
// base.
TQ_DEVICE uint32_t tq_fns_b32(uint32_t mask, uint32_t base, int32_t offset) {
  if (base > 31) return UINT32_MAX;
  if (offset == 0) return (mask >> base & 1) ? base : UINT32_MAX;
  int32_t step = offset > 0 ? 1 : -1, left = offset > 0 ? offset : 0 - offset;
  for (int32_t position = (int32_t)base; position >= 0 && position < 32; position += step) {
    if ((mask >> position & 1) && --left == 0) return (uint32_t)position;
  }
  return UINT32_MAX;
}

// bfe: position and length are the low 8 bits of b and c. Beyond the top the field is filled with the sign,
// which is the topmost bit of the field that exists.
TQ_DEVICE uint32_t tq_bfe_u32(uint32_t a, uint32_t b, uint32_t c) {
  uint32_t position = b & 255, length = c & 255;
  uint32_t field = position > 31 ? 0 : a >> position;
  return length > 31 ? field : field & ((1u << length) - 1);
}

TQ_DEVICE uint64_t tq_bfe_u64(uint64_t a, uint32_t b, uint32_t c) {
  uint32_t position = b & 255, length = c & 255;
  uint64_t field = position > 63 ? 0 : a >> position;
  return length > 63 ? field : field & ((1ull << length) - 1);
}

TQ_DEVICE int32_t tq_bfe_s32(int32_t a, uint32_t b, uint32_t c) {
  uint32_t position = b & 255, length = c & 255;
  if (length == 0) return 0;
  int32_t field = a >> (position > 31 ? 31 : position);
  uint32_t above = length > 31 ? 0 : 32 - length;
  return position + length > 31 ? field : (int32_t)((uint32_t)field << above) >> above;
}

TQ_DEVICE int64_t tq_bfe_s64(int64_t a, uint32_t b, uint32_t c) {
  uint32_t position = b & 255, length = c & 255;
  if (length == 0) return 0;
  int64_t field = a >> (position > 63 ? 63 : position);
  uint32_t above = length > 63 ? 0 : 64 - length;
  return position + length > 63 ? field : (int64_t)((uint64_t)field << above) >> above;
}

// bfi: the low `length` bits of a replace those of b from `position` on.
TQ_DEVICE uint32_t tq_bfi_b32(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  uint32_t position = c & 255, length = d & 255;
  if (position > 31) return b;
  uint32_t mask = (length > 31 ? UINT32_MAX : (1u << length) - 1) << position;
  return (b & ~mask) | (a << position & mask);
}

TQ_DEVICE uint64_t tq_bfi_b64(uint64_t a, uint64_t b, uint32_t c, uint32_t d) {
  uint32_t position = c & 255, length = d & 255;
  if (position > 63) return b;
  uint64_t mask = (length > 63 ? UINT64_MAX : (1ull << length) - 1) << position;
  return (b & ~mask) | (a << position & mask);
}

// szext: keeps the low b bits of a and extends them. .clamp takes b above 32 as 32, .wrap b modulo 32.
TQ_INLINE uint32_t keep_low(uint32_t a, uint32_t length, _Bool is_signed) {
  if (length == 0) return 0;
  if (length > 31) return a;
  uint32_t raised = a << (32 - length);
  return is_signed ? (uint32_t)((int32_t)raised >> (32 - length)) : raised >> (32 - length);
}

TQ_DEVICE uint32_t tq_szext_clamp_u32(uint32_t a, uint32_t b) { return keep_low(a, b, 0); }
TQ_DEVICE uint32_t tq_szext_clamp_s32(uint32_t a, uint32_t b) { return keep_low(a, b, 1); }
TQ_DEVICE uint32_t tq_szext_wrap_u32(uint32_t a, uint32_t b) { return keep_low(a, b & 31, 0); }
TQ_DEVICE uint32_t tq_szext_wrap_s32(uint32_t a, uint32_t b) { return keep_low(a, b & 31, 1); }

// bmsk: b ones from bit a on.
TQ_DEVICE uint32_t tq_bmsk_clamp_b32(uint32_t a, uint32_t b) {
  uint32_t ones = b > 31 ? UINT32_MAX : (1u << b) - 1;
  return a > 31 ? 0 : ones << a;
}

TQ_DEVICE uint32_t tq_bmsk_wrap_b32(uint32_t a, uint32_t b) { return ((1u << (b & 31)) - 1) << (a & 31); }

TQ_DEVICE uint16_t tq_cnot_b16(uint16_t a) { return a == 0; }
TQ_DEVICE uint32_t tq_cnot_b32(uint32_t a) { return a == 0; }
TQ_DEVICE uint64_t tq_cnot_b64(uint64_t a) { return a == 0; }

// Funnel shifts of {b, a}: .l gives the upper word, .r the lower one.
TQ_INLINE uint32_t shift_amount(uint32_t c, _Bool clamp) { return clamp ? (c > 32 ? 32 : c) : c & 31; }

TQ_DEVICE uint32_t tq_shf_l_clamp_b32(uint32_t a, uint32_t b, uint32_t c) {
  return (uint32_t)(((uint64_t)b << 32 | a) << shift_amount(c, 1) >> 32);
}
TQ_DEVICE uint32_t tq_shf_l_wrap_b32(uint32_t a, uint32_t b, uint32_t c) {
  return (uint32_t)(((uint64_t)b << 32 | a) << shift_amount(c, 0) >> 32);
}
TQ_DEVICE uint32_t tq_shf_r_clamp_b32(uint32_t a, uint32_t b, uint32_t c) {
  return (uint32_t)(((uint64_t)b << 32 | a) >> shift_amount(c, 1));
}
TQ_DEVICE uint32_t tq_shf_r_wrap_b32(uint32_t a, uint32_t b, uint32_t c) {
  return (uint32_t)(((uint64_t)b << 32 | a) >> shift_amount(c, 0));
}

// prmt: bytes 0..3 are a's, 4..7 b's. A selector's bit 3 replicates the byte's sign instead.
TQ_DEVICE uint32_t tq_prmt_b32(uint32_t a, uint32_t b, uint32_t c) {
  uint64_t bytes = (uint64_t)b << 32 | a;
  uint32_t result = 0;
  for (uint32_t i = 0; i < 4; i++) {
    uint32_t selector = c >> (4 * i) & 15;
    uint32_t byte = (uint32_t)(bytes >> (8 * (selector & 7)) & 255);
    if (selector & 8) byte = (byte & 128) ? 255 : 0;
    result |= byte << (8 * i);
  }
  return result;
}

// The modes choose four bytes by a rule and the low two bits of c.
#define PRMT(name, byte_index)                                                \
  TQ_DEVICE uint32_t tq_prmt_b32_##name(uint32_t a, uint32_t b, uint32_t c) { \
    uint64_t bytes = (uint64_t)b << 32 | a;                                   \
    uint32_t n = c & 3, result = 0;                                           \
    for (uint32_t i = 0; i < 4; i++) {                                        \
      result |= (uint32_t)(bytes >> (8 * (byte_index)) & 255) << (8 * i);     \
    }                                                                         \
    return result;                                                            \
  }
PRMT(f4e, n + i)                   // four from byte n upwards
PRMT(b4e, (n - i) & 7)             // four from byte n downwards, around the eight
PRMT(rc8, n + 0 * i)               // byte n four times
PRMT(ecl, i < n ? n : i)           // edge clamp left
PRMT(ecr, i < n ? i : n)           // edge clamp right
PRMT(rc16, (n & 1) * 2 + (i & 1))  // half n twice

TQ_DEVICE void tq_st_bulk(uint8_t* destination, uint64_t size_bytes, uint64_t value) {
  for (uint64_t i = 0; i < size_bytes; i++) destination[i] = (uint8_t)value;
}
