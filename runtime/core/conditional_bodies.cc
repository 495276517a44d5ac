#include "runtime/core/conditional_bodies.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status.h"
#include "runtime/core/child_grids.h"
#include "runtime/core/conditional.h"
#include "runtime/core/context.h"
#include "runtime/core/copy.h"
#include "runtime/core/error.h"
#include "runtime/core/function.h"
#include "runtime/core/graph.h"
#include "runtime/core/launch.h"
#include "runtime/core/stream.h"

namespace tq::core {

ConditionalBodies::~ConditionalBodies() = default;

absl::StatusOr<std::shared_ptr<ConditionalBodies>> ConditionalBodies::Make(
    const ConditionalOperation& operation) {
  auto made = std::make_shared<ConditionalBodies>();
  made->conditional_ = operation.conditional;
  made->kind_ = operation.kind;
  for (const std::shared_ptr<Graph>& body : operation.bodies) {
    made->bodies_.emplace_back();
    RETURN_IF_ERROR(made->AddSteps(*body, made->bodies_.back()));
  }
  return made;
}

absl::Status ConditionalBodies::AddSteps(const Graph& graph, std::vector<Step>& steps) {
  for (const GraphNode* const node : graph.Sorted()) {
    if (const auto* child = std::get_if<ChildOperation>(&node->operation)) {
      RETURN_IF_ERROR(AddSteps(*child->graph, steps));
      continue;
    }
    Step& step = steps.emplace_back(Step{node->operation, {}, nullptr});
    if (auto* kernel = std::get_if<KernelOperation>(&step.operation)) {
      ASSIGN_OR_RETURN(step.dispatch, DescribeDispatch(*kernel->function, kernel->request));
      step.dispatch.params_size_bytes = kernel->arguments.size();
    } else if (const auto* part = std::get_if<ConditionalOperation>(&step.operation)) {
      ASSIGN_OR_RETURN(step.inner, Make(*part));
    } else if (!std::holds_alternative<CopyOperation>(step.operation) &&
               !std::holds_alternative<FillOperation>(step.operation) &&
               !std::holds_alternative<EmptyOperation>(step.operation)) {
      return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                       absl::StrCat("bodies of conditional nodes have no nodes of type ", node->type()));
    }
  }
  // Only now do the steps, and with them their arguments, stay where they are.
  for (Step& step : steps) {
    if (auto* kernel = std::get_if<KernelOperation>(&step.operation)) {
      step.dispatch.params = kernel->arguments.data();
    }
  }
  return absl::OkStatus();
}

absl::Status ConditionalBodies::RunBehind(std::shared_ptr<ConditionalBodies> bodies, Stream& stream) {
  ASSIGN_OR_RETURN(Stream* const own, stream.context().stream_of_children());
  return stream.CallHost(
      [bodies = std::move(bodies), own](int) {
        const absl::Status ran = bodies->Run(*own);
        if (!ran.ok()) {
          Log(LogLevel::kError, "a conditional node failed: %s", std::string(ran.message()).c_str());
        }
      },
      Stream::OnError::kSkip);
}

absl::Status ConditionalBodies::Run(Stream& stream) {
  switch (kind_) {
    case CU_GRAPH_COND_TYPE_IF:
      if (conditional_->value() != 0) return RunOnce(bodies_[0], stream);
      return bodies_.size() > 1 ? RunOnce(bodies_[1], stream) : absl::OkStatus();
    case CU_GRAPH_COND_TYPE_WHILE:
      while (conditional_->value() != 0) RETURN_IF_ERROR(RunOnce(bodies_[0], stream));
      return absl::OkStatus();
    case CU_GRAPH_COND_TYPE_SWITCH: {
      const uint32_t value = conditional_->value();
      return value < bodies_.size() ? RunOnce(bodies_[value], stream) : absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status ConditionalBodies::RunOnce(std::vector<Step>& steps, Stream& stream) {
  for (Step& step : steps) {
    if (step.inner != nullptr) {
      RETURN_IF_ERROR(stream.Synchronize());
      RETURN_IF_ERROR(step.inner->Run(stream));
    } else if (const auto* kernel = std::get_if<KernelOperation>(&step.operation)) {
      step.dispatch.grid_id = NextGridId();
      const bool may_call = MayHaveChildren(*kernel->function);
      if (may_call) ExpectChildren(stream.context(), step.dispatch.grid_id);
      const absl::Status launched = stream.Dispatch(step.dispatch);
      if (!launched.ok()) {
        if (may_call) ForgetChildren(step.dispatch.grid_id);
        return launched;
      }
      if (may_call) {
        const absl::Status ended = stream.Synchronize();
        if (!ended.ok()) {
          ForgetChildren(step.dispatch.grid_id);
          return ended;
        }
        RETURN_IF_ERROR(RunChildren(stream, step.dispatch.grid_id));
      }
    } else if (const auto* copy = std::get_if<CopyOperation>(&step.operation)) {
      RETURN_IF_ERROR(CopyInTurn(stream, copy->dst, copy->src, copy->extent));
    } else if (const auto* fill = std::get_if<FillOperation>(&step.operation)) {
      RETURN_IF_ERROR(FillInTurn(stream, fill->request()));
    }
  }
  return stream.Synchronize();
}

namespace {

bool Uses(const Graph& graph, const Conditional& conditional) {
  for (const auto& node : graph.nodes()) {
    if (const auto* child = std::get_if<ChildOperation>(&node->operation)) {
      if (Uses(*child->graph, conditional)) return true;
    }
    const auto* part = std::get_if<ConditionalOperation>(&node->operation);
    if (part == nullptr) continue;
    if (part->conditional.get() == &conditional) return true;
    for (const std::shared_ptr<Graph>& body : part->bodies) {
      if (Uses(*body, conditional)) return true;
    }
  }
  return false;
}

void Collect(const Graph& graph, std::vector<std::shared_ptr<Conditional>>& found) {
  for (const std::shared_ptr<Conditional>& conditional : graph.conditionals()) {
    if (conditional->is_reset()) found.push_back(conditional);
  }
  for (const auto& node : graph.nodes()) {
    if (const auto* child = std::get_if<ChildOperation>(&node->operation)) Collect(*child->graph, found);
    if (const auto* part = std::get_if<ConditionalOperation>(&node->operation)) {
      for (const std::shared_ptr<Graph>& body : part->bodies) Collect(*body, found);
    }
  }
}

}  // namespace

bool AllConditionalsAreUsed(const Graph& graph) {
  for (const std::shared_ptr<Conditional>& conditional : graph.conditionals()) {
    if (!Uses(graph, *conditional)) return false;
  }
  return true;
}

absl::Status ResetConditionals(const Graph& graph, Stream& stream) {
  std::vector<std::shared_ptr<Conditional>> conditionals;
  Collect(graph, conditionals);
  if (conditionals.empty()) return absl::OkStatus();
  return stream.CallHost(
      [conditionals = std::move(conditionals)](int) {
        for (const std::shared_ptr<Conditional>& conditional : conditionals) conditional->Reset();
      },
      Stream::OnError::kSkip);
}

}  // namespace tq::core
