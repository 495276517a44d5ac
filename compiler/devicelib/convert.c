// Conversions between floating-point formats, and between them and integers (PTX ISA, "Data Movement and
// Conversion Instructions: cvt"), where LLVM has no instruction with the rounding or the saturation that PTX
// asks for.
#include "compiler/devicelib/narrow.h"

// ---- Float to integer. Out of range clamps to the destination; NaN gives `nan` ----

TQ_INLINE double to_integral(double x, uint32_t mode) {
  if (mode == TQ_RN) return __builtin_rint(x);
  if (mode == TQ_RM) return __builtin_floor(x);
  if (mode == TQ_RP) return __builtin_ceil(x);
  return __builtin_trunc(x);
}

TQ_INLINE float to_integral_f32(float x, uint32_t mode) {
  if (mode == TQ_RN) return __builtin_rintf(x);
  if (mode == TQ_RM) return __builtin_floorf(x);
  if (mode == TQ_RP) return __builtin_ceilf(x);
  return __builtin_truncf(x);
}

// NaN gives 0 where neither side has 64 bits, and the integer with only the top bit set otherwise.
#define FLOAT_TO_INT(name, type, from, low, bound, high, nan)   \
  TQ_DEVICE type name(from x, uint32_t mode) {                  \
    from r = ROUND_##from(x, mode);                             \
    from raised = r > (from)(low) ? r : (from)(low);            \
    type result = raised < (from)(bound) ? (type)raised : high; \
    return r != r ? (type)(nan) : result;                       \
  }
#define ROUND_float to_integral_f32
#define ROUND_double to_integral
FLOAT_TO_INT(tq_cvt_s8_f32, int8_t, float, INT8_MIN, 0x1p7, INT8_MAX, 0)
FLOAT_TO_INT(tq_cvt_u8_f32, uint8_t, float, 0, 0x1p8, UINT8_MAX, 0)
FLOAT_TO_INT(tq_cvt_s8_f64, int8_t, double, INT8_MIN, 0x1p7, INT8_MAX, INT8_MIN)
FLOAT_TO_INT(tq_cvt_u8_f64, uint8_t, double, 0, 0x1p8, UINT8_MAX, 1ull << 7)
FLOAT_TO_INT(tq_cvt_s16_f32, int16_t, float, INT16_MIN, 0x1p15, INT16_MAX, 0)
FLOAT_TO_INT(tq_cvt_u16_f32, uint16_t, float, 0, 0x1p16, UINT16_MAX, 0)
FLOAT_TO_INT(tq_cvt_s16_f64, int16_t, double, INT16_MIN, 0x1p15, INT16_MAX, INT16_MIN)
FLOAT_TO_INT(tq_cvt_u16_f64, uint16_t, double, 0, 0x1p16, UINT16_MAX, 1ull << 15)
FLOAT_TO_INT(tq_cvt_s32_f32, int32_t, float, INT32_MIN, 0x1p31, INT32_MAX, 0)
FLOAT_TO_INT(tq_cvt_u32_f32, uint32_t, float, 0, 0x1p32, UINT32_MAX, 0)
FLOAT_TO_INT(tq_cvt_s32_f64, int32_t, double, INT32_MIN, 0x1p31, INT32_MAX, INT32_MIN)
FLOAT_TO_INT(tq_cvt_u32_f64, uint32_t, double, 0, 0x1p32, UINT32_MAX, 1ull << 31)
FLOAT_TO_INT(tq_cvt_s64_f32, int64_t, float, INT64_MIN, 0x1p63, INT64_MAX, INT64_MIN)
FLOAT_TO_INT(tq_cvt_u64_f32, uint64_t, float, 0, 0x1p64, UINT64_MAX, 1ull << 63)
FLOAT_TO_INT(tq_cvt_s64_f64, int64_t, double, INT64_MIN, 0x1p63, INT64_MAX, INT64_MIN)
FLOAT_TO_INT(tq_cvt_u64_f64, uint64_t, double, 0, 0x1p64, UINT64_MAX, 1ull << 63)

