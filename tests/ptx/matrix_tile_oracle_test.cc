// Products of 16 x 8 on random bit patterns, infinities and NaN among them: decision 0015 to the bit, by the
// code of any shape (matrix_float.c) and by that of the common ones (matrix_tile.c).
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "compiler/devicelib/matrix_op.h"
#include "tests/ptx/devicelib.h"
#include "tests/ptx/oracle.h"

namespace tq::oracle {
namespace {

namespace lib = tq::devicelib;

constexpr uint32_t kLanes = 32, kCanonical = 0x7fffffff;

struct Element {
  const char* name;
  uint64_t element;
  uint32_t bits;
  void (*left)(const uint32_t*, uint64_t, float*);
  void (*right)(const uint32_t*, uint64_t, float*);
};
const Element kElements[] = {
    {"f16", TQ_MATRIX_F16, 16, lib::tq_tile_left_f16, lib::tq_tile_right_f16},
    {"bf16", TQ_MATRIX_BF16, 16, lib::tq_tile_left_bf16, lib::tq_tile_right_bf16},
    {"tf32", TQ_MATRIX_TF32, 32, lib::tq_tile_left_tf32, lib::tq_tile_right_tf32},
};

float HalfValue(uint32_t bits) {
  const uint32_t exponent = bits >> 10 & 31, fraction = bits & 1023;
  const float sign = bits >> 15 != 0 ? -1.0f : 1.0f;
  if (exponent == 31) return fraction != 0 ? std::nanf("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 1024), static_cast<int>(exponent) - 25);
}

uint32_t HalfBits(float value) {
  if (std::isnan(value)) return 0x7fff;
  const uint32_t sign = std::signbit(value) ? 0x8000 : 0;
  const float magnitude = std::fabs(value);
  if (magnitude >= 65520.0f) return sign | 0x7c00;
  int exponent = magnitude == 0 ? -14 : std::max(-14, std::ilogb(magnitude));
  // In units of the last place, ties to even.
  const auto units = static_cast<uint32_t>(std::nearbyint(std::ldexp(magnitude, 10 - exponent)));
  return sign | (units + (static_cast<uint32_t>(exponent + 14) << 10));
}

float ValueOf(const Element& element, uint32_t bits) {
  if (element.element == TQ_MATRIX_F16) return HalfValue(bits & 0xffff);
  return BitCast<float>(element.bits == 16 ? bits << 16 : bits & 0xffffe000);
}

// A number whose exponent is often near those of others, so that sums round and cancel.
uint32_t RandomBits(const Element& element, std::mt19937& random) {
  const uint32_t bits = random();
  if (random() % 4 == 0) return bits;
  const uint32_t near =
      element.element == TQ_MATRIX_F16 ? 0x3000 + (bits & 0x0fff) : 0x3f00 + (bits & 0x00ff);
  const uint32_t sign = bits >> 16 & 0x8000;
  return element.bits == 16 ? near | sign : (near | sign) << 16 | (bits & 0xffff);
}

class Product {
 public:
  Product(const Element& element, uint32_t steps, bool is_half, std::mt19937& random)
      : element_(element), steps_(steps), is_half_(is_half), words_(3 * steps + (is_half ? 2 : 4)) {
    const uint32_t per_word = 32 / element.bits, k_step = 4 * per_word;
    a_.resize(16, std::vector<float>(k()));
    b_.resize(k(), std::vector<float>(8));
    c_.resize(16, std::vector<float>(8));
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      const uint32_t quad = lane / 4, t = lane % 4;
      for (uint32_t step = 0; step < steps; ++step) {
        for (uint32_t i = 0; i < per_word; ++i) {
          const uint32_t at = step * k_step + t * per_word + i;
          a_[quad][at] = Put(step * 2, lane, i, random);
          a_[quad + 8][at] = Put(step * 2 + 1, lane, i, random);
          b_[at][quad] = Put(steps * 2 + step, lane, i, random);
        }
      }
      for (uint32_t i = 0; i < 4; ++i) {
        const uint32_t c_at = steps * 3;
        const Element half = kElements[0];
        uint32_t bits = is_half ? RandomBits(half, random) & 0xffff : random();
        if (!is_half && random() % 2 == 0) bits = 0x3f000000 | (bits & 0x80ffffff);
        if (is_half) {
          words_[c_at + i / 2][lane] |= bits << (i % 2 * 16);
        } else {
          words_[c_at + i][lane] = bits;
        }
        c_[quad + i / 2 * 8][t * 2 + i % 2] = is_half ? HalfValue(bits) : BitCast<float>(bits);
      }
    }
  }

  uint32_t k() const { return steps_ * 128 / element_.bits; }

  std::vector<std::vector<uint32_t>> Expected() const {
    std::vector<std::vector<uint32_t>> words(is_half_ ? 2 : 4, std::vector<uint32_t>(kLanes));
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      for (uint32_t i = 0; i < 4; ++i) {
        const uint32_t row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
        float sum = c_[row][column];
        for (uint32_t at = 0; at < k(); ++at) sum = std::fma(a_[row][at], b_[at][column], sum);
        if (is_half_) {
          words[i / 2][lane] |= HalfBits(sum) << (i % 2 * 16);
        } else {
          words[i][lane] = std::isnan(sum) ? kCanonical : BitCast<uint32_t>(sum);
        }
      }
    }
    return words;
  }

