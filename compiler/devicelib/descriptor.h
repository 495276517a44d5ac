// Matrices in shared memory that a 64-bit descriptor describes (PTX ISA, "Asynchronous Warpgroup Level Matrix
// Shared Memory Layout", "Shared memory descriptor" of tcgen05). M and N are one here: a row of the matrix is
// a row of A or a column of B.
//
// The matrix consists of pieces of 8 x 16 bytes. Along the contiguous dimension 1 << width pieces lie side by
// side, in rows of that many chunks of 16 bytes; what is `stride` and what is `leading` between such bands
// depends on which dimension is contiguous.
#ifndef TIANQIAO_COMPILER_DEVICELIB_DESCRIPTOR_H_
#define TIANQIAO_COMPILER_DEVICELIB_DESCRIPTOR_H_

#include "compiler/devicelib/device.h"

typedef struct tq_descriptor {
  uint32_t start, leading, stride;  // bytes
  uint32_t width;                   // log2 of the chunks in a row of the pattern, 0..3; 0: no swizzle
  uint32_t phase;                   // base offset: rows of 128 bytes that the pattern begins earlier
  _Bool has_wide_atoms;             // 128 bytes in atoms of 32 instead of 16, tcgen05 alone
} tq_descriptor;

// The fields that wgmma and tcgen05 share.
TQ_INLINE tq_descriptor tq_descriptor_fields(uint64_t bits) {
  tq_descriptor d;
  d.start = (uint32_t)(bits & 0x3fff) << 4;
  d.leading = (uint32_t)(bits >> 16 & 0x3fff) << 4;
  d.stride = (uint32_t)(bits >> 32 & 0x3fff) << 4;
  d.phase = (uint32_t)(bits >> 49 & 7);
  d.width = 0;
  d.has_wide_atoms = 0;
  return d;
}

// wgmma: swizzle in bits 62 and 63, 1 for 128 bytes, 2 for 64, 3 for 32.
TQ_INLINE tq_descriptor tq_unpack_wgmma_descriptor(uint64_t bits) {
  tq_descriptor d = tq_descriptor_fields(bits);
  d.width = 4 - (uint32_t)(bits >> 62) & 3;
  return d;
}

// tcgen05: swizzle in bits 61..63, 1 for 128 bytes in atoms of 32, 2 for 128, 4 for 64, 6 for 32.
TQ_INLINE tq_descriptor tq_unpack_tcgen05_descriptor(uint64_t bits) {
  tq_descriptor d = tq_descriptor_fields(bits);
  uint32_t mode = (uint32_t)(bits >> 61);
  d.has_wide_atoms = mode == 1;
  d.width = mode == 0 ? 0 : mode <= 2 ? 3 : 4 - mode / 2;
  return d;
}

// Bits of the row within the pattern are added to those of the chunk within the row.
TQ_INLINE uint32_t tq_descriptor_swizzled(tq_descriptor d, uint32_t address) {
  if (d.has_wide_atoms) return address ^ ((((address >> 7) - d.phase) & 3) << 5);
  return address ^ ((((address >> 7) - d.phase) & ((1u << d.width) - 1)) << 4);
}

// Where byte `byte` of row `row` is in shared memory when rows are contiguous (K-major).
TQ_INLINE uint32_t tq_k_major_address(tq_descriptor d, uint32_t row, uint32_t byte) {
  uint32_t chunk = byte >> 4;
  uint32_t at = d.start + (row & 7) * (16u << d.width) + (row >> 3) * d.stride +
                (chunk & ((1u << d.width) - 1)) * 16 + (chunk >> d.width) * d.leading;
  return tq_descriptor_swizzled(d, at) + (byte & 15);
}

// Where column `k` is, from byte `byte` of the column on, when columns are contiguous (MN-major). Without a
// swizzle leading and stride change places.
TQ_INLINE uint32_t tq_mn_major_address(tq_descriptor d, uint32_t byte, uint32_t k) {
  uint32_t chunk = byte >> 4;
  uint32_t between_columns = d.width ? d.stride : d.leading, between_chunks = d.width ? d.leading : d.stride;
  uint32_t line_bits = d.has_wide_atoms ? 2 : 3;
  uint32_t at = d.start + (k & ((1u << line_bits) - 1)) * (16u << d.width) +
                (k >> line_bits) * between_columns + (chunk & ((1u << d.width) - 1)) * 16 +
                (chunk >> d.width) * between_chunks;
  return tq_descriptor_swizzled(d, at) + (byte & 15);
}

// The 16 bytes of a chunk.
TQ_INLINE void tq_load_chunk(const uint8_t* at, uint32_t words[4]) {
  for (uint32_t i = 0; i < 4; i++) __builtin_memcpy(&words[i], at + i * 4, sizeof words[i]);
}

// 16 elements of 6 or 4 bits that lie at the beginning of 16 bytes, each in a byte of its own: 6 bits at the
// low end, 4 in the middle, where mma has them (matrix_op.h).
TQ_INLINE void tq_unpack_elements(uint32_t words[4], uint32_t bits, uint32_t shift) {
  tq_u128 packed = (tq_u128)words[3] << 96 | (tq_u128)words[2] << 64 | (uint64_t)words[1] << 32 | words[0];
  for (uint32_t i = 0; i < 4; i++) {
    words[i] = 0;
    for (uint32_t j = 0; j < 4; j++) {
      words[i] |= ((uint32_t)packed & ((1u << bits) - 1)) << (8 * j + shift);
      packed >>= bits;
    }
  }
}
TQ_INLINE void tq_unpack_b6x16(uint32_t words[4]) { tq_unpack_elements(words, 6, 0); }
TQ_INLINE void tq_unpack_b4x16(uint32_t words[4]) { tq_unpack_elements(words, 4, 2); }

#endif  // TIANQIAO_COMPILER_DEVICELIB_DESCRIPTOR_H_