// cvt.rni.f32.f32 and the like.
TQ_DEVICE float tq_rint_f32(float x, uint32_t mode) { return to_integral_f32(x, mode); }
TQ_DEVICE double tq_rint_f64(double x, uint32_t mode) { return to_integral(x, mode); }

// ---- Into narrower floats ----

#define DOUBLE_TO_HALF(name, digits, least, infinity, one)                                           \
  TQ_DEVICE uint16_t name(double x, uint32_t mode, uint32_t flags) {                                 \
    uint64_t fraction;                                                                               \
    int32_t exponent = tq_split_f64(tq_bits_f64(x), &fraction);                                      \
    uint32_t sign = (uint32_t)(tq_bits_f64(x) >> 63);                                                \
    uint32_t magnitude = tq_narrow(sign, exponent, fraction, digits, least, mode);                   \
    uint32_t result = tq_finish(sign, magnitude, infinity, 0x8000, one, 1, x - x != 0, mode, flags); \
    return (uint16_t)tq_select_u32(x != x, (flags & TQ_SAT) ? 0 : TQ_HALF_NAN, result);              \
  }
DOUBLE_TO_HALF(tq_cvt_f16_f64, TQ_F16_DIGITS, TQ_F16_LEAST, TQ_F16_INFINITY, TQ_F16_ONE)
DOUBLE_TO_HALF(tq_cvt_bf16_f64, TQ_BF16_DIGITS, TQ_BF16_LEAST, TQ_BF16_INFINITY, TQ_BF16_ONE)

// An f32 as the fields of f16. To nearest the machine may have an instruction.
TQ_INLINE uint32_t f16_fields(float x, uint32_t mode) {
  if (mode == TQ_RN) return tq_encode_f16(x) & 0x7fffu;
  uint32_t fraction, bits = tq_bits_f32(x);
  int32_t exponent = tq_split_f32_bits(bits, &fraction);
  return tq_narrow_f32(bits >> 31, exponent, fraction, TQ_F16_DIGITS, TQ_F16_LEAST, mode);
}

TQ_DEVICE uint16_t tq_cvt_f16_f32(float x, uint32_t mode, uint32_t flags) {
  uint32_t result = tq_finish(tq_bits_f32(x) >> 31, f16_fields(x, mode), TQ_F16_INFINITY, 0x8000, TQ_F16_ONE,
                              1, x - x != 0, mode, flags);
  return (uint16_t)tq_select_u32(x != x, (flags & TQ_SAT) ? 0 : TQ_HALF_NAN, result);
}

TQ_DEVICE uint16_t tq_cvt_bf16_f32(float x, uint32_t mode, uint32_t flags) {
  uint32_t bits = tq_bits_f32(x), sign = bits >> 31, magnitude = tq_cut(sign, bits & ~TQ_F32_SIGN, 16, mode);
  uint32_t result =
      tq_finish(sign, magnitude, TQ_BF16_INFINITY, 0x8000, TQ_BF16_ONE, 1, x - x != 0, mode, flags);
  return (uint16_t)tq_select_u32(x != x, (flags & TQ_SAT) ? 0 : TQ_HALF_NAN, result);
}

// {a, b} to a pair: a in the upper half (cvt.rn.f16x2.f32 d, a, b).
TQ_DEVICE uint32_t tq_cvt_f16x2_f32(float a, float b, uint32_t mode, uint32_t flags) {
  return (uint32_t)tq_cvt_f16_f32(a, mode, flags) << 16 | tq_cvt_f16_f32(b, mode, flags);
}

TQ_DEVICE uint32_t tq_cvt_bf16x2_f32(float a, float b, uint32_t mode, uint32_t flags) {
  return (uint32_t)tq_cvt_bf16_f32(a, mode, flags) << 16 | tq_cvt_bf16_f32(b, mode, flags);
}

