// A graph as Graphviz reads it (cuGraphDebugDotPrint).
#pragma once

#include <string>

namespace tq::core {

class Graph;

// `flags`: CU_GRAPH_DEBUG_DOT_FLAGS_*.
std::string DotOf(const Graph& graph, unsigned flags);

}  // namespace tq::core
