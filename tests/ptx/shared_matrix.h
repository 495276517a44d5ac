// A matrix of A or B as wgmma and tcgen05 want it in shared memory, and its descriptor, written from the
// manual's canonical layouts ("Strides", "Swizzling modes"): atoms of 8 rows, `chunks()` chunks of 16 bytes
// in each.
#pragma once

#include <cstdint>
#include <vector>

namespace tq::ptx_test {

struct SharedMatrix {
  int rows = 0;           // of A; columns of B
  int k = 0;              // elements
  int bits = 16;          // of an element
  int swizzle_bytes = 0;  // 0, 32, 64, 128
  bool is_mn_major = false;
  bool has_wide_atoms = false;  // 128 bytes in atoms of 32, tcgen05 alone; 4 lines instead of 8
  int advance = 0;              // bytes by which the matrix begins later in its atoms, K-major and swizzled
  int start = 0;                // in shared memory

  int chunks() const { return swizzle_bytes == 0 ? 1 : swizzle_bytes / 16; }
  int lines() const { return has_wide_atoms ? 4 : 8; }
  int atom_bytes() const { return lines() * chunks() * 16; }
  int contiguous_bytes() const { return (is_mn_major ? rows : k) * bits / 8 + advance; }
  int bands() const { return (is_mn_major ? k : rows) / lines(); }  // along the other dimension
  // Atoms side by side along the contiguous dimension, and bands, with gaps that show a wrong stride.
  int band_step() const { return 2 * atom_bytes(); }
  int atom_step() const { return band_step() * bands() + atom_bytes(); }
  int size_bytes() const {
    const int atoms = (contiguous_bytes() + chunks() * 16 - 1) / (chunks() * 16);
    return (atom_step() * atoms + band_step() * bands() + 1023) / 1024 * 1024;
  }

  // Without a swizzle and with columns contiguous, the strides have each other's fields.
  int leading() const { return is_mn_major && swizzle_bytes == 0 ? band_step() : atom_step(); }
  int stride() const { return is_mn_major && swizzle_bytes == 0 ? atom_step() : band_step(); }

  uint64_t Strides() const {
    const auto field = [](int bytes) { return static_cast<uint64_t>(bytes / 16); };
    return field(start + advance) | field(leading()) << 16 | field(stride()) << 32;
  }
  uint64_t WgmmaDescriptor() const {
    const uint64_t mode = swizzle_bytes == 128 ? 1 : swizzle_bytes == 64 ? 2 : swizzle_bytes == 32 ? 3 : 0;
    return Strides() | mode << 62;
  }

  uint64_t TensorDescriptor() const {
    const uint64_t mode = has_wide_atoms         ? 1
                          : swizzle_bytes == 128 ? 2
                          : swizzle_bytes == 64  ? 4
                          : swizzle_bytes == 32  ? 6
                                                 : 0;
    return Strides() | uint64_t{1} << 46 | mode << 61;
  }

  // Writes an element of up to 8 bytes; elements below a byte are packed from the low end.
  void Put(std::vector<uint8_t>& image, int row, int column, uint64_t value) const {
    const int along = is_mn_major ? row : column, across = is_mn_major ? column : row;
    const int bit = along * bits + advance * 8, byte = bit / 8;
    int chunk = byte / 16;
    const int atom = chunk / chunks(), line = across % lines();
    chunk %= chunks();
    if (swizzle_bytes == 128) chunk ^= has_wide_atoms ? line * 2 : line;
    if (swizzle_bytes == 64) chunk ^= line / 2;
    if (swizzle_bytes == 32) chunk ^= line / 4;
    const int at = start + atom * atom_step() + across / lines() * band_step() + line * chunks() * 16 +
                   chunk * 16 + byte % 16;
    if (bits < 8) {
      const uint8_t mask = static_cast<uint8_t>((1 << bits) - 1);
      image[at] = static_cast<uint8_t>((image[at] & ~(mask << bit % 8)) | (value & mask) << bit % 8);
      return;
    }
    for (int i = 0; i < bits / 8; ++i) image[at + i] = static_cast<uint8_t>(value >> (8 * i));
  }
};

}  // namespace tq::ptx_test