// tf32: f32 with 10 fraction bits, in a .b32 register with the other 13 bits zero.
TQ_DEVICE uint32_t tq_cvt_tf32_f32(float x, uint32_t mode, uint32_t flags) {
  uint32_t bits = tq_bits_f32(x), sign = bits >> 31;
  uint32_t magnitude = tq_cut(sign, bits & ~TQ_F32_SIGN, 13, mode) << 13;
  uint32_t result =
      tq_finish(sign, magnitude, 0x7f800000u, TQ_F32_SIGN, 0x3f800000u, 1u << 13, x - x != 0, mode, flags);
  return tq_select_u32(x != x, TQ_F32_NAN, result);
}

// Integers: rounded once, from all 64 bits.
#define INT_TO_HALF(name, type, digits, least, infinity, one)                               \
  TQ_DEVICE uint16_t name(type x, uint32_t mode, uint32_t flags) {                          \
    uint32_t sign = x < 0;                                                                  \
    uint64_t magnitude = sign ? 0 - (uint64_t)x : (uint64_t)x;                              \
    int32_t zeros = __builtin_clzll(magnitude | 1);                                         \
    uint32_t fields = tq_narrow(sign, 63 - zeros, magnitude << zeros, digits, least, mode); \
    uint32_t result = tq_finish(sign, fields, infinity, 0x8000, one, 1, 0, mode, flags);    \
    return (uint16_t)(x == 0 ? 0 : result);                                                 \
  }
INT_TO_HALF(tq_cvt_f16_s64, int64_t, TQ_F16_DIGITS, TQ_F16_LEAST, TQ_F16_INFINITY, TQ_F16_ONE)
INT_TO_HALF(tq_cvt_f16_u64, uint64_t, TQ_F16_DIGITS, TQ_F16_LEAST, TQ_F16_INFINITY, TQ_F16_ONE)
INT_TO_HALF(tq_cvt_bf16_s64, int64_t, TQ_BF16_DIGITS, TQ_BF16_LEAST, TQ_BF16_INFINITY, TQ_BF16_ONE)
INT_TO_HALF(tq_cvt_bf16_u64, uint64_t, TQ_BF16_DIGITS, TQ_BF16_LEAST, TQ_BF16_INFINITY, TQ_BF16_ONE)

#define INT_TO_F32(name, type)                                                         \
  TQ_DEVICE float name(type x, uint32_t mode) {                                        \
    uint32_t sign = x < 0;                                                             \
    uint64_t magnitude = sign ? 0 - (uint64_t)x : (uint64_t)x;                         \
    int32_t zeros = __builtin_clzll(magnitude | 1);                                    \
    uint32_t fields = tq_narrow(sign, 63 - zeros, magnitude << zeros, 23, -126, mode); \
    return tq_f32_bits(x == 0 ? 0 : fields | sign << 31);                              \
  }
INT_TO_F32(tq_cvt_f32_s64, int64_t)
INT_TO_F32(tq_cvt_f32_u64, uint64_t)

// ---- Out of f16 and bf16: exact ----

TQ_DEVICE float tq_cvt_f32_f16(uint16_t x) { return tq_decode_f16(x); }

TQ_DEVICE float tq_cvt_f32_bf16(uint16_t x) { return tq_f32_bits((uint32_t)x << 16); }

// ---- 8, 6 and 4-bit formats (PTX ISA, "Alternate Floating-Point Data Formats") ----

typedef struct narrow_format {
  int32_t digits, least;
  uint32_t largest;   // exponent and fraction fields of the largest finite value
  uint32_t infinity;  // 0: none
  uint32_t nan;       // 0: none
  uint32_t sign_bit;
} narrow_format;

TQ_INLINE narrow_format format_of(uint32_t format) {
  switch (format) {
    case TQ_E4M3:
      return (narrow_format){3, -6, 0x7e, 0, 0x7f, 0x80};
    case TQ_E5M2:
      return (narrow_format){2, -14, 0x7b, 0x7c, 0x7f, 0x80};
    case TQ_E2M1:
      return (narrow_format){1, 0, 0x7, 0, 0, 0x8};
    case TQ_E2M3:
      return (narrow_format){3, 0, 0x1f, 0, 0, 0x20};
    default:
      return (narrow_format){2, -2, 0x1f, 0, 0, 0x20};
  }
}

