// Expected results of floating-point instructions, from MPFR: exact values, rounded into any binary format.
// Knows nothing of how the device library computes.
#pragma once

#include <mpfr.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "compiler/devicelib/modes.h"

namespace tq::oracle {

// An exact number: wide enough for any sum of products of doubles.
class Exact {
 public:
  static constexpr mpfr_prec_t kPrecision = 4400;
  explicit Exact(double x = 0, mpfr_prec_t precision = kPrecision) {
    mpfr_init2(value_, precision);
    mpfr_set_d(value_, x, MPFR_RNDN);
  }
  ~Exact() { mpfr_clear(value_); }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;

  mpfr_ptr get() { return value_; }
  mpfr_srcptr get() const { return value_; }

 private:
  mpfr_t value_;
};

struct FloatFormat {
  int digits;          // explicit fraction bits
  int least_exponent;  // of the smallest normal number
  uint64_t infinity;   // fields of infinity; overflow starts here
  uint64_t largest;    // fields of the largest finite value
  int bits;
};

inline constexpr FloatFormat kF64 = {52, -1022, 0x7ff0000000000000, 0x7fefffffffffffff, 64};
inline constexpr FloatFormat kF32 = {23, -126, 0x7f800000, 0x7f7fffff, 32};
inline constexpr FloatFormat kTf32 = {10, -126, 0x7f800000 >> 13, 0x7f7fffff >> 13, 19};
inline constexpr FloatFormat kF16 = {10, -14, 0x7c00, 0x7bff, 16};
inline constexpr FloatFormat kBf16 = {7, -126, 0x7f80, 0x7f7f, 16};

// The fields of x in `format`, sign in the top bit. x is neither zero nor NaN nor infinite. Overflow gives
// infinity or the largest finite value as the mode asks; with `satfinite` always the latter.
uint64_t Round(const Exact& x, const FloatFormat& format, uint32_t mode, bool satfinite = false);

// The value of the fields, sign included, for finite ones.
double Value(uint64_t fields, const FloatFormat& format);

inline mpfr_rnd_t RoundingOf(uint32_t mode) {
  constexpr mpfr_rnd_t kRoundings[] = {MPFR_RNDN, MPFR_RNDZ, MPFR_RNDD, MPFR_RNDU};
  return kRoundings[mode];
}

template <typename To, typename From>
To BitCast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

// Operands: corner values, then random bit patterns, then random ones near each other in exponent.
std::vector<float> CornersF32();
std::vector<double> CornersF64();
float RandomF32(std::mt19937_64& random);
double RandomF64(std::mt19937_64& random);

// The least value of how many cases that a test was asked for; --long tests multiply it.
bool IsLong();

}  // namespace tq::oracle
