// Launches: the checks of cuLaunchKernel and the dispatch. Thread-safe.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::core {

class Function;
class Stream;

struct LaunchRequest {
  hal_dim3 grid = {1, 1, 1}, block = {1, 1, 1};
  hal_dim3 cluster = {0, 0, 0};  // 0,0,0: as the function says, mostly none
  uint32_t dynamic_shared_bytes = 0;
  bool is_cooperative = false;
};

// The dispatch of such a launch, but for its arguments and the number of its grid. Compiles the function if
// that has not been done. Errors: as Launch.
absl::StatusOr<hal_dispatch> DescribeDispatch(Function& function, const LaunchRequest& request);
// Whether kernels of the loaded function may launch others: then Stream::DispatchWithChildren is for it.
bool MayHaveChildren(const Function& function);
// What fault records call the grid.
uint64_t NextGridId();

// Compiles the function if that has not been done, gathers its arguments (see Function::GatherArguments) and
// submits. Errors: CUDA_ERROR_INVALID_VALUE for a shape or a size of shared memory that no launch may have,
// _LAUNCH_OUT_OF_RESOURCES for more threads than the kernel was compiled for, _INVALID_CLUSTER_SIZE,
// _COOPERATIVE_LAUNCH_TOO_LARGE, _INVALID_HANDLE when stream and function are of different contexts.
absl::Status Launch(Function& function, Stream& stream, const LaunchRequest& request,
                    void* const* kernel_params, void* const* extra);

// A launch by a kernel, from the thread that runs children (child_grids.h). `grid_id` is the grid's number
// when it may have children of its own, else 0.
absl::Status LaunchChild(Function& function, Stream& stream, const LaunchRequest& request, void* const* extra,
                         uint64_t* grid_id);

}  // namespace tq::core