// Signed integers in units of 2^-6. NaN becomes the largest value.
TQ_INLINE uint32_t to_s2f6(float x, uint32_t flags) {
  float scaled = __builtin_rintf(x * 64);
  float least = (flags & TQ_RELU) ? 0 : -128;
  scaled = scaled < TQ_S2F6_LARGEST ? scaled : TQ_S2F6_LARGEST;  // NaN too
  scaled = scaled > least ? scaled : least;
  return (uint32_t)(int32_t)scaled & 0xff;
}

TQ_INLINE float from_s2f6(uint32_t x) { return (float)(int8_t)x * 0x1p-6f; }

// .satfinite is mandatory for these: out of range, infinities included, becomes the largest finite value. NaN
// stays NaN where there is one and becomes the largest positive value where there is none.
TQ_INLINE uint32_t to_narrow(float x, uint32_t format, uint32_t mode, uint32_t flags) {
  if (format == TQ_UE8M0) {
    // An exponent alone: .rz or .rp of the magnitude; 0xff is NaN.
    uint32_t bits = tq_bits_f32(x) & ~TQ_F32_SIGN;
    // Subnormals of f32 lie around the least power, 2^-127 (0x400000 of their units).
    uint32_t exponent = bits >> 23, above = exponent ? (bits & 0x7fffff) != 0 : bits > 0x400000;
    if (mode == TQ_RP) exponent += above;
    // Out of range: the largest power with .satfinite, NaN without.
    uint32_t result = exponent <= 0xfe ? exponent : (flags & TQ_SATFINITE) ? 0xfe : 0xff;
    return bits > 0x7f800000u ? 0xff : result;
  }
  narrow_format f = format_of(format);
  uint32_t fraction, bits = tq_bits_f32(x), sign = bits >> 31;
  int32_t exponent = tq_split_f32_bits(bits, &fraction);
  uint32_t magnitude = tq_narrow_f32(sign, exponent, fraction, f.digits, f.least, mode);
  magnitude = ((magnitude > f.largest) | (x - x != 0)) ? f.largest : magnitude;
  uint32_t negative = (flags & TQ_RELU) ? 0 : magnitude | f.sign_bit;
  uint32_t result = tq_select_u32(sign != 0, negative, magnitude);
  return tq_select_u32(x != x, f.nan ? f.nan : f.largest, result);
}

TQ_INLINE float from_narrow(uint32_t x, uint32_t format) {
  if (format == TQ_UE8M0) {
    uint32_t bits = x == 0 ? 0x400000u : x << 23;  // 2^-127 is subnormal
    return tq_f32_bits(x == 0xff ? TQ_F32_NAN : bits);
  }
  narrow_format f = format_of(format);
  uint32_t magnitude = x & (f.sign_bit - 1), sign = x & f.sign_bit ? TQ_F32_SIGN : 0;
  // Fields at their places in an f32, scaled by the difference of the biases.
  float value =
      tq_f32_bits(magnitude << (23 - f.digits)) * tq_f32_bits((uint32_t)(f.least + 126 + 127) << 23);
  uint32_t bits = tq_bits_f32(value);
  if (f.infinity) bits = magnitude == f.infinity ? 0x7f800000u : bits;
  bits |= sign;
  if (f.nan) bits = magnitude > (f.infinity ? f.infinity : f.largest) ? TQ_F32_NAN : bits;
  return tq_f32_bits(bits);
}

// ---- The forms of PTX, by name ----

#define FLAGS_OF(name, body)                                                      \
  body(name, , 0) body(name, _relu, TQ_RELU) body(name, _satfinite, TQ_SATFINITE) \
      body(name, _relu_satfinite, TQ_RELU | TQ_SATFINITE)

