// Nodes that signal semaphores of other APIs, or wait for them.
#include <cuda.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/graph.h"
#include "base/status.h"
#include "runtime/core/error.h"
#include "runtime/core/external_semaphore.h"
#include "runtime/core/graph.h"
#include "runtime/core/graph_exec.h"
#include "runtime/cuda/graph_node.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Graph;
using core::GraphNode;

namespace {

template <typename Made, typename NodeParams>
absl::StatusOr<core::Operation> Make(const NodeParams& given) {
  if (given.numExtSems != 0 && (given.extSemArray == nullptr || given.paramsArray == nullptr)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the node's semaphores or their parameters are missing");
  }
  Made operation;
  operation.semaphores.assign(given.extSemArray, given.extSemArray + given.numExtSems);
  operation.params.assign(given.paramsArray, given.paramsArray + given.numExtSems);
  for (const CUexternalSemaphore semaphore : operation.semaphores) {
    if (core::Resolve(semaphore) == nullptr) {
      return CudaError(CUDA_ERROR_INVALID_HANDLE, "a semaphore of the node is not alive");
    }
  }
  return operation;
}

template <typename Made, typename NodeParams>
absl::Status Get(GraphNode& node, NodeParams* params) {
  auto* const operation = std::get_if<Made>(&node.operation);
  if (operation == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the node is of another type (", node.type(), ")"));
  }
  *params = {operation->semaphores.data(), operation->params.data(),
             static_cast<unsigned>(operation->semaphores.size())};
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<core::Operation> MakeSignalOperation(const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS_v2& params) {
  return Make<core::SemaphoreSignalOperation>(params);
}
absl::StatusOr<core::Operation> MakeWaitOperation(const CUDA_EXT_SEM_WAIT_NODE_PARAMS_v2& params) {
  return Make<core::SemaphoreWaitOperation>(params);
}

absl::Status cuGraphAddExternalSemaphoresSignalNode(CUgraphNode* node, Graph& graph,
                                                    const CUgraphNode* dependencies, size_t count,
                                                    const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS* params) {
  return AddNode(node, graph, dependencies, count, Make<core::SemaphoreSignalOperation>(*params));
}
absl::Status cuGraphAddExternalSemaphoresWaitNode(CUgraphNode* node, Graph& graph,
                                                  const CUgraphNode* dependencies, size_t count,
                                                  const CUDA_EXT_SEM_WAIT_NODE_PARAMS* params) {
  return AddNode(node, graph, dependencies, count, Make<core::SemaphoreWaitOperation>(*params));
}
absl::Status cuGraphExternalSemaphoresSignalNodeGetParams(GraphNode& node,
                                                          CUDA_EXT_SEM_SIGNAL_NODE_PARAMS* params) {
  return Get<core::SemaphoreSignalOperation>(node, params);
}
absl::Status cuGraphExternalSemaphoresWaitNodeGetParams(GraphNode& node,
                                                        CUDA_EXT_SEM_WAIT_NODE_PARAMS* params) {
  return Get<core::SemaphoreWaitOperation>(node, params);
}
absl::Status cuGraphExternalSemaphoresSignalNodeSetParams(GraphNode& node,
                                                          const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS* params) {
  return SetNode(node, Make<core::SemaphoreSignalOperation>(*params));
}
absl::Status cuGraphExternalSemaphoresWaitNodeSetParams(GraphNode& node,
                                                        const CUDA_EXT_SEM_WAIT_NODE_PARAMS* params) {
  return SetNode(node, Make<core::SemaphoreWaitOperation>(*params));
}
absl::Status cuGraphExecExternalSemaphoresSignalNodeSetParams(core::GraphExec& exec, GraphNode& node,
                                                              const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS* params) {
  ASSIGN_OR_RETURN(core::Operation operation, Make<core::SemaphoreSignalOperation>(*params));
  return exec.SetOperation(node, std::move(operation));
}
absl::Status cuGraphExecExternalSemaphoresWaitNodeSetParams(core::GraphExec& exec, GraphNode& node,
                                                            const CUDA_EXT_SEM_WAIT_NODE_PARAMS* params) {
  ASSIGN_OR_RETURN(core::Operation operation, Make<core::SemaphoreWaitOperation>(*params));
  return exec.SetOperation(node, std::move(operation));
}

}  // namespace tq::cuda::impl
