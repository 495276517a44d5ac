// Between the structures of the API and core's graph operations.
#pragma once

#include <cuda.h>

#include <vector>

#include "absl/status/statusor.h"
#include "runtime/core/graph.h"
#include "runtime/core/graph_operation.h"

namespace tq::cuda::impl {

// CUDA_ERROR_INVALID_VALUE when one of them is no live node, or when `nodes` is null and `count` is not 0.
absl::StatusOr<std::vector<core::GraphNode*>> NodesAt(const CUgraphNode* nodes, size_t count);

absl::StatusOr<core::CopyOperation> MakeCopyOperation(const CUDA_MEMCPY3D& copy, core::Context& context);

// What a generic node does. Allocation nodes get their address written into `params`.
absl::StatusOr<core::Operation> MakeOperation(CUgraphNodeParams& params);

}  // namespace tq::cuda::impl
