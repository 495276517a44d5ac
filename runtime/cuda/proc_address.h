// cuGetProcAddress: name, CUDA version and flags to entry point. The table is made from the registry: a
// perfect hash over the names that have an implementation, one row per prototype that the name has had.
// Lock-free, no allocation; NVIDIA's runtimes ask for some 440 names when they start.
#pragma once

#include <cuda.h>

#include <cstdint>

namespace tq::cuda {

struct ProcQuery {
  void* address = nullptr;
  CUdriverProcAddressQueryResult result = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
};

// The newest prototype of `name` that `version` (major * 1000 + minor * 10) knows. Where that prototype is
// not implemented the symbol is not found, rather than an older prototype given that the caller would misuse.
ProcQuery FindProc(const char* name, int version, uint64_t flags);

}  // namespace tq::cuda
