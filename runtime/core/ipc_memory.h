// Memory of cuMemAlloc in other processes: CUipcMemHandle. A context maps a handle once; opening it again
// counts, as does closing (CUDA driver API, cuIpcOpenMemHandle). The memory lives until the last process that
// has it lets go. Thread-safe.
#pragma once

#include <cuda.h>

#include "absl/status/statusor.h"
#include "runtime/core/ipc_handle.h"

namespace tq::core {

class Allocation;
class Context;

// CUDA_ERROR_INVALID_VALUE for memory that was not made by cuMemAlloc.
absl::StatusOr<IpcHandle> ExportIpcMemory(Allocation& allocation);

// CUDA_ERROR_INVALID_CONTEXT in the process that exported it; CUDA_ERROR_MAP_FAILED when that is gone.
absl::StatusOr<CUdeviceptr> OpenIpcMemory(Context& context, const IpcHandle& handle);

// CUDA_ERROR_INVALID_VALUE for an address that OpenIpcMemory did not give.
absl::Status CloseIpcMemory(CUdeviceptr address);

}  // namespace tq::core
