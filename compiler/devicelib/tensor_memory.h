// Tensor memory (PTX ISA, "Tensor Memory"): 128 lanes of 512 columns of 32 bits, column by column as the
// device lays it out (base/cpu_abi.h), so that a column of all lanes is contiguous.
#ifndef TIANQIAO_COMPILER_DEVICELIB_TENSOR_MEMORY_H_
#define TIANQIAO_COMPILER_DEVICELIB_TENSOR_MEMORY_H_

#include "compiler/devicelib/device.h"

#define TQ_TENSOR_ALLOCATION_COLUMNS 32

typedef struct tq_tensor_memory {
  uint32_t words[TQ_CPU_TENSOR_COLUMNS][TQ_CPU_TENSOR_LANES];
  uint32_t allocated;  // a bit for each 32 columns
} tq_tensor_memory;

// An address: its lane and its column.
TQ_INLINE uint32_t tq_tensor_lane(uint64_t address) { return (uint32_t)(address >> 16) & 0xffff; }
TQ_INLINE uint32_t tq_tensor_column(uint64_t address) { return (uint32_t)address & 0xffff; }

// Whether `lanes` x `columns` words from there on exist.
TQ_INLINE _Bool tq_tensor_holds(uint64_t address, uint32_t lanes, uint32_t columns) {
  return tq_tensor_lane(address) + lanes <= TQ_CPU_TENSOR_LANES &&
         tq_tensor_column(address) + columns <= TQ_CPU_TENSOR_COLUMNS;
}

#endif  // TIANQIAO_COMPILER_DEVICELIB_TENSOR_MEMORY_H_
