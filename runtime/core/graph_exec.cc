#include "runtime/core/graph_exec.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/capture.h"
#include "runtime/core/conditional_bodies.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/event.h"
#include "runtime/core/external_semaphore.h"
#include "runtime/core/function.h"
#include "runtime/core/graph_memory.h"
#include "runtime/core/stream.h"
#include "runtime/core/stream_memop.h"

namespace tq::core {
namespace {

// More branches than this share lanes: the device has not as many workers.
constexpr size_t kMostLanes = 16;

constexpr uint64_t kKnownFlags =
    CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH | CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD |
    CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH | CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;

}  // namespace

absl::StatusOr<std::unique_ptr<GraphExec>> GraphExec::Instantiate(const Graph& graph, uint64_t flags,
                                                                  Failure& failure) {
  if ((flags & ~kKnownFlags) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the flags are invalid (0x", absl::Hex(flags), ")"));
  }
  if ((flags & CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH) != 0) {
    failure.result = CUDA_GRAPH_INSTANTIATE_NODE_OPERATION_NOT_SUPPORTED;
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "graphs cannot be launched from the device");
  }
  if (!AllConditionalsAreUsed(graph)) {
    failure.result = CUDA_GRAPH_INSTANTIATE_CONDITIONAL_HANDLE_UNUSED;
    return CudaError(CUDA_ERROR_INVALID_VALUE, "no node uses one of the graph's conditional handles");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Graph> clone, graph.Clone());
  std::unique_ptr<GraphExec> exec(new GraphExec(std::move(clone), flags));
  if (const absl::Status status = exec->Lay(failure); !status.ok()) {
    // The program knows the node of its own graph.
    const uint64_t origin = failure.node == nullptr ? 0 : failure.node->origin();
    failure.node = nullptr;
    for (const auto& node : graph.nodes()) {
      if (node->id() == origin) failure.node = node.get();
    }
    return status;
  }
  failure.result = CUDA_GRAPH_INSTANTIATE_SUCCESS;
  return exec;
}

GraphExec::~GraphExec() {
  for (Stream* stream : lanes_) stream->context().DestroyStream(stream).IgnoreError();
}

uint32_t GraphExec::ChooseLane(const std::vector<uint32_t>& dependencies) {
  for (uint32_t dependency : dependencies) {
    const uint32_t lane = steps_[dependency].lane;
    if (lane_ends_[lane] == dependency) return lane;
  }
  if (lane_ends_.size() < kMostLanes) {
    lane_ends_.push_back(0);
    return static_cast<uint32_t>(lane_ends_.size() - 1);
  }
  return dependencies.empty() ? static_cast<uint32_t>(steps_.size() % kMostLanes)
                              : steps_[dependencies[0]].lane;
}

absl::StatusOr<std::vector<uint32_t>> GraphExec::LayGraph(Graph& graph, const std::vector<uint32_t>& before,
                                                          Failure& failure) {
  // What comes after a node waits for these steps; of a child graph its last ones.
  std::unordered_map<const GraphNode*, std::vector<uint32_t>> ends;
  std::vector<uint32_t> last;
  const std::vector<GraphNode*> sorted = graph.Sorted();
  if (sorted.size() != graph.nodes().size()) {
    failure.result = CUDA_GRAPH_INSTANTIATE_INVALID_STRUCTURE;
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the graph has a circle");
  }
  for (GraphNode* node : sorted) {
    std::vector<uint32_t> dependencies;
    for (const GraphEdge& edge : node->dependencies()) {
      for (uint32_t step : ends[edge.node]) {
        if (std::find(dependencies.begin(), dependencies.end(), step) == dependencies.end()) {
          dependencies.push_back(step);
        }
      }
    }
    if (node->dependencies().empty()) dependencies = before;
    Context* const context = ContextOf(node->operation);
    if (context != nullptr && context_ != nullptr && context != context_) {
      failure = {CUDA_GRAPH_INSTANTIATE_MULTIPLE_CTXS_NOT_SUPPORTED, node};
      return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the nodes of a graph are of one context");
    }
    if (context != nullptr) context_ = context;
    auto* const child = std::get_if<ChildOperation>(&node->operation);
    if (child != nullptr && !child->graph->nodes().empty()) {
      ASSIGN_OR_RETURN(ends[node], LayGraph(*child->graph, dependencies, failure));
    } else {
      const auto index = static_cast<uint32_t>(steps_.size());
      Step step = {.node = node, .lane = ChooseLane(dependencies)};
      for (uint32_t dependency : dependencies) {
        if (steps_[dependency].lane == step.lane) continue;
        step.waits.push_back(dependency);
        steps_[dependency].is_waited_for = true;
      }
      lane_ends_[step.lane] = index;
      if (const absl::Status status = Prepare(step); !status.ok()) {
        failure = {CUDA_GRAPH_INSTANTIATE_ERROR, node};
        return status;
      }
      steps_.push_back(std::move(step));
      ends[node] = {index};
      step_of_[node->origin()] = index;
    }
    if (node->dependents().empty()) last.insert(last.end(), ends[node].begin(), ends[node].end());
  }
  return last;
}

