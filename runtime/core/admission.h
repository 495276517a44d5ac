// What every entry point asks before it runs. On the path of each call: a load, and a look at this thread's
// context.
#pragma once

#include <cuda.h>

#include <atomic>

namespace tq::core {

// Set by a successful cuInit; cleared in the child of a fork, where CUDA is not usable until it is
// initialised anew.
inline constinit std::atomic<bool> is_initialized{false};

// CUDA_SUCCESS when this thread has a current context that may be used. Else CUDA_ERROR_INVALID_CONTEXT
// (there is none), CUDA_ERROR_CONTEXT_IS_DESTROYED, or the sticky error that a kernel left in it.
CUresult CheckCurrentContext();

}  // namespace tq::core
