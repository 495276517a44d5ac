// Tensor memory: allocation, and copies from shared memory (PTX ISA, "tcgen05.alloc", "tcgen05.cp",
// "tcgen05.shift"). Functions that can fail return the fault (tq_cpu_fault), 0 when done.
#include "compiler/devicelib/tensor_memory.h"

#include "compiler/devicelib/descriptor.h"
#include "compiler/devicelib/tensor_op.h"

// The address of `columns` columns that are free now, or ~0.
TQ_DEVICE uint32_t tq_tensor_allocate(tq_tensor_memory* memory, uint32_t columns) {
  uint32_t units = columns / TQ_TENSOR_ALLOCATION_COLUMNS;
  uint32_t wanted = (uint32_t)((1ull << units) - 1);
  for (uint32_t first = 0; first + units <= TQ_CPU_TENSOR_COLUMNS / TQ_TENSOR_ALLOCATION_COLUMNS;
       first += units) {
    if (memory->allocated & wanted << first) continue;
    memory->allocated |= wanted << first;
    return first * TQ_TENSOR_ALLOCATION_COLUMNS;
  }
  return ~0u;
}

TQ_DEVICE uint32_t tq_tensor_free(tq_tensor_memory* memory, uint32_t address, uint32_t columns) {
  uint32_t units = columns / TQ_TENSOR_ALLOCATION_COLUMNS, first = address / TQ_TENSOR_ALLOCATION_COLUMNS;
  if (!tq_tensor_holds(address, 1, columns) || address % TQ_TENSOR_ALLOCATION_COLUMNS != 0)
    return TQ_CPU_FAULT_ILLEGAL_INSTRUCTION;
  uint32_t given = (uint32_t)((1ull << units) - 1) << first;
  if ((memory->allocated & given) != given) return TQ_CPU_FAULT_ILLEGAL_INSTRUCTION;
  memory->allocated &= ~given;
  return 0;
}

// 16 elements of less than a byte, side by side, become 16 bytes (PTX ISA, "Optional Decompression").
TQ_INLINE void decompress(uint32_t format, uint32_t words[4]) {
  if (format == TQ_TENSOR_COPY_B6X16) tq_unpack_b6x16(words);
  if (format == TQ_TENSOR_COPY_B4X16) tq_unpack_b4x16(words);
}

// `rows` rows of `width` words go to lanes `spread` apart (1: side by side) and once more to those that
// `copies` says: distances of the copies, a byte each; row 32 and those behind it follow at lane `second`.
TQ_DEVICE_OUTLINED uint32_t tq_tensor_copy(tq_tensor_memory* memory, const uint8_t* shared,
                                           uint64_t descriptor, uint32_t address, uint32_t shape,
                                           uint32_t format) {
  static const struct {
    uint8_t rows, width, spread, second, copies, distance;
  } shapes[] = {
      [TQ_TENSOR_COPY_128X256B] = {128, 8, 1, 32, 1, 0},
      [TQ_TENSOR_COPY_4X256B] = {4, 8, 32, 32, 1, 0},
      [TQ_TENSOR_COPY_128X128B] = {128, 4, 1, 32, 1, 0},
      [TQ_TENSOR_COPY_64X128B_02_13] = {64, 4, 1, 32, 2, 64},
      [TQ_TENSOR_COPY_64X128B_01_23] = {64, 4, 1, 64, 2, 32},
      [TQ_TENSOR_COPY_32X128B] = {32, 4, 1, 32, 4, 32},
  };
  const tq_descriptor d = tq_unpack_tcgen05_descriptor(descriptor);
  const uint32_t lane = tq_tensor_lane(address), column = tq_tensor_column(address);
  const uint32_t lanes = shape == TQ_TENSOR_COPY_4X256B ? 97 : TQ_CPU_TENSOR_LANES;
  if (!tq_tensor_holds(address, lanes, shapes[shape].width)) return TQ_CPU_FAULT_ILLEGAL_ADDRESS;
  for (uint32_t row = 0; row < shapes[shape].rows; row++) {
    for (uint32_t chunk = 0; chunk < shapes[shape].width / 4; chunk++) {
      uint32_t words[4];
      tq_load_chunk(shared + tq_k_major_address(d, row, chunk * 16), words);
      decompress(format, words);
      uint32_t to = lane + row / 32 * shapes[shape].second + row % 32 * shapes[shape].spread;
      for (uint32_t copy = 0; copy < shapes[shape].copies; copy++) {
        for (uint32_t i = 0; i < 4; i++)
          memory->words[column + chunk * 4 + i][to + copy * shapes[shape].distance] = words[i];
      }
    }
  }
  return 0;
}

// In 32 lanes, each lane's 32 bytes become those of the next; the last lane keeps its own.
TQ_DEVICE_OUTLINED uint32_t tq_tensor_shift(tq_tensor_memory* memory, uint32_t address) {
  uint32_t first = tq_tensor_lane(address), column = tq_tensor_column(address);
  if (first % 32 != 0) return TQ_CPU_FAULT_MISALIGNED_ADDRESS;
  if (!tq_tensor_holds(address, 32, 8)) return TQ_CPU_FAULT_ILLEGAL_ADDRESS;
  for (uint32_t i = 0; i < 8; i++) {
    for (uint32_t lane = first; lane < first + 31; lane++)
      memory->words[column + i][lane] = memory->words[column + i][lane + 1];
  }
  return 0;
}
