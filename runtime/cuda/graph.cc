// Graphs: structure, copies of them, and user objects.
#include "runtime/core/graph.h"

#include <cuda.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "api/graph.h"
#include "api/pool.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/graph_dot.h"
#include "runtime/core/graph_memory.h"
#include "runtime/core/process.h"
#include "runtime/core/user_object.h"
#include "runtime/cuda/graph_node.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Graph;
using core::GraphEdge;
using core::GraphNode;

absl::Status cuGraphCreate(CUgraph* graph, unsigned int flags) {
  if (flags != 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are not 0 (", flags, ")"));
  *graph = std::make_unique<Graph>().release()->handle();  // the program destroys it
  return absl::OkStatus();
}

absl::Status cuGraphDestroy(Graph& graph) {
  if (graph.is_child()) return CudaError(CUDA_ERROR_INVALID_VALUE, "the graph belongs to a node");
  delete &graph;
  return absl::OkStatus();
}

absl::Status cuGraphClone(CUgraph* clone, Graph& original) {
  if (original.HasMemoryNodes()) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "a graph with memory nodes cannot be cloned");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Graph> graph, original.Clone());
  *clone = graph.release()->handle();
  return absl::OkStatus();
}

absl::Status cuGraphNodeFindInClone(CUgraphNode* node, GraphNode& original, Graph& clone) {
  const GraphNode* const found = clone.FindClone(original);
  if (found == nullptr) return CudaError(CUDA_ERROR_INVALID_VALUE, "the graph has no clone of the node");
  *node = found->handle();
  return absl::OkStatus();
}

absl::Status cuGraphNodeGetType(GraphNode& node, CUgraphNodeType* type) {
  *type = node.type();
  return absl::OkStatus();
}

absl::Status cuGraphDestroyNode(GraphNode& node) { return node.graph().Destroy(node); }

namespace {

// The convention of all lists: without an array the count; with one, as many as fit, nulls behind the last,
// and the count of those written.
template <typename T>
void Write(T* out, size_t room, size_t i, T value) {
  if (out != nullptr && i < room) out[i] = value;
}
void Finish(bool has_array, size_t* count, size_t total) {
  *count = has_array ? std::min(*count, total) : total;
}

absl::Status ListEdges(const std::vector<GraphEdge>& edges, CUgraphNode* nodes, CUgraphEdgeData* data,
                       size_t* count) {
  constexpr CUgraphEdgeData kDefault = {};
  for (size_t i = 0; i < edges.size(); ++i) {
    // Without room for its data an edge with data would be lost.
    if (nodes != nullptr && data == nullptr &&
        std::memcmp(&edges[i].data, &kDefault, sizeof(kDefault)) != 0) {
      return CudaError(CUDA_ERROR_LOSSY_QUERY, "an edge has data, for which there is no room");
    }
    Write(nodes, *count, i, edges[i].node->handle());
    Write(data, *count, i, edges[i].data);
  }
  for (size_t i = edges.size(); nodes != nullptr && i < *count; ++i) nodes[i] = nullptr;
  Finish(nodes != nullptr, count, edges.size());
  return absl::OkStatus();
}

}  // namespace

absl::Status cuGraphGetNodes(Graph& graph, CUgraphNode* nodes, size_t* count) {
  for (size_t i = 0; i < graph.nodes().size(); ++i) Write(nodes, *count, i, graph.nodes()[i]->handle());
  for (size_t i = graph.nodes().size(); nodes != nullptr && i < *count; ++i) nodes[i] = nullptr;
  Finish(nodes != nullptr, count, graph.nodes().size());
  return absl::OkStatus();
}

absl::Status cuGraphGetRootNodes(Graph& graph, CUgraphNode* nodes, size_t* count) {
  size_t roots = 0;
  for (const auto& node : graph.nodes()) {
    if (node->dependencies().empty()) Write(nodes, *count, roots++, node->handle());
  }
  for (size_t i = roots; nodes != nullptr && i < *count; ++i) nodes[i] = nullptr;
  Finish(nodes != nullptr, count, roots);
  return absl::OkStatus();
}

absl::Status cuGraphGetEdges_v2(Graph& graph, CUgraphNode* from, CUgraphNode* to, CUgraphEdgeData* data,
                                size_t* count) {
  if ((from == nullptr) != (to == nullptr)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "one of the two ends has no array");
  }
  constexpr CUgraphEdgeData kDefault = {};
  size_t i = 0;
  for (const auto& node : graph.nodes()) {
    for (const GraphEdge& edge : node->dependencies()) {
      if (from != nullptr && data == nullptr && std::memcmp(&edge.data, &kDefault, sizeof(kDefault)) != 0) {
        return CudaError(CUDA_ERROR_LOSSY_QUERY, "an edge has data, for which there is no room");
      }
      Write(from, *count, i, edge.node->handle());
      Write(to, *count, i, node->handle());
      Write(data, *count, i, edge.data);
      ++i;
    }
  }
  Finish(from != nullptr, count, i);
  return absl::OkStatus();
}
absl::Status cuGraphGetEdges(Graph& graph, CUgraphNode* from, CUgraphNode* to, size_t* count) {
  return impl::cuGraphGetEdges_v2(graph, from, to, nullptr, count);
}

absl::Status cuGraphNodeGetDependencies_v2(GraphNode& node, CUgraphNode* nodes, CUgraphEdgeData* data,
                                           size_t* count) {
  return ListEdges(node.dependencies(), nodes, data, count);
}
absl::Status cuGraphNodeGetDependencies(GraphNode& node, CUgraphNode* nodes, size_t* count) {
  return ListEdges(node.dependencies(), nodes, nullptr, count);
}
absl::Status cuGraphNodeGetDependentNodes_v2(GraphNode& node, CUgraphNode* nodes, CUgraphEdgeData* data,
                                             size_t* count) {
  return ListEdges(node.dependents(), nodes, data, count);
}
absl::Status cuGraphNodeGetDependentNodes(GraphNode& node, CUgraphNode* nodes, size_t* count) {
  return ListEdges(node.dependents(), nodes, nullptr, count);
}