#define TO_HALF(rnd, suffix, flags)                                        \
  TQ_DEVICE uint16_t tq_cvt_##rnd##suffix##_f16_f32(float a) {             \
    return tq_cvt_f16_f32(a, MODE_##rnd, flags);                           \
  }                                                                        \
  TQ_DEVICE uint16_t tq_cvt_##rnd##suffix##_bf16_f32(float a) {            \
    return tq_cvt_bf16_f32(a, MODE_##rnd, flags);                          \
  }                                                                        \
  TQ_DEVICE uint32_t tq_cvt_##rnd##suffix##_f16x2_f32(float a, float b) {  \
    return tq_cvt_f16x2_f32(a, b, MODE_##rnd, flags);                      \
  }                                                                        \
  TQ_DEVICE uint32_t tq_cvt_##rnd##suffix##_bf16x2_f32(float a, float b) { \
    return tq_cvt_bf16x2_f32(a, b, MODE_##rnd, flags);                     \
  }
#define TO_TF32(rnd, suffix, flags)                             \
  TQ_DEVICE uint32_t tq_cvt_##rnd##suffix##_tf32_f32(float a) { \
    return tq_cvt_tf32_f32(a, MODE_##rnd, flags);               \
  }
#define MODE_rn TQ_RN
#define MODE_rz TQ_RZ
#define MODE_rna TQ_RNA
FLAGS_OF(rn, TO_HALF)
FLAGS_OF(rz, TO_HALF)
FLAGS_OF(rn, TO_TF32)
FLAGS_OF(rz, TO_TF32)
FLAGS_OF(rna, TO_TF32)

// Two values in one packed register, a in the upper part.
TQ_INLINE uint32_t pack(float a, float b, uint32_t width, uint32_t format, uint32_t mode, uint32_t flags) {
  return to_narrow(a, format, mode, flags) << width | to_narrow(b, format, mode, flags);
}

#define NARROW(name, type, width, format, suffix, flags)                                                    \
  TQ_DEVICE type tq_cvt##suffix##_##name##_f32(float a, float b) {                                          \
    return (type)pack(a, b, width, format, TQ_RN, flags);                                                   \
  }                                                                                                         \
  TQ_DEVICE type tq_cvt##suffix##_##name##_f16x2(uint32_t a) {                                              \
    return (type)pack(tq_decode_f16((uint16_t)(a >> 16)), tq_decode_f16((uint16_t)a), width, format, TQ_RN, \
                      flags);                                                                               \
  }                                                                                                         \
  TQ_DEVICE type tq_cvt##suffix##_##name##_bf16x2(uint32_t a) {                                             \
    return (type)pack(tq_decode_bf16((uint16_t)(a >> 16)), tq_decode_bf16((uint16_t)a), width, format,      \
                      TQ_RN, flags);                                                                        \
  }                                                                                                         \
  TQ_DEVICE uint32_t tq_cvt##suffix##_f16x2_##name(type a) {                                                \
    return tq_cvt_f16x2_f32(from_narrow(a >> width & ((1u << width) - 1), format),                          \
                            from_narrow(a & ((1u << width) - 1), format), TQ_RN, flags);                    \
  }
#define NARROW_ALL(name, type, width, format) \
  NARROW(name, type, width, format, , 0)      \
  NARROW(name, type, width, format, _relu, TQ_RELU)
NARROW_ALL(e4m3x2, uint16_t, 8, TQ_E4M3)
NARROW_ALL(e5m2x2, uint16_t, 8, TQ_E5M2)
NARROW_ALL(e2m3x2, uint16_t, 8, TQ_E2M3)
NARROW_ALL(e3m2x2, uint16_t, 8, TQ_E3M2)
NARROW_ALL(e2m1x2, uint8_t, 4, TQ_E2M1)

#define SCALE(rnd, mode, suffix, flags)                                                                  \
  TQ_DEVICE uint16_t tq_cvt_##rnd##suffix##_ue8m0x2_f32(float a, float b) {                              \
    return (uint16_t)pack(a, b, 8, TQ_UE8M0, mode, flags);                                               \
  }                                                                                                      \
  TQ_DEVICE uint16_t tq_cvt_##rnd##suffix##_ue8m0x2_bf16x2(uint32_t a) {                                 \
    return (uint16_t)pack(tq_decode_bf16((uint16_t)(a >> 16)), tq_decode_bf16((uint16_t)a), 8, TQ_UE8M0, \
                          mode, flags);                                                                  \
  }
