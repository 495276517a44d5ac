// cuGetExportTable: the tables of functions by which NVIDIA's runtime, libraries and tools reach behind the
// public API. Only what the runtimes of CUDA 11.8, 12.4 and 13.0 use is offered, as measured on them; other
// tables are not found, and slots whose meaning is not known answer CUDA_ERROR_NOT_SUPPORTED. Tables are
// constant and one per process: the integrity check hashes their addresses.
#pragma once

#include <cuda.h>

namespace tq::cuda {

// The address of the table, or nullptr.
const void* FindExportTable(const CUuuid& id);

}  // namespace tq::cuda
