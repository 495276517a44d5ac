#include "runtime/core/decompress.h"

#include <lz4.h>

#include <algorithm>
#include <cstring>

namespace tq::core {
namespace {

// Copies that may overlap what they write, byte after byte, as all three formats want.
bool Repeat(std::span<uint8_t> to, size_t& at, size_t distance, size_t length) {
  if (distance == 0 || distance > at || length > to.size() - at) return false;
  for (size_t i = 0; i < length; ++i) to[at + i] = to[at + i - distance];
  at += length;
  return true;
}

}  // namespace

std::optional<size_t> ExpandSnappy(std::span<const uint8_t> from, std::span<uint8_t> to) {
  size_t read = 0, written = 0;
  uint64_t total = 0;  // in front: a number of seven bits a byte, the lowest first
  for (unsigned shift = 0;; shift += 7) {
    if (read == from.size() || shift > 28) return std::nullopt;
    const uint8_t byte = from[read++];
    total |= uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) break;
  }
  if (total > to.size()) return std::nullopt;
  const auto take = [&](size_t bytes) {  // little-endian; the caller has seen that they are there
    size_t value = 0;
    for (size_t i = 0; i < bytes; ++i) value |= size_t{from[read++]} << (8 * i);
    return value;
  };
  to = to.first(total);
  while (read < from.size()) {
    const uint8_t tag = from[read++];
    const size_t kind = tag & 3, extra = kind == 0 ? (tag >> 2) - 59 : kind == 3 ? 4 : kind;
    if (kind == 0) {
      size_t length = (tag >> 2) + size_t{1};
      if (length > 60) {
        if (extra > from.size() - read) return std::nullopt;
        length = take(extra) + 1;
      }
      if (length > from.size() - read || length > to.size() - written) return std::nullopt;
      std::memcpy(to.data() + written, from.data() + read, length);
      read += length;
      written += length;
      continue;
    }
    if (extra > from.size() - read) return std::nullopt;
    size_t distance = take(extra);
    size_t length = (tag >> 2) + size_t{1};
    if (kind == 1) {
      length = (tag >> 2 & 7) + size_t{4};
      distance |= size_t{tag & 0xe0u} << 3;
    }
    if (!Repeat(to, written, distance, length)) return std::nullopt;
  }
  return written == total ? std::optional(written) : std::nullopt;
}

std::optional<size_t> Decompress(CUmemDecompressAlgorithm algorithm, std::span<const uint8_t> from,
                                 std::span<uint8_t> to) {
  switch (algorithm) {
    case CU_MEM_DECOMPRESS_ALGORITHM_DEFLATE:
      return Inflate(from, to);
    case CU_MEM_DECOMPRESS_ALGORITHM_SNAPPY:
      return ExpandSnappy(from, to);
    case CU_MEM_DECOMPRESS_ALGORITHM_LZ4: {
      const int written = LZ4_decompress_safe(
          reinterpret_cast<const char*>(from.data()), reinterpret_cast<char*>(to.data()),
          static_cast<int>(from.size()), static_cast<int>(std::min(to.size(), kMostDecompressedBytes)));
      return written < 0 ? std::nullopt : std::optional(static_cast<size_t>(written));
    }
    default:
      return std::nullopt;
  }
}

}  // namespace tq::core
