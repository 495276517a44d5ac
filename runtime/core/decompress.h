// The formats that cuMemBatchDecompressAsync reads, as single blocks without a frame: Deflate (RFC 1951),
// Snappy (its format description) and LZ4 (its block format). Input is hostile: nothing outside `from` is
// read, nothing outside `to` written. Thread-safe.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace tq::core {

// CUmemDecompressAlgorithm values of all three, as CU_DEVICE_ATTRIBUTE_MEM_DECOMPRESS_ALGORITHM_MASK has
// them.
inline constexpr int kDecompressMask = CU_MEM_DECOMPRESS_ALGORITHM_DEFLATE |
                                       CU_MEM_DECOMPRESS_ALGORITHM_SNAPPY | CU_MEM_DECOMPRESS_ALGORITHM_LZ4;
inline constexpr size_t kMostDecompressedBytes = size_t{1} << 30;  // of one block, packed or not

// How many bytes were written; none for a block that is damaged or does not fit.
std::optional<size_t> Decompress(CUmemDecompressAlgorithm algorithm, std::span<const uint8_t> from,
                                 std::span<uint8_t> to);

std::optional<size_t> Inflate(std::span<const uint8_t> from, std::span<uint8_t> to);
std::optional<size_t> ExpandSnappy(std::span<const uint8_t> from, std::span<uint8_t> to);

}  // namespace tq::core