  std::vector<std::vector<uint32_t>> ByAnyShape() const {
    uint32_t lanes[kLanes][16] = {};
    for (size_t word = 0; word < words_.size(); ++word) {
      for (uint32_t lane = 0; lane < kLanes; ++lane) lanes[lane][word] = words_[word][lane];
    }
    const uint64_t half = is_half_;
    const uint64_t op = element_.element << TQ_MMA_A | element_.element << TQ_MMA_B | half << TQ_MMA_C_F16 |
                        half << TQ_MMA_D_F16 | uint64_t{2} << TQ_MMA_ROWS | uint64_t{1} << TQ_MMA_COLUMNS |
                        uint64_t{k()} << TQ_MMA_K;
    lib::tq_mma_float_warp(op, reinterpret_cast<uint8_t*>(lanes), sizeof lanes[0], sizeof(uint32_t), ~0u);
    std::vector<std::vector<uint32_t>> words(is_half_ ? 2 : 4, std::vector<uint32_t>(kLanes));
    for (size_t word = 0; word < words.size(); ++word) {
      for (uint32_t lane = 0; lane < kLanes; ++lane) words[word][lane] = lanes[lane][word];
    }
    return words;
  }

  template <typename Multiply>
  std::vector<std::vector<uint32_t>> ByTile(Multiply multiply) const {
    alignas(64) uint32_t a[4 * kLanes], b[2 * kLanes], c[4 * kLanes];
    alignas(64) float left[16 * 16], right[16 * 8];
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      for (uint32_t word = 0; word < 2 * steps_; ++word) a[word * kLanes + lane] = words_[word][lane];
      for (uint32_t word = 0; word < steps_; ++word)
        b[word * kLanes + lane] = words_[2 * steps_ + word][lane];
      for (uint32_t word = 3 * steps_; word < words_.size(); ++word)
        c[(word - 3 * steps_) * kLanes + lane] = words_[word][lane];
    }
    element_.left(a, steps_, left);
    element_.right(b, steps_, right);
    multiply(left, right, steps_, c, c);
    std::vector<std::vector<uint32_t>> words(is_half_ ? 2 : 4, std::vector<uint32_t>(kLanes));
    for (size_t word = 0; word < words.size(); ++word) {
      for (uint32_t lane = 0; lane < kLanes; ++lane) words[word][lane] = c[word * kLanes + lane];
    }
    return words;
  }

 private:
  float Put(uint32_t word, uint32_t lane, uint32_t index, std::mt19937& random) {
    uint32_t bits = RandomBits(element_, random);
    if (element_.bits == 16) bits &= 0xffff;
    words_[word][lane] |= bits << (index * 16);
    return ValueOf(element_, bits);
  }

  struct Word {
    uint32_t lanes[kLanes] = {};
    uint32_t& operator[](uint32_t lane) { return lanes[lane]; }
    uint32_t operator[](uint32_t lane) const { return lanes[lane]; }
  };

  const Element& element_;
  const uint32_t steps_;
  const bool is_half_;
  std::vector<Word> words_;  // A, B, C
  std::vector<std::vector<float>> a_, b_, c_;
};

TEST(MatrixTileOracle, ResultsAreThoseOfFusedSumsInTheOrderOfK) {
  std::mt19937 random(15);
  for (const Element& element : kElements) {
    for (int round = 0; round < 200; ++round) {
      const bool is_half = element.element == TQ_MATRIX_F16 && round % 2 == 1;
      const Product product(element, 1 + round / 2 % 2, is_half, random);
      const auto expected = product.Expected();
      ASSERT_EQ(product.ByAnyShape(), expected) << element.name << " " << round;
      const bool is_pairs = element.bits == 16;
      for (auto multiply : {is_half    ? lib::tq_tile_pairs_f16_512
                            : is_pairs ? lib::tq_tile_pairs_f32_512
                                       : lib::tq_tile_singles_f32_512,
                            is_half    ? lib::tq_tile_pairs_f16_256
                            : is_pairs ? lib::tq_tile_pairs_f32_256
                                       : lib::tq_tile_singles_f32_256}) {
        ASSERT_EQ(product.ByTile(multiply), expected) << element.name << " " << round;
      }
    }
  }
}

}  // namespace
}  // namespace tq::oracle
