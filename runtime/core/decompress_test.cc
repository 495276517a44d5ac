#include "runtime/core/decompress.h"

#include <gtest/gtest.h>
#include <lz4.h>
#include <zlib.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tq::core {
namespace {

using Bytes = std::vector<uint8_t>;

// Text that has repetitions near and far, and places without any.
Bytes Sample(size_t size) {
  std::mt19937 random(size);
  Bytes bytes;
  while (bytes.size() < size) {
    const size_t length = 1 + random() % 60;
    if (bytes.empty() || random() % 3 == 0) {
      for (size_t i = 0; i < length; ++i) bytes.push_back(static_cast<uint8_t>(random()));
    } else {
      const size_t distance = 1 + random() % std::min<size_t>(bytes.size(), 32768);
      for (size_t i = 0; i < length; ++i) bytes.push_back(bytes[bytes.size() - distance]);
    }
  }
  bytes.resize(size);
  return bytes;
}

Bytes Deflate(const Bytes& from, int level, int strategy) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, -15, 8, strategy), Z_OK);
  Bytes to(deflateBound(&stream, from.size()));
  stream.next_in = const_cast<uint8_t*>(from.data());
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = to.data();
  stream.avail_out = static_cast<uInt>(to.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  to.resize(stream.total_out);
  deflateEnd(&stream);
  return to;
}

// What there must be of `packed`, and that neither less room nor less input is taken for it.
void Expect(CUmemDecompressAlgorithm algorithm, const Bytes& packed, const Bytes& expected) {
  Bytes to(expected.size() + 16, 0xee);
  const auto written = Decompress(algorithm, packed, to);
  ASSERT_TRUE(written.has_value());
  ASSERT_EQ(*written, expected.size());
  to.resize(*written);
  EXPECT_EQ(to, expected);
  if (expected.empty()) return;
  Bytes small(expected.size() - 1);
  EXPECT_FALSE(Decompress(algorithm, packed, small).has_value());
  EXPECT_FALSE(Decompress(algorithm, std::span(packed).first(packed.size() - 1), to).has_value());
}

TEST(Inflate, ReadsWhatZlibWrites) {
  for (const size_t size : {0, 1, 2, 300, 70000}) {
    const Bytes sample = Sample(size);
    for (const int level : {0, 1, 6, 9}) {
      for (const int strategy : {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_FIXED}) {
        Expect(CU_MEM_DECOMPRESS_ALGORITHM_DEFLATE, Deflate(sample, level, strategy), sample);
      }
    }
  }
}

TEST(Lz4, ReadsWhatLz4Writes) {
  for (const size_t size : {1, 300, 70000}) {
    const Bytes sample = Sample(size);
    Bytes packed(static_cast<size_t>(LZ4_compressBound(static_cast<int>(size))));
    packed.resize(static_cast<size_t>(LZ4_compress_default(
        reinterpret_cast<const char*>(sample.data()), reinterpret_cast<char*>(packed.data()),
        static_cast<int>(size), static_cast<int>(packed.size()))));
    Expect(CU_MEM_DECOMPRESS_ALGORITHM_LZ4, packed, sample);
  }
}

Bytes ToBytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Snappy, ReadsEachKindOfElement) {
  using std::string_literals::operator""s;
  // A literal, then copies by offsets of one, two and four bytes: the first overlaps itself.
  const Bytes packed = ToBytes(
      "\x10\x08"
      "abc"
      "\x05\x03"
      "\x0e\x08\x00"
      "\x0f\x0c\x00\x00\x00"s);
  Expect(CU_MEM_DECOMPRESS_ALGORITHM_SNAPPY, packed,
         ToBytes("abcabcab"
                 "abca"
                 "abca"));
}

TEST(Snappy, ReadsLongLiterals) {
  for (const size_t size : {60, 61, 256, 257, 65536, 65537}) {
    const Bytes sample = Sample(size);
    Bytes packed;
    for (size_t left = size;; left >>= 7) {
      packed.push_back(static_cast<uint8_t>(left < 128 ? left : (left & 127) | 128));
      if (left < 128) break;
    }
    const size_t extra = size <= 60 ? 0 : size <= 256 ? 1 : size <= 65536 ? 2 : 3;
    packed.push_back(static_cast<uint8_t>((extra == 0 ? size - 1 : 59 + extra) << 2));
    for (size_t i = 0; i < extra; ++i) packed.push_back(static_cast<uint8_t>((size - 1) >> (8 * i)));
    packed.insert(packed.end(), sample.begin(), sample.end());
    Expect(CU_MEM_DECOMPRESS_ALGORITHM_SNAPPY, packed, sample);
  }
}

TEST(Decompress, SurvivesDamage) {
  const Bytes sample = Sample(3000);
  const Bytes deflated = Deflate(sample, 6, Z_DEFAULT_STRATEGY);
  std::mt19937 random(1);
  Bytes to(4000);
  for (int i = 0; i < 20000; ++i) {
    Bytes damaged = deflated;
    for (int j = 0; j < 3; ++j) damaged[random() % damaged.size()] = static_cast<uint8_t>(random());
    Decompress(CU_MEM_DECOMPRESS_ALGORITHM_DEFLATE, damaged, to);
    damaged.resize(random() % 200);
    Decompress(CU_MEM_DECOMPRESS_ALGORITHM_SNAPPY, damaged, to);
    Decompress(CU_MEM_DECOMPRESS_ALGORITHM_LZ4, damaged, to);
  }
  EXPECT_FALSE(Decompress(CU_MEM_DECOMPRESS_UNSUPPORTED, deflated, to).has_value());
}

}  // namespace
}  // namespace tq::core
