// Asynchronous copies (PTX ISA, "Data Movement and Conversion Instructions: Asynchronous copy"), done at
// once: every schedule that PTX allows includes the one in which a copy completes where it was issued.
#include "compiler/devicelib/device.h"

// cp.async: `size` bytes (4, 8, 16), of which those past `source_size` are zero.
TQ_DEVICE void tq_cp_async(uint8_t* destination, const uint8_t* source, uint32_t size, uint32_t source_size) {
  if (source_size >= size) {
    if (size == 16) __builtin_memcpy_inline(destination, source, 16);
    if (size == 8) __builtin_memcpy_inline(destination, source, 8);
    if (size == 4) __builtin_memcpy_inline(destination, source, 4);
    return;
  }
  for (uint32_t i = 0; i < size; i++) destination[i] = i < source_size ? source[i] : 0;
}

// cp.async.bulk: a multiple of 16 bytes between addresses aligned to 16.
TQ_DEVICE void tq_cp_async_bulk(uint8_t* destination, const uint8_t* source, uint32_t size_bytes) {
  for (uint32_t i = 0; i < size_bytes; i += 16) __builtin_memcpy_inline(destination + i, source + i, 16);
}

// .cp_mask: byte i of each 16 where bit i of the mask stands.
TQ_DEVICE void tq_cp_async_bulk_masked(uint8_t* destination, const uint8_t* source, uint32_t size_bytes,
                                       uint32_t mask) {
  for (uint32_t i = 0; i < size_bytes; i++) {
    if (mask >> (i & 15) & 1) destination[i] = source[i];
  }
}

// .ignore_oob: the first and last bytes of the source may lie out of bounds and are not read; what they would
// have written is undefined, and stays as it was.
TQ_DEVICE void tq_cp_async_bulk_within(uint8_t* destination, const uint8_t* source, uint32_t size_bytes,
                                       uint32_t left, uint32_t right) {
  for (uint64_t i = left; i + right < size_bytes; i++) destination[i] = source[i];
}
