// CUDA's result codes inside absl::Status. Core functions return a Status that carries the exact code; the
// thunk of the entry point turns it into a CUresult, once, with ToCuResult.
#pragma once

#include <cuda.h>

#include <string_view>

#include "absl/status/status.h"

namespace tq::core {

// A status that ToCuResult maps to `code`, with the nearest canonical code. CUDA_SUCCESS gives OK.
absl::Status CudaError(CUresult code, std::string_view message);

// CUDA_ERROR_NOT_READY, the answer of a poll that is no failure: allocates nothing.
absl::Status NotReady();

// The code that CudaError attached, else the one that the canonical code stands for.
CUresult ToCuResult(const absl::Status& status);

}  // namespace tq::core
