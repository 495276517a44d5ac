// A CUgraph: operations and the order among them. A template: GraphExec is what runs.
//
// Not thread-safe, as CUDA's are not (CUDA driver API, "Graph object thread safety").
#pragma once

#include <cuda.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ref.h"
#include "runtime/core/graph_operation.h"
#include "runtime/core/handle.h"
#include "runtime/core/user_object.h"

namespace tq::core {

class GraphNode;

struct GraphEdge {
  GraphNode* node = nullptr;  // the other end
  CUgraphEdgeData data = {};

  bool operator==(const GraphEdge& other) const;
};

class GraphNode {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kGraphNode;

  // Of a graph's own making: Graph::Add.
  GraphNode(Graph& graph, Operation operation);

  CUgraphNode handle() const { return handle_.as<CUgraphNode>(); }
  Graph& graph() const { return graph_; }
  // Unique in the process; a clone has the number of what it was cloned from as origin().
  uint64_t id() const { return id_; }
  uint64_t origin() const { return origin_; }
  CUgraphNodeType type() const { return TypeOf(operation); }

  // In the order in which they were added.
  const std::vector<GraphEdge>& dependencies() const { return dependencies_; }
  const std::vector<GraphEdge>& dependents() const { return dependents_; }

  Operation operation;
  // What GetParams hands out pointers to: the kernel's parameters, one by one.
  std::vector<void*> parameter_pointers;

 private:
  friend class Graph;

  Graph& graph_;
  const uint64_t id_;
  uint64_t origin_;
  std::vector<GraphEdge> dependencies_, dependents_;
  Handle<GraphNode> handle_{this};
};

class Graph {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kGraph;

  Graph() = default;
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  CUgraph handle() const { return handle_.as<CUgraph>(); }
  const std::vector<std::unique_ptr<GraphNode>>& nodes() const { return nodes_; }
  size_t edge_count() const;

  // CUDA_ERROR_INVALID_VALUE for a dependency of another graph, or one given twice. `data` is empty or of one
  // size with `dependencies`.
  absl::StatusOr<GraphNode*> Add(Operation operation, absl::Span<GraphNode* const> dependencies,
                                 absl::Span<const CUgraphEdgeData> data = {});
  // CUDA_ERROR_INVALID_VALUE for an edge that is there already, or that closes a circle.
  absl::Status AddEdge(GraphNode& from, GraphNode& to, const CUgraphEdgeData& data = {});
  // CUDA_ERROR_INVALID_VALUE for an edge that is not there.
  absl::Status RemoveEdge(GraphNode& from, GraphNode& to, const CUgraphEdgeData* data = nullptr);
  // With its edges. CUDA_ERROR_NOT_SUPPORTED for memory nodes, which stay with their graph.
  absl::Status Destroy(GraphNode& node);

  // With user objects and child graphs.
  absl::StatusOr<std::unique_ptr<Graph>> Clone() const;
  // The node that was cloned from `original`, or null.
  GraphNode* FindClone(const GraphNode& original) const;

  // Every node after those it depends on, else in the order of creation.
  std::vector<GraphNode*> Sorted() const;
  bool HasMemoryNodes() const;

  void RetainObject(const Ref<UserObject>& object, uint32_t count);
  // CUDA_ERROR_INVALID_VALUE when the graph has fewer.
  absl::Status ReleaseObject(UserObject& object, uint32_t count);

  // Values that its conditional nodes, and those inside of them, go by; a clone shares them.
  void AddConditional(std::shared_ptr<Conditional> conditional) {
    conditionals_.push_back(std::move(conditional));
  }
  const std::vector<std::shared_ptr<Conditional>>& conditionals() const { return conditionals_; }

  // Unique in the process, also among nodes.
  uint64_t id() const { return id_; }
  // Of a node, not of the program: not its to destroy.
  bool is_child() const { return is_child_; }
  void set_is_child() { is_child_ = true; }

 private:
  bool Reaches(const GraphNode& from, const GraphNode& to) const;

  friend class GraphNode;
  static uint64_t NextId();

  const uint64_t id_ = NextId();
  bool is_child_ = false;
  std::vector<std::unique_ptr<GraphNode>> nodes_;
  std::vector<std::shared_ptr<Conditional>> conditionals_;
  std::map<UserObject*, std::pair<Ref<UserObject>, uint32_t>> objects_;
  Handle<Graph> handle_{this};
};

}  // namespace tq::core