absl::Status GraphExec::Lay(Failure& failure) {
  ASSIGN_OR_RETURN(const std::vector<uint32_t> last, LayGraph(*graph_, {}, failure));
  for (uint32_t step : last) {
    if (steps_[step].lane != 0) steps_[step].is_waited_for = true;
  }
  if (lane_ends_.size() <= 1) return absl::OkStatus();
  Context* const context = context_ != nullptr ? context_ : Context::Current();
  if (context == nullptr) return CudaError(CUDA_ERROR_INVALID_CONTEXT, "no context is current");
  context_ = context;
  for (size_t lane = 1; lane < lane_ends_.size(); ++lane) {
    ASSIGN_OR_RETURN(Stream* const stream, context->CreateStream(CU_STREAM_NON_BLOCKING, kLeastPriority));
    lanes_.push_back(stream);
  }
  return absl::OkStatus();
}

absl::Status GraphExec::Prepare(Step& step) {
  if (const auto* part = std::get_if<ConditionalOperation>(&step.node->operation)) {
    ASSIGN_OR_RETURN(step.bodies, ConditionalBodies::Make(*part));
    return absl::OkStatus();
  }
  const auto* const kernel = std::get_if<KernelOperation>(&step.node->operation);
  if (kernel == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(step.dispatch, DescribeDispatch(*kernel->function, kernel->request));
  step.dispatch.params = kernel->arguments.data();
  step.dispatch.params_size_bytes = kernel->arguments.size();
  return absl::OkStatus();
}

absl::Status GraphExec::Run(Step& step, Stream& stream) {
  struct Runner {
    Step& step;
    Stream& stream;
    bool frees_first;

    absl::Status operator()(const KernelOperation& kernel) {
      step.dispatch.grid_id = NextGridId();
      if (MayHaveChildren(*kernel.function)) [[unlikely]]
        return stream.DispatchWithChildren(step.dispatch);
      return stream.Dispatch(step.dispatch);
    }
    absl::Status operator()(const CopyOperation& copy) {
      return CopyInTurn(stream, copy.dst, copy.src, copy.extent);
    }
    absl::Status operator()(const FillOperation& fill) { return FillInTurn(stream, fill.request()); }
    absl::Status operator()(const HostOperation& host) {
      return stream.CallHost([host](int) { host.function(host.data); }, Stream::OnError::kSkip);
    }
    absl::Status operator()(const ChildOperation&) { return absl::OkStatus(); }  // an empty one
    absl::Status operator()(const EmptyOperation&) { return absl::OkStatus(); }
    absl::Status operator()(const EventWaitOperation& wait) { return stream.WaitFor(wait.event->point()); }
    absl::Status operator()(const EventRecordOperation& record) { return record.event->Record(stream); }
    absl::Status operator()(const AllocateOperation& allocate) { return allocate.memory->Take(frees_first); }
    absl::Status operator()(const FreeOperation& free) { return free.memory->Give(); }
    absl::Status operator()(const SemaphoreSignalOperation& signal) {
      return SignalSemaphores(stream, signal.semaphores, signal.params);
    }
    absl::Status operator()(const SemaphoreWaitOperation& wait) {
      return WaitForSemaphores(stream, wait.semaphores, wait.params);
    }
    absl::Status operator()(const MemoryOpsOperation& operations) {
      return BatchMemoryOps(stream, operations.operations);
    }
    absl::Status operator()(const ConditionalOperation&) {
      return ConditionalBodies::RunBehind(step.bodies, stream);
    }
  };
  const bool frees_first = (flags_ & CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH) != 0;
  return std::visit(Runner{step, stream, frees_first}, step.node->operation);
}

absl::Status GraphExec::Launch(Stream& stream) {
  if (stream.capture() != nullptr) [[unlikely]] {
    ASSIGN_OR_RETURN(std::shared_ptr<Graph> child, graph_->Clone());
    child->set_is_child();
    return Capture::Add(stream, ChildOperation{std::move(child)});
  }
  if (context_ != nullptr && context_ != &stream.context()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the graph and the stream belong to different contexts");
  }
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(stream.WaitFor(last_launch_));
  RETURN_IF_ERROR(ResetConditionals(*graph_, stream));
  if (!lanes_.empty()) {
    ASSIGN_OR_RETURN(const TimelinePoint start, stream.Record());
    for (Stream* lane : lanes_) RETURN_IF_ERROR(lane->WaitFor(start));
  }
  for (Step& step : steps_) {
    Stream& lane = step.lane == 0 ? stream : *lanes_[step.lane - 1];
    for (uint32_t dependency : step.waits) RETURN_IF_ERROR(lane.WaitFor(steps_[dependency].point));
    if (step.is_enabled) RETURN_IF_ERROR(Run(step, lane));
    if (step.is_waited_for) {
      ASSIGN_OR_RETURN(step.point, lane.Record());
    }
  }
  for (Stream* lane : lanes_) {
    ASSIGN_OR_RETURN(const TimelinePoint end, lane->Record());
    RETURN_IF_ERROR(stream.WaitFor(end));
  }
  ASSIGN_OR_RETURN(last_launch_, stream.Record());
  return absl::OkStatus();
}

absl::StatusOr<GraphExec::Step*> GraphExec::StepOf(const GraphNode& original) {
  const auto entry = step_of_.find(original.id());
  if (entry == step_of_.end()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the executable has no such node");
  }
  return &steps_[entry->second];
}

absl::Status GraphExec::SetOperation(const GraphNode& original, Operation operation) {
  std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(Step* const step, StepOf(original));
  if (TypeOf(operation) != step->node->type()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the node is of another type");
  }
  Context* const context = ContextOf(operation);
  if (context != nullptr && context_ != nullptr && context != context_) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the new parameters are of another context");
  }
  std::swap(step->node->operation, operation);
  const absl::Status status = Prepare(*step);
  if (!status.ok()) {
    std::swap(step->node->operation, operation);
    Prepare(*step).IgnoreError();
  }
  return status;
}