absl::Status cuGraphAddDependencies_v2(Graph& graph, const CUgraphNode* from, const CUgraphNode* to,
                                       const CUgraphEdgeData* data, size_t count) {
  ASSIGN_OR_RETURN(const std::vector<GraphNode*> sources, NodesAt(from, count));
  ASSIGN_OR_RETURN(const std::vector<GraphNode*> targets, NodesAt(to, count));
  for (size_t i = 0; i < count; ++i) {
    RETURN_IF_ERROR(graph.AddEdge(*sources[i], *targets[i], data == nullptr ? CUgraphEdgeData{} : data[i]));
  }
  return absl::OkStatus();
}
absl::Status cuGraphAddDependencies(Graph& graph, const CUgraphNode* from, const CUgraphNode* to,
                                    size_t count) {
  return impl::cuGraphAddDependencies_v2(graph, from, to, nullptr, count);
}
absl::Status cuGraphRemoveDependencies_v2(Graph& graph, const CUgraphNode* from, const CUgraphNode* to,
                                          const CUgraphEdgeData* data, size_t count) {
  ASSIGN_OR_RETURN(const std::vector<GraphNode*> sources, NodesAt(from, count));
  ASSIGN_OR_RETURN(const std::vector<GraphNode*> targets, NodesAt(to, count));
  for (size_t i = 0; i < count; ++i) {
    RETURN_IF_ERROR(graph.RemoveEdge(*sources[i], *targets[i], data == nullptr ? nullptr : &data[i]));
  }
  return absl::OkStatus();
}
absl::Status cuGraphRemoveDependencies(Graph& graph, const CUgraphNode* from, const CUgraphNode* to,
                                       size_t count) {
  return impl::cuGraphRemoveDependencies_v2(graph, from, to, nullptr, count);
}

absl::Status cuGraphDebugDotPrint(Graph& graph, const char* path, unsigned int flags) {
  std::ofstream file(path);
  file << core::DotOf(graph, flags);
  file.close();
  if (!file)
    return CudaError(CUDA_ERROR_OPERATING_SYSTEM, absl::StrCat("the file cannot be written (", path, ")"));
  return absl::OkStatus();
}

// ---- user objects

absl::Status cuUserObjectCreate(CUuserObject* object, void* pointer, CUhostFn destroy,
                                unsigned int references, unsigned int flags) {
  if (destroy == nullptr || references == 0 || flags != CU_USER_OBJECT_NO_DESTRUCTOR_SYNC) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("a user object needs a destructor, a reference (", references,
                                  ") and CU_USER_OBJECT_NO_DESTRUCTOR_SYNC (", flags, ")"));
  }
  *object = (new core::UserObject(pointer, destroy, references))->handle();  // holds itself
  return absl::OkStatus();
}
absl::Status cuUserObjectRetain(core::UserObject& object, unsigned int count) {
  if (count == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "the count is 0");
  return object.Retain(count);
}
absl::Status cuUserObjectRelease(core::UserObject& object, unsigned int count) {
  if (count == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "the count is 0");
  return object.Release(count);
}
absl::Status cuGraphRetainUserObject(Graph& graph, core::UserObject& object, unsigned int count,
                                     unsigned int flags) {
  if (count == 0 || (flags & ~CU_GRAPH_USER_OBJECT_MOVE) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the count is 0 or the flags are invalid (", flags, ")"));
  }
  // A move hands the program's own references over.
  if ((flags & CU_GRAPH_USER_OBJECT_MOVE) == 0) RETURN_IF_ERROR(object.Retain(count));
  graph.RetainObject(Ref<core::UserObject>(&object), count);
  return absl::OkStatus();
}
absl::Status cuGraphReleaseUserObject(Graph& graph, core::UserObject& object, unsigned int count) {
  if (count == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "the count is 0");
  return graph.ReleaseObject(object, count);
}

// ---- memory of graphs

absl::Status cuDeviceGraphMemTrim(core::Device& device) {
  return absl::OkStatus();
}  // memory goes with its graph

absl::Status cuDeviceGetGraphMemAttribute(core::Device& device, CUgraphMem_attribute attribute, void* value) {
  const core::GraphMemory::Figures figures = core::GraphMemory::FiguresOf(device);
  auto* const out = static_cast<cuuint64_t*>(value);
  switch (attribute) {
    case CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT:
      *out = figures.used_bytes;
      return absl::OkStatus();
    case CU_GRAPH_MEM_ATTR_USED_MEM_HIGH:
      *out = figures.used_high_bytes;
      return absl::OkStatus();
    case CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT:
      *out = figures.reserved_bytes;
      return absl::OkStatus();
    case CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH:
      *out = figures.reserved_high_bytes;
      return absl::OkStatus();
  }
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no attribute ", attribute));
}

absl::Status cuDeviceSetGraphMemAttribute(core::Device& device, CUgraphMem_attribute attribute, void* value) {
  const bool is_high =
      attribute == CU_GRAPH_MEM_ATTR_USED_MEM_HIGH || attribute == CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH;
  if (!is_high || *static_cast<const cuuint64_t*>(value) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "only the high-water marks can be set, and only to 0");
  }
  core::GraphMemory::ResetHigh(device, attribute == CU_GRAPH_MEM_ATTR_USED_MEM_HIGH);
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