SCALE(rz, TQ_RZ, , 0)
SCALE(rz, TQ_RZ, _satfinite, TQ_SATFINITE)
SCALE(rp, TQ_RP, , 0)
SCALE(rp, TQ_RP, _satfinite, TQ_SATFINITE)

// A power of two from 2^-127 to 2^127 is exact in bf16.
TQ_DEVICE uint32_t tq_cvt_bf16x2_ue8m0x2(uint16_t a) {
  return tq_cvt_bf16x2_f32(from_narrow(a >> 8, TQ_UE8M0), from_narrow(a & 0xff, TQ_UE8M0), TQ_RN, 0);
}

// ---- Stochastic rounding: `random` holds bits for each operand (PTX ISA, "cvt") ----

TQ_INLINE uint32_t to_half_stochastic(float x, uint32_t format, uint32_t random, uint32_t flags) {
  if (x != x) return TQ_HALF_NAN;
  uint32_t bits = tq_bits_f32(x), sign = bits >> 31, infinity, magnitude;
  uint64_t fraction;
  int32_t exponent = tq_split_f32(bits, &fraction);
  if (format == TQ_F16) {
    infinity = TQ_F16_INFINITY;
    magnitude = tq_narrow_stochastic(exponent, fraction, TQ_F16_DIGITS, TQ_F16_LEAST, random & 0x1fff, 13);
  } else {
    infinity = TQ_BF16_INFINITY;
    magnitude = tq_narrow_stochastic(exponent, fraction, TQ_BF16_DIGITS, TQ_BF16_LEAST, random & 0xffff, 16);
  }
  return tq_finish(sign, magnitude, infinity, 0x8000, 0, 1, x - x != 0, TQ_RN, flags);
}

TQ_INLINE uint32_t to_narrow_stochastic(float x, uint32_t format, uint32_t random, uint32_t count,
                                        uint32_t flags) {
  narrow_format f = format_of(format);
  if (x != x) return f.nan ? f.nan : f.largest;
  uint64_t fraction;
  uint32_t bits = tq_bits_f32(x), sign = bits >> 31;
  if ((flags & TQ_RELU) && sign) return 0;
  int32_t exponent = tq_split_f32(bits, &fraction);
  uint32_t magnitude = tq_narrow_stochastic(exponent, fraction, f.digits, f.least, random, count);
  if (magnitude > f.largest || x - x != 0) magnitude = f.largest;
  return magnitude | (sign ? f.sign_bit : 0);
}

#define HALF_STOCHASTIC(suffix, flags)                                                   \
  TQ_DEVICE uint32_t tq_cvt_rs##suffix##_f16x2_f32(float a, float b, uint32_t random) {  \
    return to_half_stochastic(a, TQ_F16, random >> 16, flags) << 16 |                    \
           to_half_stochastic(b, TQ_F16, random, flags);                                 \
  }                                                                                      \
  TQ_DEVICE uint32_t tq_cvt_rs##suffix##_bf16x2_f32(float a, float b, uint32_t random) { \
    return to_half_stochastic(a, TQ_BF16, random >> 16, flags) << 16 |                   \
           to_half_stochastic(b, TQ_BF16, random, flags);                                \
  }
HALF_STOCHASTIC(, 0)
HALF_STOCHASTIC(_relu, TQ_RELU)
HALF_STOCHASTIC(_satfinite, TQ_SATFINITE)
HALF_STOCHASTIC(_relu_satfinite, TQ_RELU | TQ_SATFINITE)

// Eight and six bits: a and b share the upper 16 random bits, e and f the lower ones. Four bits: each has 8.
#define NARROW_STOCHASTIC(name, format, suffix, flags)                                                       \
  TQ_DEVICE uint32_t tq_cvt_rs##suffix##_##name##_f32(float a, float b, float e, float f, uint32_t random) { \
    return to_narrow_stochastic(a, format, random >> 16, 16, flags) << 24 |                                  \
           to_narrow_stochastic(b, format, random >> 16, 16, flags) << 16 |                                  \
           to_narrow_stochastic(e, format, random & 0xffff, 16, flags) << 8 |                                \
           to_narrow_stochastic(f, format, random & 0xffff, 16, flags);                                      \
  }
