// Elements of matrices as numbers, for the matrix reference: formats by exponent and fraction bits, from the
// manual.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

namespace tq::ptx_test {

struct NumberFormat {
  const char* type;
  int bits, exponent_bits, fraction_bits;  // exponent_bits 0: integer
  bool is_signed;
};
inline constexpr NumberFormat kNumberFormats[] = {
    {"f16", 16, 5, 10, true},  {"bf16", 16, 8, 7, true}, {"tf32", 32, 8, 10, true}, {"f32", 32, 8, 23, true},
    {"f64", 64, 11, 52, true}, {"e4m3", 8, 4, 3, true},  {"e5m2", 8, 5, 2, true},   {"e3m2", 8, 3, 2, true},
    {"e2m3", 8, 2, 3, true},   {"e2m1", 8, 2, 1, true},  {"u8", 8, 0, 0, false},    {"s8", 8, 0, 0, true},
    {"u4", 4, 0, 0, false},    {"s4", 4, 0, 0, true},    {"b1", 1, 0, 0, false},    {"s32", 32, 0, 0, true},
};

inline const NumberFormat* FindNumberFormat(const std::string& type) {
  for (const NumberFormat& format : kNumberFormats) {
    if (type == format.type) return &format;
  }
  return nullptr;
}

// The bits of a number that the format holds exactly, at the low end. `e2m1` as 4 bits.
inline uint64_t EncodeNumber(const NumberFormat& format, double value) {
  if (format.exponent_bits == 0) {
    const uint64_t mask = format.bits == 64 ? ~uint64_t{0} : (uint64_t{1} << format.bits) - 1;
    return static_cast<uint64_t>(static_cast<int64_t>(value)) & mask;
  }
  const int fraction_bits = std::strcmp(format.type, "tf32") == 0 ? 23 : format.fraction_bits;
  const int bias = (1 << (format.exponent_bits - 1)) - 1;
  const uint64_t sign = std::signbit(value) ? uint64_t{1} << (format.exponent_bits + fraction_bits) : 0;
  if (value == 0) return sign;
  int exponent = std::ilogb(value) + bias;
  if (exponent < 1) exponent = 0;
  const double unit = std::ldexp(1.0, (exponent < 1 ? 1 : exponent) - bias - fraction_bits);
  uint64_t fraction = static_cast<uint64_t>(std::fabs(value) / unit);
  if (exponent > 0) fraction -= uint64_t{1} << fraction_bits;
  return sign | static_cast<uint64_t>(exponent) << fraction_bits | fraction;
}

// Numbers that every floating-point format has, whose sums of products are exact in single precision.
inline double SmallNumber(std::mt19937& random) {
  constexpr double kNumbers[] = {0, 0.5, 1, 1.5, 2, 3, -0.5, -1, -1.5, -2, -3};
  return kNumbers[random() % std::size(kNumbers)];
}

inline double RandomNumber(const NumberFormat& format, std::mt19937& random) {
  if (format.exponent_bits != 0) return SmallNumber(random);
  const int64_t range = int64_t{1} << format.bits;
  const auto value = static_cast<int64_t>(random() % static_cast<uint64_t>(range));
  return static_cast<double>(format.is_signed && value >= range / 2 ? value - range : value);
}

}  // namespace tq::ptx_test
