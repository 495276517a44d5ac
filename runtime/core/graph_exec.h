// A CUgraphExec: a graph made ready to run. Instantiating sorts the nodes, checks them, compiles their
// kernels and lays them on lanes: nodes that follow one another share a lane, branches get lanes of their
// own. The first lane of a launch is the stream that it is launched in; the others are streams of the
// executable. So a chain costs what its kernels cost.
//
// Thread-safe. Launches of one executable come one after another, in whatever streams.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "hal/include/tianqiao/hal.h"
#include "runtime/core/graph.h"
#include "runtime/core/handle.h"
#include "runtime/core/timeline.h"

namespace tq::core {

class ConditionalBodies;
class Stream;

class GraphExec {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kGraphExec;

  struct Failure {
    CUgraphInstantiateResult result = CUDA_GRAPH_INSTANTIATE_ERROR;
    GraphNode* node = nullptr;  // of the graph given; null: none in particular
  };
  // `failure` is filled in on an error.
  static absl::StatusOr<std::unique_ptr<GraphExec>> Instantiate(const Graph& graph, uint64_t flags,
                                                                Failure& failure);
  ~GraphExec();

  CUgraphExec handle() const { return handle_.as<CUgraphExec>(); }
  uint64_t flags() const { return flags_; }

  absl::Status Launch(Stream& stream);

  // For the node that was `original` in the graph: CUDA_ERROR_INVALID_VALUE if there is none.
  absl::Status SetOperation(const GraphNode& original, Operation operation);
  absl::StatusOr<bool> IsEnabled(const GraphNode& original);
  absl::Status SetEnabled(const GraphNode& original, bool on);

  // The same for a child graph of the same shape.
  absl::Status SetChild(const GraphNode& original, const Graph& child);

  // Takes over the parameters of a graph of the same shape.
  absl::Status Update(const Graph& graph, CUgraphExecUpdateResultInfo& info);

 private:
  // One node, as launches go through them.
  struct Step {
    GraphNode* node;  // of graph_ or a child of it
    uint32_t lane;
    bool is_enabled = true;
    bool is_waited_for = false;   // by a step of another lane, or by the end
    std::vector<uint32_t> waits;  // steps of other lanes
    hal_dispatch dispatch;        // of kernels
    TimelinePoint point;          // of this launch, if waited for
    // Of conditional nodes; shared with launches that still run when the executable goes.
    std::shared_ptr<ConditionalBodies> bodies;
  };

  GraphExec(std::unique_ptr<Graph> graph, uint64_t flags) : graph_(std::move(graph)), flags_(flags) {}

  absl::Status Lay(Failure& failure);
  // The steps of `graph`, which begin after the steps in `before`. Returns those that it ends with.
  absl::StatusOr<std::vector<uint32_t>> LayGraph(Graph& graph, const std::vector<uint32_t>& before,
                                                 Failure& failure);
  uint32_t ChooseLane(const std::vector<uint32_t>& dependencies);
  absl::Status Prepare(Step& step);
  absl::Status Run(Step& step, Stream& stream);
  absl::StatusOr<Step*> StepOf(const GraphNode& original);
  absl::Status UpdateFrom(const Graph& ours, const Graph& theirs, CUgraphExecUpdateResultInfo& info);

  const std::unique_ptr<Graph> graph_;
  const uint64_t flags_;
  Context* context_ = nullptr;  // of all nodes that have one
  std::mutex mutex_;
  std::vector<Step> steps_;
  std::vector<uint32_t> lane_ends_;                 // the last step of each lane, while laying
  std::vector<Stream*> lanes_;                      // from the second on
  std::unordered_map<uint64_t, uint32_t> step_of_;  // by number of the original node
  TimelinePoint last_launch_;
  Handle<GraphExec> handle_{this};
};

}  // namespace tq::core
