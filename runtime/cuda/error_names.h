// Names and texts of the result codes, from runtime/api/error.td.
#pragma once

#include <cuda.h>

namespace tq::cuda {

// "CUDA_ERROR_INVALID_VALUE" and "invalid argument"; nullptr for a number that is no code.
const char* ErrorName(CUresult code);
const char* ErrorText(CUresult code);

}  // namespace tq::cuda
