// wmma.load and wmma.store (PTX ISA, "wmma.load"). What element a lane has in which register is left to the
// implementation; ours are those of mma (matrix.h). A lane loads and stores its own elements.
#include "compiler/devicelib/matrix.h"

// The element at `place` (in words of a lane's fragment) whose bits begin at `shift`: row and column of the
// fragment.
typedef struct place {
  uint32_t row, column;
} place;

TQ_INLINE place place_of(uint64_t op, uint32_t lane, uint32_t word, uint32_t index, uint32_t count) {
  uint32_t eighths = TQ_FIELD(op, TQ_WMMA_ROWS, 3), columns = TQ_FIELD(op, TQ_WMMA_COLUMNS, 9);
  uint32_t halves = eighths == 1 ? 1 : 2, quad = lane / 4, t = lane % 4;
  place p;
  if (TQ_FIELD(op, TQ_WMMA_MATRIX, 2) == TQ_WMMA_A) {
    uint32_t block_words = halves * columns / (4 * count);
    uint32_t block = word / block_words, in_block = word % block_words;
    p.row = block * 16 + in_block % halves * 8 + quad;
    p.column = in_block / halves * 4 * count + t * count + index;
  } else if (TQ_FIELD(op, TQ_WMMA_MATRIX, 2) == TQ_WMMA_B) {
    uint32_t block_words = columns / (4 * count);
    p.row = word % block_words * 4 * count + t * count + index;
    p.column = word / block_words * 8 + quad;
  } else {
    uint32_t per_row = 2 / count;  // words of a row of a block
    uint32_t block_words = halves * per_row, block = word / block_words, in_block = word % block_words;
    p.row = block / columns * 16 + in_block / per_row * 8 + quad;
    p.column = block % columns * 8 + t * 2 + (count == 2 ? index : in_block % 2);
  }
  return p;
}

// Index of the element in memory, from what the instruction says of its layout.
TQ_INLINE uint64_t index_in_memory(uint64_t op, place p, uint64_t stride) {
  return TQ_FIELD(op, TQ_WMMA_SWAPPED, 1) ? p.column * stride + p.row : p.row * stride + p.column;
}

TQ_INLINE uint32_t elements_per_word(uint64_t op) {
  uint32_t bits = tq_element_bits(TQ_FIELD(op, TQ_WMMA_ELEMENT, 5));
  return bits >= 32 ? 1 : 32 / bits;
}

// `words` registers of this lane, each of 32 bits (64 with f64). Elements of less than a byte lie side by
// side in memory as in registers: the layouts that PTX allows for them are those.
TQ_DEVICE_OUTLINED void tq_wmma_load(uint64_t op, const uint8_t* memory, uint32_t stride, uint32_t lane,
                                     uint8_t* registers, uint32_t words) {
  uint32_t bits = tq_element_bits(TQ_FIELD(op, TQ_WMMA_ELEMENT, 5)), count = elements_per_word(op);
  for (uint32_t word = 0; word < words; word++) {
    if (bits < 8) {
      uint64_t index = index_in_memory(op, place_of(op, lane, word, 0, count), stride);
      __builtin_memcpy(registers + word * 4, memory + index * bits / 8, 4);
      continue;
    }
    uint32_t size = bits / 8;
    for (uint32_t i = 0; i < count; i++) {
      uint64_t index = index_in_memory(op, place_of(op, lane, word, i, count), stride);
      __builtin_memcpy(registers + (word * count + i) * size, memory + index * size, size);
    }
  }
}

TQ_DEVICE_OUTLINED void tq_wmma_store(uint64_t op, uint8_t* memory, uint32_t stride, uint32_t lane,
                                      const uint8_t* registers, uint32_t words) {
  uint32_t bits = tq_element_bits(TQ_FIELD(op, TQ_WMMA_ELEMENT, 5)), count = elements_per_word(op);
  uint32_t size = bits / 8;
  for (uint32_t word = 0; word < words; word++) {
    for (uint32_t i = 0; i < count; i++) {
      uint64_t index = index_in_memory(op, place_of(op, lane, word, i, count), stride);
      __builtin_memcpy(memory + index * size, registers + (word * count + i) * size, size);
    }
  }
}
