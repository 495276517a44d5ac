// Grids that kernels launch (CUDA C++ Programming Guide, "CUDA Dynamic Parallelism"), and what else kernels
// ask of the host (compiler/index/host_calls.def).
//
// A grid's children run when it has ended, one after another in the order of their launches, each with its
// own children right behind it; then those of its tail launch stream. That keeps every order that streams and
// events of the device ask for, and a grid has not ended before its children have. Nothing lets a kernel wait
// for its children, so none can tell. Until then they are kept here under the grid's number. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::core {

class Context;
class Stream;

// hal_init, call.
uint64_t CallFromKernel(const hal_call* call);

// From now until RunChildren, kernels of the grid may call the host.
void ExpectChildren(Context& context, uint64_t grid_id);

// What the grid has asked for, all generations of it, in `stream`, which has no other work. Waits for it.
absl::Status RunChildren(Stream& stream, uint64_t grid_id);
void ForgetChildren(uint64_t grid_id);

}  // namespace tq::core