absl::StatusOr<bool> GraphExec::IsEnabled(const GraphNode& original) {
  std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(Step* const step, StepOf(original));
  return step->is_enabled;
}

absl::Status GraphExec::SetEnabled(const GraphNode& original, bool on) {
  std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(Step* const step, StepOf(original));
  step->is_enabled = on;
  return absl::OkStatus();
}

namespace {

struct Pair {
  GraphNode* ours;
  const GraphNode* theirs;
};

absl::Status Differs(CUgraphExecUpdateResultInfo& info, CUgraphExecUpdateResult result, const GraphNode* node,
                     const char* what) {
  info.result = result;
  info.errorNode = node == nullptr ? nullptr : node->handle();
  return CudaError(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE, what);
}

using Positions = std::unordered_map<const GraphNode*, size_t>;

Positions PositionsIn(const Graph& graph) {
  Positions positions;
  for (const auto& node : graph.nodes()) positions.emplace(node.get(), positions.size());
  return positions;
}

std::vector<size_t> DependenciesOf(const GraphNode& node, const Positions& positions) {
  std::vector<size_t> dependencies;
  for (const GraphEdge& edge : node.dependencies()) dependencies.push_back(positions.at(edge.node));
  std::sort(dependencies.begin(), dependencies.end());
  return dependencies;
}

// Nodes are paired in the order in which they were added (CUDA driver API, cuGraphExecUpdate).
absl::Status PairNodes(const Graph& ours, const Graph& theirs, std::vector<Pair>& pairs,
                       CUgraphExecUpdateResultInfo& info) {
  const Positions ours_at = PositionsIn(ours);
  const Positions theirs_at = PositionsIn(theirs);
  for (size_t i = 0; i < std::min(ours.nodes().size(), theirs.nodes().size()); ++i) {
    GraphNode* const our = ours.nodes()[i].get();
    const GraphNode* const their = theirs.nodes()[i].get();
    if (our->type() != their->type()) {
      return Differs(info, CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED, their, "a node is of another type");
    }
    const bool same = DependenciesOf(*our, ours_at) == DependenciesOf(*their, theirs_at);
    if (!same) {
      return Differs(info, CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED, their, "a node depends on others");
    }
    if (our->type() == CU_GRAPH_NODE_TYPE_CONDITIONAL) {
      return Differs(info, CU_GRAPH_EXEC_UPDATE_ERROR_NOT_SUPPORTED, their,
                     "conditional nodes stay as they are");
    }
    if (const auto* child = std::get_if<ChildOperation>(&our->operation)) {
      RETURN_IF_ERROR(
          PairNodes(*child->graph, *std::get<ChildOperation>(their->operation).graph, pairs, info));
    } else {
      pairs.push_back({our, their});
    }
  }
  if (ours.nodes().size() != theirs.nodes().size()) {
    return Differs(info, CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED, nullptr, "the number of nodes differs");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status GraphExec::Update(const Graph& graph, CUgraphExecUpdateResultInfo& info) {
  std::lock_guard lock(mutex_);
  return UpdateFrom(*graph_, graph, info);
}

absl::Status GraphExec::SetChild(const GraphNode& original, const Graph& child) {
  std::lock_guard lock(mutex_);
  for (const auto& node : graph_->nodes()) {
    if (node->origin() != original.id()) continue;
    CUgraphExecUpdateResultInfo info;
    const absl::Status status = UpdateFrom(*std::get<ChildOperation>(node->operation).graph, child, info);
    return status.ok() ? status : CudaError(CUDA_ERROR_INVALID_VALUE, std::string(status.message()));
  }
  return CudaError(CUDA_ERROR_INVALID_VALUE, "the executable has no such node");
}

absl::Status GraphExec::UpdateFrom(const Graph& ours, const Graph& theirs,
                                   CUgraphExecUpdateResultInfo& info) {
  info = {CU_GRAPH_EXEC_UPDATE_SUCCESS, nullptr, nullptr};
  std::vector<Pair> pairs;
  RETURN_IF_ERROR(PairNodes(ours, theirs, pairs, info));
  for (const Pair& pair : pairs) {
    Context* const context = ContextOf(pair.theirs->operation);
    if (context != nullptr && context_ != nullptr && context != context_) {
      return Differs(info, CU_GRAPH_EXEC_UPDATE_ERROR_FUNCTION_CHANGED, pair.theirs,
                     "a node is of another context");
    }
    if (pair.theirs->type() == CU_GRAPH_NODE_TYPE_MEM_ALLOC ||
        pair.theirs->type() == CU_GRAPH_NODE_TYPE_MEM_FREE) {
      return Differs(info, CU_GRAPH_EXEC_UPDATE_ERROR_NOT_SUPPORTED, pair.theirs,
                     "memory nodes cannot be updated");
    }
    if (const auto* kernel = std::get_if<KernelOperation>(&pair.theirs->operation)) {
      RETURN_IF_ERROR(DescribeDispatch(*kernel->function, kernel->request).status());
    }
  }
  for (const Pair& pair : pairs) pair.ours->operation = pair.theirs->operation;
  for (Step& step : steps_) RETURN_IF_ERROR(Prepare(step));
  std::unordered_map<const GraphNode*, uint32_t> steps;
  for (uint32_t i = 0; i < steps_.size(); ++i) steps[steps_[i].node] = i;
  // From now on the executable is known by the nodes of either graph.
  for (const Pair& pair : pairs) step_of_[pair.theirs->id()] = steps.at(pair.ours);
  return absl::OkStatus();
}

}  // namespace tq::core
