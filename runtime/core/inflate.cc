// Deflate: RFC 1951. Codes are decoded bit by bit over the counts of each length, which is short and safe.
#include <array>
#include <cstring>
#include <vector>

#include "runtime/core/decompress.h"

namespace tq::core {
namespace {

constexpr size_t kLongestCode = 15;

// Section 3.2.5: what the symbols of lengths and distances begin at, and how many bits follow.
struct Range {
  uint16_t base;
  uint8_t extra_bits;
};
constexpr Range kLengths[] = {{3, 0},   {4, 0},   {5, 0},   {6, 0},   {7, 0},  {8, 0},  {9, 0},  {10, 0},
                              {11, 1},  {13, 1},  {15, 1},  {17, 1},  {19, 2}, {23, 2}, {27, 2}, {31, 2},
                              {35, 3},  {43, 3},  {51, 3},  {59, 3},  {67, 4}, {83, 4}, {99, 4}, {115, 4},
                              {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0}};
constexpr Range kDistances[] = {{1, 0},     {2, 0},     {3, 0},     {4, 0},      {5, 1},      {7, 1},
                                {9, 2},     {13, 2},    {17, 3},    {25, 3},     {33, 4},     {49, 4},
                                {65, 5},    {97, 5},    {129, 6},   {193, 6},    {257, 7},    {385, 7},
                                {513, 8},   {769, 8},   {1025, 9},  {1537, 9},   {2049, 10},  {3073, 10},
                                {4097, 11}, {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13}};
// Section 3.2.7: the order of the lengths of the code of code lengths.
constexpr uint8_t kOrder[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

// Section 3.2.2: codes of a length follow each other in the order of their symbols.
struct Code {
  std::array<uint16_t, kLongestCode + 1> counts = {};
  std::vector<uint16_t> symbols;  // by length, then by symbol
};

// False: there are more codes than bits tell apart.
bool BuildCode(std::span<const uint8_t> lengths, Code& code) {
  code.counts = {};
  for (const uint8_t length : lengths) ++code.counts[length];
  code.counts[0] = 0;
  int left = 1;
  std::array<uint16_t, kLongestCode + 2> offsets = {};
  for (size_t i = 1; i <= kLongestCode; ++i) {
    left = 2 * left - code.counts[i];
    if (left < 0) return false;
    offsets[i + 1] = static_cast<uint16_t>(offsets[i] + code.counts[i]);
  }
  code.symbols.assign(lengths.size(), 0);
  for (size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] != 0) code.symbols[offsets[lengths[i]]++] = static_cast<uint16_t>(i);
  }
  return true;
}

class Inflater {
 public:
  Inflater(std::span<const uint8_t> from, std::span<uint8_t> to) : from_(from), to_(to) {}

  std::optional<size_t> Run() {
    bool is_last = false;
    while (!is_last) {
      is_last = Bits(1) != 0;
      bool is_good = false;
      switch (Bits(2)) {
        case 0:
          is_good = Stored();
          break;
        case 1:
          is_good = Fixed();
          break;
        case 2:
          is_good = Dynamic();
          break;
        default:
          break;
      }
      if (!is_good || is_short_) return std::nullopt;
    }
    return written_;
  }

 private:
  // The next bits, the first one lowest; 0 past the end, which is_short_ remembers.
  uint32_t Bits(unsigned count) {
    while (bit_count_ < count) {
      if (read_ == from_.size()) {
        is_short_ = true;
        return 0;
      }
      bits_ |= uint32_t{from_[read_++]} << bit_count_;
      bit_count_ += 8;
    }
    const uint32_t value = bits_ & ((uint32_t{1} << count) - 1);
    bits_ >>= count;
    bit_count_ -= count;
    return value;
  }

  // -1: no such code, or the end.
  int Symbol(const Code& code) {
    int value = 0, first = 0, index = 0;
    for (size_t length = 1; length <= kLongestCode; ++length) {
      value |= static_cast<int>(Bits(1));
      if (is_short_) return -1;
      const int count = code.counts[length];
      if (value - first < count) return code.symbols[static_cast<size_t>(index + value - first)];
      index += count;
      first = (first + count) << 1;
      value <<= 1;
    }
    return -1;
  }

