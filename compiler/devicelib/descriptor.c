// Places in matrices that a descriptor of wgmma describes. `shared` is where shared memory begins.
#include "compiler/devicelib/descriptor.h"

// Of 16 bytes of a row, where rows are contiguous.
TQ_DEVICE uint64_t tq_wgmma_row(uint64_t shared, uint64_t descriptor, uint32_t row, uint32_t byte) {
  return shared + tq_k_major_address(tq_unpack_wgmma_descriptor(descriptor), row, byte);
}

// Of 16 bytes of column k, from byte `byte` of it on, where columns are contiguous.
TQ_DEVICE uint64_t tq_wgmma_column(uint64_t shared, uint64_t descriptor, uint32_t byte, uint32_t k) {
  return shared + tq_mn_major_address(tq_unpack_wgmma_descriptor(descriptor), byte, k);
}
