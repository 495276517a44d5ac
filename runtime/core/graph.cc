#include "runtime/core/graph.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/error.h"
#include "runtime/core/user_object.h"

namespace tq::core {

bool GraphEdge::operator==(const GraphEdge& other) const {
  return node == other.node && std::memcmp(&data, &other.data, sizeof(data)) == 0;
}

uint64_t Graph::NextId() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

GraphNode::GraphNode(Graph& graph, Operation operation_of)
    : operation(std::move(operation_of)), graph_(graph), id_(Graph::NextId()), origin_(0) {}

Graph::~Graph() {
  for (auto& [object, entry] : objects_) entry.first->Release(entry.second).IgnoreError();
}

size_t Graph::edge_count() const {
  size_t count = 0;
  for (const auto& node : nodes_) count += node->dependencies_.size();
  return count;
}

absl::StatusOr<GraphNode*> Graph::Add(Operation operation, absl::Span<GraphNode* const> dependencies,
                                      absl::Span<const CUgraphEdgeData> data) {
  for (size_t i = 0; i < dependencies.size(); ++i) {
    if (&dependencies[i]->graph_ != this) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("dependency ", i, " is a node of another graph"));
    }
    if (std::count(dependencies.begin(), dependencies.begin() + static_cast<ptrdiff_t>(i), dependencies[i]) !=
        0) {
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("dependency ", i, " is given twice"));
    }
  }
  nodes_.push_back(std::make_unique<GraphNode>(*this, std::move(operation)));
  GraphNode* const node = nodes_.back().get();
  for (size_t i = 0; i < dependencies.size(); ++i) {
    const CUgraphEdgeData edge = data.empty() ? CUgraphEdgeData{} : data[i];
    node->dependencies_.push_back({dependencies[i], edge});
    dependencies[i]->dependents_.push_back({node, edge});
  }
  return node;
}

bool Graph::Reaches(const GraphNode& from, const GraphNode& to) const {
  std::vector<const GraphNode*> open = {&from};
  std::unordered_set<const GraphNode*> seen = {&from};
  while (!open.empty()) {
    const GraphNode* const node = open.back();
    open.pop_back();
    if (node == &to) return true;
    for (const GraphEdge& edge : node->dependents_) {
      if (seen.insert(edge.node).second) open.push_back(edge.node);
    }
  }
  return false;
}

absl::Status Graph::AddEdge(GraphNode& from, GraphNode& to, const CUgraphEdgeData& data) {
  if (&from.graph_ != this || &to.graph_ != this) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "an end of the edge is a node of another graph");
  }
  const bool exists = std::any_of(to.dependencies_.begin(), to.dependencies_.end(),
                                  [&](const GraphEdge& edge) { return edge.node == &from; });
  if (exists) return CudaError(CUDA_ERROR_INVALID_VALUE, "the edge is there already");
  if (Reaches(to, from)) return CudaError(CUDA_ERROR_INVALID_VALUE, "the edge closes a circle");
  to.dependencies_.push_back({&from, data});
  from.dependents_.push_back({&to, data});
  return absl::OkStatus();
}

absl::Status Graph::RemoveEdge(GraphNode& from, GraphNode& to, const CUgraphEdgeData* data) {
  const auto is_it = [&](const GraphNode& end) {
    return [&end, data](const GraphEdge& edge) {
      return edge.node == &end && (data == nullptr || std::memcmp(&edge.data, data, sizeof(*data)) == 0);
    };
  };
  if (std::erase_if(to.dependencies_, is_it(from)) == 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "there is no such edge");
  }
  std::erase_if(from.dependents_, is_it(to));
  return absl::OkStatus();
}

absl::Status Graph::Destroy(GraphNode& node) {
  if (node.type() == CU_GRAPH_NODE_TYPE_MEM_ALLOC || node.type() == CU_GRAPH_NODE_TYPE_MEM_FREE) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "a memory node stays with its graph");
  }
  while (!node.dependencies_.empty()) RETURN_IF_ERROR(RemoveEdge(*node.dependencies_.back().node, node));
  while (!node.dependents_.empty()) RETURN_IF_ERROR(RemoveEdge(node, *node.dependents_.back().node));
  std::erase_if(nodes_, [&](const auto& other) { return other.get() == &node; });
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Graph>> Graph::Clone() const {
  auto clone = std::make_unique<Graph>();
  clone->is_child_ = is_child_;
  std::unordered_map<const GraphNode*, GraphNode*> twins;
  for (const auto& node : nodes_) {
    Operation operation = node->operation;
    if (auto* child = std::get_if<ChildOperation>(&operation)) {
      ASSIGN_OR_RETURN(child->graph, child->graph->Clone());
    }
    if (auto* part = std::get_if<ConditionalOperation>(&operation)) {
      for (std::shared_ptr<Graph>& body : part->bodies) {
        ASSIGN_OR_RETURN(body, body->Clone());
      }
    }
    ASSIGN_OR_RETURN(GraphNode* const twin, clone->Add(std::move(operation), {}));
    twin->origin_ = node->id_;
    twins[node.get()] = twin;
  }
  for (const auto& node : nodes_) {
    GraphNode* const twin = twins[node.get()];
    for (const GraphEdge& edge : node->dependencies_)
      twin->dependencies_.push_back({twins[edge.node], edge.data});
    for (const GraphEdge& edge : node->dependents_)
      twin->dependents_.push_back({twins[edge.node], edge.data});
  }
  for (const auto& [object, entry] : objects_) {
    RETURN_IF_ERROR(entry.first->Retain(entry.second));
    clone->RetainObject(entry.first, entry.second);
  }
  clone->conditionals_ = conditionals_;
  return clone;
}

GraphNode* Graph::FindClone(const GraphNode& original) const {
  for (const auto& node : nodes_) {
    if (node->origin_ == original.id_) return node.get();
  }
  return nullptr;
}

std::vector<GraphNode*> Graph::Sorted() const {
  std::unordered_map<const GraphNode*, size_t> missing;
  std::vector<GraphNode*> sorted;
  sorted.reserve(nodes_.size());
  for (const auto& node : nodes_) {
    missing[node.get()] = node->dependencies_.size();
    if (node->dependencies_.empty()) sorted.push_back(node.get());
  }
  for (size_t i = 0; i < sorted.size(); ++i) {
    for (const GraphEdge& edge : sorted[i]->dependents_) {
      if (--missing[edge.node] == 0) sorted.push_back(edge.node);
    }
  }
  return sorted;
}

bool Graph::HasMemoryNodes() const {
  return std::any_of(nodes_.begin(), nodes_.end(), [](const auto& node) {
    return node->type() == CU_GRAPH_NODE_TYPE_MEM_ALLOC || node->type() == CU_GRAPH_NODE_TYPE_MEM_FREE;
  });
}

void Graph::RetainObject(const Ref<UserObject>& object, uint32_t count) {
  auto [entry, is_new] = objects_.try_emplace(object.get(), object, 0);
  entry->second.second += count;
}

absl::Status Graph::ReleaseObject(UserObject& object, uint32_t count) {
  const auto entry = objects_.find(&object);
  if (entry == objects_.end() || entry->second.second < count) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the graph has fewer than ", count, " references"));
  }
  entry->second.second -= count;
  const Ref<UserObject> keep = entry->second.first;
  if (entry->second.second == 0) objects_.erase(entry);
  return keep->Release(count);
}

}  // namespace tq::core
