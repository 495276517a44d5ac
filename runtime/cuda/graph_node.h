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

absl::StatusOr<core::Operation> MakeSignalOperation(const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS_v2& params);
absl::StatusOr<core::Operation> MakeWaitOperation(const CUDA_EXT_SEM_WAIT_NODE_PARAMS_v2& params);

// `data`, if any, has one element for each dependency.
absl::Status AddNode(CUgraphNode* out, core::Graph& graph, const CUgraphNode* dependencies, size_t count,
                     absl::StatusOr<core::Operation> operation, const CUgraphEdgeData* data = nullptr);
// Replaces what a node does, by something of the same kind.
absl::Status SetNode(core::GraphNode& node, absl::StatusOr<core::Operation> operation);

}  // namespace tq::cuda::impl
