// Every bit pattern of the elements that mma takes, as a factor of one, and the order and rounding of sums.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "compiler/devicelib/matrix_op.h"
#include "tests/ptx/devicelib.h"
#include "tests/ptx/oracle.h"

namespace tq::oracle {
namespace {

namespace lib = tq::devicelib;

struct Format {
  const char* name;
  uint64_t element;
  int bits, shift, exponent_bits, fraction_bits;
  uint32_t one;  // 1.0 in a register of B, at element 0
  bool has_infinity, has_nan;
};
constexpr Format kFormats[] = {
    {"e4m3", TQ_MATRIX_E4M3, 8, 0, 4, 3, 0x38, false, true},
    {"e5m2", TQ_MATRIX_E5M2, 8, 0, 5, 2, 0x3c, true, true},
    {"e3m2", TQ_MATRIX_E3M2, 6, 0, 3, 2, 0x0c, false, false},
    {"e2m3", TQ_MATRIX_E2M3, 6, 0, 2, 3, 0x08, false, false},
    {"e2m1", TQ_MATRIX_E2M1, 4, 2, 2, 1, 0x08, false, false},
    {"f16", TQ_MATRIX_F16, 16, 0, 5, 10, 0x3c00, true, true},
    {"bf16", TQ_MATRIX_BF16, 16, 0, 8, 7, 0x3f80, true, true},
};

double ValueOf(const Format& format, uint32_t pattern) {
  const uint32_t fraction_mask = (1u << format.fraction_bits) - 1,
                 exponent_mask = (1u << format.exponent_bits) - 1;
  const uint32_t fraction = pattern & fraction_mask,
                 exponent = pattern >> format.fraction_bits & exponent_mask;
  const double sign = pattern >> (format.bits - 1) ? -1 : 1;
  const int bias = (1 << (format.exponent_bits - 1)) - 1;
  if (format.has_infinity && exponent == exponent_mask) return fraction != 0 ? std::nan("") : sign * INFINITY;
  if (format.has_nan && !format.has_infinity && exponent == exponent_mask && fraction == fraction_mask)
    return std::nan("");
  if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias - format.fraction_bits);
  return sign *
         std::ldexp(fraction + fraction_mask + 1, static_cast<int>(exponent) - bias - format.fraction_bits);
}

// m16n8k32 of 8 bits or m16n8k16 of 16: four registers of A, two of B, four of C and D.
struct Warp {
  uint32_t words[32][16] = {};
  void Run(uint64_t element, uint64_t flags = 0) {
    const uint64_t k = element == TQ_MATRIX_F16 || element == TQ_MATRIX_BF16 ? 16 : 32;
    const uint64_t op = element << TQ_MMA_A | element << TQ_MMA_B | uint64_t{2} << TQ_MMA_ROWS |
                        uint64_t{1} << TQ_MMA_COLUMNS | k << TQ_MMA_K | flags;
    lib::tq_mma_float_warp(op, reinterpret_cast<uint8_t*>(words), sizeof words[0], sizeof(uint32_t), ~0u);
  }
};

TEST(MatrixOracle, EveryPatternOfAnElementHasItsValue) {
  for (const Format& format : kFormats) {
    for (uint32_t first = 0; first < 1u << format.bits; first += 8) {
      Warp warp;
      for (uint32_t row = 0; row < 8; ++row) warp.words[row * 4][0] = (first + row) << format.shift;
      warp.words[0][4] = format.one;
      warp.Run(format.element);
      for (uint32_t row = 0; row < 8; ++row) {
        const double expected = ValueOf(format, first + row);
        const uint32_t actual = warp.words[row * 4][0];
        if (std::isnan(expected)) {
          ASSERT_EQ(actual, 0x7fffffffu) << format.name << " " << first + row;
        } else {
          ASSERT_EQ(BitCast<float>(actual), static_cast<float>(expected))
              << format.name << " " << first + row;
        }
      }
    }
  }
}

// c + a0 * b0 + a1 * b1 in the order of k, each step rounded to single precision: 2^24 + 1 is lost, twice.
TEST(MatrixOracle, SumsAreSinglePrecisionInTheOrderOfK) {
  Warp warp;
  warp.words[0][0] = 0x3f803f80;
  warp.words[0][4] = 0x3f803f80;
  warp.words[0][6] = BitCast<uint32_t>(16777216.0f);
  warp.Run(TQ_MATRIX_BF16);
  EXPECT_EQ(BitCast<float>(warp.words[0][0]), 16777216.0f);
}

// An f16 accumulator is rounded once: 2048 + 1 + 1 is 2050, not 2048.
TEST(MatrixOracle, ResultsOfHalfPrecisionAreRoundedOnce) {
  Warp warp;
  warp.words[0][0] = 0x3c003c00;
  warp.words[0][4] = 0x3c003c00;
  warp.words[0][6] = 0x6800;
  warp.Run(TQ_MATRIX_F16, uint64_t{1} << TQ_MMA_C_F16 | uint64_t{1} << TQ_MMA_D_F16);
  EXPECT_EQ(warp.words[0][0] & 0xffff, 0x6801u);
}

}  // namespace
}  // namespace tq::oracle
