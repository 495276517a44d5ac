#include "runtime/core/capture.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/stream.h"

namespace tq::core {
namespace {

std::mutex mutex;
std::map<uint64_t, std::unique_ptr<Capture>>& Captures() {
  static auto* captures = new std::map<uint64_t, std::unique_ptr<Capture>>;  // outlives every exit handler
  return *captures;
}
// How many there are, for those who only want to know whether there is any.
std::atomic<int> capture_count{0};
thread_local CUstreamCaptureMode thread_mode = CU_STREAM_CAPTURE_MODE_GLOBAL;

uint64_t NextCaptureId() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

absl::Status Invalidated() {
  return CudaError(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "an earlier error has made the capture invalid");
}

void AddUnique(std::vector<GraphEdge>& edges, const GraphEdge& edge) {
  const bool known = std::any_of(edges.begin(), edges.end(),
                                 [&](const GraphEdge& other) { return other.node == edge.node; });
  if (!known) edges.push_back(edge);
}

std::vector<GraphEdge> Edges(absl::Span<GraphNode* const> nodes, absl::Span<const CUgraphEdgeData> data) {
  std::vector<GraphEdge> edges;
  for (size_t i = 0; i < nodes.size(); ++i) {
    AddUnique(edges, {nodes[i], data.empty() ? CUgraphEdgeData{} : data[i]});
  }
  return edges;
}

}  // namespace

Capture::Capture(Stream& origin, CUstreamCaptureMode mode)
    : id_(NextCaptureId()), origin_(origin), mode_(mode), thread_(std::this_thread::get_id()) {}

absl::Status Capture::BeginLocked(Stream& stream, std::unique_ptr<Capture> capture) {
  if (stream.kind() == Stream::Kind::kLegacy) {
    return CudaError(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the legacy stream cannot be captured");
  }
  if (stream.capture() != nullptr) {
    return CudaError(CUDA_ERROR_ILLEGAL_STATE, "the stream is being captured already");
  }
  stream.set_capture(capture.get());
  capture_count.fetch_add(1, std::memory_order_release);
  Captures()[capture->id_] = std::move(capture);
  return absl::OkStatus();
}

absl::Status Capture::Begin(Stream& stream, CUstreamCaptureMode mode) {
  std::unique_ptr<Capture> capture(new Capture(stream, mode));
  capture->own_graph_ = std::make_unique<Graph>();
  capture->graph_ = capture->own_graph_.get();
  capture->branches_[&stream] = {};
  std::lock_guard lock(mutex);
  return BeginLocked(stream, std::move(capture));
}

absl::Status Capture::BeginInto(Stream& stream, Graph& graph, absl::Span<GraphNode* const> dependencies,
                                absl::Span<const CUgraphEdgeData> data, CUstreamCaptureMode mode) {
  for (const GraphNode* node : dependencies) {
    if (&node->graph() != &graph) {
      return CudaError(CUDA_ERROR_INVALID_VALUE, "a dependency is a node of another graph");
    }
  }
  std::unique_ptr<Capture> capture(new Capture(stream, mode));
  capture->graph_ = &graph;
  capture->branches_[&stream].after = Edges(dependencies, data);
  std::lock_guard lock(mutex);
  return BeginLocked(stream, std::move(capture));
}

// Every node must lie before the end of the stream that the capture began in.
absl::Status Capture::CheckJoined(const Stream& origin) const {
  std::unordered_set<const GraphNode*> before;
  std::vector<const GraphNode*> open;
  const auto visit = [&](const GraphEdge& edge) {
    if (before.insert(edge.node).second) open.push_back(edge.node);
  };
  const Branch& end = branches_.at(const_cast<Stream*>(&origin));
  std::for_each(end.after.begin(), end.after.end(), visit);
  while (!open.empty()) {
    const GraphNode* const node = open.back();
    open.pop_back();
    std::for_each(node->dependencies().begin(), node->dependencies().end(), visit);
  }
  for (const auto& [stream, branch] : branches_) {
    for (const GraphEdge& edge : branch.after) {
      if (before.contains(edge.node)) continue;
      return CudaError(
          CUDA_ERROR_STREAM_CAPTURE_UNJOINED,
          absl::StrCat("stream ", stream->id(), " has not been joined to the one that the capture began in"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<CUgraph> Capture::End(Stream& stream) {
  std::lock_guard lock(mutex);
  Capture* const found = stream.capture();
  if (found == nullptr) return CudaError(CUDA_ERROR_ILLEGAL_STATE, "the stream is not being captured");
  if (&found->origin_ != &stream) {
    found->Invalidate();
    return CudaError(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "the capture began in another stream");
  }
  if (found->mode_ != CU_STREAM_CAPTURE_MODE_RELAXED && found->thread_ != std::this_thread::get_id()) {
    return CudaError(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "the capture was begun by another thread");
  }
  for (const auto& [branch, unused] : found->branches_) branch->set_capture(nullptr);
  const auto entry = Captures().find(found->id_);
  const std::unique_ptr<Capture> capture = std::move(entry->second);
  Captures().erase(entry);
  capture_count.fetch_sub(1, std::memory_order_release);
  if (capture->is_invalid_) return Invalidated();
  RETURN_IF_ERROR(capture->CheckJoined(stream));
  // The program's from here on; it destroys it.
  return capture->own_graph_ == nullptr ? capture->graph_->handle() : capture->own_graph_.release()->handle();
}

Capture::State Capture::StateOf(Stream& stream) {
  if (stream.capture() == nullptr) return {};
  std::lock_guard lock(mutex);
  Capture* const capture = stream.capture();
  if (capture == nullptr) return {};
  State state;
  state.id = capture->id_;
  state.status =
      capture->is_invalid_ ? CU_STREAM_CAPTURE_STATUS_INVALIDATED : CU_STREAM_CAPTURE_STATUS_ACTIVE;
  if (capture->is_invalid_) return state;
  Branch& branch = capture->branches_[&stream];
  branch.handles.clear();
  branch.data.clear();
  for (const GraphEdge& edge : branch.after) {
    branch.handles.push_back(edge.node->handle());
    branch.data.push_back(edge.data);
  }
  state.graph = capture->graph_->handle();
  state.dependencies = branch.handles;
  state.data = branch.data;
  return state;
}

absl::Status Capture::SetDependencies(Stream& stream, absl::Span<GraphNode* const> dependencies,
                                      absl::Span<const CUgraphEdgeData> data, bool replace) {
  std::lock_guard lock(mutex);
  Capture* const capture = stream.capture();
  if (capture == nullptr) return CudaError(CUDA_ERROR_ILLEGAL_STATE, "the stream is not being captured");
  if (capture->is_invalid_) return Invalidated();
  for (const GraphNode* node : dependencies) {
    if (&node->graph() != capture->graph_) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       "a dependency is no node of the graph that is being captured");
    }
  }
  std::vector<GraphEdge>& after = capture->branches_[&stream].after;
  if (replace) after.clear();
  for (const GraphEdge& edge : Edges(dependencies, data)) AddUnique(after, edge);
  return absl::OkStatus();
}

absl::Status Capture::Add(Stream& stream, Operation operation) {
  std::lock_guard lock(mutex);
  Capture* const capture = stream.capture();
  if (capture == nullptr || capture->is_invalid_) return Invalidated();
  Branch& branch = capture->branches_[&stream];
  std::vector<GraphNode*> nodes;
  std::vector<CUgraphEdgeData> data;
  for (const GraphEdge& edge : branch.after) {
    nodes.push_back(edge.node);
    data.push_back(edge.data);
  }
  ASSIGN_OR_RETURN(GraphNode* const node, capture->graph_->Add(std::move(operation), nodes, data));
  branch.after = {{node, {}}};
  return absl::OkStatus();
}

absl::Status Capture::AddCopy(Stream& stream, const CopyOperand& dst, const CopyOperand& src,
                              const CopyExtent& extent, CallMode mode) {
  if (mode == CallMode::kSync) return Refuse(stream, "a copy that waits");
  CopyOperation copy;
  copy.dst = dst;
  copy.src = src;
  copy.extent = extent;
  copy.context = &stream.context();
  copy.given = DescribeCopy(dst, src, extent);
  return Add(stream, std::move(copy));
}

absl::Status Capture::AddFill(Stream& stream, const FillRequest& request, CallMode mode) {
  if (mode == CallMode::kSync) return Refuse(stream, "a fill that waits");
  FillOperation fill;
  fill.given = {request.address,       request.row_pitch,    request.pattern,
                request.element_bytes, request.row_elements, request.rows};
  fill.context = &stream.context();
  return Add(stream, std::move(fill));
}

absl::StatusOr<CapturedPoint> Capture::Record(Stream& stream) {
  std::lock_guard lock(mutex);
  Capture* const capture = stream.capture();
  if (capture == nullptr || capture->is_invalid_) return Invalidated();
  return CapturedPoint{capture->id_, capture->branches_[&stream].after};
}

absl::Status Capture::WaitFor(Stream& stream, const CapturedPoint& point) {
  std::lock_guard lock(mutex);
  Capture* const mine = stream.capture();
  const auto entry = Captures().find(point.capture);
  if (entry == Captures().end()) {
    return CudaError(CUDA_ERROR_CAPTURED_EVENT, "the capture that recorded the event has ended");
  }
  Capture& capture = *entry->second;
  if (mine != nullptr && mine != &capture) {
    mine->Invalidate();
    capture.Invalidate();
    return CudaError(CUDA_ERROR_STREAM_CAPTURE_MERGE, "the wait would merge two captures");
  }
  if (capture.is_invalid_) return Invalidated();
  if (mine == nullptr) {
    if (stream.kind() == Stream::Kind::kLegacy) {
      capture.Invalidate();
      return CudaError(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "the legacy stream cannot join a capture");
    }
    stream.set_capture(&capture);
  }
  for (const GraphEdge& edge : point.after) AddUnique(capture.branches_[&stream].after, edge);
  return absl::OkStatus();
}

absl::Status Capture::Refuse(Stream& stream, const char* what, CUresult code) {
  std::lock_guard lock(mutex);
  if (Capture* const capture = stream.capture()) capture->Invalidate();
  return CudaError(code, absl::StrCat(what, " cannot be captured"));
}

void Capture::Abandon(Stream& stream) {
  if (stream.capture() == nullptr) return;
  std::lock_guard lock(mutex);
  Capture* const capture = stream.capture();
  if (capture == nullptr) return;
  capture->Invalidate();
  stream.set_capture(nullptr);
  capture->branches_.erase(&stream);
  if (&capture->origin_ != &stream) return;
  // Nobody can end it any more.
  for (const auto& [branch, unused] : capture->branches_) branch->set_capture(nullptr);
  Captures().erase(capture->id_);
  capture_count.fetch_sub(1, std::memory_order_release);
}

absl::Status Capture::CheckUnsafeCall(const char* what) {
  if (capture_count.load(std::memory_order_acquire) == 0) [[likely]]
    return absl::OkStatus();
  std::lock_guard lock(mutex);
  bool is_refused = false;
  for (const auto& [id, capture] : Captures()) {
    const bool is_own = capture->thread_ == std::this_thread::get_id();
    const bool forbids =
        (capture->mode_ == CU_STREAM_CAPTURE_MODE_GLOBAL && thread_mode == CU_STREAM_CAPTURE_MODE_GLOBAL) ||
        (capture->mode_ != CU_STREAM_CAPTURE_MODE_RELAXED && is_own &&
         thread_mode != CU_STREAM_CAPTURE_MODE_RELAXED);
    if (!forbids) continue;
    capture->Invalidate();
    is_refused = true;
  }
  if (!is_refused) return absl::OkStatus();
  return CudaError(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                   absl::StrCat(what, " is not permitted while a stream is being captured"));
}

CUstreamCaptureMode Capture::ExchangeThreadMode(CUstreamCaptureMode mode) {
  return std::exchange(thread_mode, mode);
}

absl::Status Capture::CheckLegacy(Stream& legacy) {
  if (capture_count.load(std::memory_order_acquire) == 0) [[likely]]
    return absl::OkStatus();
  std::lock_guard lock(mutex);
  for (const auto& [id, capture] : Captures()) {
    for (const auto& [stream, branch] : capture->branches_) {
      if (stream->kind() != Stream::Kind::kBlocking || &stream->context() != &legacy.context()) continue;
      capture->Invalidate();
      return CudaError(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT,
                       "work in the legacy stream would wait for a stream that is being captured");
    }
  }
  return absl::OkStatus();
}

}  // namespace tq::core
