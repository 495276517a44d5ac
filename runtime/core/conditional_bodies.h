// What a conditional node of an executable graph runs: its bodies, made ready, and the decision which of
// them, how often. It is taken on the thread of the context's host functions, in the node's turn, and the
// bodies run there one node after another in a stream of their own.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "hal/include/tianqiao/hal.h"
#include "runtime/core/graph_operation.h"

namespace tq::core {

class Stream;

class ConditionalBodies {
 public:
  // Compiles the kernels. CUDA_ERROR_NOT_SUPPORTED for a node of a type that bodies must not have.
  static absl::StatusOr<std::shared_ptr<ConditionalBodies>> Make(const ConditionalOperation& operation);
  ~ConditionalBodies();

  // Behind the work in `stream`, and before what comes after it.
  static absl::Status RunBehind(std::shared_ptr<ConditionalBodies> bodies, Stream& stream);

 private:
  struct Step {
    Operation operation;
    hal_dispatch dispatch;  // of kernels
    std::shared_ptr<ConditionalBodies> inner;
  };

  absl::Status AddSteps(const Graph& graph, std::vector<Step>& steps);
  absl::Status Run(Stream& stream);
  absl::Status RunOnce(std::vector<Step>& steps, Stream& stream);

  std::shared_ptr<Conditional> conditional_;
  CUgraphConditionalNodeType kind_;
  std::vector<std::vector<Step>> bodies_;
};

// Whether a node has each handle that the graph was asked for.
bool AllConditionalsAreUsed(const Graph& graph);

// Values that begin anew with each launch.
absl::Status ResetConditionals(const Graph& graph, Stream& stream);

}  // namespace tq::core
