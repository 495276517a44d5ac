// Executable graphs: instantiation, launch, update.
#include "runtime/core/graph_exec.h"

#include <cuda.h>

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "api/graph.h"
#include "base/status.h"
#include "runtime/core/error.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Graph;
using core::GraphExec;
using core::GraphNode;

namespace {

absl::Status Instantiate(CUgraphExec* out, const Graph& graph, uint64_t flags, GraphExec::Failure& failure) {
  ASSIGN_OR_RETURN(std::unique_ptr<GraphExec> exec, GraphExec::Instantiate(graph, flags, failure));
  *out = exec.release()->handle();  // the program destroys it
  return absl::OkStatus();
}

}  // namespace

absl::Status cuGraphInstantiateWithFlags(CUgraphExec* exec, Graph& graph, unsigned long long flags) {
  GraphExec::Failure failure;
  return Instantiate(exec, graph, flags, failure);
}

absl::Status cuGraphInstantiate_v2(CUgraphExec* exec, Graph& graph, CUgraphNode* error_node, char* log,
                                   size_t log_size) {
  GraphExec::Failure failure;
  const absl::Status status = Instantiate(exec, graph, 0, failure);
  if (error_node != nullptr) *error_node = failure.node == nullptr ? nullptr : failure.node->handle();
  if (log != nullptr && log_size != 0) {
    std::snprintf(log, log_size, "%.*s", static_cast<int>(status.message().size()), status.message().data());
  }
  return status;
}
absl::Status cuGraphInstantiate(CUgraphExec* exec, Graph& graph, CUgraphNode* error_node, char* log,
                                size_t log_size) {
  return impl::cuGraphInstantiate_v2(exec, graph, error_node, log, log_size);
}

// The stream to upload in is of no interest: see cuGraphUpload.
absl::Status cuGraphInstantiateWithParams(core::Stream& default_stream, CUgraphExec* exec, Graph& graph,
                                          CUDA_GRAPH_INSTANTIATE_PARAMS* params) {
  GraphExec::Failure failure;
  const absl::Status status = Instantiate(exec, graph, params->flags, failure);
  params->result_out = status.ok() ? CUDA_GRAPH_INSTANTIATE_SUCCESS : failure.result;
  params->hErrNode_out = failure.node == nullptr ? nullptr : failure.node->handle();
  return status;
}

absl::Status cuGraphExecDestroy(GraphExec& exec) {
  delete &exec;
  return absl::OkStatus();
}

absl::Status cuGraphExecGetFlags(GraphExec& exec, cuuint64_t* flags) {
  *flags = exec.flags();
  return absl::OkStatus();
}

// Instantiation has made all ready; there is nothing to send ahead.
absl::Status cuGraphUpload(GraphExec& exec, core::Stream& stream) { return absl::OkStatus(); }

absl::Status cuGraphLaunch(GraphExec& exec, core::Stream& stream) { return exec.Launch(stream); }

absl::Status cuGraphExecUpdate_v2(GraphExec& exec, Graph& graph, CUgraphExecUpdateResultInfo* info) {
  return exec.Update(graph, *info);
}
absl::Status cuGraphExecUpdate(GraphExec& exec, Graph& graph, CUgraphNode* error_node,
                               CUgraphExecUpdateResult* result) {
  CUgraphExecUpdateResultInfo info;
  const absl::Status status = exec.Update(graph, info);
  *result = info.result;
  if (error_node != nullptr) *error_node = info.errorNode;
  return status;
}

absl::Status cuGraphNodeSetEnabled(GraphExec& exec, GraphNode& node, unsigned int on) {
  const CUgraphNodeType type = node.type();
  if (type != CU_GRAPH_NODE_TYPE_KERNEL && type != CU_GRAPH_NODE_TYPE_MEMSET &&
      type != CU_GRAPH_NODE_TYPE_MEMCPY) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "only kernels, fills and copies can be switched off");
  }
  return exec.SetEnabled(node, on != 0);
}
absl::Status cuGraphNodeGetEnabled(GraphExec& exec, GraphNode& node, unsigned int* on) {
  ASSIGN_OR_RETURN(const bool is_enabled, exec.IsEnabled(node));
  *on = is_enabled ? 1 : 0;
  return absl::OkStatus();
}

// The new child must have the shape of the old: it is updated as a whole graph is.
absl::Status cuGraphExecChildGraphNodeSetParams(GraphExec& exec, GraphNode& node, Graph& child) {
  if (node.type() != CU_GRAPH_NODE_TYPE_GRAPH) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the node is no child graph");
  }
  return exec.SetChild(node, child);
}

}  // namespace tq::cuda::impl