  bool Stored() {
    bits_ = 0;
    bit_count_ = 0;
    if (from_.size() - read_ < 4) return false;
    const size_t length = from_[read_] | size_t{from_[read_ + 1]} << 8;
    const size_t check = from_[read_ + 2] | size_t{from_[read_ + 3]} << 8;
    read_ += 4;
    if (length != (~check & 0xffff) || length > from_.size() - read_ || length > to_.size() - written_)
      return false;
    if (length != 0) std::memcpy(to_.data() + written_, from_.data() + read_, length);
    read_ += length;
    written_ += length;
    return true;
  }

  bool Fixed() {
    std::array<uint8_t, 288> lengths;
    for (size_t i = 0; i < lengths.size(); ++i) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    std::array<uint8_t, 30> distance_lengths;
    distance_lengths.fill(5);
    Code literals, distances;
    return BuildCode(lengths, literals) && BuildCode(distance_lengths, distances) &&
           Body(literals, distances);
  }

  bool Dynamic() {
    const size_t literal_count = Bits(5) + 257, distance_count = Bits(5) + 1, order_count = Bits(4) + 4;
    std::array<uint8_t, 19> order_lengths = {};
    for (size_t i = 0; i < order_count; ++i) order_lengths[kOrder[i]] = static_cast<uint8_t>(Bits(3));
    Code code;
    if (is_short_ || literal_count > 286 || distance_count > 30 || !BuildCode(order_lengths, code))
      return false;
    std::array<uint8_t, 286 + 30> lengths = {};
    for (size_t at = 0; at < literal_count + distance_count;) {
      const int symbol = Symbol(code);
      if (symbol < 0) return false;
      if (symbol < 16) {
        lengths[at++] = static_cast<uint8_t>(symbol);
        continue;
      }
      if (symbol == 16 && at == 0) return false;
      const uint8_t value = symbol == 16 ? lengths[at - 1] : uint8_t{0};
      const size_t times = symbol == 16 ? 3 + Bits(2) : symbol == 17 ? 3 + Bits(3) : 11 + Bits(7);
      if (times > literal_count + distance_count - at) return false;
      for (size_t i = 0; i < times; ++i) lengths[at++] = value;
    }
    Code literals, distances;
    const std::span<const uint8_t> all = lengths;
    return BuildCode(all.first(literal_count), literals) &&
           BuildCode(all.subspan(literal_count, distance_count), distances) && Body(literals, distances);
  }

  bool Body(const Code& literals, const Code& distances) {
    for (;;) {
      const int symbol = Symbol(literals);
      if (symbol < 0 || symbol > 285) return false;
      if (symbol == 256) return true;
      if (symbol < 256) {
        if (written_ == to_.size()) return false;
        to_[written_++] = static_cast<uint8_t>(symbol);
        continue;
      }
      const Range length_range = kLengths[symbol - 257];
      const size_t length = length_range.base + Bits(length_range.extra_bits);
      const int distance_symbol = Symbol(distances);
      if (distance_symbol < 0 || distance_symbol > 29) return false;
      const Range distance_range = kDistances[distance_symbol];
      const size_t distance = distance_range.base + Bits(distance_range.extra_bits);
      if (is_short_ || distance > written_ || length > to_.size() - written_) return false;
      for (size_t i = 0; i < length; ++i, ++written_) to_[written_] = to_[written_ - distance];
    }
  }

  const std::span<const uint8_t> from_;
  const std::span<uint8_t> to_;
  size_t read_ = 0, written_ = 0;
  uint32_t bits_ = 0;
  unsigned bit_count_ = 0;
  bool is_short_ = false;
};

}  // namespace

std::optional<size_t> Inflate(std::span<const uint8_t> from, std::span<uint8_t> to) {
  return Inflater(from, to).Run();
}

}  // namespace tq::core
