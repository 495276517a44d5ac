#include "tests/ptx/oracle.h"

#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <limits>

namespace tq::oracle {

uint64_t Round(const Exact& x, const FloatFormat& format, uint32_t mode, bool satfinite) {
  const bool negative = mpfr_signbit(x.get()) != 0;
  const uint64_t sign = negative ? uint64_t{1} << (format.bits - 1) : 0;
  // x as a multiple of the unit in the last place of its binade, rounded to an integer.
  long exponent = mpfr_get_exp(x.get()) - 1;
  if (exponent < format.least_exponent) exponent = format.least_exponent;
  Exact scaled(0);
  mpfr_mul_2si(scaled.get(), x.get(), format.digits - exponent, MPFR_RNDN);
  switch (mode) {
    case TQ_RN:
      mpfr_roundeven(scaled.get(), scaled.get());
      break;
    case TQ_RZ:
      mpfr_trunc(scaled.get(), scaled.get());
      break;
    case TQ_RM:
      mpfr_floor(scaled.get(), scaled.get());
      break;
    case TQ_RP:
      mpfr_ceil(scaled.get(), scaled.get());
      break;
    default:
      mpfr_round(scaled.get(), scaled.get());
      break;
  }
  mpfr_abs(scaled.get(), scaled.get(), MPFR_RNDN);
  const uint64_t multiple = mpfr_get_ui(scaled.get(), MPFR_RNDN);
  // A multiple below 2^digits is subnormal; from there on each doubling is one exponent more.
  uint64_t fields = multiple;
  if (multiple >= uint64_t{1} << format.digits) {
    uint64_t fraction = multiple;
    long field = exponent - format.least_exponent + 1;
    if (fraction >= uint64_t{2} << format.digits) {
      fraction >>= 1;
      field += 1;
    }
    fields = (static_cast<uint64_t>(field) << format.digits) + fraction - (uint64_t{1} << format.digits);
  }
  if (fields > format.largest) {
    const bool away = mode == TQ_RN || mode == TQ_RNA || mode == (negative ? TQ_RM : TQ_RP);
    fields = away && !satfinite ? format.infinity : format.largest;
  }
  return sign | fields;
}

double Value(uint64_t fields, const FloatFormat& format) {
  const bool negative = (fields >> (format.bits - 1)) & 1;
  fields &= (uint64_t{1} << (format.bits - 1)) - 1;
  const uint64_t fraction = fields & ((uint64_t{1} << format.digits) - 1);
  const long exponent = static_cast<long>(fields >> format.digits);
  double value = exponent == 0
                     ? std::ldexp(static_cast<double>(fraction), format.least_exponent - format.digits)
                     : std::ldexp(static_cast<double>(fraction + (uint64_t{1} << format.digits)),
                                  format.least_exponent + static_cast<int>(exponent) - 1 - format.digits);
  return negative ? -value : value;
}

std::vector<float> CornersF32() {
  std::vector<float> values;
  for (uint32_t bits :
       {0x00000000u, 0x00000001u, 0x00000002u, 0x003fffffu, 0x00400000u, 0x00400001u, 0x007fffffu,
        0x00800000u, 0x00800001u, 0x00ffffffu, 0x01000000u, 0x0c000000u, 0x33000000u, 0x33800000u,
        0x33800001u, 0x34000000u, 0x38800000u, 0x387fe000u, 0x3effffffu, 0x3f000000u, 0x3f000001u,
        0x3f7fffffu, 0x3f800000u, 0x3f800001u, 0x3fc00000u, 0x40000000u, 0x40200000u, 0x40490fdbu,
        0x477fe000u, 0x477fefffu, 0x477ff000u, 0x4affffffu, 0x4b000000u, 0x4b000001u, 0x4b7fffffu,
        0x4b800000u, 0x4effffffu, 0x4f000000u, 0x4f7fffffu, 0x4f800000u, 0x5effffffu, 0x5f000000u,
        0x5f7fffffu, 0x5f800000u, 0x7e800000u, 0x7f000000u, 0x7f7ffffeu, 0x7f7fffffu, 0x7f800000u,
        0x7f800001u, 0x7fc00000u, 0x7fffffffu}) {
    values.push_back(BitCast<float>(bits));
    values.push_back(BitCast<float>(bits | 0x80000000u));
  }
  return values;
}

std::vector<double> CornersF64() {
  std::vector<double> values;
  for (uint64_t bits : std::initializer_list<uint64_t>{
           0x0000000000000000u, 0x0000000000000001u, 0x0000000000000002u, 0x0007ffffffffffffu,
           0x0008000000000000u, 0x000fffffffffffffu, 0x0010000000000000u, 0x0010000000000001u,
           0x001fffffffffffffu, 0x0020000000000000u, 0x1ff0000000000000u, 0x3690000000000000u,
           0x36a0000000000000u, 0x380fffffe0000000u, 0x3ca0000000000000u, 0x3ca0000000000001u,
           0x3cb0000000000000u, 0x3fdfffffffffffffu, 0x3fe0000000000000u, 0x3fefffffffffffffu,
           0x3ff0000000000000u, 0x3ff0000000000001u, 0x3ff8000000000000u, 0x4000000000000000u,
           0x4004000000000000u, 0x41dfffffffc00000u, 0x41dfffffffe00000u, 0x41e0000000000000u,
           0x41efffffffe00000u, 0x41f0000000000000u, 0x4330000000000000u, 0x4340000000000000u,
           0x43dfffffffffffffu, 0x43e0000000000000u, 0x43efffffffffffffu, 0x43f0000000000000u,
           0x47efffffe0000000u, 0x47efffffefffffffu, 0x47effffff0000000u, 0x7fe0000000000000u,
           0x7feffffffffffffeu, 0x7fefffffffffffffu, 0x7ff0000000000000u, 0x7ff8000000000000u}) {
    values.push_back(BitCast<double>(bits));
    values.push_back(BitCast<double>(bits | uint64_t{1} << 63));
  }
  return values;
}

// Half of the values have an exponent near that of 1, where sums cancel and products stay in range; some have
// few fraction bits, which makes ties.
float RandomF32(std::mt19937_64& random) {
  uint64_t r = random();
  uint32_t bits = static_cast<uint32_t>(r);
  if (r >> 32 & 1) bits = (bits & 0x807fffff) | (static_cast<uint32_t>(112 + (r >> 40 & 31)) << 23);
  if ((r >> 33 & 3) == 0) bits &= 0xfffff000;
  return BitCast<float>(bits);
}

double RandomF64(std::mt19937_64& random) {
  uint64_t bits = random(), r = random();
  if (r & 1) bits = (bits & 0x800fffffffffffff) | ((991 + (r >> 8 & 63)) << 52);
  if ((r >> 1 & 3) == 0) bits &= 0xffffffffff000000;
  return BitCast<double>(bits);
}

bool IsLong() { return std::getenv("TIANQIAO_TEST_LONG") != nullptr; }

}  // namespace tq::oracle