NARROW_STOCHASTIC(e4m3x4, TQ_E4M3, , 0)
NARROW_STOCHASTIC(e4m3x4, TQ_E4M3, _relu, TQ_RELU)
NARROW_STOCHASTIC(e5m2x4, TQ_E5M2, , 0)
NARROW_STOCHASTIC(e5m2x4, TQ_E5M2, _relu, TQ_RELU)
NARROW_STOCHASTIC(e2m3x4, TQ_E2M3, , 0)
NARROW_STOCHASTIC(e2m3x4, TQ_E2M3, _relu, TQ_RELU)
NARROW_STOCHASTIC(e3m2x4, TQ_E3M2, , 0)
NARROW_STOCHASTIC(e3m2x4, TQ_E3M2, _relu, TQ_RELU)
#define E2M1_STOCHASTIC(suffix, flags)                                                                     \
  TQ_DEVICE uint16_t tq_cvt_rs##suffix##_e2m1x4_f32(float a, float b, float e, float f, uint32_t random) { \
    return (uint16_t)(to_narrow_stochastic(a, TQ_E2M1, random >> 24, 8, flags) << 12 |                     \
                      to_narrow_stochastic(b, TQ_E2M1, random >> 8 & 0xff, 8, flags) << 8 |                \
                      to_narrow_stochastic(e, TQ_E2M1, random >> 16 & 0xff, 8, flags) << 4 |               \
                      to_narrow_stochastic(f, TQ_E2M1, random & 0xff, 8, flags));                          \
  }
E2M1_STOCHASTIC(, 0)
E2M1_STOCHASTIC(_relu, TQ_RELU)

// ---- Scaled by powers of two: `scale` holds a ue8m0 for each half ----

TQ_DEVICE uint16_t tq_to_s2f6x2(float a, float b, uint16_t scale, uint32_t flags) {
  return (uint16_t)(to_s2f6(a / from_narrow(scale >> 8, TQ_UE8M0), flags) << 8 |
                    to_s2f6(b / from_narrow(scale & 0xff, TQ_UE8M0), flags));
}

TQ_DEVICE uint16_t tq_to_s2f6x2_bf16x2(uint32_t a, uint16_t scale, uint32_t flags) {
  return tq_to_s2f6x2(tq_decode_bf16((uint16_t)(a >> 16)), tq_decode_bf16((uint16_t)a), scale, flags);
}

TQ_INLINE uint32_t to_bf16x2_scaled(float high, float low, uint16_t scale, uint32_t flags) {
  return tq_cvt_bf16x2_f32(high * from_narrow(scale >> 8, TQ_UE8M0),
                           low * from_narrow(scale & 0xff, TQ_UE8M0), TQ_RN, flags);
}

TQ_DEVICE uint32_t tq_to_bf16x2_s2f6x2(uint16_t a, uint16_t scale, uint32_t flags) {
  return to_bf16x2_scaled(from_s2f6(a >> 8), from_s2f6(a & 0xff), scale, flags);
}

// From the other formats of 8, 6 and 4 bits.
#define NARROW_TO_BF16X2(name, type, width, format)                                      \
  TQ_DEVICE uint32_t tq_to_bf16x2_##name(type a, uint16_t scale, uint32_t flags) {       \
    return to_bf16x2_scaled(from_narrow(a >> width & ((1u << width) - 1), format),       \
                            from_narrow(a & ((1u << width) - 1), format), scale, flags); \
  }
NARROW_TO_BF16X2(e4m3x2, uint16_t, 8, TQ_E4M3)
NARROW_TO_BF16X2(e5m2x2, uint16_t, 8, TQ_E5M2)
NARROW_TO_BF16X2(e2m3x2, uint16_t, 8, TQ_E2M3)
NARROW_TO_BF16X2(e3m2x2, uint16_t, 8, TQ_E3M2)
NARROW_TO_BF16X2(e2m1x2, uint8_t, 4, TQ_E2M1)
