#include "runtime/core/graph_dot.h"

#include <cuda.h>

#include "absl/strings/str_cat.h"
#include "runtime/core/function.h"
#include "runtime/core/graph.h"

namespace tq::core {
namespace {

constexpr const char* kTypeNames[] = {
    "KERNEL",       "MEMCPY",       "MEMSET",           "HOST",           "GRAPH",     "EMPTY",
    "WAIT_EVENT",   "EVENT_RECORD", "EXT_SEMAS_SIGNAL", "EXT_SEMAS_WAIT", "MEM_ALLOC", "MEM_FREE",
    "BATCH_MEM_OP", "CONDITIONAL"};

// What the flags ask to be told of a node, each line after a break.
std::string Details(const GraphNode& node, unsigned flags) {
  const auto wants = [flags](unsigned flag) {
    return (flags & (flag | CU_GRAPH_DEBUG_DOT_FLAGS_VERBOSE)) != 0;
  };
  std::string text;
  if (const auto* kernel = std::get_if<KernelOperation>(&node.operation)) {
    absl::StrAppend(&text, "\\n", kernel->function->name());
    if (wants(CU_GRAPH_DEBUG_DOT_FLAGS_KERNEL_NODE_PARAMS)) {
      const LaunchRequest& r = kernel->request;
      absl::StrAppend(&text, "\\ngrid ", r.grid.x, "x", r.grid.y, "x", r.grid.z, " block ", r.block.x, "x",
                      r.block.y, "x", r.block.z, " shared ", r.dynamic_shared_bytes);
    }
  } else if (const auto* copy = std::get_if<CopyOperation>(&node.operation)) {
    if (wants(CU_GRAPH_DEBUG_DOT_FLAGS_MEMCPY_NODE_PARAMS)) {
      absl::StrAppend(&text, "\\n0x", absl::Hex(copy->src.address), " to 0x", absl::Hex(copy->dst.address),
                      ", ", copy->extent.row_bytes, "x", copy->extent.rows, "x", copy->extent.slices);
    }
  } else if (const auto* fill = std::get_if<FillOperation>(&node.operation)) {
    if (wants(CU_GRAPH_DEBUG_DOT_FLAGS_MEMSET_NODE_PARAMS)) {
      absl::StrAppend(&text, "\\n0x", absl::Hex(fill->given.dst), ", ", fill->given.width, "x",
                      fill->given.height, " of ", fill->given.value);
    }
  } else if (const auto* host = std::get_if<HostOperation>(&node.operation)) {
    if (wants(CU_GRAPH_DEBUG_DOT_FLAGS_HOST_NODE_PARAMS)) {
      absl::StrAppend(&text, "\\n0x", absl::Hex(reinterpret_cast<uintptr_t>(host->function)));
    }
  }
  if (wants(CU_GRAPH_DEBUG_DOT_FLAGS_HANDLES)) {
    absl::StrAppend(&text, "\\nhandle 0x", absl::Hex(reinterpret_cast<uintptr_t>(node.handle())));
  }
  return text;
}

void Append(std::string& dot, const Graph& graph, unsigned flags) {
  absl::StrAppend(&dot, "subgraph cluster_", graph.id(), " {\nlabel=\"graph ", graph.id(), "\"\n");
  for (const auto& node : graph.nodes()) {
    absl::StrAppend(&dot, "n", node->id(), " [shape=box label=\"", node->id(), " ", kTypeNames[node->type()],
                    Details(*node, flags), "\"]\n");
    for (const GraphEdge& edge : node->dependencies()) {
      absl::StrAppend(&dot, "n", edge.node->id(), " -> n", node->id(), "\n");
    }
    if (const auto* child = std::get_if<ChildOperation>(&node->operation)) {
      Append(dot, *child->graph, flags);
    }
    if (const auto* part = std::get_if<ConditionalOperation>(&node->operation)) {
      for (const std::shared_ptr<Graph>& body : part->bodies) Append(dot, *body, flags);
    }
  }
  absl::StrAppend(&dot, "}\n");
}

}  // namespace

std::string DotOf(const Graph& graph, unsigned flags) {
  std::string dot = "digraph dot {\n";
  Append(dot, graph, flags);
  absl::StrAppend(&dot, "}\n");
  return dot;
}

}  // namespace tq::core
